// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields

/// What the Miller loop of BN254's optimal ate pairing does, step by step.
///
/// The loop runs over the digits of 6z + 2, which are −1, 0 and 1, after the first one, which is 1. A step
/// squares the value, and multiplies it by functions of P for each pair: the tangent at T, and for a digit
/// other than zero the line through 2T and ±Q. One step follows, without a square, with the lines through
/// T = [6z + 2]Q and ψ(Q), and through their sum, −ψ²(Q) and, for Q in G2, ψ³(Q). Two lines of a step, over
/// the vertical line between them, are a parabola.
///
/// - Reference: Vercauteren 2010, "Optimal pairings"; Eisenträger, Lauter and Montgomery 2003, "Fast elliptic
///   curve arithmetic and improved Weil pairing evaluation", for parabolas.
package enum MillerSteps {
    /// The digits of 6z + 2 in non-adjacent form after the first one, the most significant first.
    package static let digits: [Int] =
        SignedDigits([0x9d79_7039_be76_3ba8, 1], width: 2).digits.dropFirst().map { Int($0) }

    /// The number of steps, the last one included.
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

    private static func through(
        _ first: TwistLine, _ x0: BN254.Fp2, _ x1: BN254.Fp2, _ v: TwistPoint
    ) -> (parabola: TwistParabola, sum: TwistPoint) {
        let sum = first.sum(x0, x1)
        let second = TwistLine(sum, v)
        return (TwistParabola(first, second, without: sum.x), second.sum(sum.x, v.x))
    }
}
