// SPDX-License-Identifier: Apache-2.0

public import CFieldKernels
public import EllipticCurves
public import FiniteFields

/// BLS12-381 (Barreto, Lynn and Scott 2002, with the seed of Bowe 2017), the curve of
/// draft-irtf-cfrg-pairing-friendly-curves and EIP-2537.
///
/// - seed: z = −0xd201000000010000, negative
/// - r: z⁴ − z² + 1, 255 bits; r − 1 is divisible by 2^32
/// - p: (z − 1)²·r/3 + z, 381 bits; p ≡ 3 mod 4, so −1 is no square
/// - G1: y² = x³ + 4 over Fp, cofactor (z − 1)²/3 of 126 bits, which 3, 11 and 10,177 divide
/// - tower: Fp2 = Fp[u]/(u² + 1), Fp6 = Fp2[v]/(v³ − ξ) with ξ = 1 + u, Fp12 = Fp6[w]/(w² − v)
/// - G2: y² = x³ + 4ξ over Fp2 (an M-twist), cofactor of 507 bits, which 13, 23, 2,713 and 11,953 divide
/// - pairing: optimal ate; the loop runs over |z|, six bits of which are set
/// - security: 128 bits were aimed at; the number field sieve in Fp12 leaves about 126 (Guillevic 2020, "A
///   short-list of pairing-friendly curves resistant to Special TNFS at the 128-bit security level"), generic
///   attacks on G1 and G2 leave 127
///
/// Warning: (0, ±2) are points of order three on G1's curve, and both cofactors have small factors: a point
/// is only trusted after `isInSubgroup`.
public enum BLS12381: Sendable {
    /// The constants of Fp: six limbs, p of 381 bits.
    public enum FpParameters: FieldParameters {
        public typealias Limbs = Limbs6
        @inlinable public static var constants: UnsafePointer<FieldConstants6> { martlet_bls12_381_fp() }
        public static var name: String { "BLS12-381 Fp" }
    }

    /// The constants of Fr: four limbs, r of 255 bits.
    public enum FrParameters: FieldParameters {
        public typealias Limbs = Limbs4
        @inlinable public static var constants: UnsafePointer<FieldConstants4> { martlet_bls12_381_fr() }
        public static var name: String { "BLS12-381 Fr" }
    }

    /// The field of p elements, over which the curve stands: six limbs in Montgomery form, R = 2^384.
    public typealias Fp = MontgomeryField<FpParameters>
    /// The field of r elements, the scalars: four limbs in Montgomery form, R = 2^256.
    public typealias Fr = MontgomeryField<FrParameters>

    /// Fp2, Fp6 and Fp12 over Fp, with q = 1 and ξ = 1 + u.
    public enum Tower: KernelTower {
        public typealias Fp = BLS12381.Fp

        @inlinable
        public static func timesNonResidue(_ a: FiniteFields.Fp2<Self>) -> FiniteFields.Fp2<Self> {
            FiniteFields.Fp2(a.c0 - a.c1, a.c0 + a.c1)
        }

        public static let frobenius = FrobeniusCoefficients<Self>()

        @inlinable
        public static func kernels(path: Int32) -> UnsafePointer<martlet_tower> {
            martlet_bls12_381_tower(path)
        }
    }

    /// Fp[u]/(u² + 1), the field of G2's coordinates.
    public typealias Fp2 = FiniteFields.Fp2<Tower>

    /// |z|, the absolute value of the curve's parameter z = −0xd201000000010000.
    static let parameter: UInt64 = 0xd201_0000_0001_0000
    /// Plain bits: only six are set, and the non-adjacent form would be one digit longer.
    static let parameterBits = SignedDigits([parameter], width: 1)

