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

    private func violation(_ plan: Plan, _ witness: RoundWitness) -> (publics: [Scalar.Limbs], scope: String?)
    {
        let circuit = RoundCircuit(plan, nil)
        let built = circuit.build(.constraints, nil, [], nil, .allCores, names: true)
        let system = built.constraintSystem()
        let builder = circuit.build(.witness, witness, [], nil, .allCores)
        #expect(builder.wireCount == system.wireCount && builder.constraintCount == system.constraintCount)
        let values = builder.witness()
        let violated = values.withSpan { system.firstViolated(by: $0) }
        return (
            (1...RoundCircuit.publicCount).map { values[$0] },
            violated.map { built.scope(of: $0) }
        )
    }

    @Test(arguments: [Aggregator.fedAvg, .median, .trimmedMean(trim: 1)])
    func circuitAgreesWithCode(aggregator: Aggregator) throws {
        var generator = SeededGenerator.fresh()
        for (layers, clients) in [([6, 3], 5), ([3, 2, 2], 4), ([2, 1], 3)] {
            let plan = try Plan(.small(layers: layers, clients: clients, aggregator: aggregator))
            for count in [1, clients - 1, clients] {
                let witness = roundWitness(plan, count: count, using: &generator)
                let next = witness.next(plan)
                let (publics, scope) = violation(plan, witness)
                #expect(scope == nil)
                #expect(
                    publics
                        == [witness.state.hash, next.state.hash, witness.nextRegistry].map(\.canonical))
                // By hand: the digest of the places, of which those that are not used are zero.
                let taken = witness.updates.flatMap { [$0.update.hash(plan), $0.nullifier] }
                let unused = [Scalar](repeating: .zero, count: 2 * (clients - count))
                let entries = Poseidon.hash(taken + unused, domain: 11)
                #expect(next.state.batch == Poseidon.hash([Scalar(UInt64(count)), entries], domain: 7))
                #expect(next.state.registry == witness.nextRegistry)
            }
        }
    }

    /// The step against real numbers: the mean times the learning rate over the batch's size, rounded.
    @Test func stepIsTheLearningRateTimesTheMean() throws {
        var generator = SeededGenerator.fresh()
        var task = TaskDescription.small(layers: [6, 3], clients: 5)
        task.learningRate = 0.37
        let plan = try Plan(task)
        let witness = roundWitness(plan, count: 4, using: &generator)
        let next = witness.next(plan).model
        let fraction = Double(sign: .plus, exponent: plan.layers[0].inputFraction + 12, significand: 1)
        for (index, weight) in witness.model.flattened.enumerated() {
            let mean = witness.updates.map { Double($0.update.flattened[index]) }.reduce(0, +) / 4
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
        let circuit = RoundCircuit(plan, nil)
        let checked = CheckedCircuit(circuit.build(.constraints, nil, [], nil, .allCores))
        // Used places only: where places are unused, or entries equal, which of two equal lanes is which is
        // free.
        var witness: RoundWitness
        repeat {
            witness = roundWitness(plan, count: 3, using: &generator)
        } while (0..<plan.weightCount).contains { index in
            Set(witness.updates.map { $0.update.flattened[index] }).count < 3
        }
        let honest = circuit.build(.witness, witness, [], nil, .allCores).limbs
        #expect(checked.violated(by: honest) == "")
        #expect(checked.freeWires(of: honest, using: &generator) == [])
    }

    /// The sizes in docs/federated.md, by the builder's own count.
    @Test func sizesAreThoseOfTheDocumentation() throws {
        for (aggregator, constraints) in [(Aggregator.fedAvg, 112_128), (.median, 437_705)] {
            var task = TaskDescription.small(layers: [64, 10], clients: 10, aggregator: aggregator)
            task.batchSize = 32
            task.arithmetic.weightBits = 12
            task.arithmetic.weightFraction = 9
            let built = RoundCircuit(try Plan(task), nil).build(.constraints, nil, [], nil, .allCores)
            #expect(built.constraintCount == constraints)
        }
    }
}
