// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import Groth16
import ProvingEngine
import SnarkFormats
import SystemTestSupport
import TestSupport
import Testing

/// What `martlet verify`, `prove` and `export vkey` do with gnark's files.
@Suite struct GnarkFileTests {
    private static func path(_ name: String) -> String { Vectors.url("gnark/\(name)").path }

    private static func pair(_ folder: String, _ proof: String) -> (proof: String, publicInputs: String) {
        (path("\(folder)/\(proof)"), path("\(folder)/witness.public.bin"))
    }

    private static func open(
        _ pairs: [(proof: String, publicInputs: String)]
    ) throws -> [ProofVerification.Files] { try ProofVerification.open(pairs) }

    /// Alone and as a batch, in which proofs of the other kind are invalid and harm nobody.
    @Test func proofsAreVerified() throws {
        for folder in [
            "groth16-bn254", "groth16-bls12381", "groth16-bn254-commit-public", "groth16-bn254-commit-two",
            "groth16-bls12381-commit-two",
        ] {
            let key = try MappedFile(json: Self.path("\(folder)/vk.bin"))
            let both = [Self.pair(folder, "proof.bin"), Self.pair(folder, "proof.raw.bin")]
            for proofs in [[both[0]], both] {
                let found = try ProofVerification.verify(
                    vkey: key, proofs: Self.open(proofs), hash: nil, threads: 2)
                #expect(found.allSatisfy(\.valid) && found.count == proofs.count)
            }
            #expect(try ProofVerification.openSecret(vkey: key) == nil)
        }
        let (plain, committed) = ("groth16-bn254", "groth16-bn254-commit-public")
        for (folder, other, words) in [
            (plain, committed, "the key wants 0 commitments, 1 in the proof"),
            (committed, plain, "the key wants 1 commitment, 0 in the proof"),
        ] {
            // The inputs are the key's: both circuits have two.
            let mixed = [
                Self.pair(folder, "proof.bin"),
                (Self.path("\(other)/proof.bin"), Self.path("\(folder)/witness.public.bin")),
                Self.pair(folder, "proof.raw.bin"),
            ]
            let found = try ProofVerification.verify(
                vkey: MappedFile(json: Self.path("\(folder)/vk.raw.bin")), proofs: Self.open(mixed),
                hash: nil, threads: 2)
            #expect(found.map(\.valid) == [true, false, true] && found[1].reason == words)
        }
        for (folder, words) in [
            (committed, "the pairing equation does not hold"),
            ("groth16-bn254-commit-two", "the proof of knowledge of the commitments does not hold"),
        ] {
            let solidity = try Self.open([Self.pair(folder, "proof.solidity.bin")])
            let key = try MappedFile(json: Self.path("\(folder)/vk.bin"))
            #expect(
                try ProofVerification.verify(vkey: key, proofs: solidity, hash: .keccak256, threads: 1)[0]
                    .valid)
            #expect(
                try ProofVerification.verify(vkey: key, proofs: solidity, hash: .sha256, threads: 1)[0].reason
                    == words)
        }
    }

    /// What is proved with gnark's key verifies from its files, in each form; keys are written in JSON.
    @Test(arguments: [
        "groth16-bn254", "groth16-bls12381", "groth16-bn254-commit-public", "groth16-bn254-commit-two",
        "groth16-bls12381-commit-two",
    ])
    func proofsAreMade(_ folder: String) throws {
        let temporary = try TemporaryFolder()
        let inputs = GnarkProving.Inputs(
            provingKey: Self.path("\(folder)/pk.bin"), verifyingKey: Self.path("\(folder)/vk.bin"),
            constraints: Self.path("\(folder)/r1cs.bin"), wires: Self.path("\(folder)/wires.txt"))
        #expect(GnarkProving.takes(inputs.provingKey, isAsked: false))
        #expect(!GnarkProving.takes(inputs.verifyingKey, isAsked: true))
        let json = temporary.path("verification_key.json")
        try ProofVerification.verificationKeyJSON(of: MappedFile(json: inputs.verifyingKey), hash: nil)
            .write(to: URL(filePath: json))
        for form in GnarkProving.Form.allCases {
            let made = try GnarkProving.prove(inputs, hash: nil, form: form, threads: 2)
            let (proof, publics) = (temporary.path("proof"), temporary.path("public"))
            try made.proof.write(to: URL(filePath: proof))
            try made.publicInputs.write(to: URL(filePath: publics))
            // Every file may be of either kind.
            for vkey in [inputs.verifyingKey, json] {
                let found = try ProofVerification.verify(
                    vkey: MappedFile(json: vkey), proofs: Self.open([(proof, publics)]), hash: nil, threads: 1
                )
                #expect(found[0].valid, "\(form) \(vkey)")
            }
        }
    }

    @Test func mistakesAreNamed() throws {
        let temporary = try TemporaryFolder()
        let folder = "groth16-bn254-commit-public"
        func failure(_ change: (inout GnarkProving.Inputs) -> Void, hash: CommitmentHash? = nil)
            -> JobFailure?
        {
            var inputs = GnarkProving.Inputs(
                provingKey: Self.path("\(folder)/pk.bin"), verifyingKey: Self.path("\(folder)/vk.bin"),
                constraints: Self.path("\(folder)/r1cs.bin"), wires: Self.path("\(folder)/wires.txt"))
            change(&inputs)
            do throws(JobFailure) {
                _ = try GnarkProving.prove(inputs, hash: hash, form: .json, threads: 1)
                return nil
            } catch {
                return error
            }
        }
        #expect(failure { _ in } == nil)
        func expect(
            _ words: String, _ code: FailureCode = .badInput, hash: CommitmentHash? = nil,
            _ change: (inout GnarkProving.Inputs) -> Void
        ) {
            let found = failure(change, hash: hash)
            #expect(found?.code == code && found?.message.contains(words) == true, "\(found?.message ?? "-")")
        }
        expect("is not the challenge of commitment 0", .unsatisfied, hash: .keccak256) { _ in }
        expect("made for the curve bn254") { $0.verifyingKey = Self.path("groth16-bls12381/vk.bin") }
        expect("not those of the verification key") { $0.verifyingKey = Self.path("groth16-bn254/vk.bin") }
        expect("wires and the circuit") { $0.constraints = Self.path("groth16-bn254/r1cs.bin") }
        expect("holds a proving key (gnark)") { $0.verifyingKey = $0.provingKey }
        expect("the number of wires in the witness is 29, and not 12") {
            $0.wires = Self.path("groth16-bn254/wires.txt")
        }
        expect("pk.txt") { $0.provingKey = temporary.path("pk.txt") }
        expect("holds a proving key (gnark)") { $0.constraints = $0.provingKey }
        expect("holds a verification key (gnark)") { $0.constraints = $0.verifyingKey }
        // A circuit that hashes the other public input.
        var circuit = [UInt8](try Data(contentsOf: URL(filePath: Self.path("\(folder)/r1cs.bin"))))
        let name = [UInt8]("PublicAndCommitmentCommitted".utf8)
        let at = try #require(circuit.firstRange(of: name)).upperBound
        #expect(circuit[at] == 0x81 && circuit[at + 1] == 1)
        circuit[at + 1] = 2
        try Data(circuit).write(to: URL(filePath: temporary.path("r1cs.bin")))
        expect("hash other values") { $0.constraints = temporary.path("r1cs.bin") }
        // A wire that no challenge depends on.
        let wires = try String(contentsOfFile: Self.path("\(folder)/wires.txt"), encoding: .utf8)
            .split(separator: "\n").map { $0.hasPrefix("8 ") ? "8 4242" : String($0) }
        try Data(wires.joined(separator: "\n").utf8).write(to: URL(filePath: temporary.path("wires.txt")))
        expect("violate constraint 2 of", .unsatisfied) { $0.wires = temporary.path("wires.txt") }
        #expect(
            failure { $0.wires = temporary.path("wires.txt") }?.message.contains("4242") != true)
    }
}
