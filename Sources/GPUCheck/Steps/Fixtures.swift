// SPDX-License-Identifier: Apache-2.0

import Compute
import Foundation
import OpenCLCompute
import ProvingEngine

extension StepRun {
    /// Proves every circuit on the device and verifies from the files, with the circuit's own verification
    /// key.
    func fixtures() throws {
        guard let path = options.fixtures else {
            section.omitted.append("circuits: none were given")
            return
        }
        let queue = try openQueue()
        for folder in try CircuitFolder(path, isQuick: isQuick).folders
        where hasTime(for: folder.lastPathComponent) {
            check(folder.lastPathComponent) { try prove(folder, queue) }
        }
    }

    private func prove(_ folder: URL, _ queue: DeviceQueue) throws -> [String] {
        var failures: [String] = []
        let vkey = folder.appending(path: "verification_key.json").path
        func verify(_ what: String, _ proof: URL, _ publics: URL) throws {
            let findings = try ProofVerification.verify(
                vkey: vkey, proofs: [(proof.path, publics.path)],
                threads: Parallel.allCores.threads)
            failures += findings.filter { !$0.valid }.map { "\(what): \($0.reason ?? "invalid")" }
        }
        let given = folder.appending(path: "public.json")
        try verify("the proof that came with it", folder.appending(path: "proof.json"), given)
        let circuit = try CircuitFolder.load(folder, queue)
        let (first, cold) = try timed { try circuit.prove() }
        let (second, warm) = try timed { try circuit.prove() }
        figure("\(circuit.name), first proof", cold, "s")
        figure("\(circuit.name), second proof", warm, "s")
        let scratch = FileManager.default.temporaryDirectory.appending(
            path: "martlet-check-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        for (i, made) in [first, second].enumerated() {
            let proof = scratch.appending(path: "proof.json")
            let publics = scratch.appending(path: "public.json")
            try Data(made.proof.utf8).write(to: proof)
            try Data(made.publicInputs.utf8).write(to: publics)
            try verify("proof \(i + 1)", proof, publics)
            if try Data(contentsOf: given) != Data(made.publicInputs.utf8) {
                failures.append("proof \(i + 1): other public inputs than public.json")
            }
        }
        return failures
    }
}
