// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields
import Recursion
import TestSupport
import Testing

@Suite struct PairingTests {
    typealias Fp2 = BN254.Fp2
    typealias Fp6 = FiniteFields.Fp6<BN254.Tower>
    typealias Fp12 = FiniteFields.Fp12<BN254.Tower>

    // MARK: Products

    @Test(arguments: [(1, 1), (2, 0), (3, 1), (0, 2), (1, 3), (0, 4)])
    func productsThatAreOne(variable: Int, fixed: Int) {
        var generator = SeededGenerator.fresh()
        let instance = PairingInstance(variable: variable, fixed: fixed, &generator)
        #expect(instance.run().holds)
    }

    @Test func modesAgree() {
        var generator = SeededGenerator.fresh()
        let instance = PairingInstance(variable: 1, fixed: 1, &generator)
        let both = instance.run()
        #expect(instance.run(mode: .witness).witness == both.witness)
        #expect(
            instance.run(mode: .constraints).builder.constraintSystem() == both.builder.constraintSystem())
    }

    @Test func otherProductsAreRefused() {
        var generator = SeededGenerator.fresh()
        let right = PairingInstance(variable: 2, fixed: 1, &generator)
        var wrong = right
        wrong.variable[0].g1 = -right.variable[0].g1
        #expect(!wrong.run().holds)
        wrong = right
        (wrong.variable[0].g2, wrong.variable[1].g2) = (right.variable[1].g2, right.variable[0].g2)
        #expect(!wrong.run().holds)
        wrong = right
        wrong.fixed[0].g1 = BN254.G1.generator
        #expect(!wrong.run().holds)
    }

    // MARK: Values

    /// The loop's value is that of Martlet's own pairing after the final exponentiation, whatever the product
    /// is.
    @Test func valuesAreThePairings() {
        var generator = SeededGenerator.fresh()
        var instance = PairingInstance(variable: 2, fixed: 3, &generator)
        instance.fixed[1].g1 = BN254.G1.generator
        instance.variable[0].g1 = BN254.G1.generator
        let pairs = instance.variable + instance.fixed
        let expected = BN254.finalExponentiation(
            BN254.millerLoop(pairs.map { ($0.g1, BN254.prepare($0.g2)) }))
        #expect(expected != .one)
        let run = PairingRun { field in
            let steps = PairingCircuit(field).factors(
                instance.variable.map { (field.element($0.g1), field.element($0.g2)) },
                fixed: instance.fixed.map { (field.element($0.g1), $0.g2) })
            #expect(BN254.finalExponentiation(PairingCircuit.loopValue(steps)) == expected)
        }
        #expect(run.holds)
    }

    /// Each step's factors are lines through multiples of Q that scalar multiplication makes, up to a factor
    /// in Fp2 and a power of w; for constants, over vertical lines, which are in Fp6.
    @Test func everyStepsValue() {
        var generator = SeededGenerator.fresh()
        let instance = PairingInstance(variable: 1, fixed: 1, &generator)
        let (pair, constant) = (instance.variable[0], instance.fixed[0])
        var factors: [[TorusElement]] = []
        _ = PairingRun { field in
            factors = PairingCircuit(field).factors(
                [(field.element(pair.g1), field.element(pair.g2))],
                fixed: [(field.element(constant.g1), constant.g2)])
        }
        #expect(factors.count == MillerSteps.count)
        for (index, (p, q)) in [pair, constant].enumerated() {
            var multiple = BN254.Fr.one
            for step in 0..<MillerSteps.count {
                let digit = step < MillerSteps.digits.count ? MillerSteps.digits[step] : nil
                let t = q.multiplied(by: multiple).affine
                var lines: [Fp12]
                let between: Affine<BN254.G2>
                if let digit {
                    between = q.multiplied(by: multiple.doubled()).affine
                    lines = [tangent(t, at: p)]
                    if digit != 0 { lines.append(chord(between, digit > 0 ? q : -q, at: p)) }
                    multiple = multiple.doubled() + (digit == 0 ? .zero : digit > 0 ? .one : -.one)
                } else {
                    let once = frobenius(q)
                    between = (Jacobian(t) + once).affine
                    lines = [chord(t, once, at: p), chord(between, -frobenius(once), at: p)]
                }
                if index == 0 {
                    #expect(factors[step].count == lines.count + 1)
                    for (line, factor) in zip(lines, factors[step]) {
                        #expect(isScaled(factor.value, line), "step \(step)")
                    }
                } else {
                    var function = lines.reduce(Fp12.one) { $0 * $1 }
                    if lines.count == 2 { function *= vertical(between, at: p).inverse()! }
                    #expect(isScaled(factors[step].last!.value, function), "step \(step)")
                }
            }
        }
    }

    private func frobenius(_ q: Affine<BN254.G2>) -> Affine<BN254.G2> {
        let gamma = BN254.Tower.frobenius
        return Affine(x: q.x.conjugate * gamma.gamma2, y: q.y.conjugate * gamma.gamma3)
    }

    private func isScaled(_ a: Fp12, _ b: Fp12) -> Bool {
        (a * b.inverse()!).coefficients.chunked.filter { $0 != [.zero, .zero] }.count == 1
    }

    /// Whether two elements are the same up to a factor in Fp6.
    private func isSameUpToFp6(_ a: Fp12, _ b: Fp12) -> Bool { (a * b.inverse()!).c1.isZero }

    /// y at w⁰, x at w and 1 at w³.
    private func line(y: Fp2, x: Fp2, constant: Fp2) -> Fp12 {
        Fp12(Fp6(y, .zero, .zero), Fp6(x, constant, .zero))
    }

    /// y − y₀ − slope·(x − x₀) at (x, y) = (x_P/w², y_P/w³), times w³.
    private func line(_ slope: Fp2, _ t: Affine<BN254.G2>, at p: Affine<BN254.G1>) -> Fp12 {
        line(y: Fp2(p.y, .zero), x: -slope * p.x, constant: slope * t.x - t.y)
    }

    private func tangent(_ t: Affine<BN254.G2>, at p: Affine<BN254.G1>) -> Fp12 {
        let square = t.x.squared()
        return line((square.doubled() + square) * t.y.doubled().inverse()!, t, at: p)
    }

    private func chord(_ t: Affine<BN254.G2>, _ u: Affine<BN254.G2>, at p: Affine<BN254.G1>) -> Fp12 {
        line((t.y - u.y) * (t.x - u.x).inverse()!, t, at: p)
    }

    private func vertical(_ t: Affine<BN254.G2>, at p: Affine<BN254.G1>) -> Fp12 {
        Fp12(Fp6(Fp2(p.x, .zero), -t.x, .zero), .zero)
    }

    /// Products of dense and sparse elements, squares and p-powers, up to factors in Fp6.
    @Test func arithmetic() {
        var generator = SeededGenerator.fresh()
        let values = (0..<2).map { _ in Fp6.random(using: &generator) }
        let run = PairingRun { field in
            let one: TorusElement = field.hinted { values[0] }
            for mask in [[0, 1, 2], [1, 2], [0, 2], [1]] {
                var other: TorusElement = field.hinted { values[1] }
                for index in 0..<3 where !mask.contains(index) { other.coefficients[index] = nil }
                for (element, expected) in [
                    (field.multiply(one, other), one.value * other.value),
                    (field.multiply(other, one), one.value * other.value),
                    (field.multiply(other.inverse, one), one.value * other.value.inverse()!),
                    (field.squared(other), other.value.squared()),
                    (field.multiply(other, other), other.value.squared()),
                    (field.frobenius(other), other.value.frobenius()),
                    (field.frobeniusSquared(other), other.value.frobeniusSquared()),
                ] {
                    #expect(isSameUpToFp6(element.value, expected))
                }
            }
            let quotient = field.quotient(one.coefficients[0]!, by: one.coefficients[1]!)
            #expect(quotient.value * values[0].c1 == values[0].c0)
            #expect(
                QuadraticForm(quotient).timesNonResidue.value
                    == BN254.Tower.timesNonResidue(quotient.value))
        }
        #expect(run.holds)
    }

    /// Pairs that cancel: the value is in Fp6, of which no element has the form that the circuit has.
    @Test func pairsThatCancel() {
        var generator = SeededGenerator.fresh()
        var instance = PairingInstance(variable: 1, fixed: 0, &generator)
        let p = BN254.G1.generator.multiplied(by: BN254.Fr.random(using: &generator)).affine
        instance.variable = [(p, BN254.G2.generator)]
        instance.fixed = [(-p, BN254.G2.generator)]
        #expect(instance.run().holds)
    }

    // MARK: The residue witness

    /// f·w = c^λ for values of one, in each class of cubic residues, and no witness for others.
    @Test func residueWitness() throws {
        var generator = SeededGenerator.fresh()
        var factors: Set<Fp12> = []
        // An element of Fp6 changes the class and not the final power.
        for index in 0..<8 {
            let instance = PairingInstance(variable: 2, fixed: 0, &generator)
            var f = BN254.millerLoop(instance.variable.map { ($0.g1, BN254.prepare($0.g2)) })
            f *= ResidueWitness.rootsOfUnity[index]
            let witness = try #require(ResidueWitness(f))
            #expect(power(ofLambda: witness.root) == f * witness.factor)
            #expect(witness.factor.c1.isZero && !witness.root.c1.isZero)
            #expect(isSameUpToFp6(Fp12(witness.torus, .one), witness.root))
            factors.insert(witness.factor)
        }
        #expect(factors.count > 1 && factors.isSubset(of: ResidueWitness.rootsOfUnity[..<3]))
        #expect(ResidueWitness(.random(using: &generator)) == nil && ResidueWitness(.zero) == nil)
        // A value in Fp6 has a root that is not.
        let witness = try #require(ResidueWitness(Fp12(.random(using: &generator), .zero)))
        #expect(!witness.root.c1.isZero && power(ofLambda: witness.root).c1.isZero)
    }

    /// c^λ, λ = 6z + 2 + p − p² + p³.
    private func power(ofLambda c: Fp12) -> Fp12 {
        let squared = c.frobeniusSquared()
        return c.power([0x9d79_7039_be76_3ba8, 1]) * c.frobenius() * squared.inverse()! * squared.frobenius()
    }
}

extension [BN254.Fp] {
    /// Two at a time.
    fileprivate var chunked: [[BN254.Fp]] {
        stride(from: 0, to: count, by: 2).map { Array(self[$0..<($0 + 2)]) }
    }
}
