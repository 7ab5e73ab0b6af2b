// SPDX-License-Identifier: Apache-2.0

import CircuitTestSupport
import Circuits
import FederatedLearning
import FiniteFields
import Foundation
import TestSupport
import Testing

@Suite struct ClippingTests {
    /// Whatever the record, its part of the update is no longer than C; records that need no clipping are as
    /// they were; null records add nothing.
    @Test(arguments: [[6, 3], [5, 1], [6, 4, 3], [4, 3, 3, 2]])
    func oneRecordIsNoLongerThanTheClip(layers: [Int]) throws {
        var generator = SeededGenerator.fresh()
        var factors: Set<Int> = []
        var longest = 0.0
        for clip in [0.003, 0.1, 1, 40] {
            let plan = try PrivatePlan(.smallPrivate(layers: layers, clip: clip))
            for _ in 0..<20 {
                let model = randomPrivateModel(plan, using: &generator)
                let batch = randomPrivateBatch(plan, using: &generator)
                let trace = plan.trace(model: model, batch: batch)
                var sum = [Int](repeating: 0, count: plan.base.weightCount)
                for row in batch.isNull.indices {
                    var alone = batch
                    for other in batch.isNull.indices where other != row { alone.isNull[other] = true }
                    let part = plan.trace(model: model, batch: alone)
                    let entries = part.update.flattened
                    for (index, entry) in entries.enumerated() { sum[index] += entry }
                    let norm = entries.reduce(0) { $0 + $1 * $1 }
                    #expect(norm <= plan.clip.sensitivity * plan.clip.sensitivity)
                    if batch.isNull[row] { #expect(norm == 0 && part.factors[row] == 0) }
                    #expect(part.factors[row] == trace.factors[row])
                    factors.insert(trace.factors[row])
                    longest = max(longest, Double(norm).squareRoot() / Double(plan.clip.sensitivity))
                }
                #expect(sum == trace.update.flattened)
            }
        }
        // All cases were there: null or too long for any factor, clipped, and left as it is.
        #expect(factors.contains(0) && factors.contains(1 << ClipRule.factorBits) && factors.count > 20)
        #expect(longest > 0.9)
    }

    /// The vectors of an implementation of the rule in another language.
    @Test func agreesWithAnotherImplementation() throws {
        struct Vector: Decodable {
            let layers: [Int]
            let clip: Double
            let inputs, errors: [[Int]]
            let factor: Int
            let scaled: [[Int]]
        }
        let vectors = try JSONDecoder().decode(
            [Vector].self, from: Data(contentsOf: Vectors.url("privacy/clipping.json")))
        #expect(vectors.count >= 30)
        for vector in vectors {
            let plan = try PrivatePlan(.smallPrivate(layers: vector.layers, clip: vector.clip))
            let rows = { (rows: [[Int]]) in
                rows.map { Matrix(rows: 1, columns: $0.count, elements: $0) }
            }
            let (inputs, errors) = (rows(vector.inputs), rows(vector.errors))
            let factor = plan.clip.factor(plan.clip.squaredNorm(inputs: inputs, errors: errors, row: 0))
            #expect(factor == vector.factor)
            for (layer, scaled) in vector.scaled.enumerated() {
                #expect(vector.errors[layer].map { plan.clip.scaled($0, by: factor, layer: layer) } == scaled)
            }
        }
    }

    /// An output is never below 0 or above 1, so that the sign of the last layer's errors is the target's.
    @Test func outputsAreFromZeroToOne() {
        for fraction in 4...24 {
            for stepBits in 1..<fraction {
                let sigmoid = Sigmoid(
                    inputFraction: 24, outputFraction: fraction, stepBits: stepBits)
                // The ends of each of the eight pieces.
                for piece in -5...4 {
                    for end in [piece << 25, (piece + 1) << 25 - 1] {
                        #expect((0...(1 << fraction)).contains(sigmoid(end)))
                    }
                }
            }
        }
    }

    /// The circuit of a factor: its wires have one value each.
    @Test func factorsInTheCircuit() throws {
        var generator = SeededGenerator.fresh()
        let rule = try PrivatePlan(.smallPrivate(clip: 0.1)).clip
        for norm in [0, 1, 1 << 20, 1 << 30, 1 << 38, 1 << 40] as [UInt64] {
            let norm = Scalar(norm)
            let value = rule.factor(norm)
            expectSound(&generator, inputs: [norm]) { builder, wires in
                [(builder.clipFactor(wires[0], value: value, rule), Scalar(UInt64(value)))]
            }
        }
    }

    /// A prover who would rather be clipped less, or more, is refused by one comparison, and by nothing else.
    @Test func otherFactorsAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let rule = try PrivatePlan(.smallPrivate(clip: 0.1)).clip
        func violated(_ norm: Scalar, _ value: Int) -> Set<String> {
            let builder = CircuitBuilder(.both, publicCount: 0, names: true)
            _ = builder.clipFactor(builder.wire(norm), value: value, rule)
            return Set(CheckedCircuit(builder).allViolated(by: builder.limbs))
        }
        let largest = 1 << ClipRule.factorBits
        for _ in 0..<30 {
            let norm = Scalar(
                // What this task's records have: factors of two and more.
                UInt64.random(in: 1..<(1 << 41), using: &generator)
                    >> UInt64.random(in: 0..<36, using: &generator))
            let factor = rule.factor(norm)
            #expect(violated(norm, factor) == [])
            let others = [factor + 1, factor - 1, 0, largest, .random(in: 0...largest, using: &generator)]
            for other in others where other != factor && (0...largest).contains(other) {
                let violated = violated(norm, other)
                if other > factor + 1 {
                    // Far beyond, the other comparison has no room either.
                    #expect(violated.contains("not too large"))
                } else {
                    #expect(violated == [other > factor ? "not too large" : "not too small"])
                }
            }
        }
    }
}
