// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields
import Groth16
import ProofFixtures
import Recursion
import TestSupport
import Testing
import TrustedSetup

/// The pairs of a verification of proofs with commitments.
@Suite struct CommittedPairsTests {
    typealias G1 = Affine<BN254.G1>
    typealias Pairs = VerificationPairsTests.Batch.Pairs

    /// Proofs of a key with commitments, with their public inputs.
    struct Batch {
        let simulated: SimulatedCommittedKey<BN254>
        var proofs: [CommittedProof<BN254>]
        var inputs: [[Scalar]]

        init(_ count: Int, hashed: [[Int]] = [[2]]) throws {
            var generator = SeededGenerator.fresh()
            let simulated = try SimulatedCommittedKey<BN254>(
                publicCount: 2, hashed: hashed, hash: .poseidon, using: &generator)
            self.simulated = simulated
            inputs = (0..<count).map { _ in (0..<2).map { _ in .random(using: &generator) } }
            proofs = inputs.map { simulated.proof($0, using: &generator) }
        }

        private func describe(
            _ field: EmulatedField<BN254.Fp>, _ tampering: CurveTampering?
        ) -> Groth16Verification.Pairs {
            let key = ConstantVerifyingKey(simulated.verifyingKey)
            return Groth16Verification(field, key, tampering: tampering).pairs(
                elements(field), publicInputs: wires(field))
        }

        func elements(_ field: EmulatedField<BN254.Fp>) -> [ProofElements] {
            proofs.map { proof in
                ProofElements(field, commitments: simulated.sigmas.count, committed: { proof })
            }
        }

        func wires(_ field: EmulatedField<BN254.Fp>) -> [[Linear]] {
            inputs.map { $0.map { value in field.builder.wire(value) } }
        }

        func build(tampering: CurveTampering? = nil) -> (circuit: PointCircuit, pairs: Pairs) {
            var pairs = Pairs()
            let circuit = PointCircuit { field in pairs = Pairs(describe(field, tampering)) }
            return (circuit, pairs)
        }

        func pairs(_ tampering: CurveTampering? = nil) -> Pairs {
            var pairs = Pairs()
            _ = PointCircuit.run(.witness) { field in pairs = Pairs(describe(field, tampering)) }
            return pairs
        }
    }

