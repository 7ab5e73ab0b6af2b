// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

/// A proof on every curve in which everything goes through files: constraints, witness, proving key,
/// verification key, proof and public inputs.
@Suite struct CurveFileTests {
    @Test(arguments: CurveID.allCases) func everythingThroughFiles(curve: CurveID) throws {
        try withSuite(curve) { try check($0) }
    }

    private func check<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        var generator = SeededGenerator.fresh("\(Suite.id)")
        let parallel = Parallel.allCores
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appending(path: name).path }
        func file(_ name: String) throws -> MappedFile { try MappedFile(path: path(name)) }
        func write(_ text: String, _ name: String) throws -> MappedFile {
            try Data(text.utf8).write(to: folder.appending(path: name))
            return try file(name)
        }

        // Constraints and witness.
        let (made, values) = randomSystem(Suite.Fr.self, constraints: 50, publics: 2, using: &generator)
        try R1CSFile.write(made, of: Suite.self, to: path("circuit.r1cs"))
        try WitnessFile.write(
            SecretScalars<Suite.Fr>(values.map(\.canonical)), of: Suite.self, to: path("witness.wtns"))
        #expect(try R1CSFile(file("circuit.r1cs")).curve == Suite.id)
        let system = try #require(try AnyR1CS.load(file("circuit.r1cs")).system(on: Suite.self))
        #expect(system == made)
        let wtns = try WitnessFile(file("witness.wtns"))
        #expect(wtns.curve == Suite.id && wtns.count == values.count)
        for other in CurveID.allCases where other != Suite.id {
            #expect(throws: FormatError.self) { try wtns.check(curve: other, variableCount: values.count) }
        }

        // The key, with its primes in the header.
        let (development, transcript) = try Groth16Setup<Suite>(system, parallel: parallel)
            .development(using: &generator)
        try Groth16ZKey.write(development, transcript: transcript, to: path("key.zkey"))
        let zkey = try ZKeyFile(file("key.zkey"))
        #expect(zkey.header.curve == Suite.id && zkey.header.proofSystem == .groth16)
        let key = try #require(try Groth16ZKey.load(zkey, threads: 2) as? ProvingKey<Suite>)
        let vkey = try write(Groth16JSON.text(key.verifyingKey), "verification_key.json")
        let verifying = try #require(
            try Groth16JSON.verifyingKey(vkey) as? VerifyingKeyFile<Suite>
        ).key
        #expect(verifying == key.verifyingKey)
        let name = Data("\"\(Suite.id.snarkjsName)\"".utf8)
        #expect(try Data(contentsOf: folder.appending(path: "verification_key.json")).range(of: name) != nil)

        // The proof.
        let verifier = Verifier(verifying)
        let proof = try Prover(backend: CPUBackend<Suite>(parallel: parallel), parallel: parallel).prove(
            key: key, verifier: verifier, witness: try wtns.values(of: Suite.self), using: &generator)
        let publics = (1...key.publicCount).map { values[$0] }
        let read = try Groth16JSON.proof(
            write(Groth16JSON.text(proof), "proof.json"), of: Suite.self)
        let inputs = try PublicInputsJSON.read(
            write(PublicInputsJSON.text(publics), "public.json"), of: Suite.self)
        #expect(read == proof && inputs == publics)
        func verdict(_ inputs: [Suite.Fr]) -> Verdict {
            verifier.verify(read, publicInputs: inputs.map(\.canonical), parallel: parallel)
        }
        #expect(verdict(inputs) == .valid)
        #expect(verdict([inputs[0] + .one, inputs[1]]) != .valid)
    }
}
