// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields
import Recursion
import TestSupport
import Testing

/// A prover who cheats at pairings: for each check one who gets through without it, and whom it stops.
@Suite struct PairingAttackTests {
    typealias Fp2 = BN254.Fp2
    typealias Fp12 = FiniteFields.Fp12<BN254.Tower>

    /// The attack on the circuit with the check, and on the one without it; `others` are left out in both.
    private func expectStopped(
        by check: PairingTampering.Omission, besides others: Set<PairingTampering.Omission> = [],
        sourceLocation: SourceLocation = #_sourceLocation, _ attack: (PairingTampering) -> PairingRun
    ) {
        var tampering = PairingTampering()
        tampering.omitted = others.union([check])
        #expect(attack(tampering).holds, "without the check", sourceLocation: sourceLocation)
        tampering.omitted = others
        #expect(!attack(tampering).holds, "with the check", sourceLocation: sourceLocation)
    }

    // MARK: Points

    /// A point of the twist, in no subgroup.
    private func twistPoint(_ generator: inout SeededGenerator) -> Affine<BN254.G2> {
        while true {
            let x = Fp2.random(using: &generator)
            if let y = (x.squared() * x + BN254.G2.b).squareRoot() { return Affine(x: x, y: y) }
        }
    }

    /// A point of order 10,069.
    private func pointOfSmallOrder(_ generator: inout SeededGenerator) -> Affine<BN254.G2> {
        while true {
            // cofactor/10069 times the group order, in two steps.
            let point = Jacobian(twistPoint(&generator)).multiplied(by: BN254.Fr.modulus.words)
                .multiplied(by: dividedBySmallOrder(BN254.G2.cofactor)).affine
            if !point.isIdentity { return point }
        }
    }

    private func dividedBySmallOrder(_ words: [UInt64]) -> [UInt64] {
        var (quotient, rest) = (words, UInt64(0))
        for index in words.indices.reversed() {
            (quotient[index], rest) = UInt64(10_069).dividingFullWidth((rest, words[index]))
        }
        #expect(rest == 0)
        return quotient
    }

    /// The pairs of an instance, and before them one with this Q.
    private func run(
        _ q: Affine<BN254.G2>, _ generator: inout SeededGenerator, _ tampering: PairingTampering
    ) -> PairingRun {
        var instance = PairingInstance(variable: 0, fixed: 2, &generator)
        let p = BN254.G1.generator.multiplied(by: BN254.Fr.random(using: &generator)).affine
        instance.variable = [(p, q)]
        return instance.run(tampering)
    }

    @Test func pointsOffTheTwist() {
        var generator = SeededGenerator.fresh()
        let off = Affine<BN254.G2>(x: .random(using: &generator), y: .random(using: &generator))
        expectStopped(by: .onTwist, besides: [.subgroup, .product]) { run(off, &generator, $0) }
    }

    /// With (0, 0) all functions can be constants: the pair counts as one, whatever P is.
    @Test func pointOfZeros() {
        var generator = SeededGenerator.fresh()
        let zero = Affine<BN254.G2>(x: .zero, y: .zero)
        expectStopped(by: .onTwist, besides: [.parabolaIsNoVerticals]) { run(zero, &generator, $0) }
        expectStopped(by: .parabolaIsNoVerticals, besides: [.onTwist]) { run(zero, &generator, $0) }
    }

    @Test func pointsOutsideOfTheSubgroup() {
        var generator = SeededGenerator.fresh()
        let (small, any) = (pointOfSmallOrder(&generator), twistPoint(&generator))
        #expect(Jacobian(small).multiplied(by: [10_069]).affine.isIdentity)
        for point in [small, any] {
            #expect(point.isOnCurve && !point.isValid)
            expectStopped(by: .subgroup, besides: [.product]) { run(point, &generator, $0) }
        }
        #expect(run(BN254.G2.generator, &generator, PairingTampering(.product)).holds)
    }

    // MARK: Slopes

    /// Another slope at the last tangent: what depends on it follows, so that nothing else is violated.
    @Test func slopeOfATangent() {
        var generator = SeededGenerator.fresh()
        let (slope, q) = (Fp2.random(using: &generator), BN254.G2.generator)
        let last = MillerSteps.digits.count - 1
        #expect(MillerSteps.digits[last] == 0)
        expectStopped(by: .tangent, besides: [.product, .subgroup]) { tampering in
            var tampering = tampering
            tampering.slope = { step, value in step == last ? slope : value }
            return run(q, &generator, tampering)
        }
    }

