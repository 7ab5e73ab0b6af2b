// SPDX-License-Identifier: Apache-2.0

public import CFieldKernels
public import EllipticCurves
public import FiniteFields

/// BLS12-377 (Bowe, Chiesa, Green, Miers, Mishra and Wu 2018, "Zexe"; EIP-2539), the inner curve of
/// two-chains with BW6-761.
///
/// - seed: x = 0x8508c00000000001, positive
/// - r: x⁴ − x² + 1, 253 bits; r − 1 is divisible by 2^47, so domains are large
/// - p: (x − 1)²·r/3 + x, 377 bits; p − 1 is divisible by 2^46, so p ≡ 1 mod 4 and −1 is a square
/// - G1: y² = x³ + 1 over Fp, cofactor (x − 1)²/3, which 2, 3, 7, 13 and 499 divide
/// - tower: Fp2 = Fp[u]/(u² + 5), Fp6 = Fp2[v]/(v³ − u), Fp12 = Fp6[w]/(w² − v)
/// - G2: y² = x³ + 1/u over Fp2 (a D-twist), cofactor of 502 bits
/// - pairing: optimal ate; the loop runs over x, seven bits of which are set
/// - security: 128 bits were aimed at; r leaves 126 to generic attacks on G1 and G2
///
/// Warning: (−1, 0) is on G1's curve and doubles to the identity, and (0, ±1) are points of order three:
/// nothing may take x = 0 or y = 0 for the identity, and a point is only trusted after `isInSubgroup`.
public enum BLS12377: Sendable {
    /// The constants of Fp: six limbs, p of 377 bits.
    public enum FpParameters: FieldParameters {
        public typealias Limbs = Limbs6
        @inlinable public static var constants: UnsafePointer<FieldConstants6> { martlet_bls12_377_fp() }
        public static var name: String { "BLS12-377 Fp" }
    }

    /// The constants of Fr: four limbs, r of 253 bits.
    public enum FrParameters: FieldParameters {
        public typealias Limbs = Limbs4
        @inlinable public static var constants: UnsafePointer<FieldConstants4> { martlet_bls12_377_fr() }
        public static var name: String { "BLS12-377 Fr" }
    }

    /// The field of p elements, over which the curve stands: six limbs in Montgomery form, R = 2^384.
    public typealias Fp = MontgomeryField<FpParameters>
    /// The field of r elements, the scalars: four limbs in Montgomery form, R = 2^256.
    public typealias Fr = MontgomeryField<FrParameters>

    /// Fp2, Fp6 and Fp12 over Fp, with q = 5 and ξ = u.
    public enum Tower: KernelTower {
        public typealias Fp = BLS12377.Fp

        @inlinable
        public static func timesQ(_ a: Fp) -> Fp { a.doubled().doubled() + a }

        @inlinable
        public static func multiply(
            _ a: FiniteFields.Fp2<Self>, _ b: FiniteFields.Fp2<Self>
        ) -> FiniteFields.Fp2<Self> {
            kernelProduct(a, b)
        }

        @inlinable
        public static func square(_ a: FiniteFields.Fp2<Self>) -> FiniteFields.Fp2<Self> { kernelSquare(a) }

        @inlinable
        public static func timesNonResidue(_ a: FiniteFields.Fp2<Self>) -> FiniteFields.Fp2<Self> {
            FiniteFields.Fp2(-timesQ(a.c1), a.c0)
        }

        public static let frobenius = FrobeniusCoefficients<Self>()

        @inlinable
        public static func kernels(path: Int32) -> UnsafePointer<martlet_tower> {
            martlet_bls12_377_tower(path)
        }
    }

    /// Fp[u]/(u² + 5), the field of G2's coordinates.
    public typealias Fp2 = FiniteFields.Fp2<Tower>

    /// The curve's parameter x = 0x8508c00000000001.
    static let parameter: UInt64 = 0x8508_c000_0000_0001
    /// Plain bits: seven are set, and the non-adjacent form has as many and is no shorter.
    static let parameterBits = SignedDigits([parameter], width: 1)

