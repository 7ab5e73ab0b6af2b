// SPDX-License-Identifier: Apache-2.0

/// The step that a round makes of its updates' sum or of what an aggregator leaves of them.
///
/// For each weight: w ← clamp(w − round(s·λ / 2^shift)), where s is the sum over the updates that count and λ
/// = ⌊rate / their number⌋. Integers;
/// halves are rounded upwards, and clamping keeps weights in the task's format.
package struct StepRule: Hashable, Sendable {
    /// For each layer: rate = ⌊learningRate · 2^shift · 2^(weightFraction − updateFraction) / batchSize⌉.
    package let rates: [Int]
    /// For each layer; chosen so that the rate has 24 significant bits.
    package let shifts: [Int]
    /// For each layer: the signed bits of s·λ with half a unit added.
    let productBits: [Int]
    /// For each layer: log₂ of how far beyond a weight's range a step may lead, in units of the range (see
    /// `CircuitBuilder.clamped`).
    let excess: [Int]

    private static let rateBits = 24

    /// - Parameters:
    ///   - fractions: of each layer's updates.
    ///   - updateBits: for each layer the signed bits of an update's entry.
    init(_ task: TaskDescription, fractions: [Int], updateBits: [Int]) throws(TaskError) {
        var (rates, shifts, productBits, excess): ([Int], [Int], [Int], [Int]) = ([], [], [], [])
        for (fraction, updateBits) in zip(fractions, updateBits) {
            // In units of weights for a unit of the update.
            let rate =
                task.learningRate / Double(task.batchSize)
                * Double(sign: .plus, exponent: task.arithmetic.weightFraction - fraction, significand: 1)
            // A rate of zero has no exponent to speak of.
            let shift = rate.isNormal ? Self.rateBits - 1 - Int(rate.exponent) : 0
            guard (1...58).contains(shift), updateBits + Self.rateBits <= 61 else {
                throw TaskError(
                    field: "learningRate",
                    reason:
                        "\(task.learningRate) with updates of \(updateBits) bits is outside of what integers can do"
                )
            }
            rates.append(Int((rate * Double(sign: .plus, exponent: shift, significand: 1)).rounded()))
            shifts.append(shift)
            // |s·λ| ≤ count·2^(updateBits−1) · rate/count = 2^largest at most.
            let largest = updateBits - 1 + Self.rateBits
            productBits.append(max(largest, shift) + 2)
            // The step is at most 2^(largest−shift) + 1, and may be at most 2^(weightBits+excess−1).
            excess.append(max(largest - shift + 2 - task.arithmetic.weightBits, 1))
        }
        self.rates = rates
        self.shifts = shifts
        self.productBits = productBits
        self.excess = excess
    }

    /// λ of each layer for so many updates.
    func scales(count: Int) -> [Int] { rates.map { $0 / count } }
}
