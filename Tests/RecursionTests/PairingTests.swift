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

    /// Each step's factor is the quotient of lines through multiples of Q made by scalar multiplication,
    /// times what the final exponentiation removes: an element of Fp2 times a power of w, which have one
    /// coefficient.
    @Test func everyStepsValue() {
        var generator = SeededGenerator.fresh()
        let instance = PairingInstance(variable: 1, fixed: 1, &generator)
        let (pair, constant) = (instance.variable[0], instance.fixed[0])
        var factors: [[SexticElement]] = []
        _ = PairingRun { field in
            factors = PairingCircuit(field).factors(
                [(field.element(pair.g1), field.element(pair.g2))],
                fixed: [(field.element(constant.g1), constant.g2)])
        }
        #expect(factors.count == MillerSteps.count && factors.allSatisfy { $0.count == 2 })
        for (index, (p, q)) in [pair, constant].enumerated() {
            var multiple = BN254.Fr.one
            for (step, digit) in MillerSteps.digits.enumerated() {
                let t = q.multiplied(by: multiple).affine
                let double = q.multiplied(by: multiple.doubled()).affine
                var expected = tangent(t, at: p)
                if digit != 0 {
                    expected *= chord(double, digit > 0 ? q : -q, at: p)
                    expected *= vertical(double, at: p).inverse()!
                }
                #expect(isScaled(factors[step][index].value, expected), "step \(step)")
                multiple = multiple.doubled() + (digit == 0 ? .zero : digit > 0 ? .one : -.one)
            }
            let t = q.multiplied(by: multiple).affine
            let once = frobenius(q)
            let sum = (Jacobian(t) + once).affine
            let expected =
                chord(t, once, at: p) * chord(sum, -frobenius(once), at: p) * vertical(sum, at: p).inverse()!
            #expect(isScaled(factors[MillerSteps.count - 1][index].value, expected))
        }
    }

    private func frobenius(_ q: Affine<BN254.G2>) -> Affine<BN254.G2> {
        let gamma = BN254.Tower.frobenius
        return Affine(x: q.x.conjugate * gamma.gamma2, y: q.y.conjugate * gamma.gamma3)
    }

    private func isScaled(_ a: Fp12, _ b: Fp12) -> Bool {
        (a * b.inverse()!).powersOfW.filter { !$0.isZero }.count == 1
    }

    /// y − y₀ − slope·(x − x₀) at (x, y) = (x_P/w², y_P/w³), times w³.
    private func line(_ slope: Fp2, _ t: Affine<BN254.G2>, at p: Affine<BN254.G1>) -> Fp12 {
        Fp12(powersOfW: [Fp2(p.y, .zero), -slope * p.x, .zero, slope * t.x - t.y, .zero, .zero])
    }

    private func tangent(_ t: Affine<BN254.G2>, at p: Affine<BN254.G1>) -> Fp12 {
        let square = t.x.squared()
        return line((square.doubled() + square) * t.y.doubled().inverse()!, t, at: p)
    }

    private func chord(_ t: Affine<BN254.G2>, _ u: Affine<BN254.G2>, at p: Affine<BN254.G1>) -> Fp12 {
        line((t.y - u.y) * (t.x - u.x).inverse()!, t, at: p)
    }

    private func vertical(_ t: Affine<BN254.G2>, at p: Affine<BN254.G1>) -> Fp12 {
        Fp12(powersOfW: [Fp2(p.x, .zero), .zero, -t.x, .zero, .zero, .zero])
    }

    /// Products of dense and sparse elements, squares and p-powers.
    @Test func arithmeticInFp12() {
        var generator = SeededGenerator.fresh()
        let values = (0..<2).map { _ in Fp12.random(using: &generator) }
        let masks: [[Int]] = [
            [0, 1, 2, 3, 4, 5], [0, 1, 3], [0, 1, 2, 4], [0, 2, 4], [0, 1, 2, 3, 4], [5],
        ]
        let run = PairingRun { field in
            let one = field.hinted { values[0] } as SexticElement
            for mask in masks {
                for hasOne in [false, true] {
                    var other = field.hinted { values[1] } as SexticElement
                    for index in 0..<6 where !mask.contains(index) { other.coefficients[index] = nil }
                    if hasOne { other.coefficients[mask[0]] = QuadraticElement(.one, .zero) }
                    #expect(field.multiply(one, other).value == one.value * other.value)
                    #expect(field.multiply(other, one).value == one.value * other.value)
                    #expect(field.multiply(other, other).value == other.value.squared())
                    #expect(field.reduced(field.square(other)).value == other.value.squared())
                    #expect(field.frobenius(other).value == other.value.frobenius())
                    #expect(field.frobeniusSquared(other).value == other.value.frobeniusSquared())
                    #expect(field.multiply(one, other).coefficients.filter { $0 == nil }.isEmpty)
                }
            }
            let quotient = field.quotient(one.coefficients[0]!, by: one.coefficients[1]!)
            #expect(quotient.value * one.value.powersOfW[1] == one.value.powersOfW[0])
            #expect(
                QuadraticForm(quotient).timesNonResidue.value
                    == BN254.Tower.timesNonResidue(quotient.value))
        }
        #expect(run.holds)
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
            #expect(witness.root * witness.inverse == .one)
            #expect(power(ofLambda: witness.root) == f * witness.factor)
            #expect(witness.factor.c1.isZero)
            factors.insert(witness.factor)
        }
        #expect(factors.count > 1 && factors.isSubset(of: ResidueWitness.rootsOfUnity[..<3]))
        #expect(ResidueWitness(.random(using: &generator)) == nil && ResidueWitness(.zero) == nil)
    }

    /// c^λ, λ = 6z + 2 + p − p² + p³.
    private func power(ofLambda c: Fp12) -> Fp12 {
        let squared = c.frobeniusSquared()
        return c.power([0x9d79_7039_be76_3ba8, 1]) * c.frobenius() * squared.inverse()! * squared.frobenius()
    }
}