    /// A parabola that meets T and ±Q, and does not touch at T.
    @Test func parabolaThatDoesNotTouch() {
        var generator = SeededGenerator.fresh()
        let (alpha, q) = (Fp2.random(using: &generator), BN254.G2.generator)
        let last = MillerSteps.digits.lastIndex { $0 != 0 }!
        expectStopped(by: .touching, besides: [.product, .subgroup]) { tampering in
            var tampering = tampering
            tampering.alpha = { step, value, _, _ in step == last ? alpha : value }
            return run(q, &generator, tampering)
        }
    }

    /// Two vertical lines through T and ±Q have the x that a parabola must have, and leave y free.
    @Test func verticalsForAParabola() {
        var generator = SeededGenerator.fresh()
        let q = BN254.G2.generator
        let last = MillerSteps.digits.lastIndex { $0 != 0 }!
        expectStopped(by: .parabolaIsNoVerticals, besides: [.product, .subgroup]) { tampering in
            var tampering = tampering
            tampering.alpha = { step, value, t, q in step == last ? -(t + q) : value }
            return run(q, &generator, tampering)
        }
    }

    // MARK: The residue witness

    /// Pairs whose product is not one.
    private func wrongInstance(_ generator: inout SeededGenerator) -> PairingInstance {
        var instance = PairingInstance(variable: 1, fixed: 1, &generator)
        instance.fixed[0].g1 = BN254.G1.generator
        return instance
    }

    /// Zero everywhere satisfies f·w = c^λ, if nothing has to be one.
    @Test func witnessOfZeros() {
        var generator = SeededGenerator.fresh()
        let instance = wrongInstance(&generator)
        func attack(_ tampering: PairingTampering) -> PairingRun {
            var tampering = tampering
            tampering.witness = { _, _ in ResidueWitness(root: .zero, inverse: .zero, factor: .zero) }
            return instance.run(tampering)
        }
        expectStopped(by: .inverse, besides: [.equalityWithOne], attack)
        expectStopped(by: .equalityWithOne, besides: [.inverse], attack)
    }

    /// With c and c⁻¹ that are not inverse to each other, any f passes: f·w·d^m·c^n = 1 is solved by powers
    /// of f.
    @Test func rootAndInverseUnrelated() {
        var generator = SeededGenerator.fresh()
        let instance = wrongInstance(&generator)
        expectStopped(by: .inverse) { tampering in
            var tampering = tampering
            tampering.witness = { f, _ in
                let (inverse, root) = (f.power(Self.exponents.inverse), f.power(Self.exponents.root))
                // Left is a root of unity, whose order divides 27: in Fp6.
                let rest = f * Self.powers(inverse: inverse, root: root)
                #expect(ResidueWitness.rootsOfUnity.contains(rest))
                return ResidueWitness(root: root, inverse: inverse, factor: rest.inverse()!)
            }
            return instance.run(tampering)
        }
    }

    /// What the loop makes of d = c⁻¹ and c.
    private static func powers(inverse d: Fp12, root c: Fp12) -> Fp12 {
        var value = d
        for digit in MillerSteps.digits {
            value = value.squared()
            if digit != 0 { value *= digit > 0 ? d : c }
        }
        return value * (d * d.frobeniusSquared()).frobenius() * c.frobeniusSquared()
    }

