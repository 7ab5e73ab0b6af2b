// SPDX-License-Identifier: Apache-2.0

package import Circuits

/// The weights of a network: one matrix a layer, its last row the biases; signed integers of the task's
/// weight format.
package struct Model: Equatable, Sendable {
    package var layers: [Matrix<Int>]

    package init(layers: [Matrix<Int>]) { self.layers = layers }

    /// All weights, layer after layer, row after row.
    package var flattened: [Int] { layers.flatMap(\.elements) }

    /// - Returns: `nil` where the number of weights is not the plan's, or one is out of range.
    package init?(flattened weights: [Int], _ plan: Plan) {
        let limit = plan.weightPacking.offset
        guard weights.count == plan.weightCount, weights.allSatisfy({ $0 >= -limit && $0 < limit }) else {
            return nil
        }
        self.init(unchecked: weights, plan)
    }

    /// Cuts a list into the layers' matrices.
    init(unchecked numbers: [Int], _ plan: Plan) {
        var start = 0
        layers = plan.layers.map { layer in
            defer { start += layer.weightCount }
            return Matrix(
                rows: layer.inputs + 1, columns: layer.outputs,
                elements: Array(numbers[start..<(start + layer.weightCount)]))
        }
    }

    /// A model to begin with: weights uniform between ±√(6 / (inputs + outputs)) (Glorot and Bengio 2010) for
    /// hidden layers, zero for a model without, biases zero.
    package static func initial(_ plan: Plan, using generator: inout some RandomNumberGenerator) -> Model {
        let one = Double(1 << plan.task.arithmetic.weightFraction)
        let limit = plan.weightPacking.offset
        return Model(
            layers: plan.layers.map { layer in
                let width =
                    plan.layers.count == 1 ? 0 : (6 / Double(layer.inputs + layer.outputs)).squareRoot()
                return Matrix(rows: layer.inputs + 1, columns: layer.outputs) { row, _ in
                    if row == layer.inputs || width == 0 { return 0 }
                    let value = Int((Double.random(in: -width...width, using: &generator) * one).rounded())
                    return min(max(value, -limit), limit - 1)
                }
            })
    }

    /// Poseidon over the packed weights: what stands for a model everywhere.
    package func hash(_ plan: Plan) -> Scalar {
        Poseidon.hash(plan.weightPacking.pack(flattened), domain: HashDomain.model.rawValue)
    }
}

/// What a hashed vector is; the domain of its hash.
enum HashDomain: UInt64 {
    case model = 1
    case update = 2
    case batch = 3
    case transcript = 4
    case state = 5
    case statement = 6
    case roundBatch = 7
    case task = 8
    case group = 9
    case sum = 10
    case entries = 11
    case privateBatch = 12
    case registration, roundSecret, join, maskedUpdate, privateEntries, verifyingKey
}

/// A gradient: one matrix a layer, in the shapes of the weights. Exact integers.
package struct Update: Equatable, Sendable {
    package var layers: [Matrix<Int>]

    package init(layers: [Matrix<Int>]) { self.layers = layers }

    package var flattened: [Int] { layers.flatMap(\.elements) }

    /// - Returns: `nil` where the number of entries is not the plan's, or one is out of its layer's range.
    package init?(flattened entries: [Int], _ plan: Plan) {
        guard entries.count == plan.weightCount else { return nil }
        layers = Model(unchecked: entries, plan).layers
        for (matrix, packing) in zip(layers, plan.updatePackings) {
            let limit = packing.offset
            guard matrix.elements.allSatisfy({ $0 >= -limit && $0 < limit }) else { return nil }
        }
    }

    package static func zero(_ plan: Plan) -> Update {
        Update(layers: Model(unchecked: [Int](repeating: 0, count: plan.weightCount), plan).layers)
    }

    /// The packed elements of each layer.
    func packed(_ plan: Plan) -> [[Scalar]] {
        zip(layers, plan.updatePackings).map { $1.pack($0.elements) }
    }

    /// Poseidon over the packed entries.
    package func hash(_ plan: Plan) -> Scalar {
        Poseidon.hash(packed(plan).flatMap { $0 }, domain: HashDomain.update.rawValue)
    }
}
