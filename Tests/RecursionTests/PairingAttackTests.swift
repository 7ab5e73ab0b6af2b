// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields
import Recursion
import TestSupport
import Testing

/// A prover who cheats at pairings: for each check one who gets through without it, and whom it stops.
@Suite struct PairingAttackTests {
    typealias Fp2 = BN254.Fp2
    typealias Fp6 = FiniteFields.Fp6<BN254.Tower>
    typealias Fp12 = FiniteFields.Fp12<BN254.Tower>

    /// The attack on the circuit with the check, and on the one without it; `others` are left out in both.
    private func expectStopped(
        by check: PairingTampering.Omission, besides others: Set<PairingTampering.Omission> = [],
        sourceLocation: SourceLocation = #_sourceLocation, _ attack: (PairingTampering) -> PairingRun
    ) {
        var tampering = PairingTampering()
        tampering.omitted = others.union([check])
        #expect(attack(tampering).holds, "without the check", sourceLocation: sourceLocation)
        tampering.omitted = others
        #expect(!attack(tampering).holds, "with the check", sourceLocation: sourceLocation)
    }

    // MARK: Points

    /// A point of the twist, in no subgroup.
    private func twistPoint(_ generator: inout SeededGenerator) -> Affine<BN254.G2> {
        while true {
            let x = Fp2.random(using: &generator)
            if let y = (x.squared() * x + BN254.G2.b).squareRoot() { return Affine(x: x, y: y) }
        }
    }

    /// A point of order 10,069.
    func pointOfSmallOrder(_ generator: inout SeededGenerator) -> Affine<BN254.G2> {
        while true {
            // cofactor/10069 times the group order, in two steps.
            let point = Jacobian(twistPoint(&generator)).multiplied(by: BN254.Fr.modulus.words)
                .multiplied(by: dividedBySmallOrder(BN254.G2.cofactor)).affine
            if !point.isIdentity { return point }
        }
    }

    private func dividedBySmallOrder(_ words: [UInt64]) -> [UInt64] {
        var (quotient, rest) = (words, UInt64(0))
        for index in words.indices.reversed() {
            (quotient[index], rest) = UInt64(10_069).dividingFullWidth((rest, words[index]))
        }
        #expect(rest == 0)
        return quotient
    }

    /// The pairs of an instance, and before them one with this Q.
    private func run(
        _ q: Affine<BN254.G2>, _ generator: inout SeededGenerator, _ tampering: PairingTampering
    ) -> PairingRun {
        var instance = PairingInstance(variable: 0, fixed: 2, &generator)
        let p = BN254.G1.generator.multiplied(by: BN254.Fr.random(using: &generator)).affine
        instance.variable = [(p, q)]
        return instance.run(tampering)
    }

    @Test func pointsOffTheTwist() {
        var generator = SeededGenerator.fresh()
        let off = Affine<BN254.G2>(x: .random(using: &generator), y: .random(using: &generator))
        expectStopped(by: .onTwist, besides: [.subgroup, .product]) { run(off, &generator, $0) }
    }

    /// With (0, 0) all lines can be V = 0: the pair counts as one, whatever P is.
    @Test func pointOfZeros() {
        var generator = SeededGenerator.fresh()
        let zero = Affine<BN254.G2>(x: .zero, y: .zero)
        expectStopped(by: .onTwist) { run(zero, &generator, $0) }
    }

    @Test func pointsOutsideOfTheSubgroup() {
        var generator = SeededGenerator.fresh()
        let (small, any) = (pointOfSmallOrder(&generator), twistPoint(&generator))
        #expect(Jacobian(small).multiplied(by: [10_069]).affine.isIdentity)
        for point in [small, any] {
            #expect(point.isOnCurve && !point.isValid)
            expectStopped(by: .subgroup, besides: [.product]) { run(point, &generator, $0) }
        }
        #expect(run(BN254.G2.generator, &generator, PairingTampering(.product)).holds)
    }

