// SPDX-License-Identifier: Apache-2.0

import Circuits
import DataExchange
import FederatedLearning
import Foundation
import TestSupport
import Testing

/// Measures of models, and what files of models make of weights.
@Suite struct MetricsTests {
    /// Counted by hand: a model that answers with its only feature.
    @Test func twoClasses() throws {
        let plan = try Plan(.small(layers: [1, 1]))
        let model = try #require(Model(flattened: [1 << 10, 0], plan))
        // In eighths: −1, −0.5, 0.5, 1, and classes of which two are wrong.
        let features = Matrix(rows: 6, columns: 1, elements: [-8, -4, -4, 4, 8, 8])
        let metrics = try #require(
            Metrics(plan, model: model, features: features, labels: [0, 0, 1, 1, 0, 1]))
        #expect(metrics.samples == 6)
        #expect(metrics.accuracy == 4.0 / 6)
        #expect(metrics.precision == 2.0 / 3 && metrics.recall == 2.0 / 3)
        // Pairs: −4 beats −8, ties with −4, loses to 8; 4 beats two; 8 beats two and ties with 8.
        #expect(metrics.auc == (1.5 + 2 + 2.5) / 9)
        var exact = 0.0
        for (z, label) in zip([-1, -0.5, -0.5, 0.5, 1, 1] as [Double], [0, 0, 1, 1, 0, 1]) {
            exact += log(1 + exp(label == 1 ? -z : z))
        }
        #expect(abs(metrics.loss - exact / 6) < 0.02, "\(metrics.loss) \(exact / 6)")
        // What there is nothing of has no share.
        let one = try #require(Metrics(plan, model: model, features: features, labels: [0, 0, 0, 0, 0, 0]))
        #expect(one.recall == nil && one.auc == nil && one.precision == 0)
        #expect(
            Metrics(plan, model: model, features: Matrix(rows: 0, columns: 1, elements: []), labels: [])
                == nil)
    }

    /// Against every pair, for several classes.
    @Test func everyPair() throws {
        var generator = SeededGenerator.fresh()
        let plan = try Plan(.small(layers: [4, 3]))
        let model = randomModel(plan, using: &generator)
        let features = Matrix(rows: 60, columns: 4) { _, _ in Int.random(in: -16..<16, using: &generator) }
        let labels = (0..<60).map { _ in Int.random(in: 0..<3, using: &generator) }
        let metrics = try #require(Metrics(plan, model: model, features: features, labels: labels))
        let sums = TrainingTrace.sums(plan, model: model, features: features)
        let areas =
            (0..<3).map { own -> Double in
                var (right, pairs) = (0.0, 0.0)
                for a in 0..<60 where labels[a] == own {
                    for b in 0..<60 where labels[b] != own {
                        pairs += 1
                        right += sums[a, own] > sums[b, own] ? 1 : sums[a, own] == sums[b, own] ? 0.5 : 0
                    }
                }
                return right / pairs
            }
        let mean = (areas[0] + areas[1] + areas[2]) / 3
        let auc = try #require(metrics.auc)
        #expect(abs(auc - mean) < 1e-12)
    }

    /// The stated difference holds for features over the whole range, and is no idle bound.
    @Test func numbersInPlaceOfIntegers() throws {
        var generator = SeededGenerator.fresh()
        for layers in [[4, 1], [6, 5, 3], [4, 6, 5, 2]] {
            let plan = try Plan(.small(layers: layers))
            let model = randomModel(plan, using: &generator)
            let network = model.network(plan)
            #expect(try Model.quantised(network, plan).model == model)
            let difference = model.difference(plan)
            let features = Matrix(rows: 200, columns: layers[0]) { _, _ in
                Int.random(in: -16..<16, using: &generator)
            }
            let sums = TrainingTrace.sums(plan, model: model, features: features)
            var (sumsWorst, outputsWorst) = (0.0, 0.0)
            for row in 0..<200 {
                var values = (0..<layers[0]).map { Float(features[row, $0]) / 8 }
                for (index, layer) in network.layers.enumerated() {
                    values = (0..<layer.outputs).map { output in
                        var sum = Float(layer.biases[output])
                        for input in 0..<layer.inputs {
                            sum += values[input] * Float(layer.weights[input * layer.outputs + output])
                        }
                        return sum
                    }
                    if index + 1 < network.layers.count { values = values.map { max($0, 0) } }
                }
                for (output, value) in values.enumerated() {
                    let z = Double(sums[row, output]) / Double(1 << plan.sigmoid.inputFraction)
                    sumsWorst = max(sumsWorst, abs(z - Double(value)))
                    let exact: Double = 1 / (1 + exp(-Double(value)))
                    let own = Double(plan.sigmoid(sums[row, output])) / 4096
                    outputsWorst = max(outputsWorst, abs(own - exact))
                }
            }
            #expect(sumsWorst <= difference.sums && outputsWorst <= difference.outputs)
            #expect(layers.count == 2 || sumsWorst > difference.sums / 1000)
        }
    }

    @Test func numbersThatAreNoWeights() throws {
        let plan = try Plan(.small(layers: [2, 1]))
        func message(_ weights: [Double], _ sizes: (Int, Int) = (2, 1)) -> String {
            let network = DenseNetwork(layers: [
                .init(inputs: sizes.0, outputs: sizes.1, weights: weights, biases: [0.5])
            ])
            do {
                let (_, rounding) = try Model.quantised(network, plan)
                return "\(rounding.largest) \(rounding.place ?? "-")"
            } catch { return error.message }
        }
        #expect(message([0.25, -8]) == "0.0 -")
        #expect(message([0.25, 1.0 / 4096]) == "0.000244140625 layer 0, weight [1, 0]")
        #expect(message([8, 0]) == "layer 0, weight [0, 0]: 8.0 is not from -8 up to, not including, 8")
        #expect(message([0, .nan]).hasPrefix("layer 0, weight [1, 0]: nan is not"))
        #expect(message([0, -.infinity]).hasPrefix("layer 0, weight [1, 0]: -inf is not"))
        #expect(message([0, 0, 0], (3, 1)) == "its layers, 3, 1, are not the task's, 2, 1")
    }
}
