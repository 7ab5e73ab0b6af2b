// SPDX-License-Identifier: Apache-2.0

package import Circuits

/// A batch of samples in integers.
package struct Batch: Equatable, Sendable {
    /// One row a sample, signed integers of the task's feature format.
    package var features: Matrix<Int>
    /// The class of each sample; 0 or 1 for a model with one output.
    package var labels: [Int]

    package init(features: Matrix<Int>, labels: [Int]) {
        self.features = features
        self.labels = labels
    }

    /// What is wrong with the batch for a plan; `nil` if nothing is.
    package func fault(_ plan: Plan) -> String? {
        let size = plan.task.batchSize
        guard features.rows == size, labels.count == size else {
            return "\(features.rows) samples and \(labels.count) labels, the task's batches have \(size)"
        }
        guard features.columns == plan.features else {
            return "\(features.columns) features, the task has \(plan.features)"
        }
        let limit = plan.featurePacking.offset
        if let index = features.elements.firstIndex(where: { $0 < -limit || $0 >= limit }) {
            return
                "feature \(index % plan.features) of sample \(index / plan.features), \(features.elements[index]), does not fit \(plan.featurePacking.bits) signed bits"
        }
        let classes = max(plan.classes, 2)
        if let index = labels.firstIndex(where: { $0 < 0 || $0 >= classes }) {
            return "the label of sample \(index), \(labels[index]), is not between 0 and \(classes - 1)"
        }
        return nil
    }

    /// What the model should answer, as 0 and 1: one row a sample, one column an output.
    func targets(_ plan: Plan) -> Matrix<Int> {
        Matrix(rows: labels.count, columns: plan.classes) { sample, output in
            plan.classes == 1 ? labels[sample] : (labels[sample] == output ? 1 : 0)
        }
    }
}

/// All that a pass forward and back computes, in exact integers: the circuit's witness and the update.
///
/// For layer l with inputs A (a column of 2^fraction appended for the biases) and weights W: Z = A·W; hidden
/// layers go on with max(round(Z / 2^shift), 0), the last with P = σ(Z). Back: D = P − Y; the update of a
/// layer is U = Aᵀ·D, and the errors before it are round(D·Wᵀ / 2^weightFraction) where the rounded sum is
/// not negative, else 0. Halves are rounded upwards; nothing is rounded but where this says so.
package struct TrainingTrace: Sendable {
    /// Z of each layer.
    package let sums: [Matrix<Int>]
    /// The inputs of each layer, without the column for the biases.
    package let inputs: [Matrix<Int>]
    /// P.
    package let outputs: Matrix<Int>
    /// D of each layer.
    package let errors: [Matrix<Int>]
    /// D·Wᵀ of each layer but the first, without the row of the biases, before it is rescaled; that of layer
    /// l is at l − 1.
    package let backward: [Matrix<Int>]
    package let update: Update

    /// - Precondition: model and batch are in the plan's ranges.
    package init(_ plan: Plan, model: Model, batch: Batch) {
        let arithmetic = plan.task.arithmetic
        var (inputs, sums): ([Matrix<Int>], [Matrix<Int>]) = ([batch.features], [])
        for (index, layer) in plan.layers.enumerated() {
            let sum = Self.withBias(inputs[index], layer) * model.layers[index]
            sums.append(sum)
            if index + 1 < plan.layers.count {
                let shift = plan.activationShift(index)
                inputs.append(sum.map { FixedPoint.relu(FixedPoint.rescaled($0, by: shift)) })
            }
        }
        let last = plan.layers.count - 1
        let outputs = sums[last].map { plan.sigmoid($0) }
        let targets = batch.targets(plan)
        var errors = [
            Matrix(rows: outputs.rows, columns: outputs.columns) {
                outputs[$0, $1] - targets[$0, $1] << arithmetic.probabilityFraction
            }
        ]
        var backward: [Matrix<Int>] = []
        for index in stride(from: last, to: 0, by: -1) {
            let weights = model.layers[index]
            let bare = Matrix(rows: weights.rows - 1, columns: weights.columns) { weights[$0, $1] }
            let sent = errors[0] * bare.transposed
            backward.insert(sent, at: 0)
            let sum = sums[index - 1]
            let shift = plan.activationShift(index - 1)
            errors.insert(
                Matrix(rows: sent.rows, columns: sent.columns) { row, column in
                    FixedPoint.rescaled(sum[row, column], by: shift) < 0
                        ? 0 : FixedPoint.rescaled(sent[row, column], by: arithmetic.weightFraction)
                }, at: 0)
        }
        update = Update(
            layers: plan.layers.indices.map { index in
                Self.withBias(inputs[index], plan.layers[index]).transposed * errors[index]
            })
        self.inputs = inputs
        self.sums = sums
        self.outputs = outputs
        self.errors = errors
        self.backward = backward
    }

    static func withBias(_ inputs: Matrix<Int>, _ layer: LayerPlan) -> Matrix<Int> {
        Matrix(rows: inputs.rows, columns: inputs.columns + 1) { row, column in
            column == inputs.columns ? 1 << layer.inputFraction : inputs[row, column]
        }
    }

    /// Z of the last layer, for any number of samples: one row a sample, one column an output.
    ///
    /// - Precondition: model and features are in the plan's ranges.
    package static func sums(_ plan: Plan, model: Model, features: Matrix<Int>) -> Matrix<Int> {
        var inputs = features
        for (index, layer) in plan.layers.enumerated() {
            let sums = withBias(inputs, layer) * model.layers[index]
            if index + 1 < plan.layers.count {
                let shift = plan.activationShift(index)
                inputs = sums.map { FixedPoint.relu(FixedPoint.rescaled($0, by: shift)) }
            } else {
                inputs = sums
            }
        }
        return inputs
    }

    /// The class that sums mean for each sample: the largest sum, the first of equal ones, or for one output
    /// whether it is not negative.
    package static func answers(_ sums: Matrix<Int>) -> [Int] {
        (0..<sums.rows).map { row in
            if sums.columns == 1 { return sums[row, 0] >= 0 ? 1 : 0 }
            return (0..<sums.columns).max { sums[row, $0] < sums[row, $1] } ?? 0
        }
    }

    /// The class that a model answers for each sample.
    package static func predictions(_ plan: Plan, model: Model, features: Matrix<Int>) -> [Int] {
        answers(sums(plan, model: model, features: features))
    }
}
