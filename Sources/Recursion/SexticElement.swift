// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EmulatedArithmetic
package import FiniteFields

/// An element Σ cᵢ·wⁱ of BN254's Fp12 = Fp2[w]/(w⁶ − ξ) in a circuit, ξ = 9 + u.
///
/// A coefficient that is `nil` is zero whatever the witness is, as most of a line's are: it takes part in no
/// product. Even powers of w are Fp6 = Fp2[v]/(v³ − ξ), v = w².
package struct SexticElement: Sendable {
    /// c₀ to c₅.
    package var coefficients: [QuadraticElement?]

    /// - Precondition: six coefficients.
    package init(_ coefficients: [QuadraticElement?]) {
        precondition(coefficients.count == 6)
        self.coefficients = coefficients
    }

    /// The constant one.
    package static var one: SexticElement {
        SexticElement([QuadraticElement(.one, .zero)] + [QuadraticElement?](repeating: nil, count: 5))
    }

    /// What it is under the witness being made.
    package var value: Fp12<BN254.Tower> {
        Fp12(powersOfW: coefficients.map { $0?.value ?? .zero })
    }

    /// Its even part, or with 1 its odd part, as coefficients of 1, v and v².
    func part(_ parity: Int) -> [QuadraticElement?] {
        [coefficients[parity], coefficients[2 + parity], coefficients[4 + parity]]
    }

    /// The number of coefficients that may be other than zero.
    var count: Int { coefficients.reduce(0) { $0 + ($1 == nil ? 0 : 1) } }
}

/// Six times two checks' polynomials: the coefficients of a sum of products in Fp12.
package struct SexticForm: Sendable {
    /// Those of w⁰ to w⁵; `nil` for what is zero whatever the witness is.
    package var coefficients: [QuadraticForm?]
}

extension Fp12<BN254.Tower> {
    /// Σ cᵢ·wⁱ.
    package init(powersOfW c: [BN254.Fp2]) {
        self.init(Fp6(c[0], c[2], c[4]), Fp6(c[1], c[3], c[5]))
    }

    /// c₀ to c₅ of Σ cᵢ·wⁱ.
    package var powersOfW: [BN254.Fp2] { [c0.c0, c1.c0, c0.c1, c1.c1, c0.c2, c1.c2] }
}

// Sums of what may be nothing.
func sum(_ a: QuadraticElement?, _ b: QuadraticElement?) -> QuadraticElement? {
    guard let a, let b else { return a ?? b }
    return a + b
}

func sum(_ a: QuadraticForm?, _ b: QuadraticForm?) -> QuadraticForm? {
    guard let a, let b else { return a ?? b }
    return a + b
}

private func difference(_ a: QuadraticForm?, _ b: QuadraticForm?) -> QuadraticForm? {
    guard let b else { return a }
    return a.map { $0 - b } ?? b * -1
}

/// Products in Fp6 and Fp12, for checks. Sums are free, so that Karatsuba's way is taken wherever it spares a
/// product; how many each takes is in docs/recursion.md.
extension EmulatedField<BN254.Fp> {
    /// A new element of Fp12 that nothing is said of: twelve of Fp; six for one in Fp6.
    package func hinted(inFp6: Bool = false, _ value: () -> Fp12<BN254.Tower>) -> SexticElement {
        let powers = hasValues ? value().powersOfW : [BN254.Fp2](repeating: .zero, count: 6)
        return SexticElement(
            powers.enumerated().map { index, power in
                inFp6 && index % 2 == 1 ? nil : hinted { power } as QuadraticElement
            })
    }

    /// A new element that equals a form: up to twelve of Fp, each with its check.
    package func reduced(_ form: SexticForm) -> SexticElement {
        SexticElement(form.coefficients.map { $0.map { reduced($0) } })
    }

    /// Demands a form to be an element of Fp12: twelve checks.
    package func enforceEqual(_ form: SexticForm, _ element: SexticElement) {
        for (own, other) in zip(form.coefficients, element.coefficients) {
            let target = other ?? QuadraticElement(.zero, .zero)
            enforceZero((own ?? QuadraticForm(QuadraticElement(.zero, .zero))) - target)
        }
    }

    /// a·b as a new element.
    package func multiply(_ a: SexticElement, _ b: SexticElement) -> SexticElement { reduced(product(a, b)) }

    /// a·b, for checks: 54 constraints for dense factors, fewer for sparse ones.
    package func product(_ a: SexticElement, _ b: SexticElement) -> SexticForm {
        let (a0, a1, b0, b1) = (a.part(0), a.part(1), b.part(0), b.part(1))
        let (even, odd) = (cubicProduct(a0, b0), cubicProduct(a1, b1))
        let (a01, b01) = (zip(a0, a1).map { sum($0, $1) }, zip(b0, b1).map { sum($0, $1) })
        let cross: [QuadraticForm?]
        if cost(a01, b01) < cost(a0, b1) + cost(a1, b0) {
            cross = zip(cubicProduct(a01, b01), zip(even, odd)).map {
                difference(difference($0, $1.0), $1.1)
            }
        } else {
            cross = zip(cubicProduct(a0, b1), cubicProduct(a1, b0)).map { sum($0, $1) }
        }
        return joined(even, odd, cross)
    }

