// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import Outcomes
import ProvingEngine
import SystemTestSupport
import TestSupport
import Testing

/// `CircuitProver` and `CircuitVerifier`, which users of the library begin with.
@Suite struct CircuitProverTests {
    static let circuits = ["groth16-bn128-multiplier", "groth16-bls12381-multiplier"]

    private func prover(_ name: String) throws -> (prover: CircuitProver, folder: URL) {
        let folder = Vectors.url("snarkjs/\(name)")
        var options = CircuitProver.Options()
        options.backend = .cpu
        options.threads = 1
        return (
            try CircuitProver(zkey: folder.appending(path: "circuit_final.zkey"), options: options), folder
        )
    }

    @Test(arguments: circuits) func aWitnessIsProved(name: String) throws {
        let (prover, folder) = try prover(name)
        let file = folder.appending(path: "witness.wtns")
        let proofs = [try prover.prove(witness: file), try prover.prove(witness: Data(contentsOf: file))]
        let key = try Data(contentsOf: folder.appending(path: "verification_key.json"))
        let verifiers = try [key, prover.verificationKeyJSON].map {
            try CircuitVerifier(verificationKeyJSON: $0)
        }
        #expect(prover.publicCount == 2)
        // Blinded anew each time, and of the same statement.
        #expect(proofs[0].proofJSON != proofs[1].proofJSON && proofs[0].publicJSON == proofs[1].publicJSON)
        let publics = try Data(contentsOf: folder.appending(path: "public.json"))
        for proof in proofs {
            for publicJSON in [proof.publicJSON, publics] {
                #expect(try prover.verify(proofJSON: proof.proofJSON, publicJSON: publicJSON))
                for verifier in verifiers {
                    #expect(try verifier.verify(proofJSON: proof.proofJSON, publicJSON: publicJSON))
                }
            }
            let timings = try #require(proof.facts.timings)
            #expect(proof.facts.backend?.hasPrefix("cpu-") == true)
            #expect(timings.total > 0 && !timings.phases.isEmpty)
        }
        let others = Data(#"["1","2"]"#.utf8)
        #expect(try !prover.verify(proofJSON: proofs[0].proofJSON, publicJSON: others))
        #expect(try !verifiers[0].verify(proofJSON: proofs[0].proofJSON, publicJSON: others))
    }

    @Test func whatIsWrongIsSaid() throws {
        let (prover, folder) = try prover(Self.circuits[0])
        func code(_ body: () throws(JobFailure) -> Void) -> FailureCode? {
            do { try body() } catch { return error.code }
            return nil
        }
        let unsatisfied = Vectors.url("snarkjs/malformed/w04_unsatisfied_private.wtns")
        #expect(code { () throws(JobFailure) in _ = try prover.prove(witness: unsatisfied) } == .unsatisfied)
        let zkey = folder.appending(path: "circuit_final.zkey")
        #expect(code { () throws(JobFailure) in _ = try prover.prove(witness: zkey) } == .badInput)
        #expect(code { () throws(JobFailure) in _ = try prover.prove(witness: Data()) } == .badInput)
        let other = Vectors.url("snarkjs/\(Self.circuits[1])/witness.wtns")
        #expect(code { () throws(JobFailure) in _ = try prover.prove(witness: other) } == .badInput)
        #expect(code { () throws(JobFailure) in _ = try CircuitProver(zkey: other) } == .badInput)
        var options = CircuitProver.Options()
        options.threads = -1
        #expect(
            code { () throws(JobFailure) in _ = try CircuitProver(zkey: zkey, options: options) } == .badInput
        )
        #expect(
            code { () throws(JobFailure) in _ = try CircuitVerifier(verificationKeyJSON: Data("{}".utf8)) }
                == .badInput)
    }
}
