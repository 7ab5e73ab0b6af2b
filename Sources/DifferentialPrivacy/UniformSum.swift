// SPDX-License-Identifier: Apache-2.0

/// The sum of independent uniform integers, as noise: each is drawn from 0 …< 2^`bits`, and there are
/// `count`.
///
/// Its shape is that of Irwin and Hall: close to a Gaussian, with bounded tails that are lighter.
package struct UniformSum: Sendable {
    /// The bits of each integer.
    package let bits: Int
    /// The number of integers.
    package let count: Int
    /// The probabilities of the sums 0 … `count`·(2^`bits` − 1). Each is right to some 2^−50 of itself, down
    /// to what a `Double` can hold; what is smaller is 0.
    package let probabilities: [Double]

    /// Whether the probabilities of such sums can be computed in seconds: at most 2^26 of them, and
    /// `count`²·2^`bits` ≤ 2^32.
    package static func canCompute(bits: Int, count: Int) -> Bool {
        (1...20).contains(bits) && (1...1 << 16).contains(count) && count << bits <= 1 << 26
            && count * count << bits <= 1 << 32
    }

    /// - Precondition: `canCompute`.
    package init(bits: Int, count: Int) {
        precondition(Self.canCompute(bits: bits, count: count))
        self.bits = bits
        self.count = count
        let width = 1 << bits
        var probabilities = [Double](repeating: 1 / Double(width), count: width)
        for _ in 1..<count { probabilities = Self.convolved(probabilities, width) }
        self.probabilities = probabilities
    }

    /// (4^`bits` − 1)/12 for each integer.
    package var variance: Double { Double(count) * (Double(1 << (2 * bits)) - 1) / 12 }

    /// The distribution with one more uniform integer below `width`.
    ///
    /// Half of it is computed and mirrored: there sums of probabilities from the left are small where the
    /// probabilities are, so that their differences lose nothing.
    private static func convolved(_ f: [Double], _ width: Int) -> [Double] {
        let size = f.count + width - 1
        var result = [Double](repeating: 0, count: size)
        var sums = [Double](repeating: 0, count: f.count + 1)
        for (index, probability) in f.enumerated() { sums[index + 1] = sums[index] + probability }
        for index in 0..<((size + 1) / 2) {
            let sum = sums[min(index + 1, f.count)] - sums[max(index + 1 - width, 0)]
            result[index] = sum / Double(width)
            result[size - 1 - index] = result[index]
        }
        return result
    }
}
