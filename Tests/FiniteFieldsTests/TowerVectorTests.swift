// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import FiniteFields
import Testing

/// Fp2, Fp6 and Fp12 against other implementations.
@Suite("Towers: known answers")
struct TowerVectorTests {
    struct Section<C: CurveSuite>: Decodable {
        struct Quadratic: Decodable {
            let a, b, sum, difference, product, squareA, frobeniusA: Known<Fp2<C.Tower>>
            let inverseA, squareRootA: Known<Fp2<C.Tower>>?
            let isSquareA: Bool
        }

        struct Top: Decodable {
            let a, b, sum, difference, product, squareA, conjugateA: Known<Fp12<C.Tower>>
            let inverseA: Known<Fp12<C.Tower>>?
            let frobeniusA: [Known<Fp12<C.Tower>>]
        }

        let xi: Known<Fp2<C.Tower>>
        let fp2: [Quadratic]
        let fp12: [Top]
    }

    func fp2<C: CurveSuite>(_: C.Type) throws {
        let section = try VectorFile.section(C.id.rawValue, of: "towers", as: Section<C>.self)
        #expect(section.fp2.count >= 15)
        #expect(C.Tower.timesNonResidue(.one) == section.xi.value)
        for entry in section.fp2 {
            let (a, b) = (entry.a.value, entry.b.value)
            #expect(a + b == entry.sum.value)
            #expect(a - b == entry.difference.value)
            #expect(a * b == entry.product.value)
            #expect(a.squared() == entry.squareA.value)
            #expect(a.conjugate == entry.frobeniusA.value)
            #expect(a.inverse() == entry.inverseA?.value)
            #expect(C.Tower.timesNonResidue(a) == a * section.xi.value)
            let root = a.squareRoot()
            #expect((root != nil) == entry.isSquareA)
            if let root, let known = entry.squareRootA?.value { #expect(root == known || root == -known) }
        }
    }

    func fp12<C: CurveSuite>(_: C.Type) throws {
        let section = try VectorFile.section(C.id.rawValue, of: "towers", as: Section<C>.self)
        #expect(section.fp12.count >= 10)
        for entry in section.fp12 {
            let (a, b) = (entry.a.value, entry.b.value)
            #expect(a + b == entry.sum.value)
            #expect(a - b == entry.difference.value)
            #expect(a * b == entry.product.value)
            #expect(a.squared() == entry.squareA.value)
            #expect(a.inverse() == entry.inverseA?.value)
            #expect(a.conjugate == entry.conjugateA.value)
            #expect(a.frobenius() == entry.frobeniusA[0].value)
            #expect(a.frobeniusSquared() == entry.frobeniusA[1].value)
            #expect(a.frobeniusSquared().frobenius() == entry.frobeniusA[2].value)
        }
    }

    /// The entries whose operands lie in Fp6.
    func fp6<C: CurveSuite>(_: C.Type) throws {
        let section = try VectorFile.section(C.id.rawValue, of: "towers", as: Section<C>.self)
        let entries = section.fp12.filter { $0.a.value.c1.isZero && $0.b.value.c1.isZero }
        #expect(!entries.isEmpty)
        for entry in entries {
            let (a, b) = (entry.a.value.c0, entry.b.value.c0)
            #expect(a + b == entry.sum.value.c0)
            #expect(a - b == entry.difference.value.c0)
            #expect(a * b == entry.product.value.c0)
            #expect(a.squared() == entry.squareA.value.c0)
            #expect(a.inverse() == entry.inverseA?.value.c0)
            #expect(a.frobenius() == entry.frobeniusA[0].value.c0)
        }
    }

    @Test(arguments: CurveUnderTest.all) func tower(curve: CurveUnderTest) throws {
        func check<C: CurveSuite>(_: C.Type) throws {
            try fp2(C.self)
            try fp6(C.self)
            try fp12(C.self)
        }
        try check(curve.suite)
    }
}
