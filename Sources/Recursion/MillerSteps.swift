// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields

/// What the Miller loop of BN254's optimal ate pairing does, step by step.
///
/// The loop runs over the digits of 6z + 2, which are −1, 0 and 1, after the first one, which is 1. A step
/// squares the value, and multiplies it by a function of P for each pair: a **tangent** for the digit 0, and
/// for others a **parabola** y·β + x² + α·x + γ that touches the curve at T and meets it at ±Q: it stands for
/// the tangent at T and the line through 2T and ±Q, over a vertical line. One parabola follows, without a
/// square, through T = [6z + 2]Q, ψ(Q), −ψ²(Q) and, for Q in G2, ψ³(Q).
///
/// - Reference: Vercauteren 2010, "Optimal pairings"; Eisenträger, Lauter and Montgomery 2003, "Fast elliptic
///   curve arithmetic and improved Weil pairing evaluation", for parabolas.
package enum MillerSteps {
    /// The digits of 6z + 2 in non-adjacent form after the first one, the most significant first.
    package static let digits: [Int] =
        SignedDigits([0x9d79_7039_be76_3ba8, 1], width: 2).digits.dropFirst().map { Int($0) }

    /// The number of steps, the last parabola included.
    package static var count: Int { digits.count + 1 }
}

/// A point of the twist, or of an image of it under (x, y) → (a·x, b·y), with coordinates in Fp2.
struct TwistPoint {
    var x: BN254.Fp2
    var y: BN254.Fp2

    /// ψ: untwist, p-power, twist. It goes with images where a and b are in Fp.
    var frobenius: TwistPoint {
        TwistPoint(
            x: x.conjugate * BN254.Tower.frobenius.gamma2, y: y.conjugate * BN254.Tower.frobenius.gamma3)
    }

    static prefix func - (a: TwistPoint) -> TwistPoint { TwistPoint(x: a.x, y: -a.y) }
}

/// A line y = slope·x − offset; zero for what has no slope.
struct TwistLine {
    var slope: BN254.Fp2
    var offset: BN254.Fp2

    /// The tangent at a point.
    init(tangentAt a: TwistPoint) {
        let square = a.x.squared()
        self.init(slope: (square.doubled() + square) * (a.y.doubled().inverse() ?? .zero), through: a)
    }

    /// The line through two points with different x.
    init(_ a: TwistPoint, _ b: TwistPoint) {
        self.init(slope: (b.y - a.y) * ((b.x - a.x).inverse() ?? .zero), through: a)
    }

    init(slope: BN254.Fp2, through a: TwistPoint) {
        self.slope = slope
        offset = slope * a.x - a.y
    }

    /// The sum of two points of the line: the negative of the third one.
    func sum(_ x0: BN254.Fp2, _ x1: BN254.Fp2) -> TwistPoint {
        let x = slope.squared() - x0 - x1
        return TwistPoint(x: x, y: offset - slope * x)
    }
}

/// x² + alpha·x + beta·y + gamma.
struct TwistParabola {
    var alpha: BN254.Fp2
    var beta: BN254.Fp2
    var gamma: BN254.Fp2

    /// The parabola whose zeros are those of both lines, without R and −R.
    ///
    /// - Parameters:
    ///   - first: a line through −R.
    ///   - second: a line through R.
    ///   - x: that of R.
    init(_ first: TwistLine, _ second: TwistLine, without x: BN254.Fp2) {
        alpha = first.slope * second.slope + x
        beta = -(first.slope + second.slope)
        gamma = x * alpha - first.slope * second.offset - second.slope * first.offset
    }

    /// Through T twice, and Q; with 2T + Q.
    static func touching(_ t: TwistPoint, _ q: TwistPoint) -> (parabola: TwistParabola, sum: TwistPoint) {
        through(TwistLine(tangentAt: t), t.x, t.x, q)
    }

    /// Through T, U and V; with their sum.
    static func through(
        _ t: TwistPoint, _ u: TwistPoint, _ v: TwistPoint
    ) -> (parabola: TwistParabola, sum: TwistPoint) {
        through(TwistLine(t, u), t.x, u.x, v)
    }

    /// Through two points, wherever they are, with a given `alpha`.
    init(through t: TwistPoint, _ u: TwistPoint, alpha: BN254.Fp2) {
        self.alpha = alpha
        beta = -(t.x - u.x) * (t.x + u.x + alpha) * ((t.y - u.y).inverse() ?? .zero)
        gamma = -(t.x * (t.x + alpha)) - beta * t.y
    }

    /// Through three points, wherever they are.
    init(through t: TwistPoint, _ u: TwistPoint, _ v: TwistPoint) {
        // (t.x − u.x)·α + (t.y − u.y)·β = u.x² − t.x², and the same with v.
        let (a, b, c) = (t.x - u.x, t.y - u.y, u.x.squared() - t.x.squared())
        let (d, e, f) = (t.x - v.x, t.y - v.y, v.x.squared() - t.x.squared())
        let inverse = (a * e - b * d).inverse() ?? .zero
        alpha = (c * e - b * f) * inverse
        beta = (a * f - c * d) * inverse
        gamma = -(t.x * (t.x + alpha)) - beta * t.y
    }

    private static func through(
        _ first: TwistLine, _ x0: BN254.Fp2, _ x1: BN254.Fp2, _ v: TwistPoint
    ) -> (parabola: TwistParabola, sum: TwistPoint) {
        let sum = first.sum(x0, x1)
        let second = TwistLine(sum, v)
        return (TwistParabola(first, second, without: sum.x), second.sum(sum.x, v.x))
    }
}
