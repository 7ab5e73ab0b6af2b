// SPDX-License-Identifier: Apache-2.0

import Curves
import EmulatedArithmetic
import FiniteFields

/// The lines of a pair of points of which neither is a constant, as factors of the Miller loop's value; what
/// makes them right is enforced on the way, and that Q is in G2.
///
/// Coordinates are scaled by P's: X = x/x_P and V = y/y_P, so that P becomes (1, 1), and κ = x_P³/y_P² makes
/// the curve V² = κ·X³ + …. A line is V = L·X − M; at P it is, times w⁴, w − L·w² + M·w⁴. Nothing but L, M
/// and the next X is new in a step, and Z = κ·X of a point that is doubled next: V needs no wires.
///
/// Why each step has one solution is written in docs/recursion.md.
struct VariablePair {
    /// A point of the scaled twist.
    private struct Point {
        var x: QuadraticElement
        var v: QuadraticElement
        var value: TwistPoint { TwistPoint(x: x.value, y: v.value) }
    }

    private struct Line {
        var slope: QuadraticElement
        var offset: QuadraticElement
    }

    private let field: EmulatedField<BN254.Fp>
    private let tampering: PairingTampering?
    /// κ.
    private let ratio: BaseElement
    /// Q.
    private let point: Point
    /// κ·X of Q.
    private let pointZ: QuadraticElement

    /// X of T.
    private var x: QuadraticElement
    /// The line that has T's negative on it; `nil` where T is Q.
    private var last: Line?

    /// The factors, step by step.
    private(set) var factors: [[TorusElement]] = []

    /// - Precondition: x_P ≢ 0 and y_P ≢ 0, by checks elsewhere, and Q is on the twist.
    init(
        _ field: EmulatedField<BN254.Fp>, _ g1: G1Element, _ g2: G2Element, _ tampering: PairingTampering?
    ) {
        (self.field, self.tampering) = (field, tampering)
        let cube = field.multiply(field.multiply(g1.x, g1.x), g1.x)
        ratio = field.quotient(cube, by: field.multiply(g1.y, g1.y))
        point = Point(x: field.quotient(g2.x, by: g1.x), v: field.quotient(g2.y, by: g1.y))
        x = point.x
        pointZ = field.reduced(field.product(x, ratio))
        var z = pointZ
        for (step, digit) in MillerSteps.digits.enumerated() {
            factors.append([])
            if digit == 0 {
                double(&z, step)
            } else {
                let doubled = double(z, step)
                add(digit > 0 ? point : Point(x: point.x, v: -point.v), doubled, &z)
            }
        }
        finish()
    }

    /// V of T, under the witness being made.
    private var v: BN254.Fp2 {
        last.map { $0.offset.value - $0.slope.value * x.value } ?? point.v.value
    }

    /// T ← 2T, with Z before and afterwards.
    private mutating func double(_ z: inout QuadraticElement, _ step: Int) {
        let line = tangent(step)
        let next: QuadraticElement = field.hinted { nextX(line, x) }
        let nextZ = field.reduced(field.product(next, ratio))
        // L² = κ·(sum of the roots).
        field.enforceZero(field.square(line.slope) - z * 2 - nextZ)
        enforceTouching(line, z, next)
        (x, z, last) = (next, nextZ, line)
        factors[step].append(factor(line))
    }

    /// T ← 2T, with Z before.
    ///
    /// - Returns: κ·X of 2T, as a form.
    private mutating func double(_ z: QuadraticElement, _ step: Int) -> QuadraticForm {
        let line = tangent(step)
        let next: QuadraticElement = field.hinted { nextX(line, x) }
        let nextZ = field.product(next, ratio)
        field.enforceZero(field.square(line.slope) - z * 2 - nextZ)
        enforceTouching(line, z, next)
        (x, last) = (next, line)
        factors[step].append(factor(line))
        return nextZ
    }

