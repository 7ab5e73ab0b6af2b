// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Foundation

/// What follows from a task's description: the shapes of all tensors, how large their entries can become, how
/// they are packed.
///
/// Bounds are worst cases over all weights and data in range, so an honest client can always prove.
package struct Plan: Sendable {

    package let task: TaskDescription
    package let layers: [LayerPlan]
    package let sigmoid: Sigmoid

    package let featurePacking: Packing
    package let labelPacking: Packing
    package let weightPacking: Packing
    package let normBound: NormBound
    package let step: StepRule
    /// One for each layer; slots have room for the sum over a round's clients.
    package let updatePackings: [Packing]
    /// The circuits of a round.
    package let shape: RoundShape

    /// The outputs of the last layer.
    package var classes: Int { task.model.layers[task.model.layers.count - 1] }
    package var features: Int { task.model.layers[0] }
    package var weightCount: Int { layers.reduce(0) { $0 + $1.weightCount } }

    /// Integers stay below, so that neither the code's machine words nor the field's order is reached.
    private static let limitBits = 60

    /// - Throws: what in the description is impossible, by field.
    ///
    /// - Parameter fanOut: the most places of a circuit that verifies proofs; fewer for tests only.
    package init(_ task: TaskDescription, fanOut: Int = RoundShape.fanOut) throws(TaskError) {
        guard task.privacy == nil else {
            // The circuits of this plan show each update to the sequencer.
            throw TaskError(
                field: "privacy", reason: "no federation makes private rounds yet: only their circuits exist")
        }
        try self.init(ofAnyKind: task, fanOut: fanOut)
    }

    /// The plan of a task, also of one with private rounds: see `PrivatePlan`.
    init(ofAnyKind task: TaskDescription, fanOut: Int = RoundShape.fanOut) throws(TaskError) {
        try task.checkFields()
        shape = RoundShape(clients: task.clientsPerRound, fanOut: task.settlement == .attested ? 256 : fanOut)
        let a = task.arithmetic
        let sizes = task.model.layers
        let largestWeight = Bound(bits: a.weightBits - 1)
        // Forward: the largest input of each layer, the bias' constant included.
        var inputFraction = a.featureFraction
        var largestInput = Bound(bits: a.featureBits - 1)
        var inputs: [(fraction: Int, largest: Bound)] = []
        var sums: [Bound] = []
        var sumBits: [Int] = []
        for (index, size) in sizes.dropLast().enumerated() {
            inputs.append((inputFraction, largestInput))
            let sum = (largestInput * size + Bound(bits: inputFraction)) * largestWeight
            try Self.check(sum, "the sums of layer \(index + 1)")
            sums.append(sum)
            sumBits.append(sum.signedBits)
            if index < sizes.count - 2 {
                let shift = inputFraction + a.weightFraction - a.activationFraction
                guard shift >= 1 else {
                    throw TaskError(
                        field: "arithmetic.activationFraction",
                        reason:
                            "\(a.activationFraction) is not below the \(inputFraction + a.weightFraction) of layer \(index + 1)'s sums"
                    )
                }
                sumBits[index] = (sum + Bound(bits: shift - 1)).signedBits
                largestInput = sum.shifted(by: shift)
                inputFraction = a.activationFraction
            }
        }
        // Backward.
        var error = Bound(bits: a.probabilityFraction)
        var backward = [Int](repeating: 0, count: sums.count)
        var (updates, errors) = (backward, backward)
        for layer in sums.indices.reversed() {
            let larger = max(inputs[layer].largest.value, 1 << inputs[layer].fraction)
            let update = Bound(larger) * error * task.batchSize
            try Self.check(update, "the update of layer \(layer + 1)")
            (updates[layer], errors[layer]) = (update.signedBits, error.value)
            guard layer > 0 else { break }
            let sent = error * largestWeight * sizes[layer + 1]
            try Self.check(sent, "the errors behind layer \(layer + 1)")
            backward[layer] = (sent + Bound(bits: a.weightFraction - 1)).signedBits
            error = sent.shifted(by: a.weightFraction)
        }
        let fraction = inputs[sums.count - 1].fraction + a.weightFraction
        guard a.sigmoidStepBits <= fraction + 1 else {
            throw TaskError(
                field: "arithmetic.sigmoidStepBits",
                reason:
                    "\(a.sigmoidStepBits) is more than the \(fraction + 1) that the last layer's sums have")
        }
        self.task = task
        let sigmoid = Sigmoid(
            inputFraction: fraction, outputFraction: a.probabilityFraction, stepBits: a.sigmoidStepBits)
        self.sigmoid = sigmoid
        sumBits[sums.count - 1] = sigmoid.argumentBits(sumBits[sums.count - 1])
        layers = sums.indices.map { index in
            LayerPlan(
                inputs: sizes[index], outputs: sizes[index + 1], inputFraction: inputs[index].fraction,
                sumFraction: inputs[index].fraction + a.weightFraction, sumBits: sumBits[index],
                backwardBits: backward[index],
                largestInput: max(inputs[index].largest.value, 1 << inputs[index].fraction),
                largestError: errors[index], updateBits: updates[index])
        }
        featurePacking = Packing(bits: a.featureBits)
        labelPacking = Packing(bits: Bound.bitLength(max(sizes[sizes.count - 1], 2) - 1) + 1)
        weightPacking = Packing(bits: a.weightBits)
        let headroom = Bound.bitLength(task.clientsPerRound)
        if let layer = layers.firstIndex(where: { $0.updateBits + headroom > Packing.mostSlotBits }) {
            throw TaskError(
                field: "clientsPerRound",
                reason:
                    "the sum of \(task.clientsPerRound) updates of layer \(layer + 1) may need more than \(Packing.mostSlotBits) bits: use fewer clients, bits or fractions"
            )
        }
        updatePackings = layers.map { Packing(bits: $0.updateBits, slotBits: $0.updateBits + headroom) }
        normBound = try NormBound(task, layers)
        step = try StepRule(
            task, fractions: layers.map { $0.inputFraction + a.probabilityFraction },
            updateBits: layers.map(\.updateBits))
    }

    /// What a hidden layer's sums are shifted by.
    func activationShift(_ layer: Int) -> Int {
        layers[layer].sumFraction - task.arithmetic.activationFraction
    }

    private static func check(_ bound: Bound, _ what: String) throws(TaskError) {
        guard !bound.overflowed, bound.signedBits <= limitBits - 9 else {
            throw TaskError(
                field: "arithmetic",
                reason: "\(what) may need more than \(limitBits - 9) bits: use fewer bits or fractions")
        }
    }
}
