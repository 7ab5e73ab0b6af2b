// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields

/// The functions of up to three pairs whose points of G2 are constants, multiplied with each other: one
/// factor for each step of the Miller loop.
///
/// A step's function is a tangent; at a digit other than zero, and in the end, a parabola
/// x² + α·x + β·y + γ, which stands for two lines over a vertical one. At P = (x, y), times w⁴ and over
/// its coefficient of y, a line is w − (slope·x/y)·w² + (offset/y)·w⁴, and a parabola
/// w + (x²/y + α·x/y·w² + γ/y·w⁴)/β: sums of constants times 1, x/y, 1/y and x²/y. So the product over three
/// pairs is a sum of constants times 64 monomials, which are elements made once: products with constants cost
/// nothing once τ^i times the monomial is a wire. A step needs no more than six elements for the odd part of
/// the product, and six for the even part over it.
struct FixedPairs {
    /// The most pairs that are taken together: four would need 255 monomials.
    static let most = 3

    /// A constant times a monomial of one pair (1, x/y, 1/y and x²/y have the numbers 0 to 3) and a power of
    /// w.
    private struct Term {
        var monomial: Int
        var power: Int
        var factor: BN254.Fp2
    }

    /// The factors, one for each step.
    private(set) var factors: [TorusElement] = []

    /// - Precondition: y_P ≢ 0 for all pairs, by checks elsewhere; the constants are in G2, not the identity,
    ///   and there are one to three.
    init(_ field: EmulatedField<BN254.Fp>, _ pairs: [(g1: G1Element, g2: Affine<BN254.G2>)]) {
        precondition((1...Self.most).contains(pairs.count))
        var monomials: [BaseElement] = [.one]
        for pair in pairs {
            let inverse = field.inverse(pair.g1.y)
            let ratio = field.multiply(pair.g1.x, inverse)
            let own = [ratio, inverse, field.multiply(pair.g1.x, ratio)]
            let before = monomials
            for factor in own {
                // The first one is one.
                monomials.append(factor)
                for other in before.dropFirst() {
                    monomials.append(field.multiply(other, factor))
                }
            }
        }
        let terms = pairs.enumerated().map { Self.terms($1.g2, stride: 1 << (2 * $0)) }
        for step in 0..<MillerSteps.count {
            let product = terms.reduce([Term(monomial: 0, power: 0, factor: .one)]) {
                Self.times($0, $1[step])
            }
            // The even and the odd part, as coefficients of 1, v and v².
            let forms = (0..<6).map { power in
                Self.form(product.filter { $0.power == power }, monomials, field)
            }
            let (even, odd) = ([forms[0], forms[2], forms[4]], [forms[1], forms[3], forms[5]])
            if pairs.count == 1 {
                // The odd part is w.
                factors.append(TorusElement(even.map { $0.map { field.reduced($0) } }))
            } else {
                factors.append(field.quotient(even, by: odd.map { $0.map { field.reduced($0) } }))
            }
        }
    }

    /// A coefficient; `nil` where it has no terms.
    private static func form(
        _ terms: [Term], _ monomials: [BaseElement], _ field: EmulatedField<BN254.Fp>
    ) -> QuadraticForm? {
        terms.reduce(nil) { form, term in
            sum(
                form,
                field.product(
                    QuadraticElement(monomials[term.monomial], .zero), QuadraticElement(term.factor)))
        }
    }

    /// The terms of a product; the monomials are different ones.
    private static func times(_ a: [Term], _ b: [Term]) -> [Term] {
        b.flatMap { right in
            a.map { left in
                let (power, factor) = (left.power + right.power, left.factor * right.factor)
                return Term(
                    monomial: left.monomial + right.monomial, power: power % 6,
                    factor: power < 6 ? factor : BN254.Tower.timesNonResidue(factor))
            }
        }
    }

    /// The functions of a constant point, step by step; its monomials have the numbers 0 to 3 times `stride`.
    private static func terms(_ constant: Affine<BN254.G2>, stride: Int) -> [[Term]] {
        let point = TwistPoint(x: constant.x, y: constant.y)
        var running = point
        var steps: [[Term]] = []
        func append(_ parabola: TwistParabola) {
            let inverse = parabola.beta.inverse()!
            steps.append([
                Term(monomial: 0, power: 1, factor: .one),
                Term(monomial: stride, power: 2, factor: parabola.alpha * inverse),
                Term(monomial: 2 * stride, power: 4, factor: parabola.gamma * inverse),
                Term(monomial: 3 * stride, power: 0, factor: inverse),
            ])
        }
        for digit in MillerSteps.digits {
            if digit == 0 {
                let tangent = TwistLine(tangentAt: running)
                steps.append([
                    Term(monomial: 0, power: 1, factor: .one),
                    Term(monomial: stride, power: 2, factor: -tangent.slope),
                    Term(monomial: 2 * stride, power: 4, factor: tangent.offset),
                ])
                running = tangent.sum(running.x, running.x)
            } else {
                let (parabola, sum) = TwistParabola.touching(running, digit > 0 ? point : -point)
                append(parabola)
                running = sum
            }
        }
        let once = point.frobenius
        append(TwistParabola.through(running, once, -once.frobenius).parabola)
        return steps
    }
}