    // MARK: Slopes

    /// Another slope at the last tangent: what depends on it follows, so that nothing else is violated.
    @Test func slopeOfATangent() {
        var generator = SeededGenerator.fresh()
        let (slope, q) = (Fp2.random(using: &generator), BN254.G2.generator)
        let last = MillerSteps.digits.count - 1
        #expect(MillerSteps.digits[last] == 0)
        expectStopped(by: .tangent, besides: [.product, .subgroup]) { tampering in
            var tampering = tampering
            tampering.slope = { step, value in step == last ? slope : value }
            return run(q, &generator, tampering)
        }
    }

    /// Another slope where ±Q is added, so that the line does not meet ±Q: the next point is on another
    /// curve, which no equation after it has.
    @Test func slopeOfAChord() {
        var generator = SeededGenerator.fresh()
        let (slope, q) = (Fp2.random(using: &generator), BN254.G2.generator)
        expectStopped(by: .chord, besides: [.product, .subgroup]) { tampering in
            var tampering = tampering
            // The last line of all.
            tampering.slope = { step, value in step == MillerSteps.count - 1 ? slope : value }
            return run(q, &generator, tampering)
        }
    }

    // MARK: The residue witness

    /// Pairs whose product is not one.
    private func wrongInstance(_ generator: inout SeededGenerator) -> PairingInstance {
        var instance = PairingInstance(variable: 1, fixed: 1, &generator)
        instance.fixed[0].g1 = BN254.G1.generator
        return instance
    }

    @Test func wrongWitness() {
        var generator = SeededGenerator.fresh()
        let instance = PairingInstance(variable: 1, fixed: 1, &generator)
        let other = Fp6.random(using: &generator)
        func run(
            _ instance: PairingInstance, _ change: @escaping (Fp12, Fp6) -> Fp6
        ) -> PairingRun {
            var tampering = PairingTampering()
            tampering.witness = change
            return instance.run(tampering)
        }
        #expect(run(instance) { $1 }.holds)
        #expect(!run(instance) { -$1 }.holds)
        #expect(!run(instance) { _, _ in other }.holds)
        #expect(!run(instance) { _, _ in .zero }.holds)
        // c times an element of order q is as good: its λ-th power is one.
        let order = BN254.finalExponentiation(Fp12(other, .one))
        #expect(
            run(instance) {
                let product = Fp12($1, .one) * order
                return product.c0 * product.c1.inverse()!
            }.holds)
        // For a false product nothing is.
        let wrong = wrongInstance(&generator)
        #expect(!run(wrong) { _, _ in .zero }.holds)
        #expect(!run(wrong) { f, _ in f.c0 * f.c1.inverse()! }.holds)
    }

    /// A product that is in Fp6, and a square, have no witness: g·0 = ab + v is never zero.
    @Test func productsInFp6() {
        var generator = SeededGenerator.fresh()
        let value = Fp6.random(using: &generator)
        #expect(
            !PairingRun { field in
                let element: TorusElement = field.hinted { value }
                _ = field.multiply(element, element.inverse)
            }.holds)
        #expect(!PairingRun { field in _ = field.squared(field.hinted { Fp6.zero }) }.holds)
    }

    /// Every wire of a product of two pairs, one of them constant, changed alone.
    @Test func changedWires() {
        var generator = SeededGenerator.fresh()
        let instance = PairingInstance(variable: 1, fixed: 1, &generator)
        let circuit = PointCircuit(chunkBits: 11) { field in
            PairingCircuit(field).enforceProductIsOne(
                instance.variable.map { (field.element($0.g1), field.element($0.g2)) },
                fixed: instance.fixed.map { (field.element($0.g1), $0.g2) })
        }
        #expect(circuit.holds, "\(circuit.violation)")
        // The mask of what is committed to.
        let free = circuit.unconstrainedWires(using: &generator)
        #expect(free.count == 1, "\(free)")
    }
}
