// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EllipticCurves
package import EmulatedArithmetic
import FiniteFields

/// An element of BN254's base field in a circuit.
package typealias BaseElement = EmulatedElement<BN254.Fp>

/// An element c0 + c1·u of BN254's Fp2 = Fp[u]/(u² + 1) in a circuit.
package struct QuadraticElement: Sendable {
    package var c0: BaseElement
    package var c1: BaseElement

    package init(_ c0: BaseElement, _ c1: BaseElement) { (self.c0, self.c1) = (c0, c1) }

    /// A constant.
    package init(_ constant: BN254.Fp2) { self.init(BaseElement(constant.c0), BaseElement(constant.c1)) }

    /// What it is under the witness being made.
    package var value: BN254.Fp2 { BN254.Fp2(c0.value, c1.value) }

    package static func + (a: QuadraticElement, b: QuadraticElement) -> QuadraticElement {
        QuadraticElement(a.c0 + b.c0, a.c1 + b.c1)
    }

    package static func - (a: QuadraticElement, b: QuadraticElement) -> QuadraticElement {
        QuadraticElement(a.c0 - b.c0, a.c1 - b.c1)
    }

    package static prefix func - (a: QuadraticElement) -> QuadraticElement { QuadraticElement(-a.c0, -a.c1) }

    /// A small multiple.
    package static func * (a: QuadraticElement, factor: Int) -> QuadraticElement {
        QuadraticElement(a.c0 * factor, a.c1 * factor)
    }
}

/// Affine coordinates in a circuit, of a point of BN254's G1 where a check says so: y² = x³ + 3.
///
/// The identity has none: (0, 0) is on no curve.
package struct G1Element: Sendable {
    package var x: BaseElement
    package var y: BaseElement

    package init(x: BaseElement, y: BaseElement) { (self.x, self.y) = (x, y) }

    /// A constant.
    ///
    /// - Precondition: it is not the identity.
    package init(_ constant: Affine<BN254.G1>) {
        precondition(!constant.isIdentity)
        self.init(x: BaseElement(constant.x), y: BaseElement(constant.y))
    }
}

/// Affine coordinates in a circuit, of a point of BN254's twist where a check says so: y² = x³ + 3/(9 + u).
///
/// The identity has none: (0, 0) is on no curve. Whether a point is in G2 is a check of its own.
package struct G2Element: Sendable {
    package var x: QuadraticElement
    package var y: QuadraticElement

    package init(x: QuadraticElement, y: QuadraticElement) { (self.x, self.y) = (x, y) }

    /// A constant.
    ///
    /// - Precondition: it is not the identity.
    package init(_ constant: Affine<BN254.G2>) {
        precondition(!constant.isIdentity)
        self.init(x: QuadraticElement(constant.x), y: QuadraticElement(constant.y))
    }
}
