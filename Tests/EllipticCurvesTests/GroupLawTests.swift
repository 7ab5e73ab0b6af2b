// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

/// The groups by their laws, with random points.
@Suite("Groups: laws")
struct GroupLawTests {
    func laws<G: CurveGroup>(_: G.Type) {
        var generator = SeededGenerator.fresh("laws of \(G.name)")
        for _ in 0..<10 {
            let (p, q) = (Affine<G>.random(using: &generator), Affine<G>.random(using: &generator))
            let r = Affine<G>.random(using: &generator)
            #expect(p.isOnCurve && !p.isIdentity && (-p).isOnCurve)
            let (jp, jq) = (Jacobian(p), Jacobian(q))
            #expect(jp + jq == jq + jp && (jp + jq) + r == jp + (jq + r))
            let (xp, xq) = (XYZZ(p), XYZZ(q))
            #expect((xp + xq + r).jacobian == jp + jq + r)
            #expect((jp + jq).doubled() == jp.doubled() + jq.doubled())
            #expect((jp + jq).affine.isOnCurve)
        }
    }

    /// Whatever the other coordinates hold, Z = 0 is the identity.
    func identities<G: CurveGroup>(_: G.Type) {
        let p = G.generator
        let strange = Jacobian<G>(x: p.x, y: p.y, z: .zero)
        #expect(strange.isIdentity && strange == .identity && strange.affine.isIdentity)
        #expect((strange + p).affine == p)
        #expect((strange + Jacobian(p)).affine == p && (Jacobian(p) + strange).affine == p)
        #expect(strange.doubled().isIdentity && (strange + strange).isIdentity)
        #expect((strange + Affine<G>.identity).isIdentity)
        #expect(strange != Jacobian(p) && Jacobian(p) != strange)
        let odd = XYZZ<G>(x: p.x, y: p.y, zz: .zero, zzz: .zero)
        #expect(odd.isIdentity && odd.affine.isIdentity && odd.jacobian.isIdentity)
        #expect((odd + p).affine == p && (odd + XYZZ(p)).affine == p && (XYZZ(p) + odd).affine == p)
        #expect(odd.doubled().isIdentity && (odd + odd).isIdentity && (odd + Affine<G>.identity).isIdentity)
        #expect((Jacobian(p) + Affine<G>.identity).affine == p && (XYZZ(p) + Affine<G>.identity).affine == p)
        #expect(Jacobian(Affine<G>.identity).isIdentity && XYZZ(Affine<G>.identity).isIdentity)
        #expect(-Affine<G>.identity == .identity)
        #expect((-Jacobian<G>.identity).isIdentity && (-XYZZ<G>.identity).isIdentity)
    }

    func scalars<G: CurveGroup>(_: G.Type) {
        var generator = SeededGenerator.fresh("scalars of \(G.name)")
        let p = Affine<G>.random(using: &generator)
        let j = Jacobian(p)
        let r = G.Scalar.modulus
        #expect(j.multiplied(by: []).isIdentity && j.multiplied(by: [0]).isIdentity)
        #expect(j.multiplied(by: [1]) == j && j.multiplied(by: [2]) == j.doubled())
        #expect(j.multiplied(by: [3, 0, 0, 0]) == j.doubled() + p)
        #expect(j.multiplied(by: [.max]) + p == j.multiplied(by: [0, 1]))
        #expect(j.multiplied(by: r.words).isIdentity && G.hasOrderDividingR(p))
        #expect(p.multiplied(by: -G.Scalar.one) == -j && p.multiplied(by: .zero).isIdentity)
        #expect(Jacobian<G>.identity.multiplied(by: r.words).isIdentity)
        for _ in 0..<5 {
            let (a, b) = (G.Scalar.random(using: &generator), G.Scalar.random(using: &generator))
            #expect(p.multiplied(by: a) + p.multiplied(by: b) == p.multiplied(by: a + b))
            #expect(p.multiplied(by: a).multiplied(by: b.canonical.words) == p.multiplied(by: a * b))
        }
        var running = Jacobian<G>.identity
        for k in 0..<40 as Range<UInt64> {
            #expect(j.multiplied(by: [k]) == running)
            running += p
        }
    }

    func batches<G: CurveGroup>(_: G.Type) {
        var generator = SeededGenerator.fresh("batches of \(G.name)")
        var points = (0..<7).map { _ in G.generator.multiplied(by: G.Scalar.random(using: &generator)) }
        points.insert(.identity, at: 3)
        points.append(.identity)
        points.insert(Jacobian(x: points[0].x, y: points[0].y, z: .zero), at: 0)
        #expect(Jacobian<G>.batchAffine(points) == points.map(\.affine))
        #expect(Jacobian<G>.batchAffine([]).isEmpty)
        #expect(Jacobian<G>.batchAffine([.identity]) == [.identity])
    }

    func all<G: CurveGroup>(_: G.Type) {
        laws(G.self)
        identities(G.self)
        scalars(G.self)
        batches(G.self)
    }

    @Test(arguments: CurveUnderTest.all) func bothGroups(curve: CurveUnderTest) {
        func check<C: CurveSuite>(_: C.Type) {
            all(C.G1.self)
            all(C.G2.self)
        }
        check(curve.suite)
    }

    @Test func grumpkin() { all(Grumpkin.self) }

    @Test func groupsOfOtherWidths() {
        all(Wide.G1.self)
        all(Wide.G2.self)
        all(Narrow.G1.self)
        all(Narrow.G2.self)
        all(BLS12377Twist.self)
    }
}
