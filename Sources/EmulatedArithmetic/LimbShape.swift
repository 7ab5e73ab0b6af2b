// SPDX-License-Identifier: Apache-2.0

/// How an element of an emulated field is cut into chunks, and chunks are put together to limbs.
///
/// An element is the integer a(2^W) of the polynomial whose coefficients are its limbs, the lowest first. A
/// limb is a whole number of chunks, W bits; the last one takes what is left, which may be a little more or
/// far less.
package struct LimbShape: Hashable, Sendable {
    /// The bits of a chunk.
    package let chunkBits: Int
    /// The chunks of each limb, the lowest limb first.
    package let limbChunks: [Int]

    /// The shape for a prime of `bitWidth` bits: three limbs for 254 and 255 bits, five for 381.
    ///
    /// - Precondition: 1 ≤ chunkBits ≤ 20.
    package init(bitWidth: Int, chunkBits: Int) {
        precondition((1...20).contains(chunkBits))
        self.chunkBits = chunkBits
        let chunks = (bitWidth + chunkBits - 1) / chunkBits
        // Near 85 bits: three limbs then hold 255.
        let limb = (85 + chunkBits / 2) / chunkBits
        var limbs = [Int](repeating: limb, count: chunks / limb)
        let rest = chunks - limb * limbs.count
        // A chunk or two join the last limb, unless that becomes so wide that its square, times a challenge,
        // leaves no room below the native prime.
        let isSmall = rest <= 2 && !limbs.isEmpty && (limb + rest) * chunkBits <= Self.widestLimb
        if rest > 0 && isSmall {
            limbs[limbs.count - 1] += rest
        } else if rest > 0 {
            limbs.append(rest)
        }
        limbChunks = limbs
    }

    /// The most bits of a limb.
    private static let widestLimb = 100

    /// The number of limbs.
    package var count: Int { limbChunks.count }
    /// The chunks of an element.
    package var chunkCount: Int { limbChunks.reduce(0, +) }
    /// W: limb i counts 2^(W·i).
    package var base: Int { limbChunks[0] * chunkBits }
    /// The bits of each limb, the lowest limb first.
    package var limbBits: [Int] { limbChunks.map { $0 * chunkBits } }
    /// The bits of an element: all integers below 2^bits have a representation.
    package var bits: Int { chunkCount * chunkBits }

    /// How many chunks of a width a circuit may have in its table: k + 2^(chunkBits + 1) < 2^23 for k of
    /// them, which the argument for lookups needs (docs/recursion.md, "The argument").
    package static func mostChunks(chunkBits: Int) -> Int { 1 << 23 - 1 << (chunkBits + 1) - 1 }

    /// The width of chunks with which a circuit has the fewest constraints: one for each chunk of its
    /// elements, and one for each entry of the table.
    ///
    /// Only widths for which no limb is much wider than the others: products of wide limbs leave little room
    /// for sums.
    ///
    /// - Parameters:
    ///   - elements: how many elements there are of primes of how many bits.
    ///   - widths: those that there are to choose from; `nil` for all.
    package static func chunkBits(
        forElements elements: [(count: Int, bitWidth: Int)], of widths: [Int]? = nil
    ) -> Int {
        (widths ?? [4, 5, 8, 10, 11, 13, 15, 17]).min {
            func cost(_ bits: Int) -> Int {
                elements.reduce(1 << bits) { sum, own in
                    sum + own.count * LimbShape(bitWidth: own.bitWidth, chunkBits: bits).chunkCount
                }
            }
            return cost($0) < cost($1)
        }!
    }

    /// The limbs of an integer below 2^bits.
    package func limbs(of integer: Natural) -> [UInt128] { limbs(of: integer.words) }

    /// The limbs of an integer below 2^bits, from its digits in base 2^64.
    func limbs(of words: [UInt64]) -> [UInt128] {
        var start = 0
        return limbChunks.map { count in
            defer { start += count * chunkBits }
            return words.digit(at: start, width: count * chunkBits, above: 0)
        }
    }

    /// The chunks of an integer below 2^bits, from its digits in base 2^64.
    func chunks(of words: [UInt64]) -> [UInt32] {
        let mask = UInt64(1) << UInt64(chunkBits) - 1
        return (0..<chunkCount).map { index in
            let (word, shift) = (index * chunkBits / 64, UInt64(index * chunkBits % 64))
            guard word < words.count else { return 0 }
            var chunk = words[word] >> shift
            if shift + UInt64(chunkBits) > 64 && word + 1 < words.count {
                chunk |= words[word + 1] << (64 - shift)
            }
            return UInt32(chunk & mask)
        }
    }
}
