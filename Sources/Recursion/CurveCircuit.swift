// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EllipticCurves
package import EmulatedArithmetic
import FiniteFields

/// A point in a chain of additions: its y is no element, but a quadratic expression of elements that are
/// there already.
///
/// The next addition needs y in sums only, so the element and its chunks are saved. The expression has two
/// products at most, however long the chain.
package struct ChainPoint {
    let x: BaseElement
    let y: EmulatedQuadratic<BN254.Fp>

    init(x: BaseElement, y: EmulatedQuadratic<BN254.Fp>) { (self.x, self.y) = (x, y) }

    init(_ point: G1Element) { self.init(x: point.x, y: EmulatedQuadratic(point.y)) }
}

/// BN254's G1 in a circuit: sums of points of which none is the other one, its negative, or the identity.
///
/// Affine, by slopes that the prover gives: λ·(x₂ − x₁) = y₂ − y₁. Where x₁ = x₂ that says nothing of λ if
/// y₁ = y₂, and cannot be satisfied if not. So each caller says why that does not happen, or has the
/// denominators x₂ − x₁ checked (`Denominators`).
package struct CurveCircuit {
    /// The field of coordinates.
    package let field: EmulatedField<BN254.Fp>
    let tampering: CurveTampering?

    /// Points with coordinates in a field.
    ///
    /// - Parameter tampering: for tests only.
    package init(_ field: EmulatedField<BN254.Fp>, tampering: CurveTampering? = nil) {
        self.field = field
        self.tampering = tampering
    }

    /// Parts of one shape: on several threads, but one after another where something is left out.
    func parts<Result>(_ count: Int, _ part: (CurveCircuit, Int) -> Result) -> [Result] {
        tampering == nil
            ? field.inParallel(count) { part(CurveCircuit($0), $1) } : (0..<count).map { part(self, $0) }
    }

    func omits(_ omission: CurveTampering.Omission) -> Bool { tampering?.omitted.contains(omission) == true }

    /// New coordinates, of which nothing is said yet but their range.
    package func hinted(_ point: () -> Affine<BN254.G1>) -> G1Element {
        let point = field.hasValues ? point() : .identity
        return G1Element(x: field.hinted { point.x }, y: field.hinted { point.y })
    }

    /// Demands y² = x³ + 3: 22 constraints. (0, 0) fails; and as the curve has the prime order q, what is on
    /// it has order q.
    package func enforceOnCurve(_ point: G1Element) {
        if omits(.curveEquation) { return }
        let square = field.multiply(point.x, point.x)
        field.enforceZero(
            field.product(point.y, point.y) - field.product(square, point.x) - BaseElement(BN254.G1.b),
            operation: "enforceOnCurve")
    }

    /// P + S: 39 constraints.
    ///
    /// - Precondition: their x are different, by reasons elsewhere or by `denominators`.
    func add(_ p: ChainPoint, _ s: G1Element, _ denominators: Denominators? = nil) -> ChainPoint {
        let run = s.x - p.x
        denominators?.include(run)
        let slope = slope(EmulatedQuadratic(s.y) - p.y, run)
        let rise = field.product(slope, run, operation: "add")
        field.enforceZero(rise + p.y - s.y, operation: "add")
        let x = field.reduced(field.product(slope, slope) - p.x - s.x, operation: "add")
        return ChainPoint(x: x, y: field.product(slope, s.x - x, operation: "add") - s.y)
    }

    /// 2R + S as (R + S) + R, without the y of R + S: 77 constraints.
    ///
    /// No witness satisfies it where 2R = −S: then R + S and R have one x, and the second slope's equation
    /// demands that R has y = 0, which no point of an odd order has.
    ///
    /// - Precondition: the x of R and S are different, by reasons elsewhere or by `denominators`.
    /// - Reference: Eisenträger, Lauter and Montgomery 2003, "Fast elliptic curve arithmetic and improved
    ///   Weil pairing evaluation", section 2.
    func doubleAdd(_ r: ChainPoint, _ s: G1Element, _ denominators: Denominators? = nil) -> ChainPoint {
        let run = s.x - r.x
        denominators?.include(run)
        let first = slope(EmulatedQuadratic(s.y) - r.y, run)
        let rise = field.product(first, run, operation: "doubleAdd")
        field.enforceZero(rise + r.y - s.y, operation: "doubleAdd")
        let middle = field.reduced(field.product(first, first) - r.x - s.x, operation: "doubleAdd")
        // The second slope is −λ₁ − 2y/(x′ − x), where x′ is that of R + S.
        let back = middle - r.x
        let second = slope(r.y * -2, back, minus: first.value)
        field.enforceZero(
            field.product(first + second, back, operation: "doubleAdd") + r.y * 2, operation: "doubleAdd")
        let x = field.reduced(field.product(second, second) - r.x - middle, operation: "doubleAdd")
        // The y of R is that of S, less the rise.
        let turn = field.product(second, r.x - x, operation: "doubleAdd")
        return ChainPoint(x: x, y: turn + rise - s.y)
    }

    /// A chain's point with an element for y: 18 constraints.
    func element(_ point: ChainPoint) -> G1Element { G1Element(x: point.x, y: field.reduced(point.y)) }

    /// A new element for a slope less another one.
    func slope(
        _ rise: EmulatedQuadratic<BN254.Fp>, _ run: BaseElement, minus other: BN254.Fp = .zero
    ) -> BaseElement {
        field.hinted {
            let quotient = run.value.inverse().map { rise.value * $0 } ?? tampering?.freeSlope ?? .zero
            return tampering?.slope?(quotient - other) ?? quotient - other
        }
    }
}

/// The product of denominators, which must not be zero: 19 constraints for each.
///
/// A prover may choose points such that a sum meets the next summand, and then any slope will do.
final class Denominators {
    private let circuit: CurveCircuit
    private var product: BaseElement?

    init(_ circuit: CurveCircuit) { self.circuit = circuit }

    /// One more factor.
    func include(_ denominator: BaseElement) {
        if circuit.omits(.denominators) { return }
        product = product.map { circuit.field.multiply($0, denominator) } ?? denominator
    }

    /// Demands that no factor is zero.
    func enforceNonZero() {
        if let product { circuit.field.enforceNonZero(product) }
        product = nil
    }
}
