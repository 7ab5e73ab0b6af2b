// SPDX-License-Identifier: Apache-2.0

/// BLAKE2b with 64 bytes of output and no key (RFC 7693): the hash that snarkjs' setup files are chained
/// with.
package struct Blake2b {
    private static let initial: [UInt64] = [
        0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
    ]
    private static let permutations: [[Int]] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ]

    private var state = initial
    private var block: [UInt8] = []
    private var length: UInt64 = 0

    package init() {
        state[0] ^= 0x0101_0000 ^ 64
        block.reserveCapacity(128)
    }

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            // A full block waits for more: the last one is hashed differently.
            if block.count == 128 { compress(isLast: false) }
            block.append(byte)
        }
    }

    /// The 64 bytes of the hash.
    package func finished() -> [UInt8] {
        var copy = self
        let count = copy.block.count
        copy.block += [UInt8](repeating: 0, count: 128 - count)
        copy.compress(isLast: true, count: count)
        return copy.state.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    private mutating func compress(isLast: Bool, count: Int = 128) {
        length += UInt64(count)
        let words = block.withUnsafeBytes { bytes in
            (0..<16).map {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
            }
        }
        var v = state + Self.initial
        v[12] ^= length
        if isLast { v[14] = ~v[14] }
        func mix(_ v: inout [UInt64], _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ x: UInt64, _ y: UInt64) {
            v[a] = v[a] &+ v[b] &+ x
            v[d] = Self.rotated(v[d] ^ v[a], 32)
            v[c] = v[c] &+ v[d]
            v[b] = Self.rotated(v[b] ^ v[c], 24)
            v[a] = v[a] &+ v[b] &+ y
            v[d] = Self.rotated(v[d] ^ v[a], 16)
            v[c] = v[c] &+ v[d]
            v[b] = Self.rotated(v[b] ^ v[c], 63)
        }
        for round in 0..<12 {
            let s = Self.permutations[round % 10]
            mix(&v, 0, 4, 8, 12, words[s[0]], words[s[1]])
            mix(&v, 1, 5, 9, 13, words[s[2]], words[s[3]])
            mix(&v, 2, 6, 10, 14, words[s[4]], words[s[5]])
            mix(&v, 3, 7, 11, 15, words[s[6]], words[s[7]])
            mix(&v, 0, 5, 10, 15, words[s[8]], words[s[9]])
            mix(&v, 1, 6, 11, 12, words[s[10]], words[s[11]])
            mix(&v, 2, 7, 8, 13, words[s[12]], words[s[13]])
            mix(&v, 3, 4, 9, 14, words[s[14]], words[s[15]])
        }
        for word in 0..<8 { state[word] ^= v[word] ^ v[word + 8] }
        block.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private static func rotated(_ x: UInt64, _ by: UInt64) -> UInt64 { x >> by | x << (64 - by) }
}
