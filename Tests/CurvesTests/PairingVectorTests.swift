// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

/// Pairings against other implementations, which share nothing with this code.
@Suite("Pairings: known answers")
struct PairingVectorTests {
    struct Section<C: CurveSuite>: Decodable {
        struct Value: Decodable {
            let `case`: String
            let p: Known<C.G1Affine>?
            let q: Known<C.G2Affine>?
            let gt: Known<Fp12<C.Tower>>
        }

        struct Pair: Decodable {
            let p: Known<C.G1Affine>?
            let q: Known<C.G2Affine>?
        }

        struct Product: Decodable {
            let `case`: String
            let pairs: [Pair]
            let productIsOne: Bool
        }

        let pairings: [Value]
        let products: [Product]
    }

    struct SnarkjsKey<C: CurveSuite>: Decodable {
        let vkAlpha1: Known<C.G1Affine>
        let vkBeta2: Known<C.G2Affine>
        let vkAlphabeta12: Known<Fp12<C.Tower>>
    }

    func values<C: CurveSuite>(_: C.Type) throws {
        let section = try VectorFile.section(C.id.rawValue, of: "pairings", as: Section<C>.self)
        #expect(section.pairings.count >= 7)
        for known in section.pairings {
            let value = C.pairing(known.p?.value ?? .identity, known.q?.value ?? .identity)
            #expect(value == known.gt.value, "\(known.case)")
        }
    }

    func products<C: CurveSuite>(_: C.Type) throws {
        let section = try VectorFile.section(C.id.rawValue, of: "pairings", as: Section<C>.self)
        #expect(section.products.count >= 17)
        for known in section.products {
            let pairs = known.pairs.map { ($0.p?.value ?? .identity, C.prepare($0.q?.value ?? .identity)) }
            #expect(C.isPairingProductOne(pairs) == known.productIsOne, "\(known.case)")
        }
    }

    /// `vk_alphabeta_12` is nested as [w][v][u], the basis of `Fp12.coefficients`, and another power of e(α,
    /// β).
    func snarkjs<C: CurveSuite>(_: C.Type) throws {
        let key = try VectorFile.object(
            "snarkjs/groth16-\(C.id.snarkjsName)-multiplier/verification_key.json", as: SnarkjsKey<C>.self)
        let (alpha, beta) = (key.vkAlpha1.value, key.vkBeta2.value)
        #expect(alpha.isValid && beta.isValid)
        let value = C.snarkjsPairing(alpha, beta)
        #expect(value == key.vkAlphabeta12.value)
        #expect(value == C.pairing(alpha, beta).power(C.snarkjsPairingPower.canonical.words))
        #expect(value != C.pairing(alpha, beta))
    }

    @Test(arguments: CurveUnderTest.all) func valuesAndProducts(curve: CurveUnderTest) throws {
        try values(curve.suite)
        try products(curve.suite)
    }
    @Test("BN254: snarkjs' vk_alphabeta_12") func snarkjsBN254() throws { try snarkjs(BN254.self) }
    @Test("BLS12-381: snarkjs' vk_alphabeta_12") func snarkjsBLS12381() throws { try snarkjs(BLS12381.self) }
}
