// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields

/// The stream of 32-bit words of ChaCha20 (RFC 8439's block function, a counter of 128 bits from zero).
struct ChaChaStream {
    private var state: [UInt32]
    private var block: [UInt32] = []
    private var position = 16

    /// - Precondition: eight words of seed, which serve as the key.
    init(seed: [UInt32]) {
        precondition(seed.count == 8)
        state = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574] + seed + [0, 0, 0, 0]
    }

    mutating func next() -> UInt32 {
        if position == 16 {
            var work = state
            for _ in 0..<10 {
                for (a, b, c, d) in [
                    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15),
                    (1, 6, 11, 12), (2, 7, 8, 13),
                    (3, 4, 9, 14),
                ] {
                    quarter(&work, a, b, c, d)
                }
            }
            block = zip(work, state).map { $0 &+ $1 }
            for word in 12..<16 {
                state[word] &+= 1
                if state[word] != 0 { break }
            }
            position = 0
        }
        defer { position += 1 }
        return block[position]
    }

    private func quarter(_ s: inout [UInt32], _ a: Int, _ b: Int, _ c: Int, _ d: Int) {
        func rotated(_ x: UInt32, _ by: UInt32) -> UInt32 { x << by | x >> (32 - by) }
        s[a] &+= s[b]
        s[d] = rotated(s[d] ^ s[a], 16)
        s[c] &+= s[d]
        s[b] = rotated(s[b] ^ s[c], 12)
        s[a] &+= s[b]
        s[d] = rotated(s[d] ^ s[a], 8)
        s[c] &+= s[d]
        s[b] = rotated(s[b] ^ s[c], 7)
    }
}

/// Points drawn from a ChaCha20 stream in the way that snarkjs' setup files fix: x by rejection, a bit for
/// the sign of y, times the cofactor.
enum ChaChaPoints<Suite: CurveSuite> {
    static func point2(seed: [UInt32]) -> Affine<Suite.G2> {
        var stream = ChaChaStream(seed: seed)
        while true {
            let x = Suite.Fp2(element(&stream), element(&stream))
            let wantsGreater = stream.next() & 1 == 1
            guard var y = (x.squared() * x + Suite.G2.b).squareRoot() else { continue }
            if isGreater(y) != wantsGreater { y = -y }
            return Jacobian(Affine<Suite.G2>(x: x, y: y)).multiplied(by: Suite.G2.cofactor).affine
        }
    }

    /// The same in G1.
    static func point1(_ stream: inout ChaChaStream) -> Affine<Suite.G1> {
        while true {
            let x: Suite.Fp = element(&stream)
            let wantsGreater = stream.next() & 1 == 1
            guard var y = (x.squared() * x + Suite.G1.b).squareRoot() else { continue }
            if isGreater(y) != wantsGreater { y = -y }
            return Jacobian(Affine<Suite.G1>(x: x, y: y)).multiplied(by: Suite.G1.cofactor).affine
        }
    }

    /// A scalar below the group order.
    static func scalar(_ stream: inout ChaChaStream) -> Suite.Fr { element(&stream) }

    /// The words are taken for Montgomery limbs, higher half first within 64 bits.
    private static func element<F: PrimeField>(_ stream: inout ChaChaStream) -> F {
        let excess = UInt64(64 * F.Limbs.count - F.bitWidth)
        while true {
            var limbs = F.Limbs.zero
            for limb in 0..<F.Limbs.count {
                let high = UInt64(stream.next()) << 32
                limbs[limb] = high | UInt64(stream.next())
            }
            limbs[F.Limbs.count - 1] &= UInt64.max >> excess
            if limbs.isLess(than: F.modulus) { return F(montgomery: limbs) }
        }
    }

    /// Whether y is above (p − 1)/2 in its second coordinate, in the first where that is zero.
    private static func isGreater(_ y: Suite.Fp2) -> Bool {
        isGreater(y.c1.isZero ? y.c0 : y.c1)
    }

    private static func isGreater(_ y: Suite.Fp) -> Bool {
        // y > (p − 1)/2 exactly when −y < y.
        !y.isZero && (-y).canonical.isLess(than: y.canonical)
    }
}
