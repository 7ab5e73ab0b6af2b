// SPDX-License-Identifier: Apache-2.0

import Circuits
import FiniteFields

/// A·B = C, checked when there is a challenge that is a hash of all three.
struct MatrixProduct {
    let a, b, c: Matrix<Linear>
}

/// Errors of a layer, in wires.
struct ErrorWires {
    /// D.
    let errors: Matrix<Linear>
    /// For each 1 or −1, such that it times the error is not negative.
    let signs: Matrix<Linear>
}

/// The part of a client's circuit that trains: what `TrainingTrace` computes, with the products left to
/// Freivalds' check.
struct TrainingWires {
    /// The batch, one row a sample; range-checked.
    let features: Matrix<Linear>
    /// One number for each sample: its class.
    let labels: [Linear]
    /// Range-checked.
    let weights: [Matrix<Linear>]
    /// For each layer its inputs, with the column for the biases.
    let inputs: [Matrix<Linear>]
    /// For each layer.
    let errors: [ErrorWires]
    /// Of each layer's sums.
    let forward: [MatrixProduct]
    /// Of the errors that come back to each layer but the first; that of layer l is at l − 1.
    let backward: [MatrixProduct]
    /// What the challenge hashes beside data, model and update.
    let transcript: [Linear]

    /// The products in the order in which they are checked, with those that the updates are.
    func products(_ updates: [MatrixProduct]) -> [MatrixProduct] {
        forward
            + updates.indices.reversed().flatMap { layer in
                layer == 0 ? [updates[0]] : [updates[layer], backward[layer - 1]]
            }
    }
}

extension CircuitBuilder {
    func wires(_ values: Matrix<Int>) -> Matrix<Linear> { values.map { wire(Scalar(signed: $0)) } }

    /// Wires of signed integers of so many bits.
    func rangeChecked(_ values: Matrix<Int>, bits: Int) -> Matrix<Linear> {
        let matrix = wires(values)
        for element in matrix.elements { enforceSignedRange(element, bits: bits) }
        return matrix
    }

    /// A hash of all that the products are about is what they are checked at.
    func enforceProducts(_ products: [MatrixProduct], hashed: [Linear]) {
        let challenge = poseidon(hashed, domain: HashDomain.transcript.rawValue)
        for product in products {
            enforceProduct(product.a, product.b, equals: product.c, challenge: challenge)
        }
    }
}

/// Describes the training of a batch to a builder.
struct TrainingDescription {
    let plan: Plan
    let builder: CircuitBuilder
    let model: Model
    let batch: Batch
    let trace: TrainingTrace

    init(_ plan: Plan, _ builder: CircuitBuilder, model: Model, batch: Batch) {
        self.plan = plan
        self.builder = builder
        self.model = model
        self.batch = batch
        trace = TrainingTrace(plan, model: model, batch: batch)
    }

    /// The features, then the labels, then the weights, then what `beforeTraining` makes, then all else.
    func describe(beforeTraining: () -> Void = {}) -> TrainingWires {
        let features = builder.scope("features") {
            builder.rangeChecked(batch.features, bits: plan.featurePacking.bits)
        }
        let (targets, labels) = builder.scope("labels") { oneHot() }
        let weights = builder.scope("weights") {
            model.layers.map { builder.rangeChecked($0, bits: plan.weightPacking.bits) }
        }
        beforeTraining()
        return train(features, targets: targets, labels: labels, weights: weights)
    }

    /// The targets as bits, of which exactly one a sample is set where there are several outputs; and each
    /// sample's label.
    private func oneHot() -> (Matrix<Linear>, [Linear]) {
        let targets = batch.targets(plan).map { target in builder.boolean(target == 1) }
        let labels = (0..<targets.rows).map { row in
            if targets.columns == 1 { return targets[row, 0] }
            builder.enforceEqual((0..<targets.columns).map { targets[row, $0] }.sum(), .one)
            return (1..<targets.columns).reduce(into: Linear.zero) {
                $0.add(targets[row, $1], times: Scalar(UInt64($1)))
            }
        }
        return (targets, labels)
    }