    /// T ← T + U for the pair's Q or its negative, with κ·X of T before, and Z afterwards.
    private mutating func add(_ other: Point, _ before: QuadraticForm, _ z: inout QuadraticElement) {
        let line = chord(other)
        let next: QuadraticElement = field.hinted { nextX(line, other.x) }
        z = field.reduced(field.product(next, ratio))
        field.enforceZero(field.square(line.slope) - before - pointZ - z)
        (x, last) = (next, line)
        factors[factors.count - 1].append(factor(line))
    }

    /// The line through T with the tangent's slope, of which only is enforced that it meets T.
    private func tangent(_ step: Int) -> Line {
        let running = TwistPoint(x: x.value, y: v)
        let slope: QuadraticElement = field.hinted {
            // 3·κ·X²/(2·V).
            let value = TwistLine(tangentAt: running).slope * ratio.value
            return tampering?.slope?(step, value) ?? value
        }
        return throughT(slope)
    }

    /// The line through T and another point.
    private func chord(_ other: Point) -> Line {
        let running = TwistPoint(x: x.value, y: v)
        let slope: QuadraticElement = field.hinted {
            let value = TwistLine(running, other.value).slope
            return tampering?.slope?(factors.count - 1, value) ?? value
        }
        let line = throughT(slope)
        if tampering?.omitted.contains(.chord) != true { enforce(line, through: other) }
        return line
    }

    /// A line with a slope, and that T is on it: L·X − M = V, where V is known by the last line.
    private func throughT(_ slope: QuadraticElement) -> Line {
        let v = v
        let offset: QuadraticElement = field.hinted { slope.value * x.value - v }
        if let last {
            field.enforceZero(field.product(slope + last.slope, x) - offset - last.offset)
        } else {
            field.enforceZero(field.product(slope, x) - offset - point.v)
        }
        return Line(slope: slope, offset: offset)
    }

    /// Demands that a point is on a line.
    private func enforce(_ line: Line, through point: Point) {
        field.enforceZero(field.product(line.slope, point.x) - line.offset - point.v)
    }

    /// 2·L·M = κ·X·(X + 2X′): with L² = κ·(2X + X′), X is a double root of (L·X − M)² = κ·X³ + ….
    private func enforceTouching(_ line: Line, _ z: QuadraticElement, _ next: QuadraticElement) {
        if tampering?.omitted.contains(.tangent) == true { return }
        field.enforceZero(field.product(line.slope, line.offset) * 2 - field.product(z, x + next * 2))
    }

    /// X of the third point of a line through T and another point.
    private func nextX(_ line: Line, _ other: QuadraticElement) -> BN254.Fp2 {
        line.slope.value.squared() * (ratio.value.inverse() ?? .zero) - x.value - other.value
    }

    /// The lines through T = [6z + 2]Q and ψ(Q), and through their sum, −ψ²(Q) and, which shows that Q is in
    /// G2, ψ³(Q).
    private mutating func finish() {
        let gamma2 = QuadraticElement(BN254.Tower.frobenius.gamma2)
        let gamma3 = QuadraticElement(BN254.Tower.frobenius.gamma3)
        // ψ² is (x·γ₂^(p+1), −y).
        let squared = BaseElement(BN254.Tower.frobenius.gamma2.norm)
        let once = Point(
            x: field.multiply(point.x.conjugate, gamma2), v: field.multiply(point.v.conjugate, gamma3))
        let minusTwice = Point(x: field.reduced(field.product(point.x, squared)), v: point.v)
        let thrice = Point(x: field.reduced(field.product(once.x, squared)), v: -once.v)
        factors.append([])
        let first = chord(once)
        let next: QuadraticElement = field.hinted { nextX(first, once.x) }
        field.enforceZero(field.square(first.slope) - field.product(x + once.x + next, ratio))
        (x, last) = (next, first)
        let second = chord(minusTwice)
        if tampering?.omitted.contains(.subgroup) != true { enforce(second, through: thrice) }
        factors[factors.count - 1] = [factor(first), factor(second)]
    }

    /// w − L·w² + M·w⁴.
    private func factor(_ line: Line) -> TorusElement { TorusElement([nil, -line.slope, line.offset]) }
}
