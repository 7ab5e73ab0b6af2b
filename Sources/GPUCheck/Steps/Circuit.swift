// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import Foundation
import Groth16
import OpenCLCompute
import OpenCLGroth16
import ProvingEngine
import SnarkFormats

/// A circuit with a witness, to be proved on one device and nowhere else.
protocol Circuit {
    var name: String { get }
    /// Makes a proof that the prover has verified.
    func prove() throws -> (proof: String, publicInputs: String)
}

struct DeviceCircuit<Suite: ComputeSuite>: Circuit {
    let name: String
    let key: ProvingKey<Suite>
    let verifier: Verifier<Suite>
    let witness: SecretScalars<Suite.Fr>
    let prover: Prover<OpenCLGroth16Backend<Suite>>

    init(_ folder: URL, _ key: ProvingKey<Suite>, _ queue: DeviceQueue) throws {
        name = folder.lastPathComponent
        self.key = key
        verifier = Verifier(key.verifyingKey)
        witness = try WitnessFile(MappedFile(path: folder.appending(path: "witness.wtns").path))
            .values(of: Suite.self, variableCount: key.variableCount)
        prover = Prover(backend: OpenCLGroth16Backend<Suite>(queue), parallel: .allCores)
    }

    func prove() throws -> (proof: String, publicInputs: String) {
        var generator = SystemRandomNumberGenerator()
        let proof = try prover.prove(key: key, verifier: verifier, witness: witness, using: &generator)
        let publics = (1..<key.publicCount + 1).compactMap { Suite.Fr(canonical: witness[$0]) }
        return (Groth16JSON.text(proof), PublicInputsJSON.text(publics))
    }
}

/// The circuits of a folder, those with Groth16 keys.
struct CircuitFolder {
    let folders: [URL]

    /// - Throws: what reading the folder ends with.
    /// - Parameter isQuick: only BN254's, as everywhere in a quick run.
    init(_ path: String, isQuick: Bool) throws {
        let folder = URL(filePath: path, directoryHint: .isDirectory)
        folders = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { folder in
                folder.lastPathComponent.hasPrefix("groth16-")
                    && !(isQuick && folder.lastPathComponent.contains("bls12381"))
                    && ["circuit_final.zkey", "witness.wtns"].allSatisfy {
                        FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
                    }
            }
            .sorted { size($0) < size($1) }
    }

    static func load(_ folder: URL, _ queue: DeviceQueue) throws -> any Circuit {
        let file = try MappedFile(path: folder.appending(path: "circuit_final.zkey").path)
        func circuit<Key: ProvingKeyOnCurve>(_ read: Key) throws -> any Circuit {
            try DeviceCircuit(folder, read.key, queue)
        }
        return try circuit(try Groth16ZKey.load(file, threads: Parallel.allCores.threads))
    }
}

private func size(_ folder: URL) -> Int {
    let path = folder.appending(path: "circuit_final.zkey").path
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    return size ?? 0
}
