// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

/// Pairings by their laws, with random points and scalars.
@Suite("Pairings: laws")
struct PairingTests {
    func bilinear<C: CurveSuite>(_: C.Type) {
        var generator = SeededGenerator.fresh("bilinear \(C.id)")
        let base = C.pairing(.generator, .generator)
        #expect(base != .one, "non-degenerate")
        #expect(base.power(C.Fr.modulus.words) == .one, "of order r")
        for _ in 0..<4 {
            let (p, q) = (Affine<C.G1>.random(using: &generator), Affine<C.G2>.random(using: &generator))
            let (a, b) = (C.Fr.random(using: &generator), C.Fr.random(using: &generator))
            let value = C.pairing(p, q)
            #expect(value != .one)
            let both = C.pairing(p.multiplied(by: a).affine, q.multiplied(by: b).affine)
            #expect(both == value.power((a * b).canonical.words))
            #expect(both == C.pairing(p.multiplied(by: a * b).affine, q))
            #expect(both == C.pairing(p, q.multiplied(by: a * b).affine))
            let (p2, q2) = (Affine<C.G1>.random(using: &generator), Affine<C.G2>.random(using: &generator))
            #expect(C.pairing((Jacobian(p) + p2).affine, q) == value * C.pairing(p2, q))
            #expect(C.pairing(p, (Jacobian(q) + q2).affine) == value * C.pairing(p, q2))
            #expect(C.pairing(-p, q) == value.conjugate && C.pairing(p, -q) == value.conjugate)
            #expect(value * value.conjugate == .one)
        }
    }

    func products<C: CurveSuite>(_: C.Type) {
        var generator = SeededGenerator.fresh("products \(C.id)")
        let identity = C.prepare(.identity)
        #expect(C.millerLoop([]) == .one && C.isPairingProductOne([]))
        #expect(C.millerLoop([(.generator, identity)]) == .one)
        #expect(C.millerLoop([(.identity, C.prepare(.generator)), (.identity, identity)]) == .one)
        for count in 1...5 {
            let points = (0..<count).map { _ in
                (Affine<C.G1>.random(using: &generator), Affine<C.G2>.random(using: &generator))
            }
            var pairs = points.map { ($0.0, C.prepare($0.1)) }
            let expected = points.reduce(Fp12<C.Tower>.one) { $0 * C.pairing($1.0, $1.1) }
            #expect(C.finalExponentiation(C.millerLoop(pairs)) == expected)
            #expect(!C.isPairingProductOne(pairs))
            // Identities change nothing, wherever they stand.
            pairs.insert((.identity, pairs[0].1), at: 0)
            pairs.insert((points[0].0, identity), at: count)
            pairs.append((.identity, identity))
            #expect(C.finalExponentiation(C.millerLoop(pairs)) == expected)
            // Prepared lines serve again, and the negated pairs cancel all.
            let cancelling = pairs.map { (-$0.0, $0.1) }
            #expect(C.isPairingProductOne(pairs + cancelling))
        }
    }

    /// e(aP, Q)·e(−P, aQ) = 1 for exactly this a.
    func checks<C: CurveSuite>(_: C.Type) {
        var generator = SeededGenerator.fresh("checks \(C.id)")
        let a = C.Fr.random(using: &generator)
        let (p, q) = (Affine<C.G1>.random(using: &generator), Affine<C.G2>.random(using: &generator))
        let (preparedQ, preparedAQ) = (C.prepare(q), C.prepare(q.multiplied(by: a).affine))
        for (b, expected) in [(a, true), (a + .one, false), (-a, false), (.zero, false)] {
            let pairs = [(p.multiplied(by: b).affine, preparedQ), (-p, preparedAQ)]
            #expect(C.isPairingProductOne(pairs) == expected)
        }
    }

    /// Against the exponent (p¹² − 1)/r itself; besides, the map is multiplicative, trivial on Fp6, zero at
    /// zero.
    func finalExponentiation<C: CurveSuite>(_: C.Type) {
        var generator = SeededGenerator.fresh("final exponentiation \(C.id)")
        let (f, g) = (Fp12<C.Tower>.random(using: &generator), Fp12<C.Tower>.random(using: &generator))
        let (fe, ge) = (C.finalExponentiation(f), C.finalExponentiation(g))
        #expect(fe != .one && fe.power(C.Fr.modulus.words) == .one)
        #expect(C.finalExponentiation(f * g) == fe * ge)
        #expect(C.finalExponentiation(f.frobenius()) == fe.frobenius())
        #expect(C.finalExponentiation(Fp12(f.c0, .zero)) == .one)
        #expect(C.finalExponentiation(.one) == .one && C.finalExponentiation(.zero) == .zero)
        // f^((p¹² − 1)/r) = h^((p⁴ − p² + 1)/r) for h = f^((p⁶ − 1)(p² + 1)), bit by bit.
        let easy = (f.conjugate * (f.inverse() ?? .zero)).raisedToFrobeniusSquaredPlusOne()
        #expect(easy.power(hardExponent(C.self)) == fe)
    }

    /// (p⁴ − p² + 1)/r.
    func hardExponent<C: CurveSuite>(_: C.Type) -> [UInt64] {
        let p = BigNatural(C.Fp.modulus.words)
        let square = p * p
        var numerator = square * square
        numerator.subtract(square)
        numerator.add(1)
        return numerator.divided(by: BigNatural(C.Fr.modulus.words)).words
    }

    /// Points on the curve but outside the subgroup, or outside the curve, give some value and never a trap.
    func nonsense<C: CurveSuite>(_: C.Type) {
        let firsts: [Affine<C.G1>] = [.generator, Affine(x: .zero, y: .one), Affine(x: .one, y: .zero)]
        for q in [Affine<C.G2>(x: .one, y: .zero), Affine<C.G2>(x: .zero, y: .one)] {
            for p in firsts { _ = C.isPairingProductOne([(p, C.prepare(q))]) }
        }
    }

    func all<C: CurveSuite>(_: C.Type) {
        bilinear(C.self)
        products(C.self)
        checks(C.self)
        finalExponentiation(C.self)
        nonsense(C.self)
    }

    @Test(arguments: CurveUnderTest.all) func laws(curve: CurveUnderTest) { all(curve.suite) }
}

extension Fp12 {
    func raisedToFrobeniusSquaredPlusOne() -> Self { frobeniusSquared() * self }
}
