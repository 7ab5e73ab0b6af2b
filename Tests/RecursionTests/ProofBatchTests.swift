// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import EmulatedArithmetic
import FieldHashes
import FiniteFields
import Groth16
import ProofFixtures
import Recursion
import TestSupport
import Testing

/// The circuit of several proofs of one key, with their inputs in a hash.
@Suite struct ProofBatchTests {
    private let parallel = Parallel(threads: 2)
    /// Depends on nothing, which whoever makes a valid witness does not mind.
    private let challenger = Challenger(mask: { _ in .one }, challenge: { _ in Scalar(1 << 60).squared() })

    private struct Made {
        let batch: ProofBatch
        var proofs: ProofBatch.Proofs

        init(_ count: Int, publicCount: Int, _ source: ChallengeSource = .commitment) {
            var generator = SeededGenerator.fresh()
            let simulated = SimulatedKey<BN254>(publicCount: publicCount, using: &generator)
            let inputs = (0..<count).map { _ in
                (0..<publicCount).map { _ in Scalar.random(using: &generator) }
            }
            batch = ProofBatch(ConstantVerifyingKey(simulated.verifyingKey), places: count, source)
            proofs = zip(simulated.proofs(inputs, using: &generator), inputs).map { (ProofPoints($0), $1) }
        }
    }

    @Test func theInputsAreInThePublicHash() {
        let made = Made(2, publicCount: 2)
        let system = made.batch.constraintSystem(parallel)
        #expect(system.publicCount == 1 && system.commitments.count == 1)
        let values = made.batch.witness(made.proofs, challenger, parallel)
        #expect(values.withSpan { system.firstViolated(by: $0) } == nil)
        let rows = made.proofs.map(\.publicInputs)
        // The number of proofs, that of inputs, and these.
        let wanted = Poseidon.hash(
            [Scalar(2), Scalar(2)] + rows.joined(), domain: ProofPlaces.domain)
        #expect(Scalar(canonical: values[1]) == wanted && ProofPlaces.digest(of: rows, places: 2) == wanted)
        #expect(ProofPlaces.digest(of: [rows[0] + rows[1]], places: 1) != wanted)
        // Another order is another input, with proofs as valid as before.
        let turned = made.batch.witness(made.proofs.reversed(), challenger, parallel)
        #expect(turned.withSpan { system.firstViolated(by: $0) } == nil)
        #expect(turned[1] != values[1])
        // One proof with the inputs of another.
        let mixed = [
            (made.proofs[0].proof, rows[1]), (made.proofs[1].proof, rows[1]),
        ]
        let wrong = made.batch.witness(mixed, challenger, parallel)
        #expect(wrong.withSpan { system.firstViolated(by: $0) } != nil)
        // The hash of other inputs than those of the proofs.
        let other = SecretScalars<Scalar>(count: values.count)
        other.withMutableSpan { span in
            for index in 0..<values.count { span[index] = values[index] }
            span[1] = ProofPlaces.digest(of: [rows[1], rows[0]], places: 2).canonical
        }
        #expect(other.withSpan { system.firstViolated(by: $0) } != nil)
    }

    /// A key with commitments, and fewer proofs than there are places.
    @Test func proofsWithCommitments() throws {
        var generator = SeededGenerator.fresh()
        let simulated = try SimulatedCommittedKey<BN254>(
            publicCount: 1, hashed: [[1]], hash: .poseidon, using: &generator)
        let input = Scalar.random(using: &generator)
        let good = simulated.proof([input], using: &generator)
        let batch = ProofBatch(ConstantVerifyingKey(simulated.verifyingKey), places: 2, .commitment)
        let system = batch.constraintSystem(parallel)
        func run(_ proof: CommittedProof<BN254>, _ input: Scalar) -> (digest: Scalar?, holds: Bool) {
            let values = batch.witness([(ProofPoints(proof), [input])], challenger, parallel)
            return (
                Scalar(canonical: values[1]), values.withSpan { system.firstViolated(by: $0) } == nil
            )
        }
        let honest = run(good, input)
        #expect(honest.holds && honest.digest == ProofPlaces.digest(of: [[input]], places: 2))
        var other = good
        other.knowledge = -good.knowledge
        #expect(!run(other, input).holds && !run(good, input + .one).holds)
        // A point without coordinates.
        #expect(ProofPoints(good).haveCoordinates)
        other.knowledge = .identity
        #expect(!ProofPoints(other).haveCoordinates)
        other = good
        other.commitments = [.identity]
        #expect(!ProofPoints(other).haveCoordinates)
        // Commitments that add up to the identity.
        other.commitments = [good.commitments[0], -good.commitments[0]]
        #expect(!ProofPoints(other).haveCoordinates)
        other.commitments[1] = good.commitments[0]
        #expect(ProofPoints(other).haveCoordinates)
    }

    /// The sizes that docs/recursion.md gives for proofs with two inputs.
    @Test func sizes() {
        func size(_ count: Int) -> Int {
            Made(count, publicCount: 2).batch.build(.constraints, [], nil, parallel).constraintCount
        }
        let (one, ten, eleven) = (size(1), size(10), size(11))
        #expect([one, ten, eleven] == [160_076, 622_618, 670_137])
    }
}
