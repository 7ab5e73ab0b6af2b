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

    /// - Precondition: 1 ≤ bits ≤ 20, 1 ≤ count, and there are at most 2^26 sums.
    package init(bits: Int, count: Int) {
        precondition((1...20).contains(bits) && count >= 1 && count << bits <= 1 << 26)
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