    @Test func wrongWitness() {
        var generator = SeededGenerator.fresh()
        let instance = PairingInstance(variable: 1, fixed: 1, &generator)
        let other = Fp12.random(using: &generator)
        func run(_ change: @escaping (inout ResidueWitness) -> Void) -> PairingRun {
            var tampering = PairingTampering()
            tampering.witness = { _, witness in
                var witness = witness
                change(&witness)
                return witness
            }
            return instance.run(tampering)
        }
        #expect(run { _ in }.holds)
        #expect(!run { $0.factor *= ResidueWitness.rootsOfUnity[1] }.holds)
        #expect(!run { $0.factor = .zero }.holds)
        #expect(!run { ($0.root, $0.inverse) = ($0.root * other, $0.inverse * other.inverse()!) }.holds)
        #expect(!run { ($0.root, $0.inverse) = ($0.inverse, $0.root) }.holds)
        // Another root and another w: 9 of them are as good.
        let nine = ResidueWitness.rootsOfUnity[1]
        #expect(
            run {
                $0.root *= nine
                $0.inverse *= nine.inverse()!
                $0.factor *= ResidueWitness.rootsOfUnity[3]
            }.holds)
    }

    /// a and b, 0 modulo 27, with a·m + b·n ≡ −1 modulo (p¹² − 1)/27, where m and n are the powers of d and c
    /// in the loop; the least significant digit in base 2^64 first.
    private static let exponents: (inverse: [UInt64], root: [UInt64]) = (
        [
            0x8f63_6b4b_d148_fa81, 0xe20e_4c18_cccb_a571, 0x39b5_1582_b3b8_e8d4, 0x07d7_8c06_e5fc_34f2,
            0x30df_1cc1_0b11_3ada, 0x8784_42ff_242f_01a5, 0xd67d_eab6_b344_3f9d, 0x21f6_b316_ba43_ee4c,
            0x00e3_dbd8_2ac2_eae3, 0xdb09_3522_0396_0f84, 0xc08d_7f48_a48f_1361, 0x3993_f222_9208_7343,
            0x7f0d_0083_41d0_6205, 0x8cc4_f2cf_cfb6_2598, 0xb8ee_0c63_b911_a036, 0xf1b4_040e_69e6_95e9,
            0x707a_218c_9146_aa26, 0x5254_e9bf_9c3c_f4c2, 0x0714_28cf_0b6a_5599, 0x0043_044a_dc31_4158,
            0xe8e6_1370_3478_4b2a, 0xfaa7_759c_836e_44f3, 0x209e_e237_5568_6011, 0xfb1a_1e2d_6ffd_a125,
            0x4684_34fe_04e6_d8a0, 0xac05_5599_6579_c84b, 0x9e66_1088_90d9_056f, 0xb384_1730_a1f4_910f,
            0xf3ff_b433_af40_038e, 0x2dd0_d76c_0a3e_fc29, 0x5263_2111_cc35_e38f, 0xd482_d0cd_df02_e118,
            0xf45b_08f7_1b2f_bc7f, 0xe6f5_f1ad_0643_ffcb, 0x5950_cc55_d8d7_11a5, 0x07a7_bba2_0222_cae7,
            0x10e3_afd1_5836_3083, 0x334a_17ba_1979_ae03, 0xa021_d363_5968_37ce, 0x526e_156a_03e0_c56b,
            0x8aee_b7c6_46e2_6cfb, 0x6745_239c_9f96_67db, 0x526c_7199_8cef_c4f1, 0x19bb_cb5e_2ff9_09e7,
            0xf5d0_211d_e8e7_84d7, 0x052d_29aa_f154_4af5, 0xbfa6_9df1_6450_d174, 0x0000_0008_9be8_85b7,
        ],
        [
            0xb151_c596_366a_6349, 0x9f55_4b3e_5608_5c14, 0x8561_cdec_3eee_d92a, 0xbd1d_4944_b9c9_cfe9,
            0x5f6e_d4cc_c85f_70b7, 0x616b_b869_bb87_27ea, 0x2d81_ac4e_e01f_f7b4, 0x589f_9a0c_4eb4_ec55,
            0x77ec_3f67_5ea1_0b0b, 0xfb09_0ca5_040a_f6f4, 0xd95c_0f65_a9e7_da93, 0x53ed_6ab4_be43_5b7b,
            0xaa78_d228_0d80_141b, 0xa028_6652_0339_0e46, 0xeadb_7f42_679a_9704, 0x86e9_d972_8be0_87c6,
            0xdbfe_cbce_10ac_08a5, 0x807a_7196_e4f8_cfbe, 0xf452_e78c_eea6_38f1, 0x7cc5_8aba_05c8_766d,
            0x0ef4_1e3e_66a9_15fb, 0xb022_59c4_3537_709b, 0x1a62_3b88_1185_0003, 0xb6ca_47d4_cec4_6fd3,
            0x63cc_59a3_b23c_7b34, 0x513c_2bd0_b25a_9f3d, 0xded9_dc01_c1d0_9ea7, 0xdc9e_60a7_83ae_e2ad,
            0xd627_52e9_c80d_218c, 0x4479_9bc7_6490_33b9, 0xd5d2_b173_3d94_e679, 0x9b2e_86ba_a3e6_558e,
            0x5982_437a_e4c1_9641, 0xfadd_1de1_d9e6_905e, 0x53f6_514c_afc3_174f, 0x8b6a_9ca4_83b8_5e22,
            0x2ad9_5f24_60dd_2ac5, 0xa80f_32d0_d746_e89e, 0x483b_7391_18e7_6de8, 0xc8b4_1ea6_282e_1b5e,
            0x1c7f_bcab_f448_b3e4, 0xccfa_7d75_7611_b968, 0x528c_6612_5e8d_14b4, 0x612d_1606_3139_a622,
            0x87c1_aae5_5098_8446, 0x2872_4a30_3180_e16d, 0x3b01_5b79_b8ae_1dd6, 0x0000_0001_c415_70c3,
        ]
    )
}
