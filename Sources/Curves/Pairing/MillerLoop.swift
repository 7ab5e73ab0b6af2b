// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// The Miller loop of the optimal ate pairing.
///
/// - Reference: Vercauteren 2010, "Optimal pairings"; Naehrig, Niederhagen and Schwabe 2010 for BN curves.
enum MillerLoop<P: PairingParameters> {
    typealias Value = Fp12<P.Tower>

    /// The product of the loops of all pairs, which share the squarings; pairs with an identity count as one.
    static func product(_ pairs: [(Affine<P.G1>, PreparedLines<P.Tower>)]) -> Value {
        let active = pairs.filter { !$0.0.isIdentity && !$0.1.lines.isEmpty }
        if active.isEmpty { return .one }
        var f = Value.one
        var next = 0
        var started = false
        for digit in P.loopCount.digits.dropFirst() {
            if started { P.Tower.square(&f) }
            started = true
            multiply(&f, byLine: &next, of: active)
            if digit != 0 { multiply(&f, byLine: &next, of: active) }
        }
        // f_{−n} = 1/f_n up to factors that vanish, and after the final exponentiation 1/f is the conjugate.
        if P.loopCountIsNegative { f = f.conjugate }
        if P.hasFrobeniusLines {
            multiply(&f, byLine: &next, of: active)
            multiply(&f, byLine: &next, of: active)
        }
        return f
    }

    /// Multiplies f by line number `index` of every pair, evaluated at the pair's G1 point.
    private static func multiply(
        _ f: inout Value, byLine index: inout Int, of pairs: [(Affine<P.G1>, PreparedLines<P.Tower>)]
    ) {
        for (point, prepared) in pairs {
            let line = prepared.lines[index]
            let y = line.y * point.y
            let x = line.x * point.x
            switch P.twist {
            case .divided: f.multiplyBySparse034(y, x, line.constant)
            case .multiplied: f.multiplyBySparse014(line.constant, x, y)
            }
        }
        index += 1
    }
}

extension Fp12 {
    /// The easy part of the final exponentiation, f^((p⁶ − 1)(p² + 1)), which lies in the cyclotomic
    /// subgroup; zero for zero.
    func raisedToEasyPart() -> Self {
        guard let inverse = inverse() else { return .zero }
        let t = conjugate * inverse
        return t.frobeniusSquared() * t
    }
}
