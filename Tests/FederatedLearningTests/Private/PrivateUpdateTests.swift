// SPDX-License-Identifier: Apache-2.0

import Circuits
import ConstraintSystems
import FederatedLearning
import FiniteFields
import SecureAggregation
import TestSupport
import Testing

@Suite struct PrivateUpdateTests {
    /// Code and circuit make the same message, for models and batches over the whole range.
    @Test(arguments: [[6, 3], [5, 1], [6, 4, 3], [4, 3, 3, 2]])
    func circuitAgreesWithTheCode(layers: [Int]) throws {
        var generator = SeededGenerator.fresh()
        for clip in [0.003, 0.2] {
            let fixture = try PrivateFixture(.smallPrivate(layers: layers, clip: clip), using: &generator)
            let circuit = PrivateUpdateCircuit(fixture.plan)
            let checked = CheckedCircuit(circuit.build(.constraints, nil, names: true))
            for place in fixture.clients.indices {
                let witness = fixture.witness(place)
                let values = circuit.build(.witness, witness).limbs
                #expect(values.count == checked.system.wireCount)
                #expect(checked.violated(by: values) == "")
                let statement = witness.statement(fixture.plan, fixture.updates[place])
                #expect(values[1] == statement.digest.canonical)
            }
            // What all of them send adds up to the clipped gradients and their noise.
            let updates = Dictionary(uniqueKeysWithValues: fixture.updates.enumerated().map { ($0, $1) })
            let sum = try fixture.unmasked(updates, counted: [0, 1, 2])
            var expected = [Int](repeating: 0, count: fixture.plan.base.weightCount)
            for place in fixture.clients.indices {
                let witness = fixture.witness(place)
                let trace = fixture.plan.trace(model: witness.model, batch: witness.batch)
                let noise = fixture.plan.noise.values(witness.secret, witness.cohort.context(fixture.plan))
                for index in expected.indices {
                    expected[index] += trace.update.flattened[index] + noise[index]
                }
            }
            #expect(fixture.plan.unpacked(sum.sum, count: 3) == expected)
        }
    }

    /// No wire, nor the public input, can be changed alone.
    @Test(arguments: [[3, 2], [2, 2, 1]])
    func noWireIsFree(layers: [Int]) throws {
        var generator = SeededGenerator.fresh()
        let fixture = try PrivateFixture(
            .smallPrivate(layers: layers, clip: 0.2, batchSize: 2), using: &generator)
        let circuit = PrivateUpdateCircuit(fixture.plan)
        let checked = CheckedCircuit(circuit.build(.constraints, nil))
        let honest = circuit.build(.witness, fixture.witness(1)).limbs
        #expect(checked.violated(by: honest) == "")
        #expect(checked.freeWires(of: honest, using: &generator) == [])
    }

    /// Other data, another batch, key, place or model than what the member joined with is refused where it
    /// should be; and flags are part of the batch.
    @Test func whatAMemberCannotChoose() throws {
        var generator = SeededGenerator.fresh()
        let fixture = try PrivateFixture(.smallPrivate(layers: [3, 2], clip: 0.2), using: &generator)
        let circuit = PrivateUpdateCircuit(fixture.plan)
        let checked = CheckedCircuit(circuit.build(.constraints, nil, names: true))
        let own = fixture.clients[1]
        func violated(_ change: (inout PrivateUpdateWitness) -> Void) -> Set<String> {
            var witness = fixture.witness(1)
            change(&witness)
            return Set(checked.allViolated(by: circuit.build(.witness, witness).limbs))
        }
        #expect(violated { _ in } == [])
        // Another batch of its own: at the round's place, the root is another.
        let asked = PrivateDataset.batchIndex(fixture.plan, identity: own.identity, round: 5)
        let other = (asked + 1) % own.dataset.batches.count
        #expect(
            violated {
                ($0.batch, $0.salt) = (own.dataset.batches[other], own.dataset.salts[other])
                $0.datasetPath = own.dataset.tree.path(other)
            } == ["membership"])
        // A key that asks for that batch does not open the nullifier; one more is the next batch.
        #expect(
            violated {
                ($0.batch, $0.salt) = (own.dataset.batches[other], own.dataset.salts[other])
                $0.datasetPath = own.dataset.tree.path(other)
                $0.nullifierKey += .one
            } == ["membership"])
        #expect(violated { $0.batch.isNull[0].toggle() } == ["membership"])
        #expect(violated { $0.batch.rows.features[0, 0] ^= 1 } == ["membership"])
        #expect(violated { $0.salt = .zero } == ["membership"])
        // Another round has another nullifier; another member's secret is not the place's.
        #expect(violated { $0.cohort.round += 4 } == ["membership"])
        #expect(violated { $0.own = 2 } == ["membership"])
        #expect(violated { $0.secret = fixture.clients[0].secret } == ["membership"])
        // Another model, task, roster or cohort is a witness, of another statement.
        for change in [
            { $0.model.layers[0][0, 0] ^= 1 }, { $0.cohort.task = .one }, { $0.cohort.roster = .one },
            { $0.cohort.index = 0 },
        ] as [(inout PrivateUpdateWitness) -> Void] {
            var witness = fixture.witness(1)
            change(&witness)
            let values = circuit.build(.witness, witness).limbs
            #expect(checked.violated(by: values) == "")
            #expect(
                values[1] != fixture.witness(1).statement(fixture.plan, fixture.updates[1]).digest.canonical)
        }
    }

    /// The sizes in docs/private-rounds.md.
    @Test(arguments: [(8, 6, 15, 2, 138_368), (16, 12, 16, 1, 182_411)])
    func sizesAreThoseOfTheDocumentation(
        members: Int, threshold: Int, noiseBits: Int, summands: Int, constraints: Int
    ) throws {
        let plan = try PrivatePlan(
            .digits(members: members, threshold: threshold, noiseBits: noiseBits, summands: summands))
        let built = PrivateUpdateCircuit(plan).build(.constraints, nil, names: true)
        #expect(built.constraintCount == constraints)
        let clipping = built.constraintsByScope().first { $0.scope == "clipping" }?.constraints
        #expect(clipping == 456 * plan.base.task.batchSize)
    }
}
