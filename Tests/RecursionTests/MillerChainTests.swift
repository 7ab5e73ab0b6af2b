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

    /// No multiple [k]Q of the loop is the identity, and [2k]Q is not ±Q where Q is added: k and 2k ± 1 have
    /// no factor in common with the order of the twist, which is odd.
    @Test func prefixesOfTheLoop() {
        #expect(order.words[0] & 1 == 1)
        var multiple = Natural.one
        for digit in MillerSteps.digits {
            #expect(gcd(multiple, order) == .one)
            multiple = multiple + multiple
            if digit != 0 {
                #expect(gcd(multiple.subtracting(.one), order) == .one)
                #expect(gcd(multiple + .one, order) == .one)
                multiple = digit < 0 ? multiple.subtracting(.one) : multiple + .one
            }
        }
        #expect(gcd(multiple, order) == .one)
    }

    /// T = [6z + 2]Q and ψ(Q) have different x, and so have T + ψ(Q), ψ²(Q) and ψ³(Q). Were a + bψ to take Q
    /// to the identity, so would its norm a² + abt + b²p, by ψ² = tψ − p: Q would be of an order that divides
    /// the greatest common divisor of the norm and the order of the twist. That is r or one; and for Q in G2
    /// the points are different.
    @Test func lastLines() {
        // ψ³ = (t² − p)·ψ − tp, p > t². Norms of −a − bψ are those of a + bψ.
        let (s, square) = (count, t * t)
        let norms: [(name: String, norm: Natural)] = [
            ("s − ψ", norm(s, minus: .one)),
            ("s + ψ", norm(s, .one)),
            ("s + ψ − ψ²", norm(s + p, minus: t.subtracting(.one))),
            ("s + ψ + ψ²", norm(p.subtracting(s), minus: t + .one)),
            ("s + ψ − ψ³", norm(s + t * p, (p + .one).subtracting(square))),
            ("s + ψ + ψ³", norm((t * p).subtracting(s), p.subtracting(square + .one))),
            ("1 − ψ", norm(.one, minus: .one)),
            ("1 + ψ", norm(.one, .one)),
            ("ψ", p),
        ]
        for (name, norm) in norms {
            let common = gcd(norm, order)
            #expect(common == .one || common == r, "\(name)")
        }
        let gamma = BN254.Tower.frobenius
        var images = [BN254.G2.generator]
        for _ in 0..<3 {
            let last = images[images.count - 1]
            images.append(Affine(x: last.x.conjugate * gamma.gamma2, y: last.y.conjugate * gamma.gamma3))
        }
        let running = Jacobian(images[0]).multiplied(by: [0x9d79_7039_be76_3ba8, 1])
        #expect(running.affine.x != images[1].x)
        #expect(Set([(running + images[1]).affine.x, images[2].x, images[3].x]).count == 3)
        // On the other hand 6z + 2 + ψ − ψ² + ψ³ is zero on points of order r alone, which are those of G2: r
        // divides the order once.
        let subgroup = norm((t * p).subtracting(p + s), (p + t).subtracting(square + .one))
        #expect(gcd(subgroup, order) == r)
        #expect(gcd(Natural(words: BN254.G2.cofactor), r) == .one)
    }

    /// a² − abt + b²p, the norm of a − bψ.
    private func norm(_ a: Natural, minus b: Natural) -> Natural {
        (a * a + b * b * p).subtracting(a * b * t)
    }

    /// a² + abt + b²p, the norm of a + bψ.
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
