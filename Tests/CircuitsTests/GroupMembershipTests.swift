// SPDX-License-Identifier: Apache-2.0

import CircuitTestSupport
import Circuits
import Compute
import ConstraintSystems
import Curves
import FiniteFields
import TestSupport
import Testing

@Suite struct GroupMembershipTests {
    private let secrets: [Scalar] = [11, 12, 13, 14, 15]
    private let circuit = GroupMembership(depth: 3)
    private var group: MerkleTree {
        MerkleTree(depth: 3, leaves: secrets.map(GroupMembership.member(secret:)))
    }

    /// The three runs agree, the public inputs are the statement's, and no wire can be changed.
    @Test func everyMemberHasAWitnessAndNoWireIsFree() {
        var generator = SeededGenerator.fresh()
        let group = group
        for index in [0, 3, 4] {
            let (topic, message) = (Scalar.random(using: &generator), Scalar.random(using: &generator))
            let made = circuit.witness(
                secret: secrets[index], in: group, at: index, topic: topic, message: message)
            #expect(made.statement.root == group.root)
            #expect(
                made.statement.nullifier
                    == GroupMembership.nullifier(secret: secrets[index], topic: topic))
            let built = BuiltGadget(publicCount: 4) { builder in
                circuit.describe(
                    builder, secret: secrets[index], index: index, path: group.path(index), topic: topic,
                    message: message)
            }
            #expect(built.firstViolated == nil)
            #expect(built.freeWires(using: &generator) == [])
            #expect(Array(built.witness[1...4]) == made.statement.publicInputs.map(\.canonical))
            let alone = made.values.witness()
            #expect((0..<alone.count).map { alone[$0] } == built.witness)
            #expect(circuit.constraints().constraintSystem().constraintCount == built.system.constraintCount)
        }
    }

    /// Who is not in the group has a witness for another root only: put the group's in its place, and it is
    /// violated.
    @Test func strangersAreOfAnotherGroup() {
        let group = group
        let made = circuit.witness(secret: 99, in: group, at: 2, topic: 1, message: 2)
        #expect(made.statement.root != group.root)
        let secret = made.values.witness()
        var claimed = (0..<secret.count).map { secret[$0] }
        let system = circuit.constraints().constraintSystem()
        #expect(system.firstViolated(by: claimed.span) == nil)
        claimed[1] = group.root.canonical
        #expect(system.firstViolated(by: claimed.span) != nil)
    }

    @Test func nullifiersTellTopicsAndMembersApart() {
        let nullifier = GroupMembership.nullifier(secret:topic:)
        #expect(nullifier(11, 1) == nullifier(11, 1))
        #expect(nullifier(11, 1) != nullifier(11, 2))
        #expect(nullifier(11, 1) != nullifier(12, 1))
        // Nor is one a member's hash, whatever the topic.
        #expect(nullifier(11, 0) != GroupMembership.member(secret: 11))
    }

    /// The size that the type's comment gives.
    @Test func size() {
        let circuit = GroupMembership(depth: 32).constraints()
        #expect(circuit.constraintCount == 8_573)
    }
}
