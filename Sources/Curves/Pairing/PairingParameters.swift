// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// How the curve over Fp12 is mapped to its sextic twist over Fp2.
enum TwistKind {
    /// b' = b/ξ; (x, y) on the twist is (x·w², y·w³) on the curve.
    case divided
    /// b' = b·ξ; (x, y) on the twist is (x·w⁻², y·w⁻³) on the curve.
    case multiplied
}

/// What makes one optimal ate pairing; the Miller loop is generic over it and specialised in this module.
protocol PairingParameters: Sendable {
    associatedtype Tower: TowerParameters
    associatedtype G1: CurveGroup where G1.BaseField == Tower.Fp
    associatedtype G2: CurveGroup where G2.BaseField == Fp2<Tower>

    static var twist: TwistKind { get }
    /// The absolute value of the Miller loop's count; digits −1, 0 and 1.
    static var loopCount: SignedDigits { get }
    static var loopCountIsNegative: Bool { get }
    /// True for BN curves, whose loop ends with the lines to π(Q) and −π²(Q).
    static var hasFrobeniusLines: Bool { get }

    /// 3b'·a for the twist's coefficient b'.
    static func timesThreeTwistB(_ a: Fp2<Tower>) -> Fp2<Tower>
    /// The p-power map carried to the twist.
    static func frobenius(_ point: Affine<G2>) -> Affine<G2>
}
