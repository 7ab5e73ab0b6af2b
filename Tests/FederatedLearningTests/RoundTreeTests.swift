// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import FederatedLearning
import FiniteFields
import Groth16
import ProofFixtures
import Recursion
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

/// A round in two levels: leaves of two clients, and a round of two leaves.
@Suite struct RoundTreeTests {
    private static func plan(_ clients: ProvedClients) throws -> Plan {
        let plan = try Plan(clients.plan.task, fanOut: 2)
        #expect(plan.shape.places == [2, 2] && plan.shape.groupLevels == 1)
        return plan
    }

    /// The circuit of a leaf, and clients with proofs.
    private struct Leaf: Sendable {
        let plan: Plan
        let clients: ProvedClients
        let circuit: GroupCircuit
        let checked: CheckedCircuit

        static let made = Result { try Leaf() }

        init() throws {
            clients = try ProvedClients.three.get()
            plan = try RoundTreeTests.plan(clients)
            circuit = GroupCircuit(plan, level: 0, clients.key)
            checked = CheckedCircuit(circuit.build(.constraints, nil, [], nil, .allCores, names: true))
        }

        func run(
            _ group: RoundGroup, _ proofs: some Sequence<Proof<BN254>>, _ challenger: Challenger = .constant
        ) -> CircuitBuilder {
            circuit.build(.witness, group, proofs.map { .plain($0) }, challenger, .allCores)
        }
    }

    /// Leaves over clients' proofs, one of them with a place that is not used.
    @Test func leaves() throws {
        var generator = SeededGenerator.fresh()
        let leaf = try Leaf.made.get()
        let (plan, checked, state) = (leaf.plan, leaf.checked, leaf.clients.witness.state)
        let (updates, proofs) = (leaf.clients.witness.updates, leaf.clients.proofs)
        #expect(checked.system.publicCount == 1 && checked.system.commitments.count == 1)
        let groups = leaf.clients.witness.groups(plan)[0]
        #expect(groups.map(\.members.count) == [2, 1])
        let full = leaf.run(groups[0], proofs[..<2]).limbs
        let other = leaf.run(groups[1], proofs[2...]).limbs
        for (values, group) in zip([full, other], groups) {
            #expect(checked.violated(by: values) == "" && values[1] == group.statement.digest.canonical)
        }
        // No wire can be changed alone, but for what hides the commitment.
        let mask = try #require(checked.system.commitments.first?.committed.last)
        #expect(checked.freeWires(of: full, using: &generator) == [Int(mask)])
        // Clients who have not proved what the leaf says, or count twice.
        func group(_ places: [Int], of state: ChainState) -> RoundGroup {
            let members = places.map { place in
                RoundMember(updates[place].update, nullifier: updates[place].nullifier, plan)
            }
            return RoundGroup(plan, level: 0, members, of: state)
        }
        var later = state
        later.round += 1
        for (scope, group, places) in [
            ("emulation", group([0, 1], of: state), [0, 2]), ("emulation", group([2], of: state), [1]),
            ("emulation", group([0, 1], of: later), [0, 1]),
            ("order", group([1, 1], of: state), [1, 1]), ("order", group([1, 0], of: state), [1, 0]),
        ] {
            let violated = checked.violated(by: leaf.run(group, places.map { proofs[$0] }))
            #expect(violated.hasPrefix(scope), "\(places): \(violated)")
        }
    }

    /// Leaves' proofs, by a development key, for what the round has to find in them.
    @Test func proofsOfLeaves() throws {
        var generator = SeededGenerator.fresh()
        let leaf = try Leaf.made.get()
        let setup = try #require(CommittedSetup<BN254>(leaf.checked.system, parallel: .allCores))
        let (key, verifyingKey) = try setup.development(hash: .poseidon, using: &generator)
        #expect(leaf.plan.fault(of: .committed(verifyingKey), for: .leaf) == nil)
        let prover = CommittedProver(backend: CPUBackend<BN254>(parallel: .allCores), parallel: .allCores)
        let verifier = CommittedVerifier(verifyingKey)
        let groups = leaf.clients.witness.groups(leaf.plan)[0]
        for (group, own) in zip(groups, [leaf.clients.proofs[..<2], leaf.clients.proofs[2...]]) {
            var failure: (any Error)?
            let challenger = Challenger { question in
                do {
                    let point = try prover.commit(key: key, number: 0, values: question.committed)
                    return verifyingKey.challenge(0, of: point, known: question.hashed)
                } catch {
                    failure = error
                    return .zero
                }
            }
            let run = leaf.run(group, own, challenger)
            if let failure { throw failure }
            let proof = try prover.prove(
                key: key, verifier: verifier, witness: run.witness(), using: &generator)
            func verdict(_ statement: GroupStatement) -> Verdict {
                verifier.verify(
                    proof, publicInputs: [statement.digest.canonical], parallel: .allCores)
            }
            var another = group.statement
            another.count += 1
            #expect(verdict(group.statement) == .valid && verdict(another) != .valid)
        }
    }

    /// A round over leaves whose proofs hold, whatever they say.
    private struct Root {
        let plan: Plan
        let clients: ProvedClients
        let key: SimulatedCommittedKey<BN254>
        let circuit: RoundCircuit
        let checked: CheckedCircuit

