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

/// The pairs of a verification of proofs in a circuit, and what BN254's own pairing says of them.
@Suite struct VerificationPairsTests {
    typealias G1 = Affine<BN254.G1>

    /// Proofs with their public inputs.
    struct Batch {
        let key: ConstantVerifyingKey
        var proofs: [Proof<BN254>]
        var inputs: [[Scalar]]

        /// Valid proofs of a key of a seed.
        init(_ count: Int, publicCount: Int = 2, unbound: Set<Int> = []) {
            var generator = SeededGenerator.fresh()
            let simulated = SimulatedKey<BN254>(
                publicCount: publicCount, unbound: unbound, using: &generator)
            let inputs = (0..<count).map { _ in
                (0..<publicCount).map { _ in Scalar.random(using: &generator) }
            }
            self.init(simulated, inputs, &generator)
        }

        /// Valid proofs of a key for some inputs.
        init(_ simulated: SimulatedKey<BN254>, _ inputs: [[Scalar]], _ generator: inout SeededGenerator) {
            self.inputs = inputs
            proofs = simulated.proofs(inputs, using: &generator)
            key = ConstantVerifyingKey(simulated.verifyingKey)
        }

        /// The pairs' points.
        struct Pairs {
            var variable: [(G1, Affine<BN254.G2>)] = []
            var fixed: [(G1, Affine<BN254.G2>)] = []

            init() {}

            init(_ pairs: Groth16Verification.Pairs) {
                variable = pairs.variable.map { ($0.g1.affine, $0.g2.affine) }
                fixed = pairs.fixed.map { ($0.g1.affine, $0.g2) }
            }

            /// Whether the product of pairings is one.
            var isOne: Bool {
                let all = (variable + fixed).map { ($0.0, BN254.prepare($0.1)) }
                return BN254.isPairingProductOne(all)
            }
        }

        private func describe(
            _ field: EmulatedField<BN254.Fp>, _ tampering: CurveTampering?
        ) -> Groth16Verification.Pairs {
            Groth16Verification(field, key, tampering: tampering).pairs(
                proofs.map { proof in ProofElements(field) { proof } },
                publicInputs: inputs.map { $0.map { value in field.builder.wire(value) } })
        }

        /// The circuit with its witness, and the pairs.
        func build(
            _ source: ChallengeSource = .commitment, tampering: CurveTampering? = nil
        ) -> (circuit: PointCircuit, pairs: Pairs) {
            var pairs = Pairs()
            let circuit = PointCircuit(source) { field in pairs = Pairs(describe(field, tampering)) }
            return (circuit, pairs)
        }

        /// The pairs alone.
        var pairs: Pairs { pairs(nil) }

        /// The pairs alone, with something left out.
        func pairs(_ tampering: CurveTampering?) -> Pairs {
            var pairs = Pairs()
            _ = PointCircuit.run(.witness) { field in pairs = Pairs(describe(field, tampering)) }
            return pairs
        }
    }

    @Test(arguments: [1, 2, 3])
    func validProofs(_ count: Int) {
        let batch = Batch(count)
        let (circuit, pairs) = batch.build()
        #expect(circuit.holds, "\(circuit.violation)")
        #expect(pairs.isOne)
        #expect(pairs.variable.count == count && pairs.fixed.count == 3)
        #expect(pairs.variable[0].0 == batch.proofs[0].a)
        // The product is one, and not because all is the identity.
        var other = pairs
        other.fixed[0].0 = -other.fixed[0].0
        #expect(!other.isOne)
    }

    @Test func withoutCommitments() {
        let (circuit, pairs) = Batch(2, publicCount: 1).build(.poseidon)
        #expect(circuit.holds && pairs.isOne, "\(circuit.violation)")
    }

    /// Inputs that are zero, one and −1; an input of which the key knows nothing; no inputs.
    @Test func inputs() {
        var generator = SeededGenerator.fresh()
        let rows: [[Scalar]] = [
            [.zero, .one, -.one], [.zero, -.one, .zero], [.zero, .zero, .zero], [.zero, .zero, .zero],
        ]
        for unbound: Set<Int> in [[], [0]] {
            let simulated = SimulatedKey<BN254>(publicCount: 3, unbound: unbound, using: &generator)
            for range in [0..<1, 0..<2, 2..<3, 2..<4] {
                let (circuit, pairs) = Batch(simulated, Array(rows[range]), &generator).build()
                #expect(circuit.holds && pairs.isOne, "\(circuit.violation)")
            }
        }
        for count in 1...2 {
            let (circuit, pairs) = Batch(count, publicCount: 0).build()
            #expect(circuit.holds && pairs.isOne, "\(circuit.violation)")
        }
        // A key that binds nothing at all has one pair less.
        for count in 1...2 {
            let (circuit, pairs) = Batch(count, publicCount: 1, unbound: [-1, 0]).build()
            #expect(circuit.holds && pairs.isOne && pairs.fixed.count == 2, "\(circuit.violation)")
        }
    }

