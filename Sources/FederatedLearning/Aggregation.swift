// SPDX-License-Identifier: Apache-2.0

import Circuits
import Foundation

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
        return stepped(plan, model: model, by: entries, count: count, rule: plan.step)
    }

    /// The model after a step by a sum of so many updates.
    static func stepped(
        _ plan: Plan, model: Model, by entries: [Int], count: Int, rule: StepRule
    ) -> Model {
        let bits = plan.task.arithmetic.weightBits
        let sums = Model(unchecked: entries, plan)
        let scales = rule.scales(count: count)
        return Model(
            layers: plan.layers.indices.map { layer in
                Matrix(rows: model.layers[layer].rows, columns: model.layers[layer].columns) { row, column in
                    let product = sums.layers[layer][row, column] * scales[layer]
                    let move = FixedPoint.rescaled(product, by: rule.shifts[layer])
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
