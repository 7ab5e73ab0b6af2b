// SPDX-License-Identifier: Apache-2.0

public import CFieldKernels
public import EllipticCurves
public import FiniteFields

/// BN254 (Barreto and Naehrig 2006, with the seed of Ben-Sasson, Chiesa, Tromer and Virza 2013), the curve of
/// EIP-196 and EIP-197, "alt_bn128"; "bn128" in snarkjs' files.
///
/// - seed: z = 4965661367192848881, positive, 63 bits
/// - r: 36z⁴ + 36z³ + 18z² + 6z + 1, 254 bits; r − 1 is divisible by 2^28
/// - p: 36z⁴ + 36z³ + 24z² + 6z + 1, 254 bits; p ≡ 3 mod 4, so −1 is no square
/// - G1: y² = x³ + 3 over Fp, of prime order: the cofactor is 1
/// - tower: Fp2 = Fp[u]/(u² + 1), Fp6 = Fp2[v]/(v³ − ξ) with ξ = 9 + u, Fp12 = Fp6[w]/(w² − v)
/// - G2: y² = x³ + 3/ξ over Fp2 (a D-twist), cofactor 2p − r of 254 bits, whose least prime factor is 10,069
/// - pairing: optimal ate; the loop runs over 6z + 2 in 22 signed digits other than zero, and ends with two
///   lines
/// - security: about 100 bits, by the number field sieve in Fp12 (Barbulescu and Duquesne 2019, "Updating key
///   size estimations for pairings"); 128 were aimed at, and r leaves 127 to generic attacks on G1 and G2
///
/// Warning: it is here because Ethereum's precompiles and circom's files are of it; what must hold for
/// decades is better on BLS12-381. A point of G2 is only trusted after `isInSubgroup`.
public enum BN254: Sendable {
    /// The constants of Fp: four limbs, p of 254 bits.
    public enum FpParameters: FieldParameters {
        public typealias Limbs = Limbs4
        @inlinable public static var constants: UnsafePointer<FieldConstants4> { martlet_bn254_fp() }
        public static var name: String { "BN254 Fp" }
    }

    /// The constants of Fr: four limbs, r of 254 bits.
    public enum FrParameters: FieldParameters {
        public typealias Limbs = Limbs4
        @inlinable public static var constants: UnsafePointer<FieldConstants4> { martlet_bn254_fr() }
        public static var name: String { "BN254 Fr" }
    }

    /// The field of p elements, over which the curve stands: four limbs in Montgomery form, R = 2^256.
    public typealias Fp = MontgomeryField<FpParameters>
    /// The field of r elements, the scalars: four limbs in Montgomery form, R = 2^256.
    public typealias Fr = MontgomeryField<FrParameters>

    /// Fp2, Fp6 and Fp12 over Fp, with q = 1 and ξ = 9 + u.
    public enum Tower: KernelTower {
        public typealias Fp = BN254.Fp

        @inlinable
        public static func timesNonResidue(_ a: FiniteFields.Fp2<Self>) -> FiniteFields.Fp2<Self> {
            let nine0 = a.c0.doubled().doubled().doubled() + a.c0
            let nine1 = a.c1.doubled().doubled().doubled() + a.c1
            return FiniteFields.Fp2(nine0 - a.c1, nine1 + a.c0)
        }

        public static let frobenius = FrobeniusCoefficients<Self>()

        @inlinable
        public static func kernels(path: Int32) -> UnsafePointer<martlet_tower> { martlet_bn254_tower(path) }
    }

    /// Fp[u]/(u² + 1), the field of G2's coordinates.
    public typealias Fp2 = FiniteFields.Fp2<Tower>

    /// y² = x³ + 3 over Fp.
    public enum G1: CurveGroup {
        public typealias BaseField = Fp
        public typealias Scalar = Fr
        @inlinable public static var b: Fp { 3 }
        public static let generator = Affine<G1>(x: 1, y: 2)
        public static var name: String { "BN254 G1" }

        /// True when `point`, which must be on the curve, lies in the subgroup of order r.
        ///
        /// The curve has prime order: every point is in the subgroup.
        public static func isInSubgroup(_ point: Affine<G1>) -> Bool { true }
    }

    /// The sextic twist y² = x³ + 3/ξ over Fp2 (a D-twist).
    public enum G2: CurveGroup {
        public typealias BaseField = Fp2
        public typealias Scalar = Fr
        public static let b = Fp2(
            "19485874751759354771024239261021720505790618469301721065564631296452457478373",
            "266929791119991161246907387137283842545076965332900288569378510910307636690")
        public static let generator = Affine<G2>(
            x: Fp2(
                "10857046999023057135944570762232829481370756359578518086990519993285655852781",
                "11559732032986387107991004021392285783925812861821192530917403151452391805634"),
            y: Fp2(
                "8495653923123431417604973247489272438418190587263600148770280649306958101930",
                "4082367875863433681332203403145435568316851327593401208105741076214120093531"))
        public static var name: String { "BN254 G2" }
        /// h, where the curve has h·r points: 2p − r. Limbs, least significant first.
        public static var cofactor: [UInt64] {
            [0x345f_2299_c0f9_fa8d, 0x06ce_ecda_572a_2489, 0xb850_45b6_8181_585e, 0x3064_4e72_e131_a029]
        }
        /// No prime below 2^13 divides the cofactor, whose least prime factor is 10,069.
        public static var cofactorRoughness: Int { 13 }

        /// True when `point`, which must be on the curve, lies in the subgroup of order r.
        ///
        /// [z + 1]Q + ψ([z]Q) + ψ²([z]Q) = ψ³([2z]Q): one multiplication by a parameter of 63 bits.
        ///
        /// With ψ² = tψ − p the difference of both sides is a map of norm N, and gcd(N, #E'(Fp2)) = r.
        ///
        /// - Reference: El Housni, Guillevic and Piellard 2022, "Co-factor clearing and subgroup membership
        ///   testing on pairing-friendly curves".
        public static func isInSubgroup(_ point: Affine<G2>) -> Bool {
            let zq = point.multiplied(by: parameter)
            let once = BN254.untwistFrobeniusTwist(zq)
            let twice = BN254.untwistFrobeniusTwist(once)
            let left = zq + point + once + twice
            return left == BN254.untwistFrobeniusTwist(twice.doubled())
        }
    }

    /// The curve's parameter z = 4965661367192848881.
    static let parameter = SignedDigits([4_965_661_367_192_848_881], width: 2)

    /// ψ: untwist, p-power, twist; on the subgroup of order r the multiplication by p.
    static func untwistFrobeniusTwist(_ point: Affine<G2>) -> Affine<G2> {
        Affine(
            x: point.x.conjugate * Tower.frobenius.gamma2,
            y: point.y.conjugate * Tower.frobenius.gamma3)
    }

    /// ψ on Jacobian coordinates.
    static func untwistFrobeniusTwist(_ point: Jacobian<G2>) -> Jacobian<G2> {
        Jacobian(
            x: point.x.conjugate * Tower.frobenius.gamma2,
            y: point.y.conjugate * Tower.frobenius.gamma3,
            z: point.z.conjugate)
    }
}
