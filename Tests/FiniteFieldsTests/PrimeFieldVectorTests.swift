// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import FiniteFields
import Testing

/// Prime field arithmetic against other implementations.
@Suite("Prime fields: known answers")
struct PrimeFieldVectorTests {
    struct Section<F: PrimeField>: Decodable {
        struct Entry: Decodable {
            let a, b, sum, difference, negationA, product, squareA, powerAB: Known<F>
            let quotient, inverseA, squareRootA: Known<F>?
        }

        let modulus: String
        let entries: [Entry]
    }

    func check<F: PrimeField>(_: F.Type, _ key: String) throws {
        let section = try VectorFile.section(key, of: "fields", as: Section<F>.self)
        #expect(F.modulus.decimal == section.modulus)
        #expect(F.bitWidth == F.modulus.bitLength)
        #expect(section.entries.count >= 25)
        for entry in section.entries {
            let (a, b) = (entry.a.value, entry.b.value)
            #expect(a + b == entry.sum.value)
            #expect(a - b == entry.difference.value)
            #expect(-a == entry.negationA.value)
            #expect(a * b == entry.product.value)
            #expect(a.squared() == entry.squareA.value)
            #expect(a.doubled() == a + a)
            #expect(a.power(b.canonical.words) == entry.powerAB.value)
            #expect(a.inverse() == entry.inverseA?.value)
            #expect(b.inverse().map { a * $0 } == entry.quotient?.value)
            let root = a.squareRoot()
            #expect((root == nil) == (entry.squareRootA == nil))
            if let root, let known = entry.squareRootA?.value { #expect(root == known || root == -known) }
        }
    }

    @Test(arguments: CurveUnderTest.all) func baseAndScalarFields(curve: CurveUnderTest) throws {
        func check<C: CurveSuite>(_: C.Type) throws {
            try self.check(C.Fp.self, "\(C.id.rawValue)Fp")
            try self.check(C.Fr.self, "\(C.id.rawValue)Fr")
        }
        try check(curve.suite)
    }

    /// Fields that have no curve in the list: of six limbs that C does not know, and of one.
    @Test func fieldsOfOtherWidths() throws {
        try check(Wide.Fp.self, "wideFp")
        try check(Wide.Fr.self, "wideFr")
        try check(Narrow.Fp.self, "narrowFp")
        try check(Narrow.Fr.self, "narrowFr")
        try check(BLS12377Twist.Scalar.self, "bls12377TwistFr")
    }
}
