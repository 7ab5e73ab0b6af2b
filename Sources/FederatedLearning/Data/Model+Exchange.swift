// SPDX-License-Identifier: Apache-2.0

import Circuits
package import DataExchange
import Foundation

extension Model {
    /// The weights as numbers, w / 2^weightFraction: exact.
    package func network(_ plan: Plan) -> DenseNetwork {
        let one = Double(1 << plan.task.arithmetic.weightFraction)
        return DenseNetwork(
            layers: zip(layers, plan.layers).map { matrix, layer in
                let numbers = matrix.elements.map { Double($0) / one }
                let weights = layer.inputs * layer.outputs
                return DenseNetwork.Layer(
                    inputs: layer.inputs, outputs: layer.outputs, weights: Array(numbers[..<weights]),
                    biases: Array(numbers[weights...]))
            })
    }

    /// The largest rounding of a network's numbers, and where it is.
    package struct Rounding: Sendable {
        package let largest: Double
        /// "layer 1, weight [3, 0]"; `nil` where nothing is rounded.
        package let place: String?
    }

    /// A network's numbers as weights of a task, rounded to multiples of 2^−weightFraction.
    ///
    /// - Throws: where its layers are not the task's, and for a number beyond the weights' range.
    package static func quantised(
        _ network: DenseNetwork, _ plan: Plan
    ) throws(ExchangeError) -> (model: Model, rounding: Rounding) {
        let found = [network.layers.first?.inputs ?? 0] + network.layers.map(\.outputs)
        guard found == plan.task.model.layers,
            zip(network.layers, network.layers.dropFirst()).allSatisfy({ $0.outputs == $1.inputs })
        else {
            func text(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: ", ") }
            throw ExchangeError(
                "its layers, \(text(found)), are not the task's, \(text(plan.task.model.layers))")
        }
        let one = Double(1 << plan.task.arithmetic.weightFraction)
        let limit = Double(plan.weightPacking.offset)
        var (largest, place): (Double, String?) = (0, nil)
        var weights: [Int] = []
        for (index, layer) in network.layers.enumerated() {
            for (entry, value) in (layer.weights + layer.biases).enumerated() {
                func name() -> String {
                    entry < layer.weights.count
                        ? "layer \(index), weight [\(entry / layer.outputs), \(entry % layer.outputs)]"
                        : "layer \(index), bias [\(entry - layer.weights.count)]"
                }
                let scaled = (value * one).rounded()
                guard scaled >= -limit, scaled < limit else {
                    throw ExchangeError(
                        "\(value) is not from \(DecimalNumber.text(-limit / one)) up to, not including, \(DecimalNumber.text(limit / one))",
                        at: name())
                }
                let difference = abs(scaled / one - value)
                if difference > largest { (largest, place) = (difference, name()) }
                weights.append(Int(scaled))
            }
        }
        return (Model(unchecked: weights, plan), Rounding(largest: largest, place: place))
    }

    /// How far a computation of the same layers in float32, with the exact logistic function, may be from the
    /// integers, over all features in range.
    package struct Difference: Codable, Sendable {
        /// Of the last layer's sums, before the logistic function.
        package let sums: Double
        /// Of the outputs.
        package let outputs: Double
    }

    /// A worst case, from the weights alone: outputs of hidden layers are rounded to half a step, which each
    /// further layer multiplies by its weights; float32 rounds each product and each sum by 2^−24; the
    /// logistic function of the task is pieces of straight lines in steps.
    package func difference(_ plan: Plan) -> Difference {
        let unit = Double(sign: .plus, exponent: -24, significand: 1)
        let network = network(plan)
        let a = plan.task.arithmetic
        // What each input may be, and how far off.
        var largest = [Double](
            repeating: Double(plan.featurePacking.offset) / Double(1 << a.featureFraction),
            count: plan.features)
        var off = [Double](repeating: 0, count: plan.features)
        for (index, layer) in network.layers.enumerated() {
            var (sums, errors) = (layer.biases.map(abs), [Double](repeating: 0, count: layer.outputs))
            for input in 0..<layer.inputs {
                for output in 0..<layer.outputs {
                    let weight = abs(layer.weights[input * layer.outputs + output])
                    sums[output] += weight * (largest[input] + off[input])
                    errors[output] += weight * off[input]
                }
            }
            // Weights are rounded to float32, products and sums as well, in any order.
            for output in 0..<layer.outputs {
                errors[output] += sums[output] * Double(layer.inputs + 4) * unit
            }
            (largest, off) = (sums, errors)
            guard index + 1 < network.layers.count else { break }
            let half = Double(sign: .plus, exponent: -a.activationFraction - 1, significand: 1)
            off = off.map { $0 + half }
        }
        let sums = off.max() ?? 0
        // The logistic function's slope is 1/4 at most.
        return Difference(
            sums: sums, outputs: min(sums / 4 + Self.largestSigmoidError(plan) + 4 * unit, 1))
    }

    /// How far the task's logistic function is from the exact one, over all arguments.
    private static func largestSigmoidError(_ plan: Plan) -> Double {
        let sigmoid = plan.sigmoid
        let one = Double(1 << sigmoid.inputFraction)
        func exact(_ z: Double) -> Double { 1 / (1 + exp(-z)) }
        // Steps are where the function is constant: of each, both ends are looked at, since the exact one
        // rises.
        let width = 1 << (sigmoid.inputFraction + 1 - sigmoid.stepBits)
        var worst = max(exact(-8), 1 - exact(8))
        for start in stride(from: -8 << sigmoid.inputFraction, to: 8 << sigmoid.inputFraction, by: width) {
            let value = Double(sigmoid(start)) / Double(1 << sigmoid.outputFraction)
            worst = max(
                worst, abs(value - exact(Double(start) / one)),
                abs(value - exact(Double(start + width) / one)))
        }
        return worst
    }
}
