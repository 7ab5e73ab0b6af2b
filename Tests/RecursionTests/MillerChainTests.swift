// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields
import Recursion
import Testing

/// That no step of the Miller loop divides by zero, for any point of the twist: what docs/recursion.md says
/// of the orders of such points.
@Suite struct MillerChainTests {
    private let z = Natural(4_965_661_367_192_848_881)
    private var p: Natural { Natural(BN254.Fp.modulus) }
    private var r: Natural { Natural(BN254.Fr.modulus) }
    /// The trace of the Frobenius map: 6z² + 1.
    private var t: Natural { Natural(6) * z * z + .one }
    private var count: Natural { Natural(6) * z + Natural(2) }
    /// The number of points of the twist.
    private var order: Natural { r * Natural(words: BN254.G2.cofactor) }

    @Test func parameters() {
        #expect(p + .one == r + t)
        #expect(Natural(words: BN254.G2.cofactor) + r == p + p)
        // ψ² is (x·…, −y), which spares a y.
        #expect(BN254.Tower.frobenius.gamma3.norm == -.one)
        // [6z + 2] is what the digits say.
        var (multiple, sign) = (Natural.one, 0)
        for digit in MillerSteps.digits {
            multiple = multiple + multiple
            multiple = digit < 0 ? multiple.subtracting(.one) : digit > 0 ? multiple + .one : multiple
            sign += digit
        }
        #expect(multiple == count && sign != 0)
    }

    /// No multiple [k]Q of the loop is the identity, ±Q where Q is added, or the negative of what is added to
    /// it: k, k ± 1 and 2k ± 1 have no factor in common with the order of the twist, which is odd.
    @Test func prefixesOfTheLoop() {
        #expect(order.words[0] & 1 == 1)
        var multiple = Natural.one
        for digit in MillerSteps.digits {
            #expect(gcd(multiple, order) == .one)
            if digit != 0 {
                #expect(multiple > .one)
                #expect(gcd(multiple.subtracting(.one), order) == .one)
                #expect(gcd(multiple + .one, order) == .one)
            }
            multiple = multiple + multiple
            if digit != 0 { multiple = digit < 0 ? multiple.subtracting(.one) : multiple + .one }
            #expect(gcd(multiple, order) == .one)
        }
    }

    /// [6z + 2]Q, ψ(Q), ψ²(Q) and ψ³(Q) have four different x. Were a + bψ to take Q to the identity, so
    /// would its norm a² + abt + b²p, by ψ² = tψ − p: Q would be of an order that divides the greatest common
    /// divisor of the norm and the order of the twist. That is r or one; and for Q in G2 the points are
    /// different.
    @Test func lastParabola() {
        // ψ³ = (t² − p)·ψ − tp; p > t². Both signs of each: of a and b none is negative, or both are, or one.
        let (s, square) = (count, t * t)
        let norms: [(name: String, norm: Natural)] = [
            ("s − ψ", (s * s + p).subtracting(s * t)),
            ("s + ψ", s * s + s * t + p),
            // a = s + p, b = −t: a² − at² + t²p = a² − st².
            ("s − ψ²", ((s + p) * (s + p)).subtracting(s * square)),
            // a = s − p, b = t: a² + at² + t²p = (p − s)² + st².
            ("s + ψ²", p.subtracting(s) * p.subtracting(s) + s * square),
            ("s − ψ³", norm(s + t * p, p.subtracting(square))),
            ("s + ψ³", norm((t * p).subtracting(s), p.subtracting(square))),
            ("1 − ψ", (p + .one).subtracting(t)),
            ("1 + ψ", p + .one + t),
            ("1 − ψ²", ((p + .one) * (p + .one)).subtracting(square)),
            ("1 + ψ²", p.subtracting(.one) * p.subtracting(.one) + square),
            ("ψ", p),
        ]
        for (name, norm) in norms {
            let common = gcd(norm, order)
            #expect(common == .one || common == r, "\(name)")
        }
        var points = [Jacobian(BN254.G2.generator).multiplied(by: [0x9d79_7039_be76_3ba8, 1]).affine]
        var image = BN254.G2.generator
        for _ in 0..<3 {
            let gamma = BN254.Tower.frobenius
            image = Affine(x: image.x.conjugate * gamma.gamma2, y: image.y.conjugate * gamma.gamma3)
            points.append(image)
        }
        #expect(Set(points.map(\.x)).count == 4)
        // On the other hand 6z + 2 + ψ − ψ² + ψ³ is zero on points of order r alone, which are those of G2: r
        // divides the order once. Here a and b are both negative.
        let subgroup = norm((t * p).subtracting(p + s), (p + t).subtracting(square + .one))
        #expect(gcd(subgroup, order) == r)
        #expect(gcd(Natural(words: BN254.G2.cofactor), r) == .one)
    }

    /// a² + abt + b²p.
    private func norm(_ a: Natural, _ b: Natural) -> Natural { a * a + a * b * t + b * b * p }

    private func gcd(_ a: Natural, _ b: Natural) -> Natural {
        // b is odd.
        var (a, b) = (a, b)
        while a != .zero {
            while a.words[0] & 1 == 0 { a = a >> 1 }
            if a < b { (a, b) = (b, a) }
            a = a.subtracting(b)
        }
        return b
    }
}