    /// y² = x³ + 1 over Fp.
    public enum G1: CurveGroup {
        public typealias BaseField = Fp
        public typealias Scalar = Fr
        @inlinable public static var b: Fp { 1 }
        public static let generator = Affine<G1>(
            x: Fp(
                trustedDecimal: """
                    81937999373150964239938255573465948239988671502647976594219695644855304257327692006745978603320413799295628339695
                    """),
            y: Fp(
                trustedDecimal: """
                    241266749859715473739788878240585681733927191168601896383759122102112907357779751001206799952863815012735208165030
                    """))
        public static var name: String { "BLS12-377 G1" }
        public static var cofactor: [UInt64] { [0x0000_0000_0000_0000, 0x170b_5d44_3000_0000] }

        /// True when `point`, which must be on the curve, lies in the subgroup of order r.
        ///
        /// φ(P) = [−x²]P for the endomorphism φ(x, y) = (βx, y); then [x⁴ − x² + 1]P = [r]P = O, since φ² + φ
        /// + 1 = 0.
        ///
        /// - Reference: Scott 2021, "A note on group membership tests for G1, G2 and GT on BLS
        ///   pairing-friendly curves".
        public static func isInSubgroup(_ point: Affine<G1>) -> Bool {
            let twice = point.multiplied(by: parameterBits).multiplied(by: parameterBits)
            return -twice == Jacobian(Affine<G1>(x: point.x * beta, y: point.y))
        }

        /// The cube root of unity in Fp whose endomorphism is multiplication by −x² on the subgroup.
        static let beta = Fp(
            trustedDecimal: """
                258664426012969093929703085429980814127835149614277183275038967946009968870203535512256352201271898244626862047231
                """)
    }

    /// The sextic twist y² = x³ + 1/u over Fp2 (a D-twist).
    public enum G2: CurveGroup {
        public typealias BaseField = Fp2
        public typealias Scalar = Fr
        /// The b of the equation: 1/u = −u/5.
        public static let b = Fp2(
            "0",
            """
            155198655607781456406391640216936120121836107652948796323930557600032281009004493664981332883744016074664192874906
            """)
        public static let generator = Affine<G2>(
            x: Fp2(
                """
                233578398248691099356572568220835526895379068987715365179118596935057653620464273615301663571204657964920925606294
                """,
                """
                140913150380207355837477652521042157274541796891053068589147167627541651775299824604154852141315666357241556069118
                """),
            y: Fp2(
                """
                63160294768292073209381361943935198908131692476676907196754037919244929611450776219210369229519898517858833747423
                """,
                """
                149157405641012693445398062341192467754805999074082136895788947234480009303640899064710353187729182149407503257491
                """))
        public static var name: String { "BLS12-377 G2" }
        public static var cofactor: [UInt64] {
            [
                0x0000_0000_0000_0001, 0x4522_17cc_9000_0000, 0xa0f3_622f_ba09_4800, 0xd693_e8c3_6676_bd09,
                0x8c50_5634_fae2_e189, 0xfbb3_6b00_e1dc_c40c, 0xddd8_8d99_a6f6_a829, 0x0026_ba55_8ae9_562a,
            ]
        }
        /// No prime below 2^16 divides the cofactor.
        public static var cofactorRoughness: Int { 16 }

        /// True when `point`, which must be on the curve, lies in the subgroup of order r.
        ///
        /// ψ(Q) = [x]Q; then [x² − tx + p]Q = [h₁r]Q = O, and h₁ is coprime to the twist's cofactor.
        ///
        /// - Reference: Scott 2021, "A note on group membership tests for G1, G2 and GT on BLS
        ///   pairing-friendly curves".
        public static func isInSubgroup(_ point: Affine<G2>) -> Bool {
            point.multiplied(by: parameterBits) == Jacobian(BLS12377.untwistFrobeniusTwist(point))
        }
    }

    /// ψ: untwist, p-power, twist; on the subgroup of order r the multiplication by p.
    static func untwistFrobeniusTwist(_ point: Affine<G2>) -> Affine<G2> {
        Affine(
            x: point.x.conjugate * Tower.frobenius.gamma2,
            y: point.y.conjugate * Tower.frobenius.gamma3)
    }
}
