// SPDX-License-Identifier: Apache-2.0

import Circuits
import FiniteFields

extension CircuitBuilder {
    /// The weights that a round starts from, range-checked.
    ///
    /// - Parameter model: their values; any where no values are made.
    func weights(_ model: Model?, _ plan: Plan) -> [Matrix<Linear>] {
        (model ?? Model(unchecked: [Int](repeating: 0, count: plan.weightCount), plan)).layers.map { matrix in
            matrix.map { value in
                let weight = wire(Scalar(signed: value))
                enforceSignedRange(weight, bits: plan.weightPacking.bits)
                return weight
            }
        }
    }

    /// The step of a round: w ← clamp(w − round(s·λ / 2^shift)), with λ = ⌊rate / count⌋ shown by a division
    /// with remainder.
    ///
    /// - Parameters:
    ///   - weights: range-checked.
    ///   - sums: s, entry by entry for each layer.
    ///   - count: how many updates they are of; at least one, and at most the task's `clientsPerRound`.
    ///   - number: its value; any where no values are made.
    func stepped(
        _ weights: [Matrix<Linear>], by sums: [[Linear]], count: Linear, number: Int, rule: StepRule,
        _ plan: Plan
    ) -> [Matrix<Linear>] {
        let countBits = Bound.bitLength(plan.task.clientsPerRound)
        return plan.layers.indices.map { layer in
            let scale = wire(Scalar(signed: rule.rates[layer] / number))
            let remainder = wire(Scalar(signed: rule.rates[layer] % number))
            enforce(scale, times: count, equals: Linear(Scalar(signed: rule.rates[layer])) - remainder)
            enforceRange(scale, bits: Bound.bitLength(rule.rates[layer]))
            enforceRange(remainder, bits: countBits)
            enforceAtMost(remainder + Scalar.one, count, bits: countBits)
            let matrix = weights[layer]
            return Matrix(rows: matrix.rows, columns: matrix.columns) { row, column in
                let product = multiply(sums[layer][row * matrix.columns + column], scale)
                let move = rescaled(product, by: rule.shifts[layer], bits: rule.productBits[layer])
                return clamped(
                    matrix[row, column] - move, bits: plan.weightPacking.bits, excess: rule.excess[layer])
            }
        }
    }
}

/// The state before a round in wires, and what its members have in common.
struct StateBefore {
    /// Its hash, and what that is of.
    let state, model, registry, round, task: Linear
    /// The registry of the state after.
    let nextRegistry: Linear

    /// - Parameters:
    ///   - state, nextRegistry: their values; any where no values are made.
    ///   - weights: of the model, range-checked.
    init(
        _ plan: Plan, _ builder: CircuitBuilder, _ state: ChainState?, nextRegistry: Scalar?,
        weights: [Matrix<Linear>]
    ) {
        let value = state ?? .genesis(model: .zero, task: .zero, registry: .zero)
        let (task, round) = (builder.wire(value.task), builder.wire(Scalar(UInt64(value.round))))
        let (registry, next) = (builder.wire(value.registry), builder.wire(nextRegistry ?? .zero))
        let model = builder.scope("state before") { Self.hash(weights, plan, builder) }
        self.state = builder.scope("state before") {
            builder.poseidon(
                [builder.wire(value.previous), model, builder.wire(value.batch), round, task, registry],
                domain: HashDomain.state.rawValue)
        }
        (self.model, self.registry, self.round, self.task) = (model, registry, round, task)
        self.nextRegistry = next
    }

    private static func hash(
        _ weights: [Matrix<Linear>], _ plan: Plan, _ builder: CircuitBuilder
    ) -> Linear {
        builder.poseidon(
            builder.pack(weights.flatMap(\.elements), plan.weightPacking),
            domain: HashDomain.model.rawValue)
    }

    /// Links it to the state after.
    ///
    /// - Parameters:
    ///   - weights: of the model after, in range.
    ///   - batch: the digest of what led there.
    /// - Returns: the three public inputs of a round: the state before, the state after, and its registry.
    func link(
        _ plan: Plan, _ builder: CircuitBuilder, weights: [Matrix<Linear>], batch: Linear
    ) -> [Linear] {
        let after = builder.scope("state after") {
            builder.poseidon(
                [
                    state, Self.hash(weights, plan, builder), batch, round + Scalar.one, task, nextRegistry,
                ], domain: HashDomain.state.rawValue)
        }
        builder.scope("statement") {
            builder.bindPublic(0, to: state)
            builder.bindPublic(1, to: after)
            builder.bindPublic(2, to: nextRegistry)
        }
        return [state, after, nextRegistry]
    }
}
