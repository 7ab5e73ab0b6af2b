// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import EllipticCurves
import FiniteFields
import Testing

/// The groups against other implementations, in all three forms of a point.
@Suite("Groups: known answers")
struct GroupVectorTests {
    struct Section<C: CurveSuite>: Decodable {
        let modulus, order: String
        let g1: GroupSection<C.G1>
        let g2: GroupSection<C.G2>
    }

    struct GroupSection<G: CurveGroup>: Decodable {
        struct Entry: Decodable {
            let `case`: String
            let p, q, sum, doubleP, negationP: Known<Affine<G>>?
            let k: String
            let product: Known<Affine<G>>?
        }

        struct Outsider: Decodable {
            let `case`: String
            let p: Known<Affine<G>>
        }

        let generator: Known<Affine<G>>
        let coefficientB: Known<G.BaseField>
        let entries: [Entry]
        let notOnCurve: [Outsider]
    }

    func check<G: CurveGroup>(_ section: GroupSection<G>) throws {
        #expect(G.generator == section.generator.value)
        #expect(G.b == section.coefficientB.value)
        #expect(G.generator.isValid && Affine<G>.identity.isValid)
        #expect(section.entries.count >= 15)
        for entry in section.entries {
            let (p, q) = (entry.p?.value ?? .identity, entry.q?.value ?? .identity)
            let sum = entry.sum?.value ?? .identity
            let double = entry.doubleP?.value ?? .identity
            #expect(p.isOnCurve && q.isOnCurve && sum.isOnCurve)
            #expect(-p == entry.negationP?.value ?? .identity, "\(entry.case)")
            sums(p, q, sum, double, entry.case)
            let k = try #require(Limbs6(decimal: entry.k))
            let product = entry.product?.value ?? .identity
            #expect(Jacobian(p).multiplied(by: k.words).affine == product, "\(entry.case)")
            if let scalar = G.Scalar(decimal: entry.k) {
                #expect(p.multiplied(by: scalar).affine == product, "\(entry.case)")
            }
        }
        for outsider in section.notOnCurve {
            // (0, 0) is how the identity is written; readers of formats that write it otherwise must look
            // out.
            #expect(outsider.p.value.isOnCurve == outsider.p.value.isIdentity, "\(outsider.case)")
        }
    }

    /// p + q and 2p in every form, with every representation of the operands.
    func sums<G: CurveGroup>(
        _ p: Affine<G>, _ q: Affine<G>, _ sum: Affine<G>, _ double: Affine<G>, _ name: String
    ) {
        for s in [1, 3, 0x1234_5678] as [UInt64] {
            let (jp, jq) = (rescaled(Jacobian(p), by: s), rescaled(Jacobian(q), by: s + 1))
            #expect((jp + jq).affine == sum && (jp + q).affine == sum && (jq + p).affine == sum, "\(name)")
            #expect(jp.doubled().affine == double && (jp + jp).affine == double && (jp + p).affine == double)
            #expect((jp - jq).affine == (jp + -q).affine)
            let (xp, xq) = (rescaled(XYZZ(p), by: s), rescaled(XYZZ(q), by: s + 1))
            #expect((xp + xq).affine == sum && (xp + q).affine == sum && (xq + p).affine == sum, "\(name)")
            #expect(xp.doubled().affine == double && (xp + xp).affine == double && (xp + p).affine == double)
            #expect((xp + -xp).isIdentity && (xp + -p).isIdentity)
            #expect((jp + -jp).isIdentity && (jp + -p).isIdentity)
            #expect(xp.jacobian == jp && xp.affine == p && jp.affine == p)
        }
    }

    /// Another representation of the same point.
    func rescaled<G: CurveGroup>(_ p: Jacobian<G>, by s: UInt64) -> Jacobian<G> {
        let s = G.BaseField.one.multiplied(by: s)
        return Jacobian(x: p.x * s.squared(), y: p.y * s.squared() * s, z: p.z * s)
    }

    func rescaled<G: CurveGroup>(_ p: XYZZ<G>, by s: UInt64) -> XYZZ<G> {
        let s = G.BaseField.one.multiplied(by: s)
        let (ss, sss) = (s.squared(), s.squared() * s)
        return XYZZ(x: p.x * ss, y: p.y * sss, zz: p.zz * ss, zzz: p.zzz * sss)
    }

    func sections<C: CurveSuite>(_: C.Type) throws -> Section<C> {
        try VectorFile.section(C.id.rawValue, of: "curves", as: Section<C>.self)
    }

    func bothGroups<C: CurveSuite>(_: C.Type) throws {
        let section = try sections(C.self)
        #expect(C.Fp.modulus.decimal == section.modulus && C.Fr.modulus.decimal == section.order)
        try check(section.g1)
        try check(section.g2)
    }

    @Test(arguments: CurveUnderTest.all) func bothGroups(curve: CurveUnderTest) throws {
        try bothGroups(curve.suite)
    }

    @Test func groupsOfOtherWidths() throws {
        try bothGroups(Wide.self)
        try bothGroups(Narrow.self)
        try check(VectorFile.section("bls12377Twist", of: "curves", as: GroupSection<BLS12377Twist>.self))
    }

    @Test func grumpkin() throws {
        try check(VectorFile.section("grumpkin", of: "curves", as: GroupSection<Grumpkin>.self))
        // The cycle: each curve's scalars are the other one's coordinates.
        #expect(Grumpkin.Scalar.modulus == BN254.Fp.modulus && Grumpkin.BaseField.modulus == BN254.Fr.modulus)
        #expect(Grumpkin.generator.y.squared() == -BN254.Fr(16))
    }
}

extension Field {
    /// k·self in the additive group.
    func multiplied(by k: UInt64) -> Self {
        var result = Self.zero
        for bit in stride(from: 63, through: 0, by: -1) {
            result = result.doubled()
            if (k >> UInt64(bit)) & 1 == 1 { result += self }
        }
        return result
    }
}
