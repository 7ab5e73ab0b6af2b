// SPDX-License-Identifier: Apache-2.0

/// A set of small integers.
struct BitSet: Sendable {
    private var words: [UInt64]

    /// Those below `count` for which `contains` is true.
    init(count: Int, where contains: (Int) -> Bool) {
        words = [UInt64](repeating: 0, count: (count + 63) / 64)
        words.withUnsafeMutableBufferPointer { words in
            for i in 0..<count where contains(i) { words[i / 64] |= 1 << UInt64(i % 64) }
        }
    }

    /// Whether `index`, which is below the count or its next multiple of 64, is in the set.
    @inline(__always)
    subscript(index: Int) -> Bool {
        words.withUnsafeBufferPointer { ($0[index / 64] >> UInt64(index % 64)) & 1 == 1 }
    }

    /// Every number greater by `distance`.
    func shifted(by distance: Int) -> BitSet {
        guard distance > 0 else { return self }
        let count = 64 * words.count
        return BitSet(count: count + distance) { $0 >= distance && self[$0 - distance] }
    }
}
