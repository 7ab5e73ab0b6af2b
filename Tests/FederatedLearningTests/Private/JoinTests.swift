// SPDX-License-Identifier: Apache-2.0

import Circuits
import ConstraintSystems
import FederatedLearning
import FiniteFields
import SecureAggregation
import TestSupport
import Testing

@Suite struct JoinTests {
    /// The statement is that of the roster's entry, and no wire is free.
    @Test func circuitAgreesWithTheCode() throws {
        var generator = SeededGenerator.fresh()
        let fixture = try PrivateFixture(.smallPrivate(layers: [2, 1]), joins: true, using: &generator)
        let circuit = JoinCircuit(fixture.plan)
        let checked = CheckedCircuit(circuit.build(.constraints, nil, names: true))
        for place in fixture.clients.indices {
            let values = circuit.build(.witness, fixture.join(place)).limbs
            #expect(checked.violated(by: values) == "")
            let statement = JoinStatement(
                state: fixture.state.hash, registryRoot: fixture.registry.root, round: PrivateFixture.round,
                task: fixture.plan.taskID, member: fixture.cohort.members[place])
            #expect(values[1] == statement.digest.canonical)
            if place == 1 { #expect(checked.freeWires(of: values, using: &generator) == []) }
        }
    }

    /// Whoever is not registered with these data and secrets, or takes another round's secret, proves
    /// something about another registry than the state's.
    @Test func whatAClientCannotChoose() throws {
        var generator = SeededGenerator.fresh()
        let fixture = try PrivateFixture(.smallPrivate(layers: [2, 1]), joins: true, using: &generator)
        let circuit = JoinCircuit(fixture.plan)
        let checked = CheckedCircuit(circuit.build(.constraints, nil, names: true))
        let (own, other) = (fixture.clients[0], fixture.clients[1])
        let secrets = try #require(own.secrets)
        for change in [
            { $0.identity = .random(using: &generator) }, { $0.datasetRoot = other.dataset.tree.root },
            { $0.secret = MemberSecret(element: .random(using: &generator)) },
            { $0.secret = secrets.secrets[6] }, { $0.secret = other.secret },
            { $0.registryIndex = 1 }, { $0.secretPath = secrets.tree.path(4) },
        ] as [(inout JoinWitness) -> Void] {
            var witness = fixture.join(0)
            change(&witness)
            let values = circuit.build(.witness, witness).limbs
            #expect(checked.violated(by: values) == "")
            let statement = JoinStatement(
                state: witness.state, registryRoot: fixture.registry.root, round: witness.round,
                task: witness.task, member: witness.member)
            #expect(values[1] != statement.digest.canonical)
        }
        // A secret of its own, in its place of the tree, but of another round.
        var witness = fixture.join(0)
        (witness.secret, witness.secretPath) = (secrets.secrets[6], secrets.tree.path(6))
        let values = circuit.build(.witness, witness).limbs
        #expect(
            values[1]
                != JoinStatement(
                    state: witness.state, registryRoot: fixture.registry.root, round: 5, task: witness.task,
                    member: witness.member
                ).digest.canonical)
        // There are no more rounds than the task has, though there are secrets for them.
        for (round, holds) in [(29, true), (30, false)] {
            witness = fixture.join(0)
            witness.round = round
            (witness.secret, witness.secretPath) = (secrets.secrets[round], secrets.tree.path(round))
            let violated = checked.allViolated(by: circuit.build(.witness, witness).limbs)
            #expect(Set(violated) == (holds ? [] : ["rounds"]))
        }
    }

    /// The size in docs/private-rounds.md.
    @Test func sizeIsThatOfTheDocumentation() throws {
        let plan = try PrivatePlan(.digits(members: 8, threshold: 6, noiseBits: 15, summands: 2))
        #expect(JoinCircuit(plan).build(.constraints, nil).constraintCount == 11_338)
    }
}
