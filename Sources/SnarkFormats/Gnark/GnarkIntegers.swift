// SPDX-License-Identifier: Apache-2.0

/// Lists of integers of 32 bits as gnark's constraint systems have them, packed by the Go library intcomp:
/// differences in blocks of 128 by a number of bits for each 32, and what is left by bytes.
///
/// A list is words of 32 bits. A block says how many integers it has and how many words it takes, its header
/// included; the last word of a list, which says it of the last block, has no use here.
package enum GnarkIntegers {
    /// Integers of a block by bits; one with fewer is by bytes.
    private static let blockSize = 128

    /// The integers of a list.
    ///
    /// - Parameter limit: how many there may be.
    /// - Returns: nil for words that are no such list.
    package static func unpacked(_ words: [UInt32], limit: Int) -> [UInt32]? {
        var result: [UInt32] = []
        var position = 0
        let end = max(words.count - 1, 0)
        while position < end {
            guard end - position >= 2 else { return nil }
            let (count, size) = (Int(words[position]), Int(words[position + 1]))
            guard count > 0, size >= 2, size <= end - position, count <= limit - result.count else {
                return nil
            }
            let block = words[position..<position + size]
            let integers = count < blockSize ? bytewise(block.dropFirst(2), count) : bitwise(block, count)
            guard let integers, integers.count == count else { return nil }
            result += integers
            position += size
        }
        return result
    }

    /// Differences by seven bits a byte, the lowest first; the bytes of a word from the highest down.
    private static func bytewise(_ words: ArraySlice<UInt32>, _ count: Int) -> [UInt32]? {
        var result: [UInt32] = []
        var (last, difference, shift) = (UInt32(0), UInt32(0), UInt32(0))
        for word in words {
            for byte in [24, 16, 8, 0].map({ word >> $0 & 0xff }) {
                if shift < 32 { difference |= (byte & 0x7f) << shift }
                shift += 7
                guard byte & 0x80 == 0 else { continue }
                last &+= difference
                result.append(last)
                (difference, shift) = (0, 0)
            }
        }
        return result
    }

    /// Groups of 32 differences from an integer on: four counts of bits for 128 of them, each with a flag for
    /// differences with a sign; bits from the lowest up. With 32 bits the integers themselves are there.
    private static func bitwise(_ block: ArraySlice<UInt32>, _ count: Int) -> [UInt32]? {
        var words = block.dropFirst(2)
        guard count % blockSize == 0, var last = words.popFirst() else { return nil }
        var result: [UInt32] = []
        while result.count < count {
            guard let header = words.popFirst() else { return nil }
            for shift in [24, 16, 8, 0] {
                let (bits, isSigned) = (
                    Int(header >> UInt32(shift) & 0x7f), header >> UInt32(shift) & 0x80 != 0
                )
                guard bits <= 32, words.count >= bits else { return nil }
                let group = Array(words.prefix(bits))
                words = words.dropFirst(bits)
                for index in 0..<32 {
                    if bits == 32 {
                        last = group[index]
                    } else {
                        let value = bits == 0 ? 0 : field(group, at: index * bits, count: bits)
                        last &+= isSigned ? value >> 1 ^ (0 &- (value & 1)) : value
                    }
                    result.append(last)
                }
            }
        }
        return words.isEmpty ? result : nil
    }

    private static func field(_ words: [UInt32], at bit: Int, count: Int) -> UInt32 {
        let (word, shift) = (bit / 32, bit % 32)
        let low = UInt64(words[word]) | (word + 1 < words.count ? UInt64(words[word + 1]) << 32 : 0)
        return UInt32(truncatingIfNeeded: low >> UInt64(shift) & (1 << UInt64(count) - 1))
    }
}
