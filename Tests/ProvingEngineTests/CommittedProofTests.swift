// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import Failures
import FiniteFields
import Foundation
import Outcomes
import ProvingEngine
import SnarkFormats
import TestSupport
import Testing

/// The circuit with two commitments of Tests/Vectors/committed.
enum Committed {
    static let zkey = path("circuit.zkey")
    static let r1cs = path("circuit.r1cs")
    static let witness = path("witness.wtns")
    /// Satisfies the constraints with another challenge than the commitment's.
    static let otherChallenge = path("challenge.wtns")
    static let unsatisfied = path("unsatisfied.wtns")

    private static func path(_ name: String) -> String { Vectors.url("committed/" + name).path }
}

/// Keys with commitments where plain keys go.
@Suite struct CommittedProofTests {
    private func loaded(multiples: Int = 0) throws -> (engine: ProvingEngine, key: LoadedKey) {
        let engine = try ProvingEngine(backend: .cpu, threads: 1)
        return (engine, try engine.loadKey(path: Committed.zkey, multiples: multiples))
    }

    @Test(arguments: [0, 16 << 20]) func aProofOfAWitnessFile(multiples: Int) throws {
        let (engine, key) = try loaded(multiples: multiples)
        #expect(key.commitmentCount == 2 && key.publicCount == 1)
        #expect((key.multiplesSize > 0) == (multiples > 0))
        let output = try engine.prove(
            key: key, witnessPath: Committed.witness, circuit: CircuitFiles(r1cs: Committed.r1cs))
        #expect(output.facts.system == "groth16-commitments")
        #expect(
            output.facts.timings?.phases.map(\.phase) == [
                "witness", "commitments", "quotient", "msmH", "msmWitness", "verify",
            ])
        #expect(try engine.verify(key: key, proofJSON: output.proofJSON, publicJSON: output.publicJSON))
        let verifier = try CircuitVerifier(verificationKeyJSON: key.verificationKeyJSON)
        #expect(try verifier.verify(proofJSON: output.proofJSON, publicJSON: output.publicJSON))
        #expect(
            try verifier.verifiedProof(output.proofJSON, publicJSON: output.publicJSON) == output.proofJSON)
        let publics = String(decoding: output.publicJSON, as: UTF8.self)
        #expect(publics.filter { !$0.isWhitespace } == #"["33"]"#)
    }

    /// Each point of a proof in another one's place, a commitment too few, and a proof of the other kind.
    @Test func proofsThatAreNone() throws {
        let (engine, key) = try loaded()
        let output = try engine.prove(key: key, witnessPath: Committed.witness)
        let verifier = try CircuitVerifier(verificationKeyJSON: key.verificationKeyJSON)
        let proof = try #require(
            try JSONSerialization.jsonObject(with: output.proofJSON) as? [String: Any])
        let points = try #require(proof["commitments"] as? [[String]])
        func verdict(_ change: (inout [String: Any]) -> Void) throws -> Bool {
            var changed = proof
            change(&changed)
            let text = try JSONSerialization.data(withJSONObject: changed)
            let here = try engine.verify(key: key, proofJSON: text, publicJSON: output.publicJSON)
            #expect(try verifier.verify(proofJSON: text, publicJSON: output.publicJSON) == here)
            return here
        }
        #expect(try verdict { _ in })
        #expect(try !verdict { $0["pi_a"] = proof["pi_c"] })
        #expect(try !verdict { $0["pi_c"] = proof["pi_a"] })
        #expect(try !verdict { $0["commitment_pok"] = proof["pi_a"] })
        #expect(try !verdict { $0["commitments"] = [points[1], points[0]] })
        #expect(try !verdict { $0["commitments"] = [points[0]] })
        #expect(try !verdict { $0["commitments"] = points + [points[0]] })
        let error = #expect(throws: JobFailure.self) {
            try verdict { $0["protocol"] = "groth16" }
        }
        #expect(error?.code == .badInput && error?.message.contains("groth16-commitments") == true)
        let plain = Vectors.url("snarkjs/groth16-bn128-multiplier/proof.json")
        #expect(throws: JobFailure.self) {
            try verifier.verify(proofJSON: Data(contentsOf: plain), publicJSON: output.publicJSON)
        }
    }

    @Test func witnessesThatDoNotSatisfy() throws {
        let (engine, key) = try loaded()
        func failure(_ witness: String, _ circuit: CircuitFiles? = nil) throws -> JobFailure {
            try #require(
                #expect(throws: JobFailure.self) {
                    try engine.prove(key: key, witnessPath: witness, circuit: circuit)
                })
        }
        let circuit = CircuitFiles(r1cs: Committed.r1cs)
        for files in [nil, circuit] {
            let challenge = try failure(Committed.otherChallenge, files)
            #expect(
                challenge.code == .unsatisfied
                    && challenge.message.contains("wire 5 is not the challenge of commitment 0"),
                "\(challenge.message)")
        }
        #expect(try failure(Committed.unsatisfied).code == .unsatisfied)
        let named = try failure(Committed.unsatisfied, circuit)
        #expect(named.code == .unsatisfied && named.message.contains("constraint 4"), "\(named.message)")
        let plain = Vectors.url("snarkjs/groth16-bn128-multiplier/circuit.r1cs").path
        let other = try failure(Committed.witness, CircuitFiles(r1cs: plain))
        #expect(
            other.code == .badInput && other.message.contains("the circuit has no commitments"),
            "\(other.message)")
    }

    /// What a maker of witnesses gets is what the witness of the vectors has, whose maker is another program.
    @Test func challengesForAWitness() throws {
        let (engine, key) = try loaded()
        let witness = try WitnessFile(MappedFile(path: Committed.witness, access: .onDemand)).values(
            of: BN254.self, variableCount: key.variableCount)
        func challenge(_ number: Int, _ committed: [Int], hashed: [Int]) throws -> BN254.Fr? {
            try engine.challenge(
                of: number, under: key, committed: SecretScalars(committed.map { witness[$0] }),
                hashed: hashed.map { BN254.Fr(canonical: witness[$0]) ?? .zero }, on: BN254.self)
        }
        #expect(try challenge(0, [2, 3, 4], hashed: [1])?.canonical == witness[5])
        #expect(try challenge(1, [6, 7], hashed: [5])?.canonical == witness[8])
        #expect(try challenge(1, [6, 7], hashed: [1])?.canonical != witness[8])
        #expect(try challenge(2, [6, 7], hashed: [5]) == nil)
        #expect(try challenge(1, [6], hashed: [5]) == nil)
        #expect(try challenge(1, [6, 7], hashed: []) == nil)
        #expect(
            try engine.challenge(
                of: 0, under: key, committed: SecretScalars(count: 3), hashed: [.one], on: BLS12381.self)
                == nil)
    }
}
