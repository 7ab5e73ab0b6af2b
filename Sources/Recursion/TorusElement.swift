// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EmulatedArithmetic
package import FiniteFields

/// An element of BN254's Fp12* up to factors in Fp6* in a circuit: g + w for g = Σ gᵢ·vⁱ in Fp6, where
/// Fp12 = Fp6[w]/(w² − v), Fp6 = Fp2[v]/(v³ − ξ) and ξ = 9 + u.
///
/// All of Fp12* is of this form, up to such factors, but for Fp6* itself. A coefficient that is `nil` is zero
/// whatever the witness is, as one of a line's is: it takes part in no product.
///
/// - Reference: Rubin and Silverberg 2003, "Torus-based cryptography", for T₂.
package struct TorusElement: Sendable {
    /// g₀, g₁ and g₂.
    package var coefficients: [QuadraticElement?]

    /// - Precondition: three coefficients.
    package init(_ coefficients: [QuadraticElement?]) {
        precondition(coefficients.count == 3)
        self.coefficients = coefficients
    }

    /// What g + w is under the witness being made.
    package var value: Fp12<BN254.Tower> {
        Fp12(Fp6(coefficients.map { $0?.value ?? .zero }), .one)
    }

    /// −g + w: the inverse, up to a factor in Fp6.
    package var inverse: TorusElement { TorusElement(coefficients.map { $0.map { -$0 } }) }
}

extension Fp6<BN254.Tower> {
    /// c₀ + c₁·v + c₂·v².
    package init(_ c: [BN254.Fp2]) { self.init(c[0], c[1], c[2]) }
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

/// Products in Fp6, and of elements of Fp12* up to factors in Fp6*. Sums are free, so that Karatsuba's way is
/// taken wherever it spares a product; what each takes is in docs/recursion.md.
extension EmulatedField<BN254.Fp> {
    /// A new element g + w that nothing is said of: six of Fp.
    package func hinted(_ value: () -> Fp6<BN254.Tower>) -> TorusElement {
        let value = hasValues ? value() : .zero
        return TorusElement(
            [value.c0, value.c1, value.c2].map { part in hinted { part } as QuadraticElement })
    }

    /// a·b, up to a factor in Fp6: six new elements of Fp and six checks.
    ///
    /// (a + w)(b + w) = ab + v + (a + b)·w, so that the product is g + w with g·(a + b) = ab + v. Where a + b
    /// is zero there is no g, for v is no square: no witness satisfies a product that is in Fp6.
    ///
    /// - Parameter known: g, where it is known.
    package func multiply(
        _ a: TorusElement, _ b: TorusElement, known: Fp6<BN254.Tower>? = nil
    ) -> TorusElement {
        let product: TorusElement = hinted {
            if let known { return known }
            let product = a.value * b.value
            return product.c0 * (product.c1.inverse() ?? .zero)
        }
        let sums = zip(a.coefficients, b.coefficients).map { sum($0, $1) }
        enforceEqual(
            cubicProduct(product.coefficients, sums),
            plusV(cubicProduct(a.coefficients, b.coefficients)))
        return product
    }

    /// a², up to a factor in Fp6: 2·g·a = a² + v.
    ///
    /// - Parameter known: g, where it is known.
    package func squared(_ a: TorusElement, known: Fp6<BN254.Tower>? = nil) -> TorusElement {
        let square: TorusElement = hinted {
            if let known { return known }
            let square = a.value.squared()
            return square.c0 * (square.c1.inverse() ?? .zero)
        }
        enforceEqual(
            cubicProduct(square.coefficients, a.coefficients).map { $0.map { $0 * 2 } },
            plusV(cubicSquare(a.coefficients)))
        return square
    }

    /// A new element g with g·b = a in Fp6.
    ///
    /// - Precondition: not both are zero.
    func quotient(_ a: [QuadraticForm?], by b: [QuadraticElement?]) -> TorusElement {
        let quotient: TorusElement = hinted {
            let inverse = Fp6(b.map { $0?.value ?? .zero }).inverse() ?? .zero
            return Fp6(a.map { $0?.value ?? .zero }) * inverse
        }
        enforceEqual(cubicProduct(quotient.coefficients, b), a)
        return quotient
    }

    /// Demands that two elements are the same, up to a factor in Fp6: six checks.
    package func enforceEqual(_ a: TorusElement, _ b: TorusElement) {
        enforceEqual(
            a.coefficients.map { $0.map { QuadraticForm($0) } },
            b.coefficients.map { $0.map { QuadraticForm($0) } })
    }

    private func enforceEqual(_ a: [QuadraticForm?], _ b: [QuadraticForm?]) {
        for (own, other) in zip(a, b) {
            if let own, let other {
                enforceZero(own - other)
            } else if let only = own ?? other {
                enforceZero(only)
            }
        }
    }

    /// a^p: six new elements of Fp. (g + w)^p is γ₁ times g^p/γ₁ + w.
    package func frobenius(_ a: TorusElement) -> TorusElement {
        let gamma = BN254.Tower.frobenius
        let factors = [.one, gamma.gamma2, gamma.gamma4]
        return TorusElement(
            zip(a.coefficients, factors).map { coefficient, factor in
                coefficient.map {
                    multiply($0.conjugate, QuadraticElement(factor * gamma.gamma1.inverse()!))
                }
            })
    }

    /// a^(p²): six new elements of Fp.
    package func frobeniusSquared(_ a: TorusElement) -> TorusElement {
        let gamma = BN254.Tower.frobenius
        let factors = [.one, gamma.gamma2.norm, gamma.gamma4.norm]
        return TorusElement(
            zip(a.coefficients, factors).map { coefficient, factor in
                coefficient.map {
                    reduced(product($0, BaseElement(factor * gamma.gamma1.norm.inverse()!)))
                }
            })
    }

    // MARK: Fp6

    /// The product in Fp6: six products in Fp2 for dense factors.
    private func cubicProduct(_ a: [QuadraticElement?], _ b: [QuadraticElement?]) -> [QuadraticForm?] {
        func product(_ i: Int, _ j: Int) -> QuadraticForm? {
            guard let x = a[i], let y = b[j] else { return nil }
            return self.product(x, y)
        }
        let squares = (0..<3).map { product($0, $0) }
        func cross(_ i: Int, _ j: Int) -> QuadraticForm? {
            guard let x = a[i], let y = a[j], let z = b[i], let t = b[j] else {
                return sum(product(i, j), product(j, i))
            }
            return self.product(x + y, z + t) - squares[i]! - squares[j]!
        }
        return joined(squares, cross)
    }

    /// The square in Fp6: six squares in Fp2.
    private func cubicSquare(_ a: [QuadraticElement?]) -> [QuadraticForm?] {
        let squares = a.map { $0.map { square($0) } }
        return joined(squares) { i, j in
            guard let x = a[i], let y = a[j] else { return nil }
            return square(x + y) - squares[i]! - squares[j]!
        }
    }

    private func joined(
        _ squares: [QuadraticForm?], _ cross: (Int, Int) -> QuadraticForm?
    ) -> [QuadraticForm?] {
        [
            sum(squares[0], cross(1, 2)?.timesNonResidue),
            sum(cross(0, 1), squares[2]?.timesNonResidue),
            sum(cross(0, 2), squares[1]),
        ]
    }

    private func plusV(_ form: [QuadraticForm?]) -> [QuadraticForm?] {
        [form[0], sum(form[1], QuadraticForm(QuadraticElement(.one, .zero))), form[2]]
    }
}