        init(_ generator: inout SeededGenerator) throws {
            clients = try ProvedClients.three.get()
            plan = try RoundTreeTests.plan(clients)
            key = try SimulatedCommittedKey<BN254>(
                publicCount: 1, hashed: [[1]], hash: .poseidon, using: &generator)
            circuit = RoundCircuit(plan, ConstantVerifyingKey(key.verifyingKey))
            checked = CheckedCircuit(circuit.build(.constraints, nil, [], nil, .allCores, names: true))
        }

        /// The values of a round of these updates, in this order, and the first violated constraint.
        ///
        /// - Parameter change: makes of what a leaf's proof has to say, which it gets with the leaf's place,
        ///   what it says.
        func run(
            _ updates: [RoundWitness.Taken], _ generator: inout SeededGenerator,
            _ change: (Int, inout GroupStatement) -> Void = { _, _ in }
        ) -> (values: [Scalar.Limbs], violated: String) {
            var witness = clients.witness
            witness.updates = updates
            let proofs = witness.groups(plan)[0].enumerated().map { place, group in
                var statement = group.statement
                change(place, &statement)
                return MemberProof.committed(key.proof([statement.digest], using: &generator))
            }
            let values = circuit.build(.witness, witness, proofs, .constant, .allCores).limbs
            return (values, checked.violated(by: values))
        }
    }

    @Test func roundsOfLeaves() throws {
        var generator = SeededGenerator.fresh()
        let root = try Root(&generator)
        let (witness, updates) = (root.clients.witness, root.clients.witness.updates)
        // Two leaves, of two clients and of one; then one leaf alone, and the other place is not used.
        for count in 2...3 {
            let (values, violated) = root.run(Array(updates[..<count]), &generator)
            #expect(violated == "", "\(count) clients")
            var own = witness
            own.updates = Array(updates[..<count])
            let next = own.next(root.plan).state.hash
            #expect(values[1...3] == [own.state.hash, next, own.nextRegistry].map(\.canonical)[...])
        }
        // Leaves whose proofs hold, in a round that has no place for them.
        func expect(_ scope: String, _ name: String, _ updates: [RoundWitness.Taken]) {
            let violated = root.run(updates, &generator).violated
            #expect(violated.hasPrefix(scope), "\(name): \(violated)")
        }
        expect("order", "a client in both leaves", [updates[0], updates[1], updates[1]])
        expect("order", "exchanged leaves", [updates[1], updates[2], updates[0]])
        expect("number of clients", "one client", [updates[0]])
        let more = RoundWitness.Taken(
            randomUpdate(root.plan, using: &generator), nullifier: .random(using: &generator))
        let four = RoundWitness(
            state: witness.state, model: witness.model, updates: updates + [more], nextRegistry: .zero)
        expect("number of clients", "more clients than there is room for", four.updates)
        // Proofs of something else than what the round makes of them.
        let changes: [(String, Int, (inout GroupStatement) -> Void)] = [
            ("count", 0, { $0.count += 1 }), ("sum", 1, { $0.sum += .one }),
            ("entries", 0, { $0.entries += .one }), ("registry", 1, { $0.registry += .one }),
            ("round", 0, { $0.round -= 1 }), ("task", 1, { $0.task += .one }),
            ("state", 0, { $0.state += .one }),
        ]
        for (name, leaf, change) in changes {
            let violated = root.run(updates, &generator) { place, statement in
                if place == leaf { change(&statement) }
            }.violated
            #expect(violated.hasPrefix("emulation"), "\(name): \(violated)")
        }
    }

    /// A node of a round in three levels, over two leaves whose proofs hold.
    @Test func nodes() throws {
        var generator = SeededGenerator.fresh()
        let plan = try Plan(
            .small(layers: [2, 1], clients: 7, settlement: .commitment), fanOut: 2)
        let witness = roundWitness(plan, count: 3, using: &generator)
        let key = try SimulatedCommittedKey<BN254>(
            publicCount: 1, hashed: [[1]], hash: .poseidon, using: &generator)
        let circuit = GroupCircuit(plan, level: 1, ConstantVerifyingKey(key.verifyingKey))
        let checked = CheckedCircuit(circuit.build(.constraints, nil, [], nil, .allCores, names: true))
        func run(_ leaves: [RoundGroup]) -> (violated: String, isOfStatement: Bool) {
            let members = leaves.map { RoundMember($0.statement, $0.sum) }
            let node = RoundGroup(plan, level: 1, members, of: witness.state)
            let proofs = leaves.map {
                MemberProof.committed(key.proof([$0.statement.digest], using: &generator))
            }
            let values = circuit.build(.witness, node, proofs, .constant, .allCores).limbs
            return (checked.violated(by: values), values[1] == node.statement.digest.canonical)
        }
        let leaves = witness.groups(plan)[0]
        #expect(leaves.map(\.statement.count) == [2, 1])
        let honest = run(leaves)
        #expect(honest.violated == "" && honest.isOfStatement)
        let exchanged = run(leaves.reversed())
        #expect(exchanged.violated.hasPrefix("order"), "\(exchanged.violated)")
    }
}
