// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

/// The fast membership checks against the definition r·P = O.
@Suite("Subgroups")
struct SubgroupTests {
    struct Section<C: CurveSuite>: Decodable {
        let g1: GroupSection<C.G1>
        let g2: GroupSection<C.G2>
    }

    struct GroupSection<G: CurveGroup>: Decodable {
        struct Outsider: Decodable {
            let `case`: String
            let p: Known<Affine<G>>
            let inSubgroup: Bool
            let orderTimesP, cofactorTimesP: Known<Affine<G>>?
        }

        let cofactor: String
        let notInSubgroup: [Outsider]
    }

    func outsiders<G: CurveGroup>(_ section: GroupSection<G>, atLeast count: Int) throws {
        #expect(section.notInSubgroup.count >= count)
        let cofactor = try #require(Limbs8Decimal(section.cofactor))
        for known in section.notInSubgroup {
            let p = known.p.value
            #expect(p.isOnCurve && !known.inSubgroup)
            #expect(!G.isInSubgroup(p) && !p.isValid && !G.hasOrderDividingR(p), "\(known.case)")
            let rest = Jacobian(p).multiplied(by: G.Scalar.modulus.words).affine
            #expect(rest == known.orderTimesP?.value ?? .identity)
            let cleared = Jacobian(p).multiplied(by: cofactor.words).affine
            #expect(cleared == known.cofactorTimesP?.value ?? .identity, "\(known.case)")
            #expect(G.isInSubgroup(cleared) && G.hasOrderDividingR(cleared))
        }
    }

    /// Random points of the subgroup, of the curve, and of the rest: both checks must agree on all.
    func random<G: CurveGroup>(_: G.Type, cofactorIsOne: Bool) {
        var generator = SeededGenerator.fresh("subgroup of \(G.name)")
        #expect(G.isInSubgroup(.identity) && G.isInSubgroup(G.generator))
        var outside = 0
        var found = 0
        while found < 12 {
            let x = G.BaseField.random(using: &generator)
            guard let y = (x.squared() * x + G.b).squareRoot() else { continue }
            found += 1
            let p = Affine<G>(x: x, y: y)
            #expect(p.isOnCurve)
            #expect(G.isInSubgroup(p) == G.hasOrderDividingR(p))
            if !G.isInSubgroup(p) { outside += 1 }
            #expect(G.hasOrderDividingR(Jacobian(p).multiplied(by: G.cofactor).affine))
            // p + a member is a member only when p is; r·p is in the subgroup only when it is the identity.
            let member = Affine<G>.random(using: &generator)
            #expect(G.isInSubgroup(member) && G.hasOrderDividingR(member))
            #expect(G.isInSubgroup((Jacobian(p) + member).affine) == G.isInSubgroup(p))
            let rest = Jacobian(p).multiplied(by: G.Scalar.modulus.words).affine
            #expect(G.isInSubgroup(rest) == rest.isIdentity)
        }
        #expect(outside == (cofactorIsOne ? 0 : found) && (G.cofactor == [1]) == cofactorIsOne)
        for divisor in 2..<max(2, UInt64(1) << UInt64(G.cofactorRoughness)) {
            let remainder = G.cofactor.reversed().reduce(UInt64(0)) {
                divisor.dividingFullWidth(($0, $1)).remainder
            }
            #expect(remainder != 0, "\(divisor) divides the cofactor")
        }
    }

    func section<C: CurveSuite>(_: C.Type) throws -> Section<C> {
        try VectorFile.section(C.id.rawValue, of: "curves", as: Section<C>.self)
    }

    func check<C: CurveSuite>(_: C.Type) throws {
        let section = try section(C.self)
        try check(section.g1)
        try check(section.g2)
    }

    func check<G>(_ group: GroupSection<G>) throws {
        let isOne = group.cofactor == "1"
        random(G.self, cofactorIsOne: isOne)
        try outsiders(group, atLeast: isOne ? 0 : 4)
    }

    @Test(arguments: CurveUnderTest.all) func bothGroups(curve: CurveUnderTest) throws {
        try check(curve.suite)
    }

    @Test func groupsOfOtherWidths() throws {
        try check(Wide.self)
        try check(Narrow.self)
        try check(VectorFile.section("bls12377Twist", of: "curves", as: GroupSection<BLS12377Twist>.self))
    }
}

/// A decimal integer of up to 512 bits: the cofactor of BLS12-381's G2 exceeds six limbs.
struct Limbs8Decimal {
    private(set) var words = [UInt64](repeating: 0, count: 8)

    init?(_ text: String) {
        for character in text.utf8 {
            guard (0x30...0x39).contains(character) else { return nil }
            var carry = UInt64(character - 0x30)
            for i in words.indices {
                let product = words[i].multipliedFullWidth(by: 10)
                let (low, overflow) = product.low.addingReportingOverflow(carry)
                words[i] = low
                carry = product.high + (overflow ? 1 : 0)
            }
            guard carry == 0 else { return nil }
        }
    }
}
