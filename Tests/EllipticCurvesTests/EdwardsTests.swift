// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

/// Twisted Edwards curves by their laws and against published numbers, with points of small order among all.
@Suite("Twisted Edwards curves")
struct EdwardsTests {
    typealias Point = EdwardsAffine<BabyJubJub>

    struct Section: Decodable {
        struct Entry: Decodable {
            let `case`: String
            let p, q, sum, doubleP, negationP, product: Known<Point>
            let k: String
            let pInSubgroup: Bool
        }

        let order, cofactor: String
        let base: Known<Point>
        let entries: [Entry]
    }

    struct Published: Decodable {
        struct Sum: Decodable { let p, q, sum: Known<Point> }
        struct Product: Decodable {
            let p, product: Known<Point>
            let k: String
        }
        struct Encoding: Decodable {
            let p: Known<Point>
            let bytes: String
        }

        let order, curveOrder: String
        let a, d: Known<BN254.Fr>
        let curveGenerator, base, montgomeryBase: Known<Point>
        let sums: [Sum]
        let products: [Product]
        let encodings: [Encoding]
    }

    /// The formula of the definition.
    func sum<G: EdwardsGroup>(_ p: EdwardsAffine<G>, _ q: EdwardsAffine<G>) throws -> EdwardsAffine<G> {
        let t = G.d * p.x * q.x * p.y * q.y
        return EdwardsAffine(
            x: (p.x * q.y + p.y * q.x) * (try #require((.one + t).inverse())),
            y: (p.y * q.y - G.a * p.x * q.x) * (try #require((.one - t).inverse())))
    }

    /// Another representation of the same point.
    func rescaled<G: EdwardsGroup>(_ p: EdwardsAffine<G>, by s: G.BaseField) -> EdwardsExtended<G> {
        EdwardsExtended(x: p.x * s, y: p.y * s, t: p.x * p.y * s, z: s)
    }

    /// Random points of the whole curve.
    func points<G: EdwardsGroup>(_ count: Int, _ generator: inout SeededGenerator) -> [EdwardsAffine<G>] {
        var points: [EdwardsAffine<G>] = []
        while points.count < count {
            var bytes = G.BaseField.random(using: &generator).littleEndianBytes
            if generator.next() % 2 == 0 { bytes[bytes.count - 1] |= 0x80 }
            if let point = EdwardsAffine<G>(encoded: bytes) { points.append(point) }
        }
        return points
    }

    func laws<G: EdwardsGroup>(_: G.Type) throws {
        var generator = SeededGenerator.fresh(G.name)
        // What makes the sums complete.
        #expect(G.a.squareRoot() != nil && G.d.squareRoot() == nil)
        #expect(G.generator.isValid && !G.generator.isIdentity)
        #expect(EdwardsAffine<G>.identity.isValid && (1 << G.cofactor.trailingZeroBitCount) == G.cofactor)
        let order = G.Scalar.modulus.words
        let curve: [EdwardsAffine<G>] = points(6, &generator)
        // Points of small order: r times any.
        let small = curve.map { EdwardsExtended($0).multiplied(by: order).affine }
        #expect(small.contains { !$0.isIdentity })
        let special = [.identity, G.generator, -G.generator, EdwardsAffine(x: .zero, y: -.one)]
        let all = special + curve + small
        for p in all {
            #expect(p.isOnCurve)
            let e = EdwardsExtended(p)
            #expect(e.affine == p && -(-p) == p && (e - e).isIdentity)
            #expect((e + EdwardsExtended<G>.identity) == e)
            #expect(e.doubled() == e + e && e.doubled() == e + p)
            #expect(p.isInSubgroup == e.multiplied(by: order).isIdentity)
            let cleared = e.cofactorCleared
            #expect(cleared == e.multiplied(by: [G.cofactor]) && cleared.affine.isInSubgroup)
            #expect(EdwardsAffine<G>(encoded: p.encoded) == p)
            for q in all {
                let expected = try sum(p, q)
                let (s, t) = (G.BaseField.random(using: &generator), G.BaseField.random(using: &generator))
                let total = rescaled(p, by: s) + rescaled(q, by: t)
                #expect(total.affine == expected && total == rescaled(p, by: s) + q && expected.isOnCurve)
                // T stays x·y/z.
                #expect(total.t * total.z == total.x * total.y)
                #expect(rescaled(p, by: s) == e && (rescaled(p, by: s) == rescaled(q, by: t)) == (p == q))
            }
        }
        for _ in 0..<5 {
            let p = EdwardsAffine<G>.random(using: &generator)
            let q = EdwardsAffine<G>.random(using: &generator)
            let (a, b) = (G.Scalar.random(using: &generator), G.Scalar.random(using: &generator))
            let r = EdwardsExtended(p) + q
            #expect(r.affine.isInSubgroup && (r + EdwardsExtended(p)) == EdwardsExtended(p) + r)
            #expect(p.multiplied(by: a) + p.multiplied(by: b) == p.multiplied(by: a + b))
            #expect(p.multiplied(by: a).multiplied(by: b.canonical.words) == p.multiplied(by: a * b))
            #expect(p.multiplied(by: -.one) == -EdwardsExtended(p) && p.multiplied(by: .zero).isIdentity)
        }
    }

    @Test func babyJubJub() throws { try laws(BabyJubJub.self) }

    /// Encodings of no point, and second encodings of one.
    @Test func encodingsThatAreNone() throws {
        var generator = SeededGenerator.fresh()
        let good = BabyJubJub.generator.encoded
        #expect(Point(encoded: good.dropLast()) == nil && Point(encoded: good + [0]) == nil)
        #expect(Point(encoded: []) == nil)
        // y = 1 has x = 0, which has no sign.
        var one = Point.identity.encoded
        one[31] |= 0x80
        #expect(Point(encoded: one) == nil)
        // y + p is y to a careless reader, where it fits.
        let p = BN254.Fr.modulus.words
        var carry: UInt64 = 0
        let words = zip(Point.identity.y.canonical.words, p).map { a, b in
            let (low, first) = a.addingReportingOverflow(b)
            let (all, second) = low.addingReportingOverflow(carry)
            carry = first || second ? 1 : 0
            return all
        }
        let bytes = words.flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
        }
        #expect(carry == 0 && Point(encoded: bytes) == nil)
        // About half of all y are on no point.
        var none = 0
        for _ in 0..<64 {
            let bytes = BN254.Fr.random(using: &generator).littleEndianBytes
            guard let point = Point(encoded: bytes) else {
                none += 1
                continue
            }
            #expect(point.isOnCurve && point.encoded == bytes)
        }
        #expect((12...52).contains(none))
    }

    @Test func keyAgreement() throws {
        var generator = SeededGenerator.fresh()
        let a = BabyJubJub.Scalar.random(using: &generator)
        let b = BabyJubJub.Scalar.random(using: &generator)
        let (publicA, publicB) = (
            BabyJubJub.generator.multiplied(by: a).affine, BabyJubJub.generator.multiplied(by: b).affine
        )
        let shared = try #require(BabyJubJub.sharedPoint(a, publicB))
        #expect(shared == BabyJubJub.sharedPoint(b, publicA))
        #expect(shared == BabyJubJub.generator.multiplied(by: a * b).affine)
        // Of small order, with a part of small order, off the curve, the identity; and the secret zero.
        let two = Point(x: .zero, y: -.one)
        let mixed = (EdwardsExtended(publicB) + two).affine
        let off = Point(x: publicB.x, y: publicB.y + .one)
        for bad in [two, mixed, off, .identity, Point(x: .zero, y: .zero)] {
            #expect(BabyJubJub.sharedPoint(a, bad) == nil)
        }
        #expect(BabyJubJub.sharedPoint(.zero, publicB) == nil)
    }

    @Test func againstGnarkCrypto() throws {
        let section = try VectorFile.section("babyjubjub", of: "curves", as: Section.self)
        #expect(BabyJubJub.Scalar.modulus.decimal == section.order && section.cofactor == "8")
        #expect(BabyJubJub.generator == section.base.value && section.entries.count >= 16)
        for entry in section.entries {
            let (p, q) = (EdwardsExtended(entry.p.value), EdwardsExtended(entry.q.value))
            #expect(entry.p.value.isOnCurve, "\(entry.case)")
            #expect(entry.p.value.isInSubgroup == entry.pInSubgroup, "\(entry.case)")
            #expect((p + q).affine == entry.sum.value, "\(entry.case)")
            #expect(p.doubled().affine == entry.doubleP.value, "\(entry.case)")
            #expect(-entry.p.value == entry.negationP.value)
            let k = try #require(Limbs4(decimal: entry.k))
            #expect(p.multiplied(by: k.words).affine == entry.product.value, "\(entry.case)")
        }
    }

    @Test func publishedNumbers() throws {
        let known = try VectorFile.section("babyjubjub", of: "published", as: Published.self)
        #expect(BabyJubJub.a == known.a.value && BabyJubJub.d == known.d.value)
        #expect(BabyJubJub.Scalar.modulus.decimal == known.order)
        let base = known.base.value
        let whole = EdwardsExtended(known.curveGenerator.value)
        #expect(base == BabyJubJub.generator && whole.cofactorCleared.affine == base)
        #expect(known.curveGenerator.value.isOnCurve && !known.curveGenerator.value.isInSubgroup)
        let order = try #require(Limbs4(decimal: known.curveOrder))
        #expect(whole.multiplied(by: order.words).isIdentity)
        // u = (1 + y)/(1 − y), v = u/x.
        let inverse = try #require((.one - base.y).inverse())
        let u = (.one + base.y) * inverse
        #expect(known.montgomeryBase.value.x == u)
        #expect(known.montgomeryBase.value.y == u * (try #require(base.x.inverse())))
        for entry in known.sums {
            #expect((EdwardsExtended(entry.p.value) + entry.q.value).affine == entry.sum.value)
        }
        for entry in known.products {
            let k = try #require(Limbs4(decimal: entry.k))
            #expect(EdwardsExtended(entry.p.value).multiplied(by: k.words).affine == entry.product.value)
        }
        for entry in known.encodings {
            let bytes = entry.p.value.encoded
            #expect(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == entry.bytes)
            #expect(Point(encoded: bytes) == entry.p.value)
        }
    }
}
