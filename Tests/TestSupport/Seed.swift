// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A reproducible generator for tests: SplitMix64 (Steele, Lea and Flood 2014).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A generator with a fresh seed, which is printed; `MARTLET_TEST_SEED` sets it to repeat a run.
    package static func fresh(_ test: String = #function) -> SeededGenerator {
        SeededGenerator(seed: freshSeed(test))
    }

    /// The seed of such a generator.
    package static func freshSeed(_ test: String = #function) -> UInt64 {
        let given = ProcessInfo.processInfo.environment["MARTLET_TEST_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: .min ... .max)
        print("\(test): seed \(seed) (repeat with MARTLET_TEST_SEED=\(seed))")
        return seed
    }
}
