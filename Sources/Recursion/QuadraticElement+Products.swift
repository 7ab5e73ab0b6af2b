// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EmulatedArithmetic
import FiniteFields

/// Twice a check's polynomial: the coefficients of 1 and u of what is a sum of products in BN254's Fp2.
///
/// Products are of degree two in elements: a form is reduced to an element before it is a factor again.
package struct QuadraticForm: Sendable {
    package var c0: EmulatedQuadratic<BN254.Fp>
    package var c1: EmulatedQuadratic<BN254.Fp>

    package init(_ c0: EmulatedQuadratic<BN254.Fp>, _ c1: EmulatedQuadratic<BN254.Fp>) {
        (self.c0, self.c1) = (c0, c1)
    }

    /// An element.
    package init(_ element: QuadraticElement) {
        self.init(EmulatedQuadratic(element.c0), EmulatedQuadratic(element.c1))
    }

    /// What it is under the witness being made.
    package var value: BN254.Fp2 { BN254.Fp2(c0.value, c1.value) }

    /// ξ·self, ξ = 9 + u: no constraint; weights grow tenfold.
    package var timesNonResidue: QuadraticForm { QuadraticForm(c0 * 9 - c1, c0 + c1 * 9) }

    package static func + (a: QuadraticForm, b: QuadraticForm) -> QuadraticForm {
        QuadraticForm(a.c0 + b.c0, a.c1 + b.c1)
    }

    package static func - (a: QuadraticForm, b: QuadraticForm) -> QuadraticForm {
        QuadraticForm(a.c0 - b.c0, a.c1 - b.c1)
    }

    package static func + (a: QuadraticForm, b: QuadraticElement) -> QuadraticForm {
        QuadraticForm(a.c0 + b.c0, a.c1 + b.c1)
    }

    package static func - (a: QuadraticForm, b: QuadraticElement) -> QuadraticForm {
        QuadraticForm(a.c0 - b.c0, a.c1 - b.c1)
    }

    /// A small multiple.
    package static func * (a: QuadraticForm, factor: Int) -> QuadraticForm {
        QuadraticForm(a.c0 * factor, a.c1 * factor)
    }
}

extension QuadraticElement {
    /// c0 − c1·u, the p-power: no constraint.
    package var conjugate: QuadraticElement { QuadraticElement(c0, -c1) }

    /// ξ·self, ξ = 9 + u: no constraint; weights grow tenfold.
    package var timesNonResidue: QuadraticElement { QuadraticElement(c0 * 9 - c1, c0 + c1 * 9) }

    /// Whether it is a constant.
    package var isConstant: Bool { c0.isConstant && c1.isConstant }
}

extension EmulatedField<BN254.Fp> {
    /// A new element of Fp2 that nothing is said of: two of Fp.
    package func hinted(_ value: () -> BN254.Fp2) -> QuadraticElement {
        let value = hasValues ? value() : .zero
        return QuadraticElement(hinted { value.c0 }, hinted { value.c1 })
    }

    /// a·b, for checks: three constraints when a check uses it (Karatsuba's); none where a factor is a
    /// constant with small coefficients.
    package func product(_ a: QuadraticElement, _ b: QuadraticElement) -> QuadraticForm {
        let high = product(a.c1, b.c1)
        if a.isConstant || b.isConstant {
            return QuadraticForm(
                product(a.c0, b.c0) - high, product(a.c0, b.c1) + product(a.c1, b.c0))
        }
        let low = product(a.c0, b.c0)
        return QuadraticForm(low - high, product(a.c0 + a.c1, b.c0 + b.c1) - low - high)
    }

    /// a·b for b in Fp, for checks: two constraints when a check uses it.
    package func product(_ a: QuadraticElement, _ b: BaseElement) -> QuadraticForm {
        QuadraticForm(product(a.c0, b), product(a.c1, b))
    }

    /// a², for checks: two constraints when a check uses it.
    package func square(_ a: QuadraticElement) -> QuadraticForm {
        QuadraticForm(product(a.c0 + a.c1, a.c0 - a.c1), product(a.c0, a.c1) * 2)
    }

    /// A new element that equals a form: two elements of Fp and two checks.
    package func reduced(_ form: QuadraticForm) -> QuadraticElement {
        QuadraticElement(reduced(form.c0), reduced(form.c1))
    }

    /// a·b as a new element.
    package func multiply(_ a: QuadraticElement, _ b: QuadraticElement) -> QuadraticElement {
        reduced(product(a, b))
    }

    /// a/b: a hinted element, which is checked.
    ///
    /// - Precondition: b ≢ 0, by checks elsewhere: 0/0 is whatever the prover likes.
    package func quotient(_ a: QuadraticElement, by b: QuadraticElement) -> QuadraticElement {
        let result: QuadraticElement = hinted { a.value * (b.value.inverse() ?? .zero) }
        enforceZero(product(result, b) - a)
        return result
    }

    /// a/b for b in Fp.
    ///
    /// - Precondition: b ≢ 0, by checks elsewhere.
    package func quotient(_ a: QuadraticElement, by b: BaseElement) -> QuadraticElement {
        let result: QuadraticElement = hinted { a.value * (b.value.inverse() ?? .zero) }
        enforceZero(product(result, b) - a)
        return result
    }

    /// Demands that both coefficients are zero modulo p: two checks.
    package func enforceZero(_ form: QuadraticForm) {
        enforceZero(form.c0)
        enforceZero(form.c1)
    }

    /// Demands a ≡ b modulo p: two checks.
    package func enforceEqual(_ a: QuadraticElement, _ b: QuadraticElement) {
        enforceEqual(a.c0, b.c0)
        enforceEqual(a.c1, b.c1)
    }
}
