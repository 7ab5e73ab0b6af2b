// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import FiniteFields
import Groth16
import TestSupport
import Testing
import TrustedSetup

/// A key from which a committed wire was dropped: nothing is wrong with it but that it is not the circuit's,
/// and whoever makes proofs under it chooses that wire when the challenge is known.
@Suite struct FewerCommittedWiresTests {
    private let parallel = Parallel(threads: 2)

    /// The public input is u², and u + c·v = 3 + 5·c for the challenge c of the commitment to u and v: so u
    /// is 3, as if by a check at a random point.
    private func describe(_ builder: CircuitBuilder, _ u: Scalar, _ v: Scalar, drops: Bool) -> Linear {
        let (u, v) = (builder.wire(u), builder.wire(v))
        builder.bindPublic(0, to: builder.multiply(u, u))
        let challenge = builder.commit(drops ? [u] : [u, v])
        builder.enforce(challenge, times: v - Scalar(5), equals: Linear(Scalar(3)) - u)
        return challenge
    }

    private func system(drops: Bool) -> R1CS<Scalar> {
        let builder = CircuitBuilder(.constraints, publicCount: 1)
        _ = describe(builder, .zero, .zero, drops: drops)
        return builder.constraintSystem(parallel)
    }

    @Test func whoeverComparesTheKeySeesIt() throws {
        var generator = SeededGenerator.fresh()
        let setup = try #require(CommittedSetup<BN254>(system(drops: false), parallel: parallel))
        let other = try #require(CommittedSetup<BN254>(system(drops: true), parallel: parallel))
        let key = try other.developmentKey(hash: .poseidon, using: &generator)
            .contributing(name: "", parallel: parallel, using: &generator)
        // Nothing else is wrong with the key.
        try key.verifyBeforeContribution(parallel: parallel, using: &generator)
        try other.verifyCircuit(of: key)
        let verifier = CommittedVerifier(key.verifyingKey)
        let prover = CommittedProver(backend: CPUBackend<BN254>(parallel: parallel), parallel: parallel)
        let mask = Scalar.random(using: &generator)
        func run(_ u: Scalar, _ v: Scalar) throws -> (builder: CircuitBuilder, challenge: Scalar) {
            var failure: (any Error)?
            let builder = CircuitBuilder(
                .witness, publicCount: 1,
                challenger: Challenger(
                    mask: { _ in mask },
                    challenge: { question in
                        do {
                            let point = try prover.commit(
                                key: key.provingKey, number: 0, values: question.committed)
                            return key.verifyingKey.challenge(0, of: point, known: question.hashed)
                        } catch {
                            failure = error
                            return .zero
                        }
                    }))
            let challenge = describe(builder, u, v, drops: true)
            if let failure { throw failure }
            return (builder, challenge.value)
        }
        // u = 2, and v as the challenge wants it.
        let challenge = try run(Scalar(2), .zero).challenge
        let forged = try run(Scalar(2), Scalar(5) + challenge.inverse()!)
        #expect(forged.challenge == challenge)
        let proof = try prover.prove(
            key: key.provingKey, verifier: verifier, witness: forged.builder.witness(), using: &generator)
        #expect(verifier.verify(proof, publicInputs: [Scalar(4).canonical], parallel: parallel) == .valid)
        // `martlet zkey verify --r1cs` is what refuses the key.
        do {
            try setup.verifyCircuit(of: key)
            Issue.record("the key is taken for the circuit's")
        } catch {
            #expect(error.message.contains("other wires than the circuit's"), "\(error)")
        }
    }
}
