// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import ProofFixtures
import Recursion
import TestSupport
import Testing

/// A proof with a commitment in a circuit without, as rounds are settled in the plain form.
@Suite struct ProofWrapTests {
    @Test func aProofAndItsInputs() throws {
        var generator = SeededGenerator.fresh()
        let parallel = Parallel(threads: 2)
        let key = try SimulatedCommittedKey<BN254>(
            publicCount: 3, hashed: [[1, 2, 3]], hash: .poseidon, using: &generator)
        let inputs = (0..<3).map { _ in Scalar.random(using: &generator) }
        let proof = key.proof(inputs, using: &generator)
        let wrap = ProofWrap(ConstantVerifyingKey(key.verifyingKey))
        let system = wrap.build(.constraints, nil, parallel).constraintSystem(parallel)
        #expect(system.publicCount == 3 && system.commitments.isEmpty)
        func run(_ proof: CommittedProof<BN254>, _ inputs: [Scalar]) -> (inputs: [Scalar?], holds: Bool) {
            let values = wrap.build(.witness, (proof, inputs), parallel).witness()
            return (
                (1...3).map { Scalar(canonical: values[$0]) },
                values.withSpan { system.firstViolated(by: $0) } == nil
            )
        }
        let honest = run(proof, inputs)
        #expect(honest.holds && honest.inputs == inputs)
        // The proof for other inputs, and another proof of knowledge.
        #expect(!run(proof, [inputs[0], inputs[1], inputs[2] + .one]).holds)
        var other = proof
        other.knowledge = -other.knowledge
        #expect(!run(other, inputs).holds)
    }
}
