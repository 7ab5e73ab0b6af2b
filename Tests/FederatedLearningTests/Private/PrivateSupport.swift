// SPDX-License-Identifier: Apache-2.0

import Circuits
import FederatedLearning
import FiniteFields
import TestSupport

extension TaskDescription {
    /// A small task with private rounds.
    static func smallPrivate(
        layers: [Int] = [6, 3], clip: Double = 1, members: Int = 3, threshold: Int = 2, batchSize: Int = 4,
        noiseBits: Int = 7, settlement: Settlement = .attested
    ) -> TaskDescription {
        var task = small(
            layers: layers, clients: members, minimumClients: threshold, settlement: settlement)
        (task.batchSize, task.registryDepth) = (batchSize, 4)
        task.privacy = Privacy(
            clip: clip, updateFraction: 9, members: members, threshold: threshold, colluders: 0,
            noiseBits: noiseBits, noiseSummands: 2, rounds: 30)
        return task
    }
}

/// A random batch over the whole range of features, some of whose rows are null.
func randomPrivateBatch(_ plan: PrivatePlan, using generator: inout SeededGenerator) -> PrivateBatch {
    let (base, limit) = (plan.base, plan.base.featurePacking.offset)
    let size = base.task.batchSize
    // Rows of large and of small features, so that some are clipped and some are not.
    let shifts = (0..<size).map { _ in Int.random(in: 0..<6, using: &generator) }
    let batch = Batch(
        features: Matrix(rows: size, columns: base.features) { row, _ in
            Int.random(in: -limit..<limit, using: &generator) >> shifts[row]
        }, labels: (0..<size).map { _ in Int.random(in: 0..<max(base.classes, 2), using: &generator) })
    return PrivateBatch(batch, isNull: (0..<size).map { _ in Int.random(in: 0..<4, using: &generator) == 0 })
}

/// Random weights, of small magnitudes too.
func randomPrivateModel(_ plan: PrivatePlan, using generator: inout SeededGenerator) -> Model {
    let shift = Int.random(in: 0..<10, using: &generator)
    return Model(
        flattened: randomModel(plan.base, using: &generator).flattened.map { $0 >> shift }, plan.base)!
}

extension TaskDescription {
    /// Digits, batches of 20.
    static func digits(members: Int, threshold: Int, noiseBits: Int, summands: Int) -> TaskDescription {
        var task = small(layers: [64, 10], clients: members, minimumClients: threshold)
        (task.batchSize, task.registryDepth, task.datasetDepth) = (20, 20, 3)
        (task.arithmetic.featureBits, task.arithmetic.featureFraction) = (5, 3)
        (task.arithmetic.weightBits, task.arithmetic.weightFraction) = (12, 9)
        task.privacy = Privacy(
            clip: 1, updateFraction: 11, members: members, threshold: threshold,
            colluders: 2 * threshold - members - 1, noiseBits: noiseBits, noiseSummands: summands, rounds: 30)
        return task
    }
}
