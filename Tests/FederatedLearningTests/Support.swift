// SPDX-License-Identifier: Apache-2.0

import Circuits
import FederatedLearning
import FiniteFields
import TestSupport

extension TaskDescription {
    /// A small task that is quick to build.
    static func small(
        layers: [Int] = [6, 3], clients: Int = 3, aggregator: Aggregator = .fedAvg, minimumClients: Int = 1,
        settlement: Settlement = .attested
    ) -> TaskDescription {
        TaskDescription(
            name: "small", model: Model(layers: layers),
            arithmetic: Arithmetic(
                featureBits: 5, featureFraction: 3, weightBits: 14, weightFraction: 10, activationFraction: 6,
                probabilityFraction: 12, sigmoidStepBits: 6),
            batchSize: 4, datasetDepth: 2, registryDepth: 3, normBound: 1e12, clientsPerRound: clients,
            minimumClients: minimumClients, learningRate: 0.5, aggregator: aggregator, settlement: settlement)
    }
}

/// A client with random data, registered at a place.
struct TestClient {
    let identity: Identity
    let dataset: Dataset

    init(_ plan: Plan, using generator: inout SeededGenerator) {
        identity = .random(using: &generator)
        let limit = plan.featurePacking.offset
        let batches = (0..<(1 << plan.task.datasetDepth)).map { _ in
            Batch(
                features: Matrix(rows: plan.task.batchSize, columns: plan.features) { _, _ in
                    Int.random(in: -limit..<limit, using: &generator)
                },
                labels: (0..<plan.task.batchSize).map { _ in
                    Int.random(in: 0..<max(plan.classes, 2), using: &generator)
                })
        }
        dataset = Dataset(plan, batches: batches, salts: batches.map { _ in .random(using: &generator) })
    }

    var leaf: Scalar { registryLeaf(commitment: identity.commitment, datasetRoot: dataset.tree.root) }

    func witness(_ plan: Plan, model: Model, registry: MerkleTree, index: Int, state: ChainState)
        -> ClientWitness
    {
        let batch = Dataset.batchIndex(plan, identity, task: plan.taskID, round: state.round)
        return ClientWitness(
            model: model, batch: dataset.batches[batch], salt: dataset.salts[batch],
            datasetPath: dataset.tree.path(batch), identity: identity, registryIndex: index,
            registryPath: registry.path(index), state: state.hash, round: state.round, task: plan.taskID)
    }
}

/// Random weights over the whole range.
func randomModel(_ plan: Plan, using generator: inout SeededGenerator) -> Model {
    let limit = plan.weightPacking.offset
    return Model(
        flattened: (0..<plan.weightCount).map { _ in Int.random(in: -limit..<limit, using: &generator) }, plan
    )!
}

/// An update with random entries over the whole range, and small ones among them.
func randomUpdate(_ plan: Plan, using generator: inout SeededGenerator) -> Update {
    let entries = zip(plan.layers, plan.updatePackings).flatMap { layer, packing in
        (0..<layer.weightCount).map { _ in
            Int.random(in: -packing.offset..<packing.offset, using: &generator)
                >> Int.random(in: 0..<10, using: &generator)
        }
    }
    return Update(flattened: entries, plan)!
}

/// A round in the middle of a chain, with random updates of random clients.
func roundWitness(_ plan: Plan, count: Int, using generator: inout SeededGenerator) -> RoundWitness {
    let model = randomModel(plan, using: &generator)
    let updates = (0..<count).map { _ in randomUpdate(plan, using: &generator) }
    let state = ChainState(
        previous: .random(using: &generator), model: model.hash(plan), batch: .random(using: &generator),
        round: 4, task: plan.taskID, registry: .random(using: &generator))
    return RoundWitness(
        state: state, model: model,
        updates: updates.map { .init($0, nullifier: .random(using: &generator)) },
        nextRegistry: .random(using: &generator))
}
