// SPDX-License-Identifier: Apache-2.0

import Curves
import EmulatedArithmetic
import FiniteFields

/// The functions of a pair of points of which neither is a constant, step by step, as factors of the Miller
/// loop's value; what makes them right is enforced on the way, and that Q is in G2.
///
/// Coordinates are scaled by P's: X = x/x_P and V = y/y_P, so that P becomes (1, 1). With D = y_P²/x_P³ and
/// A² = D for an A in Fp2, Y = A·V makes the curve Y² = X³ + b′/x_P³. A tangent is Y = L·X − M; at P it is,
/// times w³, A − L·w + M·w³. A parabola X² + α·X + (β/A)·Y + γ with β = A·(its coefficient of Y) is at P,
/// times w⁴, 1 + β·w + α·w² + γ·w⁴. Nothing but L, M and the next X is new in a tangent's step: Y needs no
/// wires.
///
/// Why each step has one solution is written in docs/recursion.md.
struct VariablePair {
    /// What is known of Y, where A is the pair's.
    private enum Ordinate {
        /// A·V.
        case scaled(QuadraticElement)
        /// M − L·X.
        case onTangent(slope: QuadraticElement, offset: QuadraticElement)
    }

    private let field: EmulatedField<BN254.Fp>
    private let tampering: PairingTampering?
    /// D.
    private let ratio: BaseElement
    /// A.
    private let root: QuadraticElement
    /// X and V of Q.
    private let point: (x: QuadraticElement, v: QuadraticElement)

    private var x: QuadraticElement
    private var ordinate: Ordinate

    /// The factors, one for each step.
    private(set) var factors: [SexticElement] = []

    /// - Precondition: x_P ≢ 0 and y_P ≢ 0, by checks elsewhere, and Q is on the twist.
    init(_ field: EmulatedField<BN254.Fp>, _ g1: G1Element, _ g2: G2Element, _ tampering: PairingTampering?) {
        (self.field, self.tampering) = (field, tampering)
        let square = field.multiply(g1.x, g1.x)
        let cube = field.multiply(square, g1.x)
        let ratio: BaseElement = field.hinted { g1.y.value.squared() * (cube.value.inverse() ?? .zero) }
        field.enforceZero(field.product(ratio, cube) - field.product(g1.y, g1.y))
        let root: QuadraticElement = field.hinted {
            BN254.Fp2(ratio.value, .zero).squareRoot() ?? .zero
        }
        field.enforceZero(field.square(root) - QuadraticElement(ratio, .zero))
        (self.ratio, self.root) = (ratio, root)
        point = (field.quotient(g2.x, by: g1.x), field.quotient(g2.y, by: g1.y))
        x = point.x
        ordinate = .scaled(point.v)
        for (step, digit) in MillerSteps.digits.enumerated() {
            if digit == 0 { double(step) } else { doubleAndAdd(negated: digit < 0, step) }
        }
        finish()
    }

    /// Y as a form.
    private var y: QuadraticForm {
        switch ordinate {
        case .scaled(let v): return field.product(root, v)
        case .onTangent(let slope, let offset): return QuadraticForm(offset) - field.product(slope, x)
        }
    }

    /// T ← 2T.
    private mutating func double(_ step: Int) {
        let running = TwistPoint(x: x.value, y: y.value)
        let slope: QuadraticElement = field.hinted {
            let value = TwistLine(tangentAt: running).slope
            return tampering?.slope?(step, value) ?? value
        }
        let offset: QuadraticElement = field.hinted { slope.value * running.x - running.y }
        let next: QuadraticElement = field.hinted { slope.value.squared() - running.x.doubled() }
        // T is on the line: L·X − M = Y.
        switch ordinate {
        case .scaled:
            field.enforceZero(field.product(slope, x) - offset - y)
        case .onTangent(let last, let lastOffset):
            field.enforceZero(field.product(slope + last, x) - offset - lastOffset)
        }
        // (L·X − M)² = X³ + … has the roots T, T and the next X: the coefficients of X² and X.
        field.enforceZero(field.square(slope) - x * 2 - next)
        if tampering?.omitted.contains(.tangent) != true {
            field.enforceZero(field.product(slope, offset) * 2 - field.product(x, x + next * 2))
        }
        factors.append(SexticElement([root, -slope, nil, offset, nil, nil]))
        (x, ordinate) = (next, .onTangent(slope: slope, offset: offset))
    }

