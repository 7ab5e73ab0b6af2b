// SPDX-License-Identifier: Apache-2.0

package import Curves
package import FiniteFields

/// What shows that a value is one after the final exponentiation, without it.
///
/// With q the group order and h = (p¹² − 1)/q, f^h = 1 holds exactly if f·w = c^λ for some c in Fp12* and w
/// in Fp6*, where λ = 6z + 2 + p − p² + p³ is a multiple of q: Fp6* and all λ-th powers have h-th powers that
/// are one, since q divides p⁶ + 1. Conversely f has an order that divides h, to which λ/3 is prime; so f is
/// a λ-th power up to a root of unity whose order divides 27, and w = 1, ζ or ζ² for a primitive ζ makes it
/// one.
///
/// - Reference: Novakovic and Eagen 2024, "On proving pairings" (ePrint 2024/640).
package struct ResidueWitness: Sendable {
    /// c, a λ-th root of f·w that is not in Fp6.
    package let root: Fp12<BN254.Tower>
    /// w, in Fp6.
    package let factor: Fp12<BN254.Tower>

    /// g, where c is g + w up to a factor in Fp6 (which changes only w).
    package var torus: Fp6<BN254.Tower> { root.c0 * (root.c1.inverse() ?? .zero) }

    /// The witness for f, or `nil` where f^h is not one.
    ///
    /// - Complexity: two powers with exponents of 2,785 bits and a final exponentiation.
    package init?(_ f: Fp12<BN254.Tower>) {
        guard BN254.finalExponentiation(f) == .one else { return nil }
        // f = f′·ζⁿ with the order of f′ prime to 3; h/27 is 5 modulo 27, whose inverse is 11.
        let torsion = f.power(Self.primeToThree)
        guard let logarithm = (0..<27).first(where: { Self.rootsOfUnity[$0] == torsion }) else { return nil }
        let n = logarithm * 11 % 27
        // ζ^(n + i) is a cube, and λ/3 is 1 modulo 9: ζ^(λj) = ζ^(n + i).
        let i = (27 - n) % 3
        let j = (n + i) / 3 % 9
        var root = f.power(Self.inverseOfLambda) * Self.rootsOfUnity[j]
        // Where f is in Fp6, as for pairs that cancel; elements of order q are not, and have λ-th powers of
        // one.
        if root.c1.isZero { root *= Self.elementOfOrderQ }
        (self.root, factor) = (root, Self.rootsOfUnity[i])
    }

    private static let elementOfOrderQ = BN254.finalExponentiation(
        BN254.millerLoop([(BN254.G1.generator, BN254.prepare(BN254.G2.generator))]))

    /// ζ⁰ to ζ²⁶ for ζ = v^((p⁶ − 1)/27), whose order is 27: v is no cube in Fp6, because its norm ξ is none
    /// in Fp2. It is a multiple of v by an element of Fp2.
    package static let rootsOfUnity: [Fp12<BN254.Tower>] = {
        let xi = BN254.Tower.timesNonResidue(BN254.Fp2.one)
        let root = Fp12<BN254.Tower>(Fp6(.zero, xi.power(multiplier), .zero), .zero)
        var roots = [Fp12<BN254.Tower>.one]
        for _ in 1..<27 { roots.append(roots[roots.count - 1] * root) }
        return roots
    }()

    // Exponents, the least significant digit in base 2^64 first.

    /// ((p⁶ − 1)/27 − 1)/3 modulo p² − 1: v to the power of (p⁶ − 1)/27 is v·ξ to this power.
    private static let multiplier: [UInt64] = [
        0x913b_af0c_a648_85f5, 0x6369_0c23_a4db_afc7, 0x5469_845f_dcbc_96fc, 0x278f_0b53_ce65_93fe,
        0x9328_bb8a_725c_8e5a, 0x542a_3160_670b_036a, 0x92f6_d3f5_0ab2_aca2, 0x0363_5257_483c_6ce4,
    ]

    /// What is 1/λ modulo h/27, and 0 modulo 27.
    static let inverseOfLambda: [UInt64] = [
        0x35a6_ebe6_5284_c8bd, 0xa104_d17d_c46c_c34d, 0x5553_bde8_7668_1a99, 0x39f4_d964_5885_0a66,
        0x40ae_40f3_dae7_6c74, 0x1e41_4180_977e_d895, 0x8414_ef51_3cec_d263, 0xc67c_8935_e140_cd0b,
        0x9732_da22_3fa9_7976, 0x1375_77eb_43e5_c4b5, 0xe93d_ae42_d2fa_f622, 0x00fc_a170_0104_04eb,
        0x9366_916a_6871_0139, 0xb75d_3e53_5e2f_128e, 0xb7bb_271e_1169_c3b9, 0x59bc_49d7_fe02_5a1d,
        0x9017_2ea1_a642_574c, 0xa288_2fbc_7679_ff3e, 0x8f04_a54b_de25_0f02, 0xde2a_a67f_ef14_4e0f,
        0x3093_b484_94c1_1e9f, 0x8055_8162_445f_2ca3, 0x65ce_6706_256d_f80b, 0x6473_0b62_1868_cedb,
        0x35b1_786d_991d_8939, 0x84da_6981_d5a8_42a9, 0x43c1_e4d5_abab_0148, 0x0ec1_7226_0627_666b,
        0xf9e4_07a4_27b9_7224, 0x47d9_0928_5768_122d, 0x151a_e735_4d1b_c3e2, 0x4f86_bb03_c646_e954,
        0xdfc1_820e_12d4_2637, 0xa21f_e11d_4143_b63b, 0xab4e_e3a4_9f92_18b3, 0xb819_cebf_3cb9_7ee4,
        0x1ec5_a723_dd41_5a36, 0xcb1c_0065_6824_6ef5, 0xe80c_2a79_3a1b_3c41, 0xa20b_e0aa_b7b2_fa0f,
        0x09ee_8703_b383_e039, 0xcd0c_f033_3877_4a06, 0xd56f_3982_febe_4c57, 0x0000_0001_95f7_ddb2,
    ]

    /// h/27, which 3 does not divide.
    static let primeToThree: [UInt64] = [
        0x9334_f94f_95b9_2560, 0xdc77_e2f3_d915_860f, 0x9317_b0f1_80d9_322c, 0x445f_71e0_d778_65ab,
        0xbb4a_9c83_8445_93a9, 0xd7a1_5cbc_c3ce_5cb7, 0x7046_2f2d_66b8_52cb, 0x956a_1891_17d3_c802,
        0x58bb_0a4f_bb65_ddfc, 0x4715_0a23_b4c0_ae51, 0x0b06_ec63_79e2_488f, 0xeaa5_f8b9_5f91_b0ed,
        0xb7db_19e2_57c9_777c, 0x6e85_2ca0_615e_0791, 0x8c59_16c0_4ca1_1b63, 0xa3ed_29a8_0cbd_b98c,
        0x08d6_11c4_2fb5_9724, 0x3cdc_8cdf_5328_efac, 0x3655_f4b6_a198_446d, 0xf8e6_4544_c1c2_6143,
        0x9ae1_c5f6_cd84_48b3, 0x5689_cfde_d8ec_48d5, 0x04e7_7d95_edb0_b635, 0x3219_0cd3_5673_f00f,
        0x37e7_57e7_7095_8543, 0x0659_44c8_a400_7912, 0xdeeb_4a4b_f4d4_792e, 0x8888_9a3e_a07d_8289,
        0x28e7_3700_94d0_a4aa, 0x92ee_909d_f39f_ea37, 0xe7ff_9e73_ee98_fa3b, 0x84b3_92ab_6270_c022,
        0x7b04_6d4c_63e1_fde1, 0x92b4_4619_1d9b_88ba, 0xf9cc_2501_bbcd_8cfc, 0x26a5_a033_18e9_4362,
        0xe403_2554_abb2_b1ea, 0x0bce_5d16_53be_fe8d, 0xcf38_5875_94d2_acd4, 0x83a0_1cd4_e105_84b1,
        0x6c39_f138_f090_92cf, 0xdef8_31ea_a4dd_fd1c, 0x4397_9fcf_5f6c_ee3f, 0x0000_0001_c06c_5ccb,
    ]
}
