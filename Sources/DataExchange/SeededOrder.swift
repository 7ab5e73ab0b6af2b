// SPDX-License-Identifier: Apache-2.0

/// An order that follows from a seed, the same in every version and on every machine.
package enum SeededOrder {
    /// The numbers below `count`, each once: Fisher and Yates' exchanges from the last place down, with
    /// numbers of SplitMix64 (Steele, Lea and Flood 2014) whose high bits decide (Lemire 2019, without bias).
    package static func permutation(of count: Int, seed: UInt64) -> [Int] {
        var state = seed
        func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
        func below(_ bound: UInt64) -> Int {
            while true {
                let (high, low) = next().multipliedFullWidth(by: bound)
                if low >= (0 &- bound) % bound { return Int(high) }
            }
        }
        var order = Array(0..<count)
        for place in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(place, below(UInt64(place) + 1))
        }
        return order
    }
}
