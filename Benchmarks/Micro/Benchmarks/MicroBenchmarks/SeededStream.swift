// SPDX-License-Identifier: Apache-2.0

/// A reproducible stream of random words: SplitMix64 (Steele, Lea and Flood 2014). Always the same, since
/// thresholds are for one input. Not for secrets.
struct SeededStream: RandomNumberGenerator {
    private var state: UInt64 = 0x6d61_7274_6c65_7400

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