    /// T ← 2T ± Q.
    private mutating func doubleAndAdd(negated: Bool, _ step: Int) {
        let other = (x: point.x, v: negated ? -point.v : point.v)
        let v = scaledOrdinate()
        // As hints, in the coordinates X and V; (β/A)² = D⁻¹·β² makes up for it.
        let running = TwistPoint(x: x.value, y: v.value)
        let added = TwistPoint(x: other.x.value, y: other.v.value)
        let hints = field.hasValues ? hints(running, added, step) : nil
        let alpha: QuadraticElement = field.hinted { hints!.parabola.alpha }
        let beta: QuadraticElement = field.hinted { hints!.parabola.beta }
        let gamma: QuadraticElement = field.hinted { hints!.parabola.gamma }
        let next: QuadraticElement = field.hinted { hints!.sum.x }
        let nextV: QuadraticElement = field.hinted { hints!.sum.y }
        // T and ±Q are on it.
        enforceThrough((x, v), alpha, beta, gamma)
        enforceThrough(other, alpha, beta, gamma)
        // (X² + α·X + γ)² − (β/A)²·(X³ + …) has the roots T, T, ±Q and the next X: the coefficients of X³ and
        // X².
        let roots = x * 2 + other.x + next
        field.enforceZero(field.square(beta) - field.product(alpha * 2 + roots, ratio))
        if tampering?.omitted.contains(.touching) != true {
            field.enforceZero(
                field.square(alpha) + gamma * 2 - field.product(x, x + (other.x + next) * 2)
                    - field.product(other.x, next))
        }
        // It is no two vertical lines.
        if tampering?.omitted.contains(.parabolaIsNoVerticals) != true { field.enforceNonZero(beta.c0) }
        // The fourth zero is the negative of the sum.
        field.enforceZero(field.product(beta, nextV) - field.product(next, next + alpha) - gamma)
        append(alpha, beta, gamma)
        (x, ordinate) = (next, .scaled(nextV))
    }

    /// The prover's parabola that touches at T and meets Q, and 2T + Q, in X and V.
    private func hints(
        _ t: TwistPoint, _ q: TwistPoint, _ step: Int
    ) -> (parabola: TwistParabola, sum: TwistPoint) {
        let (scale, inverse) = (root.value, root.value.inverse() ?? .zero)
        var (parabola, sum) = TwistParabola.touching(
            TwistPoint(x: t.x, y: t.y * scale), TwistPoint(x: q.x, y: q.y * scale))
        parabola.beta *= scale
        sum.y *= inverse
        if let tampered = tampering?.alpha?(step, parabola.alpha, t.x, q.x), tampered != parabola.alpha {
            parabola = TwistParabola(through: t, q, alpha: tampered)
            let square = parabola.beta.squared() * (ratio.value.inverse() ?? .zero)
            sum.x = square - (tampered + t.x).doubled() - q.x
            // Where β is zero anything will do.
            sum.y =
                parabola.beta.inverse().map { (sum.x * (sum.x + tampered) + parabola.gamma) * $0 } ?? .one
        }
        return (parabola, sum)
    }

    /// The parabola through T = [6z + 2]Q, ψ(Q), −ψ²(Q) and ψ³(Q): that there is one shows that Q is in G2.
    private mutating func finish() {
        let gamma2 = QuadraticElement(BN254.Tower.frobenius.gamma2)
        let gamma3 = QuadraticElement(BN254.Tower.frobenius.gamma3)
        // ψ² is (x·γ₂^(p+1), −y).
        let squared = BaseElement(BN254.Tower.frobenius.gamma2.norm)
        let once = (
            x: field.multiply(point.x.conjugate, gamma2), v: field.multiply(point.v.conjugate, gamma3)
        )
        let minusTwice = (x: field.reduced(field.product(point.x, squared)), v: point.v)
        let thrice = (x: field.reduced(field.product(once.x, squared)), v: -once.v)
        let v = scaledOrdinate()
        func value(_ a: (x: QuadraticElement, v: QuadraticElement)) -> TwistPoint {
            TwistPoint(x: a.x.value, y: a.v.value)
        }
        let parabola =
            field.hasValues
            ? TwistParabola(through: value((x, v)), value(once), value(minusTwice)) : nil
        let alpha: QuadraticElement = field.hinted { parabola!.alpha }
        let beta: QuadraticElement = field.hinted { parabola!.beta }
        let gamma: QuadraticElement = field.hinted { parabola!.gamma }
        enforceThrough((x, v), alpha, beta, gamma)
        enforceThrough(once, alpha, beta, gamma)
        enforceThrough(minusTwice, alpha, beta, gamma)
        if tampering?.omitted.contains(.subgroup) != true { enforceThrough(thrice, alpha, beta, gamma) }
        append(alpha, beta, gamma)
    }

    /// V of T, which is a new element where Y is known by a tangent.
    private func scaledOrdinate() -> QuadraticElement {
        if case .scaled(let v) = ordinate { return v }
        let y = y
        let v: QuadraticElement = field.hinted { y.value * (root.value.inverse() ?? .zero) }
        field.enforceZero(field.product(root, v) - y)
        return v
    }

    /// X² + α·X + γ + β·V = 0.
    private func enforceThrough(
        _ point: (x: QuadraticElement, v: QuadraticElement), _ alpha: QuadraticElement,
        _ beta: QuadraticElement, _ gamma: QuadraticElement
    ) {
        field.enforceZero(
            field.product(point.x, point.x + alpha) + gamma + field.product(beta, point.v))
    }

    private mutating func append(
        _ alpha: QuadraticElement, _ beta: QuadraticElement, _ gamma: QuadraticElement
    ) {
        factors.append(
            SexticElement([QuadraticElement(.one, .zero), beta, alpha, nil, gamma, nil]))
    }
}
