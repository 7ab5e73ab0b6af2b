// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EllipticCurves
package import FiniteFields

/// A curve of prime order whose scalars have six limbs; Tests/Vectors/widths says where it comes from.
///
/// - equation: y² = x³ + 12 over Fp
/// - p, r: 380 bits each; p ≡ 3 mod 4, and r − 1 is divisible by 2^20
/// - second group: the same over Fp2, behind an isomorphism
/// - security: none is meant
package enum Wide: CurveWithoutPairing {
    package static let names = CurveNames(own: "wide", snarkjs: "wide", title: "Wide", others: [], number: 0)

    package enum FpParameters: FieldParameters {
        package typealias Limbs = Limbs6
        // Unchecked: written once, before anybody has it.
        package nonisolated(unsafe) static let constants = FieldConstants6.derived(
            Limbs6(
                known: """
                    1328810254369775158559062785584808731073850372018234199115037774403814835792672659374400667284398757245858995300591
                    """))
        package static var name: String { "Wide Fp" }
    }

    package enum FrParameters: FieldParameters {
        package typealias Limbs = Limbs6
        // Unchecked: written once, before anybody has it.
        package nonisolated(unsafe) static let constants = FieldConstants6.derived(
            Limbs6(
                known: """
                    1328810254369775158559062785584808731073850372018234199114511619105967853994400716971554962367930372733265866915841
                    """))
        package static var name: String { "Wide Fr" }
    }

    package typealias Fp = MontgomeryField<FpParameters>
    package typealias Fr = MontgomeryField<FrParameters>
    package typealias Fp2 = FiniteFields.Fp2<Tower>

    /// q = 1; ξ = 1 + u, which nothing uses.
    package enum Tower: TowerParameters {
        package typealias Fp = Wide.Fp
        package static func timesNonResidue(_ a: FiniteFields.Fp2<Self>) -> FiniteFields.Fp2<Self> {
            FiniteFields.Fp2(a.c0 - a.c1, a.c0 + a.c1)
        }
        package static let frobenius = FrobeniusCoefficients<Self>()
    }

    package enum G1: CurveGroup {
        package typealias BaseField = Fp
        package typealias Scalar = Fr
        package static var b: Fp { 12 }
        package static let generator = Affine<G1>(
            x: 2,
            y: Fp(
                known: """
                    149119105204242048438377113522623852810999982093661808728344540138532163867672553823352566233333025883030434495910
                    """))
        package static var name: String { "Wide G1" }
        package static func isInSubgroup(_ point: Affine<G1>) -> Bool { true }
    }

    package enum G2: CurveGroup {
        package typealias BaseField = Fp2
        package typealias Scalar = Fr
        package static let b = Fp2(
            Fp(
                known: """
                    261780568829033906166572858297998011950926044905065803363743170990720456487008003977456013847102559473818360252905
                    """),
            Fp(
                known: """
                    91785732041700414272403014851286360161910722796906863124875847430104290833682942339665152785325056660833576554066
                    """))
        package static let generator = Affine<G2>(
            x: Fp2(
                Fp(
                    known: """
                        1045611584139603000448672086847131924760323858443309801407775493250927441753814836163213538965220162466770004607381
                        """),
                Fp(
                    known: """
                        689405811130527328915724979127228154621559039371472063694619665064345243374003756847534636066106171792684395016122
                        """)),
            y: Fp2(
                Fp(
                    known: """
                        605283121623858873227971976886247910233197086664421428819916906486142536209964672269781295089094197888248624983045
                        """),
                Fp(
                    known: """
                        30792758792643776417380642220682339497790716278910176913108788446307582119339220772847570448654030646716057022771
                        """)))
        package static var name: String { "Wide G2" }
        package static var cofactor: [UInt64] {
            [
                0x0b18_a9e0_9f69_d1df, 0x570c_ff76_6f64_2161, 0xb6fb_cdd0_6ba6_3111, 0xd923_b61b_d014_890a,
                0xbb01_24dc_8c70_4cd4, 0x08a2_2a11_df0d_48e0,
            ]
        }
        package static func isInSubgroup(_ point: Affine<G2>) -> Bool { hasOrderDividingR(point) }
    }
}
