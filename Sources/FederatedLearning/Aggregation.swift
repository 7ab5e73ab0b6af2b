// SPDX-License-Identifier: Apache-2.0

import Circuits
import Foundation

/// The step that a round makes of its updates' sum or of what an aggregator leaves of them.
///
/// For each weight: w ← clamp(w − round(s·λ / 2^shift)), where s is the sum over the updates that count and λ
/// = ⌊rate / their number⌋. Integers; halves are rounded upwards, and clamping keeps weights in the task's
/// format.
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

    init(_ task: TaskDescription, _ layers: [Plan.Layer]) throws(TaskError) {
        var (rates, shifts, productBits, excess): ([Int], [Int], [Int], [Int]) = ([], [], [], [])
        for layer in layers {
            let fraction = layer.inputFraction + task.arithmetic.probabilityFraction
            // In units of weights for a unit of the update.
            let rate =
                task.learningRate / Double(task.batchSize)
                * Double(sign: .plus, exponent: task.arithmetic.weightFraction - fraction, significand: 1)
            // A rate of zero has no exponent to speak of.
            let shift = rate.isNormal ? Self.rateBits - 1 - Int(rate.exponent) : 0
            guard (1...58).contains(shift), layer.updateBits + Self.rateBits <= 61 else {
                throw TaskError(
                    field: "learningRate",
                    reason:
                        "\(task.learningRate) with updates of \(layer.updateBits) bits is outside of what integers can do"
                )
            }
            rates.append(Int((rate * Double(sign: .plus, exponent: shift, significand: 1)).rounded()))
            shifts.append(shift)
            // |s·λ| ≤ count·2^(updateBits−1) · rate/count = 2^largest at most.
            let largest = layer.updateBits - 1 + Self.rateBits
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

/// What a round makes of its updates.
package enum Aggregation {
    /// The part of the updates that counts, summed: all of them for the mean, the middle ones of each
    /// coordinate for the others.
    ///
    /// - Parameter updates: at least one.
    /// - Returns: the sum, and how many updates each of its entries has.
    static func sum(_ plan: Plan, _ updates: [Update]) -> (entries: [Int], count: Int) {
        let all = updates.map(\.flattened)
        let (dropped, count) = plan.task.aggregator.dropped(of: updates.count)
        let entries = (0..<plan.weightCount).map { index in
            let column = all.map { $0[index] }
            return dropped == 0
                ? column.reduce(0, +) : column.sorted()[dropped..<(dropped + count)].reduce(0, +)
        }
        return (entries, count)
    }

    /// The model after a round.
    ///
    /// - Precondition: there is at least one update and at most the task's number of clients.
    package static func step(_ plan: Plan, model: Model, updates: [Update]) -> Model {
        precondition(!updates.isEmpty && updates.count <= plan.task.clientsPerRound)
        let (entries, count) = sum(plan, updates)
        let bits = plan.task.arithmetic.weightBits
        let sums = Model(unchecked: entries, plan)
        let scales = plan.step.scales(count: count)
        return Model(
            layers: plan.layers.indices.map { layer in
                Matrix(rows: model.layers[layer].rows, columns: model.layers[layer].columns) { row, column in
                    let product = sums.layers[layer][row, column] * scales[layer]
                    let move = FixedPoint.rescaled(product, by: plan.step.shifts[layer])
                    return FixedPoint.clamped(model.layers[layer][row, column] - move, bits: bits)
                }
            })
    }
}

extension TaskDescription.Aggregator {
    /// How many of so many sorted updates are dropped at each end, and how many are left.
    package func dropped(of count: Int) -> (each: Int, left: Int) {
        switch self {
        case .fedAvg: return (0, count)
        case .median: return ((count - 1) / 2, count - 2 * ((count - 1) / 2))
        case .trimmedMean(let trim):
            // Few updates: as many as leave one or two.
            let each = min(trim, (count - 1) / 2)
            return (each, count - 2 * each)
        }
    }
}
