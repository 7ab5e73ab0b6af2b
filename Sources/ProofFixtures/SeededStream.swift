// SPDX-License-Identifier: Apache-2.0

/// A reproducible stream of random words: SplitMix64 (Steele, Lea and Flood 2014). Not for secrets.
package struct SeededStream: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A stream of its own for part number `part` of the input called `name`: parts can be made in any order.
    package init(seed: UInt64, _ name: String, part: Int = 0) {
        // FNV-1a tells the names apart; one step of the generator then mixes in the seed.
        let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var mixer = SeededStream(seed: seed ^ hash &+ UInt64(part) &* 0xd134_2543_de82_ef95)
        state = mixer.next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
