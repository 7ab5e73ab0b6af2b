// SPDX-License-Identifier: Apache-2.0

import Circuits
import FederatedLearning
import FiniteFields
import TestSupport
import Testing

/// The circuits that a round is cut into, without the circuits.
@Suite struct RoundShapeTests {
    /// Room for all clients, no circuit with too many places, and no level or place more than it takes.
    @Test func shapes() {
        let fanOut = RoundShape.fanOut
        #expect(fanOut == 16 && RoundShape.mostClients == 4_096)
        for clients in 1...RoundShape.mostClients {
            let shape = RoundShape(clients: clients, fanOut: fanOut)
            let levels = clients <= fanOut ? 1 : clients <= fanOut * fanOut ? 2 : 3
            var needed = clients
            for places in shape.places { needed = (needed + places - 1) / places }
            // One place less at any level, and there is no room.
            let product = shape.places.reduce(1, *)
            let isTight = shape.places.allSatisfy { product / $0 * ($0 - 1) < clients }
            guard shape.places.count == levels, shape.groupLevels == levels - 1, product >= clients,
                shape.places.allSatisfy({ (1...fanOut).contains($0) }), isTight, needed == 1
            else {
                Issue.record("\(clients) clients: \(shape.places)")
                return
            }
        }
        for (clients, places) in [
            (1, [1]), (10, [10]), (16, [16]), (17, [9, 2]), (100, [15, 7]), (256, [16, 16]),
            (257, [15, 9, 2]), (4_096, [16, 16, 16]),
        ] {
            #expect(RoundShape(clients: clients, fanOut: fanOut).places == places, "\(clients)")
        }
    }

    /// How many clients a task may have, and which aggregators there are for groups.
    @Test func tasks() throws {
        func fault(
            _ clients: Int, _ aggregator: TaskDescription.Aggregator,
            _ settlement: TaskDescription.Settlement
        ) -> String? {
            do throws(TaskError) {
                _ = try Plan(.small(clients: clients, aggregator: aggregator, settlement: settlement))
                return nil
            } catch { return error.field }
        }
        for settlement in [TaskDescription.Settlement.plain, .commitment] {
            #expect(fault(4_096, .fedAvg, settlement) == nil)
            #expect(fault(4_097, .fedAvg, settlement) == "clientsPerRound")
            // Of groups only sums are known.
            #expect(fault(16, .median, settlement) == nil && fault(17, .median, settlement) == "aggregator")
            #expect(fault(17, .trimmedMean(trim: 1), settlement) == "aggregator")
        }
        #expect(fault(256, .median, .attested) == nil && fault(257, .fedAvg, .attested) == "clientsPerRound")
        // The circuits, each after those whose proofs it verifies.
        for (clients, circuits) in [
            (3, [FederationCircuit.client, .round]), (17, [.client, .leaf, .round]),
            (257, [.client, .leaf, .node, .round]),
        ] {
            let own = try Plan(.small(clients: clients, settlement: .commitment))
            #expect(own.circuits == circuits && own.settling == .round)
            let plain = try Plan(.small(clients: clients, settlement: .plain))
            #expect(plain.circuits == circuits + [.wrap] && plain.settling == .wrap)
            #expect(plain.isVerifiedInCircuit(.round) && !own.isVerifiedInCircuit(.round))
        }
        let attested = try Plan(.small(clients: 17))
        #expect(attested.circuits == [.client, .round] && !attested.hasCommitment(.round))
    }

