// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import FederatedLearning
import FiniteFields
import TestSupport
import Testing

@Suite struct RoundCircuitTests {
    typealias Aggregator = TaskDescription.Aggregator

    /// A round with random updates in range.
    private func round(
        _ plan: Plan, count: Int, using generator: inout SeededGenerator
    ) -> RoundWitness {
        let model = randomModel(plan, using: &generator)
        let updates = (0..<count).map { _ in
            let entries = zip(plan.layers, plan.updatePackings).flatMap { layer, packing in
                (0..<layer.weightCount).map { _ in
                    Int.random(in: -packing.offset..<packing.offset, using: &generator)
                        >> Int.random(in: 0..<10, using: &generator)
                }
            }
            return Update(flattened: entries, plan)!
        }
        let first = ChainState.genesis(model: .random(using: &generator), task: plan.taskID)
        let state = ChainState(
            previous: first.hash, model: model.hash(plan), batch: .random(using: &generator), round: 4,
            task: plan.taskID)
        let entries = updates.map {
            RoundBatch.Entry(update: $0.hash(plan), nullifier: .random(using: &generator))
        }
        return RoundWitness(
            state: state, model: model, updates: updates,
            batch: RoundBatch(registryRoot: .random(using: &generator), entries: entries))
    }

    private func violation(_ plan: Plan, _ witness: RoundWitness) -> (publics: [Scalar.Limbs], scope: String?)
    {
        let circuit = RoundCircuit(plan)
        let system = circuit.constraints().constraintSystem()
        let builder = circuit.witness(witness)
        #expect(builder.wireCount == system.wireCount && builder.constraintCount == system.constraintCount)
        let values = builder.witness()
        let violated = values.withSpan { system.firstViolated(by: $0) }
        return (
            (1...RoundCircuit.publicCount).map { values[$0] },
            violated.map { circuit.constraints(names: true).scope(of: $0) }
        )
    }

    @Test(arguments: [Aggregator.fedAvg, .median, .trimmedMean(trim: 1)])
    func circuitAgreesWithCode(aggregator: Aggregator) throws {
        var generator = SeededGenerator.fresh()
        for (layers, clients) in [([6, 3], 5), ([3, 2, 2], 4), ([2, 1], 3)] {
            let plan = try Plan(.small(layers: layers, clients: clients, aggregator: aggregator))
            for count in [1, clients - 1, clients] {
                let witness = round(plan, count: count, using: &generator)
                let next = witness.next(plan)
                let (publics, scope) = violation(plan, witness)
                #expect(scope == nil)
                #expect(publics == [witness.state.hash, next.state.hash].map(\.canonical))
                #expect(next.state.batch == witness.batch.digest(plan))
            }
        }
    }

    /// The step against real numbers: the mean times the learning rate over the batch's size, rounded.
    @Test func stepIsTheLearningRateTimesTheMean() throws {
        var generator = SeededGenerator.fresh()
        var task = TaskDescription.small(layers: [6, 3], clients: 5)
        task.learningRate = 0.37
        let plan = try Plan(task)
        let witness = round(plan, count: 4, using: &generator)
        let next = witness.next(plan).model
        let fraction = Double(sign: .plus, exponent: plan.layers[0].inputFraction + 12, significand: 1)
        for (index, weight) in witness.model.flattened.enumerated() {
            let mean = witness.updates.map { Double($0.flattened[index]) }.reduce(0, +) / 4
            let move = 0.37 * mean / fraction / Double(task.batchSize) * 1024
            let expected = min(max(Double(weight) - move, -8192), 8191)
            #expect(abs(expected - Double(next.flattened[index])) < 0.51 + abs(move) * 1e-5)
        }
    }

    @Test func aggregatorsOnAColumn() throws {
        let cases: [(Aggregator, Int, Int, Int)] = [
            (.fedAvg, 5, 0, 5), (.median, 5, 2, 1), (.median, 4, 1, 2), (.median, 1, 0, 1),
            (.median, 2, 0, 2),
            (.trimmedMean(trim: 2), 5, 2, 1), (.trimmedMean(trim: 1), 5, 1, 3),
            (.trimmedMean(trim: 2), 3, 1, 1),
            (.trimmedMean(trim: 2), 1, 0, 1),
        ]
        for (aggregator, count, each, left) in cases {
            let dropped = aggregator.dropped(of: count)
            #expect(dropped.each == each && dropped.left == left && 2 * each + left == count)
        }
    }

    /// Whatever a cheating sequencer changes, some constraint notices.
    @Test(arguments: [Aggregator.fedAvg, .median])
    func noWireIsFree(aggregator: Aggregator) throws {
        var generator = SeededGenerator.fresh()
        let plan = try Plan(.small(layers: [2, 1], clients: 3, aggregator: aggregator))
        let circuit = RoundCircuit(plan)
        let system = circuit.constraints().constraintSystem()
        // Used slots only: where slots are unused, or entries equal, which of two equal lanes is which is
        // free.
        let secret = circuit.witness(round(plan, count: 3, using: &generator)).witness()
        let honest = (0..<secret.count).map { secret[$0] }
        var changed = honest
        var free: [Int] = []
        for wire in 1..<honest.count {
            let own = Scalar(canonical: honest[wire])!
            let others: [Scalar] = [.random(using: &generator), own + .one, .one - own]
            for other in others where other != own {
                changed[wire] = other.canonical
                if system.firstViolated(by: changed.span) == nil {
                    free.append(wire)
                }
            }
            changed[wire] = honest[wire]
        }
        #expect(free == [])
    }

    /// The sizes in docs/federated.md, by the builder's own count.
    @Test func sizesAreThoseOfTheDocumentation() throws {
        for (aggregator, constraints) in [(Aggregator.fedAvg, 105_274), (.median, 430_851)] {
            var task = TaskDescription.small(layers: [64, 10], clients: 10, aggregator: aggregator)
            task.batchSize = 32
            task.arithmetic.weightBits = 12
            task.arithmetic.weightFraction = 9
            #expect(RoundCircuit(try Plan(task)).constraints().constraintCount == constraints)
        }
    }
}
