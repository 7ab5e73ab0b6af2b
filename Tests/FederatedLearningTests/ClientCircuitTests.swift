import Circuits
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
            let state = ChainState.genesis(model: model.hash(plan), task: plan.taskID)
            let witness = client.witness(plan, model: model, registry: registry, index: index, state: state)
            let (builder, update) = circuit.witness(witness)
            #expect(
                builder.wireCount == system.wireCount && builder.constraintCount == system.constraintCount)
            let values = builder.witness()
            let violated = values.withElements { system.firstViolated(by: $0) }
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

    @Test func digitsSize() throws {
        var generator = SeededGenerator.fresh()
        for (layers, wb, fb) in [
            ([64, 10], 12, 5), ([64, 10], 14, 5), ([64, 10], 12, 4), ([64, 32, 10], 12, 4), ([30, 1], 14, 8),
        ] {
            var task = TaskDescription.small(layers: layers, clients: 10)
            task.batchSize = 32
            task.registryDepth = 20
            task.datasetDepth = 3
            task.arithmetic.weightBits = wb
            task.arithmetic.weightFraction = wb - 3
            task.arithmetic.featureBits = fb
            task.arithmetic.featureFraction = min(fb, 4) - 1
            let plan = try Plan(task)
            let clock = ContinuousClock()
            let circuit = ClientCircuit(plan)
            let client = TestClient(plan, using: &generator)
            let registry = MerkleTree(depth: plan.task.registryDepth, leaves: [client.leaf])
            let model = randomModel(plan, using: &generator)
            let state = ChainState.genesis(model: model.hash(plan), task: plan.taskID)
            let witness = client.witness(plan, model: model, registry: registry, index: 0, state: state)
            let time = clock.measure { _ = circuit.witness(witness) }
            let built = circuit.constraints(names: true)
            var system = built.constraintSystem()
            let time2 = clock.measure { system = circuit.constraints().constraintSystem() }
            print(
                layers, wb, fb, "constraints", built.constraintCount, "witness", time, "constraints", time2,
                "terms", system.terms.count, plan.layers.map { ($0.sumBits, $0.backwardBits, $0.updateBits) })
            print(built.constraintsByScope().map { "\($0.scope) \($0.constraints)" }.joined(separator: ", "))
        }
    }
}