    /// Forward and back.
    private func train(
        _ features: Matrix<Linear>, targets: Matrix<Linear>, labels: [Linear], weights: [Matrix<Linear>]
    ) -> TrainingWires {
        let arithmetic = plan.task.arithmetic
        var inputs = [features]
        var (forward, backward, transcript): ([MatrixProduct], [MatrixProduct], [Linear]) = ([], [], [])
        // 1 where a hidden unit is not cut off, for each layer but the last.
        var masks: [Matrix<Linear>] = []
        var errors: [ErrorWires] = []
        for (index, layer) in plan.layers.enumerated() {
            let sums = builder.wires(trace.sums[index])
            forward.append(MatrixProduct(a: withBias(inputs[index], layer), b: weights[index], c: sums))
            let isLast = index + 1 == plan.layers.count
            builder.scope(isLast ? "sigmoid" : "activation") {
                if isLast {
                    let outputs = sums.map { builder.sigmoid($0, plan.sigmoid, argumentBits: layer.sumBits) }
                    let last = Matrix(rows: outputs.rows, columns: outputs.columns) { row, column in
                        outputs[row, column] - targets[row, column]
                            * builder.powerOfTwo(arithmetic.probabilityFraction)
                    }
                    // An output is from 0 to 1, so that its error is not positive where the target is 1.
                    errors = [ErrorWires(errors: last, signs: targets.map { Linear.one - $0 - $0 })]
                } else {
                    let shift = plan.activationShift(index)
                    let bits = sums.map {
                        builder.signedBits(of: $0 + builder.powerOfTwo(shift - 1), count: layer.sumBits)
                    }
                    masks.append(bits.map(\.isNonNegative))
                    inputs.append(
                        bits.map { builder.multiply($0.isNonNegative, builder.shiftedRight($0, by: shift)) })
                }
            }
            // What was range-checked: the sums with the offset that their bits have.
            let offset = isLast ? plan.sigmoid.inputFraction + 3 : plan.activationShift(index) - 1
            transcript += builder.pack(
                sums.elements.map { $0 + builder.powerOfTwo(offset) }, Packing(bits: layer.sumBits))
        }
        for (index, layer) in plan.layers.enumerated().reversed() where index > 0 {
            let sent = builder.wires(trace.backward[index - 1])
            let bare = Matrix(rows: layer.inputs, columns: layer.outputs) { weights[index][$0, $1] }
            backward.insert(MatrixProduct(a: errors[0].errors, b: bare.transposed, c: sent), at: 0)
            let half = builder.powerOfTwo(arithmetic.weightFraction - 1)
            builder.scope("backward") {
                let bits = sent.map { builder.signedBits(of: $0 + half, count: layer.backwardBits) }
                let rescaled = bits.map { builder.shiftedRight($0, by: arithmetic.weightFraction) }
                let own = Matrix(rows: sent.rows, columns: sent.columns) { row, column in
                    builder.multiply(masks[index - 1][row, column], rescaled[row, column])
                }
                errors.insert(
                    ErrorWires(
                        errors: own, signs: bits.map { $0.isNonNegative + $0.isNonNegative - Scalar.one }),
                    at: 0)
            }
            transcript += builder.pack(sent.elements.map { $0 + half }, Packing(bits: layer.backwardBits))
        }
        return TrainingWires(
            features: features, labels: labels, weights: weights,
            inputs: zip(inputs, plan.layers).map(withBias), errors: errors, forward: forward,
            backward: backward, transcript: transcript)
    }

    private func withBias(_ inputs: Matrix<Linear>, _ layer: LayerPlan) -> Matrix<Linear> {
        let one = Linear(builder.powerOfTwo(layer.inputFraction))
        return Matrix(rows: inputs.rows, columns: inputs.columns + 1) { row, column in
            column == inputs.columns ? one : inputs[row, column]
        }
    }
}
