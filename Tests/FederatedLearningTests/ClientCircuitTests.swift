// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import FederatedLearning
import FiniteFields
import TestSupport
import Testing

@Suite struct ClientCircuitTests {
    @Test(arguments: [[6, 3], [5, 1], [6, 4, 3], [4, 3, 3, 2]])
    func circuitAgreesWithTrainingCode(layers: [Int]) throws {
        var generator = SeededGenerator.fresh()
        let plan = try Plan(.small(layers: layers))
        let clients = (0..<3).map { _ in TestClient(plan, using: &generator) }
        let registry = MerkleTree(depth: plan.task.registryDepth, leaves: clients.map(\.leaf))
        let circuit = ClientCircuit(plan)
        let system = circuit.constraints().constraintSystem()
        for (index, client) in clients.enumerated() {
            let model = randomModel(plan, using: &generator)
            let state = ChainState.genesis(
                model: model.hash(plan), task: plan.taskID, registry: registry.root)
            let witness = client.witness(plan, model: model, registry: registry, index: index, state: state)
            let (builder, update) = circuit.witness(witness)
            #expect(
                builder.wireCount == system.wireCount && builder.constraintCount == system.constraintCount)
            let values = builder.witness()
            let violated = values.withSpan { system.firstViolated(by: $0) }
            let names = circuit.constraints(names: true)
            #expect(violated == nil, "\(violated.map { names.scope(of: $0) } ?? "")")
            let trace = TrainingTrace(plan, model: model, batch: witness.batch)
            #expect(update == trace.update)
            let statement = ClientStatement(
                state: state.hash, model: model.hash(plan), update: update.hash(plan),
                registryRoot: registry.root,
                nullifier: client.identity.nullifier(task: plan.taskID, round: 0), round: 0, task: plan.taskID
            )
            #expect(values[1] == statement.digest.canonical)
        }
    }

    /// An honest gradient that is larger than the bound has no proof, and the norm is why.
    @Test func updatesBeyondTheNormBoundHaveNoWitness() throws {
        var generator = SeededGenerator.fresh()
        for (bound, holds) in [(1e6, true), (0.01, false)] {
            var task = TaskDescription.small()
            task.normBound = bound
            let plan = try Plan(task)
            let client = TestClient(plan, using: &generator)
            let registry = MerkleTree(depth: plan.task.registryDepth, leaves: [client.leaf])
            let model = randomModel(plan, using: &generator)
            let state = ChainState.genesis(
                model: model.hash(plan), task: plan.taskID, registry: registry.root)
            let witness = client.witness(plan, model: model, registry: registry, index: 0, state: state)
            let circuit = ClientCircuit(plan)
            let built = circuit.constraints(names: true)
            let (builder, update) = circuit.witness(witness)
            #expect(plan.normBound.admits(update.layers) == holds)
            let violated = builder.witness().withSpan { built.constraintSystem().firstViolated(by: $0) }
            #expect(violated.map { built.scope(of: $0) } == (holds ? nil : "norm"))
        }
    }

    /// No wire, nor the public input, can be changed alone.
    @Test(arguments: [[6, 3], [4, 3, 2]])
    func noWireIsFree(layers: [Int]) throws {
        var generator = SeededGenerator.fresh()
        let plan = try Plan(.small(layers: layers))
        let client = TestClient(plan, using: &generator)
        let registry = MerkleTree(depth: plan.task.registryDepth, leaves: [client.leaf])
        let model = randomModel(plan, using: &generator)
        let state = ChainState.genesis(
            model: model.hash(plan), task: plan.taskID, registry: registry.root)
        let circuit = ClientCircuit(plan)
        let checked = CheckedCircuit(circuit.constraints())
        let honest = circuit.witness(
            client.witness(plan, model: model, registry: registry, index: 0, state: state)
        ).values.limbs
        #expect(checked.violated(by: honest) == "")
        #expect(checked.freeWires(of: honest, using: &generator) == [])
    }

    /// Each round asks for one batch, which is not the client's to choose, and all get their turn.
    @Test func batchesComeInTurn() throws {
        var generator = SeededGenerator.fresh()
        let plan = try Plan(.small(layers: [2, 1]))
        let client = TestClient(plan, using: &generator)
        let registry = MerkleTree(depth: plan.task.registryDepth, leaves: [client.leaf])
        let model = randomModel(plan, using: &generator)
        let circuit = ClientCircuit(plan)
        let system = circuit.constraints().constraintSystem()
        let count = client.dataset.batches.count
        let tag = Poseidon.hash(client.identity.secret, plan.taskID).canonical[0]
        for round in [0, 1, 2, 3, 4, 1_000_003, 1 << 32 - 1] {
            var state = ChainState.genesis(
                model: model.hash(plan), task: plan.taskID, registry: registry.root)
            state.round = round
            let honest = client.witness(plan, model: model, registry: registry, index: 0, state: state)
            let own = Dataset.batchIndex(plan, client.identity, task: plan.taskID, round: round)
            #expect(UInt64(own) == (tag % UInt64(count) + UInt64(round)) % UInt64(count))
            for place in 0..<count {
                var witness = honest
                witness.batch = client.dataset.batches[place]
                witness.salt = client.dataset.salts[place]
                witness.datasetPath = client.dataset.tree.path(place)
                let (values, update) = circuit.witness(witness)
                let statement = ClientStatement(
                    state: state.hash, model: model.hash(plan), update: update.hash(plan),
                    registryRoot: registry.root,
                    nullifier: client.identity.nullifier(task: plan.taskID, round: round), round: round,
                    task: plan.taskID)
                let made = values.witness()
                let holds = made.withSpan { system.firstViolated(by: $0) } == nil
                #expect(
                    (holds && made[1] == statement.digest.canonical) == (place == own), "\(round), \(place)")
            }
        }
    }

    /// The sizes in docs/federated.md, by the builder's own count.
    @Test(arguments: [
        ([64, 10], 5, 12, 66_299), ([64, 10], 4, 12, 63_281), ([64, 32, 10], 4, 12, 226_047),
        ([30, 1], 8, 14, 23_660),
    ])
    func sizesAreThoseOfTheDocumentation(
        layers: [Int], featureBits: Int, weightBits: Int, constraints: Int
    ) throws {
        var task = TaskDescription.small(layers: layers, clients: 10)
        task.batchSize = 32
        task.registryDepth = 20
        task.datasetDepth = 3
        task.arithmetic.weightBits = weightBits
        task.arithmetic.weightFraction = weightBits - 3
        task.arithmetic.featureBits = featureBits
        task.arithmetic.featureFraction = min(featureBits, 4) - 1
        let built = ClientCircuit(try Plan(task)).constraints(names: true)
        #expect(built.constraintCount == constraints)
        #expect(built.constraintsByScope().reduce(0) { $0 + $1.constraints } == constraints)
    }
}