    /// The same proof several times, as in unused places of a round.
    @Test func repeatedProofs() {
        var batch = Batch(1)
        batch.proofs = [Proof<BN254>](repeating: batch.proofs[0], count: 3)
        batch.inputs = [[Scalar]](repeating: batch.inputs[0], count: 3)
        let (circuit, pairs) = batch.build()
        #expect(circuit.holds && pairs.isOne, "\(circuit.violation)")
    }

    /// What is wrong in one proof shows in the product.
    @Test func invalidProofs() {
        var generator = SeededGenerator.fresh()
        let good = Batch(2)
        let other = G1.random(using: &generator)
        func isRefused(_ change: (inout Batch) -> Void) -> Bool {
            var batch = good
            change(&batch)
            return !batch.pairs.isOne
        }
        #expect(!isRefused { _ in })
        for place in 0..<2 {
            #expect(isRefused { $0.proofs[place].a = other })
            #expect(isRefused { $0.proofs[place].a = -$0.proofs[place].a })
            #expect(isRefused { $0.proofs[place].b = -$0.proofs[place].b })
            #expect(isRefused { $0.proofs[place].c = -$0.proofs[place].c })
            #expect(isRefused { $0.inputs[place][1] += .one })
        }
        #expect(isRefused { $0.inputs.swapAt(0, 1) })
        #expect(isRefused { ($0.proofs[0].c, $0.proofs[1].c) = ($0.proofs[1].c, $0.proofs[0].c) })
        // Errors that cancel each other where all scalars are one.
        #expect(
            isRefused {
                $0.proofs[0].c = (Jacobian($0.proofs[0].c) + other).affine
                $0.proofs[1].c = (Jacobian($0.proofs[1].c) - Jacobian(other)).affine
            })
    }

    /// Points that are on no curve satisfy no circuit.
    @Test func pointsOnNoCurve() {
        let good = Batch(2, publicCount: 0)
        let changes: [(inout Batch) -> Void] = [
            { $0.proofs[0].a = .identity }, { $0.proofs[1].a.y += .one }, { $0.proofs[0].c.x += .one },
            { $0.proofs[1].c = .identity },
        ]
        for change in changes {
            var batch = good
            change(&batch)
            #expect(!batch.build().circuit.holds)
        }
    }

    /// Every scalar depends on every coordinate and every input of every proof.
    @Test func scalarsDependOnEverything() {
        let good = Batch(2, publicCount: 1)
        let own = good.pairs.fixed[2].0
        var changes: [(inout Batch) -> Void] = []
        for place in 0..<2 {
            changes += [
                { $0.proofs[place].a = -$0.proofs[place].a }, { $0.proofs[place].a.x += .one },
                { $0.proofs[place].b.x.c0 += .one }, { $0.proofs[place].b.x.c1 += .one },
                { $0.proofs[place].b.y.c0 += .one }, { $0.proofs[place].b.y.c1 += .one },
                { $0.proofs[place].c.x += .one }, { $0.proofs[place].c.y += .one },
                { $0.inputs[place][0] += .one },
            ]
        }
        for change in changes {
            var batch = good
            change(&batch)
            // (s₀ + s₁)·α
            #expect(batch.pairs.fixed[2].0 != own)
        }
    }

    /// C chosen when the scalars are known: two invalid proofs whose errors cancel each other.
    @Test func scalarsBeforeC() {
        for omitted: Set<CurveTampering.Omission> in [[.hashOfC], []] {
            var tampering = CurveTampering()
            tampering.omitted = omitted
            var batch = Batch(2)
            // s₁·A₁
            let scaled = batch.pairs(tampering).variable[1].0
            batch.proofs[0].c = (Jacobian(batch.proofs[0].c) - Jacobian(scaled)).affine
            batch.proofs[1].c = (Jacobian(batch.proofs[1].c) + batch.proofs[1].a).affine
            #expect(batch.pairs(tampering).isOne == !omitted.isEmpty)
        }
    }

    /// Every wire, changed alone.
    @Test func changedWires() {
        var generator = SeededGenerator.fresh()
        let circuit = Batch(2).build().circuit
        #expect(circuit.holds, "\(circuit.violation)")
        // The mask of what is committed to.
        let free = circuit.unconstrainedWires(using: &generator)
        #expect(free.count == 1, "\(free)")
    }

    /// The offset is the key's own.
    @Test func offsets() {
        let (one, two) = (Batch(1), Batch(1))
        #expect(one.key.offset != two.key.offset && one.key.offset.isValid)
    }
}