    /// a², for checks: 36 constraints.
    package func square(_ a: SexticElement) -> SexticForm {
        let (a0, a1) = (a.part(0), a.part(1))
        let (even, odd) = (cubicSquare(a0), cubicSquare(a1))
        let whole = cubicSquare(zip(a0, a1).map { sum($0, $1) })
        let cross = zip(whole, zip(even, odd)).map { difference(difference($0, $1.0), $1.1) }
        return joined(even, odd, cross)
    }

    /// even + odd·v + cross·w.
    private func joined(
        _ even: [QuadraticForm?], _ odd: [QuadraticForm?], _ cross: [QuadraticForm?]
    ) -> SexticForm {
        SexticForm(coefficients: [
            sum(even[0], odd[2]?.timesNonResidue), cross[0], sum(even[1], odd[0]), cross[1],
            sum(even[2], odd[1]), cross[2],
        ])
    }

    /// The products in Fp2 that `cubicProduct` makes.
    private func cost(_ a: [QuadraticElement?], _ b: [QuadraticElement?]) -> Int {
        func one(_ i: Int, _ j: Int) -> Int { a[i] == nil || b[j] == nil ? 0 : isFree(a[i], b[j]) ? 0 : 1 }
        return (0..<3).reduce(0) { $0 + one($1, $1) }
            + [(0, 1), (0, 2), (1, 2)].reduce(0) { sum, pair in
                let (i, j) = pair
                return sum + (isKaratsuba(a, b, i, j) ? 1 : one(i, j) + one(j, i))
            }
    }

    private func isFree(_ a: QuadraticElement?, _ b: QuadraticElement?) -> Bool {
        a?.isConstant == true || b?.isConstant == true
    }

    /// Whether (aᵢ + aⱼ)(bᵢ + bⱼ) spares a product.
    private func isKaratsuba(_ a: [QuadraticElement?], _ b: [QuadraticElement?], _ i: Int, _ j: Int) -> Bool {
        [a[i], a[j], b[i], b[j]].allSatisfy { $0 != nil && !$0!.isConstant }
    }

    private func productIfAny(_ a: QuadraticElement?, _ b: QuadraticElement?) -> QuadraticForm? {
        guard let a, let b else { return nil }
        return product(a, b)
    }

    /// The product in Fp6: six products in Fp2 for dense factors.
    private func cubicProduct(_ a: [QuadraticElement?], _ b: [QuadraticElement?]) -> [QuadraticForm?] {
        let squares = (0..<3).map { productIfAny(a[$0], b[$0]) }
        func cross(_ i: Int, _ j: Int) -> QuadraticForm? {
            if isKaratsuba(a, b, i, j) {
                return product(a[i]! + a[j]!, b[i]! + b[j]!) - squares[i]! - squares[j]!
            }
            return sum(productIfAny(a[i], b[j]), productIfAny(a[j], b[i]))
        }
        return [
            sum(squares[0], cross(1, 2)?.timesNonResidue),
            sum(cross(0, 1), squares[2]?.timesNonResidue),
            sum(cross(0, 2), squares[1]),
        ]
    }

    /// The square in Fp6: six squares in Fp2.
    private func cubicSquare(_ a: [QuadraticElement?]) -> [QuadraticForm?] {
        let squares = a.map { $0.map { square($0) } }
        func cross(_ i: Int, _ j: Int) -> QuadraticForm? {
            guard let x = a[i], let y = a[j] else { return nil }
            return square(x + y) - squares[i]! - squares[j]!
        }
        return [
            sum(squares[0], cross(1, 2)?.timesNonResidue),
            sum(cross(0, 1), squares[2]?.timesNonResidue),
            sum(cross(0, 2), squares[1]),
        ]
    }

    /// a^p: ten new elements of Fp.
    package func frobenius(_ a: SexticElement) -> SexticElement {
        let gamma = BN254.Tower.frobenius
        let factors = [gamma.gamma1, gamma.gamma2, gamma.gamma3, gamma.gamma4, gamma.gamma5]
        return SexticElement(
            a.coefficients.enumerated().map { index, coefficient in
                guard let coefficient else { return nil }
                if index == 0 { return coefficient.conjugate }
                return multiply(coefficient.conjugate, QuadraticElement(factors[index - 1]))
            })
    }

    /// a^(p²): ten new elements of Fp.
    package func frobeniusSquared(_ a: SexticElement) -> SexticElement {
        let gamma = BN254.Tower.frobenius
        let factors = [gamma.gamma1, gamma.gamma2, gamma.gamma3, gamma.gamma4, gamma.gamma5]
        return SexticElement(
            a.coefficients.enumerated().map { index, coefficient in
                guard let coefficient else { return nil }
                if index == 0 { return coefficient }
                return reduced(product(coefficient, BaseElement(factors[index - 1].norm)))
            })
    }
}
