// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EllipticCurves
package import FiniteFields

/// A curve of prime order whose coordinates and scalars have one limb; Tests/Vectors/widths says where it
/// comes from.
///
/// - equation: y² = x³ + 23 over Fp
/// - p, r: 62 bits each; p ≡ 3 mod 4, and r − 1 is divisible by 2^16
/// - second group: the same over Fp2, behind an isomorphism
/// - security: none
package enum Narrow: CurveWithoutPairing {
    package static let names = CurveNames(
        own: "narrow", snarkjs: "narrow", title: "Narrow", others: [], number: 0)

    package enum FpParameters: FieldParameters {
        package typealias Limbs = Limbs1
        // Unchecked: written once, before anybody has it.
        package nonisolated(unsafe) static let constants = FieldConstants1.derived(
            Limbs1(l: 4_558_355_784_198_970_339))
        package static var name: String { "Narrow Fp" }
    }

    package enum FrParameters: FieldParameters {
        package typealias Limbs = Limbs1
        // Unchecked: written once, before anybody has it.
        package nonisolated(unsafe) static let constants = FieldConstants1.derived(
            Limbs1(l: 4_558_355_781_074_681_857))
        package static var name: String { "Narrow Fr" }
    }

    package typealias Fp = MontgomeryField<FpParameters>
    package typealias Fr = MontgomeryField<FrParameters>
    package typealias Fp2 = FiniteFields.Fp2<Tower>

    /// q = 1; ξ = 1 + u, which nothing uses.
    package enum Tower: TowerParameters {
        package typealias Fp = Narrow.Fp
        package static func timesNonResidue(_ a: FiniteFields.Fp2<Self>) -> FiniteFields.Fp2<Self> {
            FiniteFields.Fp2(a.c0 - a.c1, a.c0 + a.c1)
        }
        package static let frobenius = FrobeniusCoefficients<Self>()
    }

    package enum G1: CurveGroup {
        package typealias BaseField = Fp
        package typealias Scalar = Fr
        package static var b: Fp { 23 }
        package static var generator: Affine<G1> { Affine(x: 1, y: 316_694_407_446_793_456) }
        package static var name: String { "Narrow G1" }
        package static func isInSubgroup(_ point: Affine<G1>) -> Bool { true }
    }

    package enum G2: CurveGroup {
        package typealias BaseField = Fp2
        package typealias Scalar = Fr
        package static let b = Fp2(4_220_471_007_465_924_686, 208_950_134_365_285_433)
        package static let generator = Affine<G2>(
            x: Fp2(1_608_864_707_320_557_947, 1_191_908_137_802_446_950),
            y: Fp2(2_054_691_882_651_502_702, 2_386_156_208_486_688_276))
        package static var name: String { "Narrow G2" }
        package static var cofactor: [UInt64] { [0x3f42_886f_f73f_b7c7] }
        package static func isInSubgroup(_ point: Affine<G2>) -> Bool { hasOrderDividingR(point) }
    }
}