    @Test(arguments: [1, 2, 3])
    func validProofs(_ count: Int) throws {
        let batch = try Batch(count)
        let verifier = CommittedVerifier(batch.simulated.verifyingKey)
        for (proof, inputs) in zip(batch.proofs, batch.inputs) {
            #expect(
                verifier.verify(proof, publicInputs: inputs.map(\.canonical), parallel: .allCores) == .valid)
        }
        let (circuit, pairs) = batch.build()
        #expect(circuit.holds, "\(circuit.violation)")
        #expect(pairs.isOne && pairs.fixed.count == 5 && pairs.variable.count == count)
        // Each of the two equations holds by itself.
        var (first, second) = (pairs, pairs)
        first.fixed.removeLast(2)
        second.variable = []
        second.fixed.removeFirst(3)
        #expect(first.isOne && second.isOne)
    }

    @Test func invalidProofs() throws {
        var generator = SeededGenerator.fresh()
        let other = G1.random(using: &generator)
        for count in 1...2 {
            let good = try Batch(count)
            func isRefused(_ change: (inout Batch) -> Void) -> Bool {
                var batch = good
                change(&batch)
                return !batch.pairs().isOne
            }
            #expect(!isRefused { _ in })
            for place in 0..<count {
                #expect(isRefused { $0.proofs[place].knowledge = other })
                #expect(isRefused { $0.proofs[place].knowledge = -$0.proofs[place].knowledge })
                #expect(isRefused { $0.proofs[place].commitments[0] = other })
                #expect(isRefused { $0.proofs[place].a = other })
                #expect(isRefused { $0.proofs[place].c = -$0.proofs[place].c })
                #expect(isRefused { $0.inputs[place][0] += .one })
                #expect(isRefused { $0.inputs[place][1] += .one })
            }
        }
    }

    /// Without its equation any proof of knowledge will do.
    @Test func noProofOfKnowledge() throws {
        var generator = SeededGenerator.fresh()
        var batch = try Batch(2)
        batch.proofs[1].knowledge = G1.random(using: &generator)
        var pairs = batch.pairs()
        #expect(!pairs.isOne)
        pairs.fixed.removeLast(2)
        #expect(pairs.isOne)
    }

    /// Points on no curve satisfy no circuit.
    @Test func pointsOnNoCurve() throws {
        let good = try Batch(1)
        let changes: [(inout Batch) -> Void] = [
            { $0.proofs[0].commitments[0] = .identity }, { $0.proofs[0].knowledge = .identity },
            { $0.proofs[0].commitments[0].y += .one }, { $0.proofs[0].knowledge.x += .one },
        ]
        for change in changes {
            var batch = good
            change(&batch)
            #expect(!batch.build().circuit.holds)
        }
    }

    /// A commitment that with the offset is the sum of inputs: the slope of their sum is free. (The challenge
    /// counts for nothing in this key; with another one such a commitment is to be found by trial.)
    @Test func commitmentThatTheInputsMeet() throws {
        var batch = try Batch(1)
        let own = batch.simulated.verifyingKey
        let key = ConstantVerifyingKey(
            try CommittedVerifyingKey<BN254>(
                alpha1: own.alpha1, beta2: own.beta2, gamma2: own.gamma2, delta2: own.delta2,
                ic: own.ic.dropLast() + [.identity], generator: own.generator, commitments: own.commitments,
                hash: .poseidon))
        var sum = G1.identity
        func holds(_ tampering: CurveTampering? = nil) -> Bool {
            PointCircuit { field in
                let pairs = Groth16Verification(field, key, tampering: tampering).pairs(
                    batch.elements(field),
                    publicInputs: [batch.inputs[0].map { field.builder.wire($0) }])
                sum = pairs.fixed[1].g1.affine
            }.holds
        }
        let isGood = holds()
        #expect(isGood)
        let inputs = Jacobian(sum) - Jacobian(batch.proofs[0].commitments[0])
        batch.proofs[0].commitments[0] = (inputs - Jacobian(key.offset)).affine
        let (passes, isRefused) = (holds(CurveTampering(.denominators)), !holds())
        #expect(passes && isRefused)
    }

    /// A commitment in coordinates that are not the least has no challenge.
    @Test func otherCoordinates() throws {
        let batch = try Batch(1)
        for (isOther, expected) in [(false, true), (true, false)] {
            let circuit = PointCircuit { field in
                let proof = batch.proofs[0]
                var own = ProofElements(field, committed: { proof })
                let x = Natural(proof.commitments[0].x.canonical)
                let other = isOther ? x + Natural(BN254.Fp.modulus) : x
                own.commitments[0].x = field.represented { other }
                _ = Groth16Verification(field, ConstantVerifyingKey(batch.simulated.verifyingKey)).pairs(
                    [own], publicInputs: [batch.inputs[0].map { field.builder.wire($0) }])
            }
            #expect(circuit.holds == expected, "\(circuit.violation)")
        }
    }

    /// A proof that Martlet's prover makes, in two phases, of a circuit with a commitment.
    @Test func proofOfTheProver() throws {
        var generator = SeededGenerator.fresh()
        func describe(_ builder: CircuitBuilder, _ x: Scalar, _ y: Scalar) {
            let (x, y) = (builder.wire(x), builder.wire(y))
            builder.bindPublic(0, to: builder.multiply(x, y))
            builder.bindPublic(1, to: x + y)
            let challenge = builder.commit([x, y])
            _ = builder.multiply(x + challenge, y - challenge)
        }
        let constraints = CircuitBuilder(.constraints, publicCount: 2)
        describe(constraints, .zero, .zero)
        let parallel = Parallel(threads: 2)
        let setup = try #require(
            CommittedSetup<BN254>(constraints.constraintSystem(), parallel: parallel))
        let (key, verifyingKey) = try setup.development(hash: .poseidon, using: &generator)
        let prover = CommittedProver(backend: CPUBackend<BN254>(parallel: parallel), parallel: parallel)
        var failure: (any Error)?
        let run = CircuitBuilder(
            .witness, publicCount: 2,
            challenger: Challenger { question in
                do {
                    let point = try prover.commit(key: key, number: 0, values: question.committed)
                    return verifyingKey.challenge(0, of: point, known: question.hashed)
                } catch {
                    failure = error
                    return .zero
                }
            })
        describe(run, Scalar(3), Scalar(4))
        if let failure { throw failure }
        let proof = try prover.prove(
            key: key, verifier: CommittedVerifier(verifyingKey), witness: run.witness(), using: &generator)
        func isAccepted(_ inputs: [Scalar]) -> Bool {
            PointCircuit { field in
                Groth16Verification(field, ConstantVerifyingKey(verifyingKey)).enforce(
                    [ProofElements(field, committed: { proof })],
                    publicInputs: [inputs.map { field.builder.wire($0) }])
            }.holds
        }
        let (right, wrong) = (isAccepted([Scalar(12), Scalar(7)]), isAccepted([Scalar(12), Scalar(8)]))
        #expect(right && !wrong)
    }

    /// The whole verification of several proofs, pairings and all.
    @Test func verification() throws {
        let good = try Batch(2)
        func describe(_ batch: Batch) -> (EmulatedField<BN254.Fp>) -> Void {
            { field in
                Groth16Verification(field, ConstantVerifyingKey(batch.simulated.verifyingKey)).enforce(
                    batch.proofs.map { proof in ProofElements(field, committed: { proof }) },
                    publicInputs: batch.inputs.map { $0.map { field.builder.wire($0) } })
            }
        }
        let system = PointCircuit.run(.constraints) { describe(good)($0) }.constraintSystem()
        func holds(_ change: (inout Batch) -> Void = { _ in }) -> Bool {
            var batch = good
            change(&batch)
            let values = PointCircuit.run(.witness) { describe(batch)($0) }.witness()
            return system.firstViolated(by: (0..<values.count).map { values[$0] }.span) == nil
        }
        let accepted = holds()
        let refused = [
            !holds { $0.proofs[0].knowledge = $0.proofs[1].knowledge },
            !holds { $0.proofs[1].commitments = $0.proofs[0].commitments },
            !holds { $0.inputs[0][1] += .one },
        ]
        #expect(accepted && refused == [true, true, true])
    }

    /// No larger than docs/recursion.md says: one, two and three proofs with two public inputs, chunks of 17
    /// bits, groups of 512 checks.
    @Test func constraintCounts() throws {
        let batch = try Batch(3)
        let key = ConstantVerifyingKey(batch.simulated.verifyingKey)
        let counts = (1...3).map { count in
            PointCircuit.run(.constraints, chunkBits: 17, groupSize: 512) { field in
                Groth16Verification(field, key).enforce(
                    batch.proofs[..<count].map { proof in ProofElements(field, committed: { proof }) },
                    publicInputs: (0..<count).map { _ in (0..<2).map { _ in field.builder.wire(.zero) } })
            }.constraintCount
        }
        print("constraints: \(counts)")
        #expect(counts[0] < 350_000)
        #expect(counts[1] - counts[0] < 73_000)
        #expect(counts[2] - counts[1] < 58_000)
    }

    /// Errors of the two equations that cancel each other where both have one scalar.
    @Test func oneScalarForBothEquations() throws {
        var generator = SeededGenerator.fresh()
        var batch = try Batch(2)
        let error = Scalar.random(using: &generator)
        // C is paired with −δ·G₂, and the proof of knowledge with G.
        let second = error * batch.simulated.delta * batch.simulated.generator.inverse()!
        func add(_ point: inout G1, _ logarithm: Scalar) {
            point = (Jacobian(point) + BN254.G1.generator.multiplied(by: logarithm)).affine
        }
        add(&batch.proofs[1].c, error)
        add(&batch.proofs[1].knowledge, second)
        #expect(batch.pairs(CurveTampering(.independentScalars)).isOne)
        #expect(!batch.pairs().isOne)
    }
}