    /// The lowest 126 bits, and no others.
    @Test func keysOfNullifiers() {
        var generator = SeededGenerator.fresh()
        let limit = Scalar.powerOfTwo(126)
        for _ in 0..<50 {
            let low = Scalar(canonical: .init(l: (generator.next(), generator.next() >> 2, 0, 0)))!
            let high = Scalar(UInt64.random(in: 0..<(1 << 60), using: &generator))
            let nullifier = low + high * limit
            #expect(NullifierKey.key(of: nullifier) == low)
            #expect(NullifierKey.key(of: low) == low && NullifierKey.key(of: limit) == .zero)
            #expect(NullifierKey.isLess(nullifier, low + .one) && !NullifierKey.isLess(nullifier, low))
        }
        #expect(NullifierKey.isLess(limit, .one) && !NullifierKey.isLess(.one, limit))
        // By both of the words that a key has.
        #expect(
            NullifierKey.isLess(Scalar(9), .powerOfTwo(64))
                && NullifierKey.isLess(.powerOfTwo(64), limit - .one))
    }

    /// What circuits hand to each other adds up to what the state has, in one, two and three levels, full and
    /// not.
    @Test func groupsAgreeWithTheDigest() throws {
        var generator = SeededGenerator.fresh()
        for (clients, places) in [(2, [2]), (3, [2, 2]), (4, [2, 2]), (7, [2, 2, 2]), (8, [2, 2, 2])] {
            let plan = try Plan(
                .small(layers: [3, 2], clients: clients, settlement: .commitment), fanOut: 2)
            #expect(plan.shape.places == places)
            for count in 1...clients {
                let witness = roundWitness(plan, count: count, using: &generator)
                let taken = witness.updates.map { [$0.update.hash(plan), $0.nullifier] }
                let keys = witness.updates.map { NullifierKey.key(of: $0.nullifier) }
                #expect(zip(keys, keys.dropFirst()).allSatisfy { NullifierKey.isLess($0, $1) })
                // By hand: pairs of updates, then pairs of pairs; what is not there is zero.
                var digests = taken.pairs.map {
                    Poseidon.hash($0.flatMap(\.self) + .zeros(4 - 2 * $0.count), domain: 11)
                }
                for _ in places.dropFirst() {
                    digests = digests.pairs.map { Poseidon.hash($0 + .zeros(2 - $0.count), domain: 11) }
                }
                let digest = RoundEntries.digest(taken, plan.shape)
                #expect(digests == [digest])
                try expectAgreement(plan, witness, digest: digest)
            }
        }
    }

    private func expectAgreement(_ plan: Plan, _ witness: RoundWitness, digest: Scalar) throws {
        let (levels, members) = (witness.groups(plan), witness.members(plan))
        let count = witness.updates.count
        #expect(levels.count == plan.shape.groupLevels)
        let rows = members.map { $0.entry(plan) }
        let last = try #require(plan.shape.places.last)
        #expect(members.count <= last && RoundEntries.digest(rows, places: last) == digest)
        let next = witness.next(plan)
        #expect(next.state.batch == RoundEntries.batch(count: count, entries: digest))
        #expect(members.reduce(0) { $0 + $1.count } == count)
        let all = UpdateSum(
            of: witness.updates.map { UpdateSum($0.update, plan) })
        #expect(UpdateSum(of: members.map(\.sum)) == all)
        for (level, groups) in levels.enumerated() {
            let capacity = plan.shape.places[...level].reduce(1, *)
            #expect(groups.count == (count + capacity - 1) / capacity)
            for (place, group) in groups.enumerated() {
                let start = place * capacity
                let own = witness.updates[start..<min(start + capacity, count)]
                let statement = group.statement
                #expect(group.members.count <= plan.shape.places[level])
                #expect(statement.count == own.count && statement.state == witness.state.hash)
                #expect(statement.model == witness.state.model && statement.round == witness.state.round)
                #expect(
                    statement.registry == witness.state.registry && statement.task == witness.state.task)
                #expect(statement.firstKey == NullifierKey.key(of: own[own.startIndex].nullifier))
                #expect(statement.lastKey == NullifierKey.key(of: own[own.endIndex - 1].nullifier))
                let sum = UpdateSum(of: own.map { UpdateSum($0.update, plan) })
                #expect(group.sum == sum && statement.sum == sum.hash)
            }
        }
    }

    /// A sum is that of the parts, packed and not.
    @Test func sumsOfUpdates() throws {
        var generator = SeededGenerator.fresh()
        let plan = try Plan(.small(layers: [3, 2], clients: 4))
        let updates = (0..<4).map { _ in randomUpdate(plan, using: &generator) }
        let sum = UpdateSum(of: updates.map { UpdateSum($0, plan) })
        let offset = plan.updatePackings[0].offset
        let entries = (0..<plan.weightCount).map { index in
            updates.reduce(0) { $0 + $1.flattened[index] + offset }
        }
        #expect(sum.layers == [entries])
        let packing = plan.updatePackings[0]
        let packed = (0..<packing.elementCount(entries.count)).map { element in
            entries[(element * packing.slots)...].prefix(packing.slots).enumerated().reduce(Scalar.zero) {
                $0 + Scalar(signed: $1.element) * .powerOfTwo($1.offset * packing.slotBits)
            }
        }
        #expect(sum.packed == [packed])
    }
}

extension [Scalar] {
    fileprivate static func zeros(_ count: Int) -> [Scalar] { [Scalar](repeating: .zero, count: count) }
}

extension Array {
    /// Neighbours, two by two.
    fileprivate var pairs: [[Element]] {
        stride(from: 0, to: count, by: 2).map { Array(self[$0..<Swift.min($0 + 2, count)]) }
    }
}