    /// y² = x³ + 4 over Fp.
    public enum G1: CurveGroup {
        public typealias BaseField = Fp
        public typealias Scalar = Fr
        @inlinable public static var b: Fp { 4 }
        public static let generator = Affine<G1>(
            x: Fp(
                trustedDecimal: """
                    3685416753713387016781088315183077757961620795782546409894578378688607592378376318836054947676345821548104185464507
                    """),
            y: Fp(
                trustedDecimal: """
                    1339506544944476473020471379941921221584933875938349620426543736416511423956333506472724655353366534992391756441569
                    """))
        public static var name: String { "BLS12-381 G1" }
        public static var cofactor: [UInt64] { [0x8c00_aaab_0000_aaab, 0x396c_8c00_5555_e156] }

        /// True when `point`, which must be on the curve, lies in the subgroup of order r.
        ///
        /// φ(P) = [−z²]P for the endomorphism φ(x, y) = (βx, y); then [z⁴ − z² + 1]P = [r]P = O, since φ² + φ
        /// + 1 = 0.
        ///
        /// - Reference: Scott 2021, "A note on group membership tests for G1, G2 and GT on BLS
        ///   pairing-friendly curves".
        public static func isInSubgroup(_ point: Affine<G1>) -> Bool {
            let twice = point.multiplied(by: parameterBits).multiplied(by: parameterBits)
            return -twice == Jacobian(Affine<G1>(x: point.x * beta, y: point.y))
        }

        /// The cube root of unity in Fp whose endomorphism is multiplication by −z² on the subgroup.
        static let beta = Fp(
            trustedDecimal: """
                793479390729215512621379701633421447060886740281060493010456487427281649075476305620758731620350
                """)
    }

    /// The sextic twist y² = x³ + 4ξ over Fp2 (an M-twist).
    public enum G2: CurveGroup {
        public typealias BaseField = Fp2
        public typealias Scalar = Fr
        @inlinable public static var b: Fp2 { Fp2(4, 4) }
        public static let generator = Affine<G2>(
            x: Fp2(
                """
                352701069587466618187139116011060144890029952792775240219908644239793785735715026873347600343865175952761926303160
                """,
                """
                3059144344244213709971259814753781636986470325476647558659373206291635324768958432433509563104347017837885763365758
                """),
            y: Fp2(
                """
                1985150602287291935568054521177171638300868978215655730859378665066344726373823718423869104263333984641494340347905
                """,
                """
                927553665492332455747201965776037880757740193453592970025027978793976877002675564980949289727957565575433344219582
                """))
        public static var name: String { "BLS12-381 G2" }
        public static var cofactor: [UInt64] {
            [
                0xcf1c_38e3_1c72_38e5, 0x1616_ec6e_786f_0c70, 0x2153_7e29_3a66_91ae, 0xa628_f1cb_4d9e_82ef,
                0xa68a_205b_2e5a_7ddf, 0xcd91_de45_4708_5aba, 0x091d_5079_2876_a202, 0x05d5_43a9_5414_e7f1,
            ]
        }

        /// True when `point`, which must be on the curve, lies in the subgroup of order r.
        ///
        /// ψ(Q) = [z]Q; then [z² − tz + p]Q = [h₁r]Q = O, and h₁ is coprime to the twist's cofactor.
        ///
        /// - Reference: Scott 2021, "A note on group membership tests for G1, G2 and GT on BLS
        ///   pairing-friendly curves".
        public static func isInSubgroup(_ point: Affine<G2>) -> Bool {
            -point.multiplied(by: parameterBits) == Jacobian(BLS12381.untwistFrobeniusTwist(point))
        }
    }

    /// ψ: untwist, p-power, twist; on the subgroup of order r the multiplication by p.
    static func untwistFrobeniusTwist(_ point: Affine<G2>) -> Affine<G2> {
        Affine(x: point.x.conjugate * twistFactorX, y: point.y.conjugate * twistFactorY)
    }

    // An M-twist takes the inverses of ξ^((p−1)/3) and ξ^((p−1)/2).
    private static let twistFactorX = Tower.frobenius.gamma2.inverse()!
    private static let twistFactorY = Tower.frobenius.gamma3.inverse()!
}
