// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
public import FiniteFields

/// A line through points of the twist as a function of the G1 point P: yP·`y` + xP·`x` + `constant`, each
/// coefficient on the power of w that the twist gives it. Known up to a factor in Fp2 (and w³), which the
/// final exponentiation removes.
struct Line<Tower: TowerParameters>: Sendable, BitwiseCopyable {
    var y, x, constant: Fp2<Tower>
}

/// The line functions of a fixed G2 point in the order in which the Miller loop takes them; empty for the
/// identity.
public struct PreparedLines<Tower: TowerParameters>: Sendable {
    var lines: [Line<Tower>]
}

/// The running point of the Miller loop, homogeneous coordinates on the twist.
struct MillerPoint<P: PairingParameters> {
    typealias Fp2 = FiniteFields.Fp2<P.Tower>

    var x, y, z: Fp2

    init(_ point: Affine<P.G2>) {
        x = point.x
        y = point.y
        z = .one
    }

    /// Doubles the point and returns the tangent at it, multiplied by 2YZ.
    ///
    /// The coordinates are four times those of the paper, which spares it the halvings.
    ///
    /// - Reference: Costello, Lange and Naehrig 2010, "Faster pairing computations on curves with high-degree
    ///   twists"; Aranha, Karabina, Longa, Gebotys and López 2011, "Faster explicit formulas for computing
    ///   pairings over ordinary curves".
    mutating func double() -> Line<P.Tower> {
        let b = y.squared()
        let c = z.squared()
        let e = P.timesThreeTwistB(c)
        let f = e.doubled() + e
        let h = (y + z).squared() - b - c
        let xx = x.squared()
        let line = Line(y: h, x: -(xx.doubled() + xx), constant: b - e)
        let ee2 = e.squared().doubled()
        x = (x * y * (b - f)).doubled()
        y = (b + f).squared() - (ee2.doubled() + ee2).doubled()
        z = (b * h).doubled().doubled()
        return line
    }

    /// Adds `point` and returns the line through both, multiplied by X − x·Z.
    ///
    /// - Reference: as for `double()`.
    mutating func add(_ point: Affine<P.G2>) -> Line<P.Tower> {
        let theta = y - point.y * z
        let lambda = x - point.x * z
        let line = Line(y: lambda, x: -theta, constant: theta * point.x - lambda * point.y)
        let d = lambda.squared()
        let e = lambda * d
        let g = x * d
        let h = e + z * theta.squared() - g.doubled()
        x = lambda * h
        y = theta * (g - h) - e * y
        z = z * e
        return line
    }
}

extension PreparedLines {
    /// The lines of `point`, which must be in the subgroup; another point on the curve gives a meaningless
    /// value.
    init<P: PairingParameters>(_ point: Affine<P.G2>, for _: P.Type) where P.Tower == Tower {
        lines = []
        if point.isIdentity { return }
        let negative = -point
        let digits = P.loopCount.digits
        lines.reserveCapacity(2 * digits.count)
        var running = MillerPoint<P>(point)
        for digit in digits.dropFirst() {
            lines.append(running.double())
            if digit != 0 { lines.append(running.add(digit > 0 ? point : negative)) }
        }
        if P.hasFrobeniusLines {
            let once = P.frobenius(point)
            lines.append(running.add(once))
            lines.append(running.add(-P.frobenius(once)))
        }
    }
}
