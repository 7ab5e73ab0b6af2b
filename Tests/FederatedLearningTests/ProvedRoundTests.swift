// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FederatedLearning
import FiniteFields
import Groth16
import Recursion
import SnarkFormats
import TestSupport
import Testing

/// The circuit of a round that verifies its clients' proofs, against an operator who makes witnesses of it.
@Suite struct ProvedRoundTests {
    /// A circuit and what its clients have proved.
    private struct Made: Sendable {
        let clients: ProvedClients
        let circuit: RoundCircuit
        let checked: CheckedCircuit

        init() throws {
            clients = try ProvedClients.three.get()
            circuit = RoundCircuit(clients.plan, clients.key)
            checked = CheckedCircuit(circuit.build(.constraints, nil, [], nil, .allCores, names: true))
        }

        func run(_ witness: RoundWitness, _ proofs: [Proof<BN254>]) -> [Scalar.Limbs] {
            circuit.build(.witness, witness, proofs.map { .plain($0) }, .constant, .allCores).limbs
        }
    }

    private static let made = Result { try Made() }

    /// Two clients and three, of places for three.
    @Test func roundsOfProvedClients() throws {
        let made = try Self.made.get()
        let (plan, all) = (made.clients.plan, made.clients.witness)
        #expect(made.checked.system.publicCount == 3 && made.checked.system.commitments.count == 1)
        for count in 2...3 {
            var witness = all
            witness.updates = Array(all.updates.prefix(count))
            let values = made.run(witness, Array(made.clients.proofs.prefix(count)))
            #expect(values.count == made.checked.system.wireCount)
            #expect(made.checked.violated(by: values) == "", "\(count) clients")
            let next = witness.next(plan).state
            #expect(
                values[1...3] == [witness.state.hash, next.hash, witness.nextRegistry].map(\.canonical)[...])
            #expect(next.registry == witness.nextRegistry && next.round == 5)
        }
    }

    /// What an operator would like a round to take. Where clients' proofs are what is missing, all that comes
    /// before them in the circuit holds.
    @Test func attacksOfTheOperator() throws {
        var generator = SeededGenerator.fresh()
        let made = try Self.made.get()
        func expect(
            _ scope: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation,
            _ change: (inout RoundWitness, inout [Proof<BN254>]) -> Void
        ) {
            var (witness, proofs) = (made.clients.witness, made.clients.proofs)
            change(&witness, &proofs)
            let violated = made.checked.violated(by: made.run(witness, proofs))
            #expect(violated.hasPrefix(scope), "\(name): \(violated)", sourceLocation: sourceLocation)
        }
        // Clients who have proved nothing.
        expect("emulation", "another's proof") { $1[1] = $1[0] }
        let points = (
            Affine<BN254.G1>.random(using: &generator), Affine<BN254.G2>.random(using: &generator),
            Affine<BN254.G1>.random(using: &generator)
        )
        expect("emulation", "random points") { $1[2] = Proof(a: points.0, b: points.1, c: points.2) }
        expect("emulation", "exchanged proofs") { $1.swapAt(0, 2) }
        // Clients who have proved something else.
        expect("emulation", "an update changed afterwards") { witness, _ in
            var entries = witness.updates[1].update.flattened
            entries[0] += entries[0] > 0 ? -1 : 1
            witness.updates[1].update = Update(flattened: entries, made.clients.plan)!
        }
        expect("emulation", "two updates exchanged") { witness, _ in
            let first = witness.updates[0].update
            witness.updates[0].update = witness.updates[1].update
            witness.updates[1].update = first
        }
        let other = MerkleTree(
            depth: made.clients.plan.task.registryDepth, leaves: [.random(using: &generator)])
        expect("emulation", "another registry") { witness, _ in witness.state.registry = other.root }
        expect("emulation", "another round") { witness, _ in witness.state.round += 1 }
        expect("emulation", "another task") { witness, _ in witness.state.task += .one }
        expect("emulation", "another state") { witness, _ in witness.state.previous += .one }
        expect("emulation", "another model") { witness, _ in
            witness.model.layers[0][0, 0] += witness.model.layers[0][0, 0] > 0 ? -1 : 1
        }
        // One client twice: under one nullifier, or under one that it has not proved.
        expect("order", "a client twice") { witness, proofs in
            witness.updates[1] = witness.updates[0]
            proofs[1] = proofs[0]
        }
        expect("emulation", "a client twice, with a nullifier of the operator's") { witness, proofs in
            let nullifier = witness.updates[1].nullifier
            witness.updates[1] = .init(witness.updates[0].update, nullifier: nullifier)
            proofs[1] = proofs[0]
        }
        expect("order", "another order") { witness, proofs in
            witness.updates.reverse()
            proofs.reverse()
        }
        // Fewer than the task wants: a round of one is that client's update in the clear.
        expect("number of clients", "one client") { witness, proofs in
            witness.updates.removeLast(2)
            proofs.removeLast(2)
        }
    }

    /// The registry of the next round is the public input's, which is not the prover's to choose.
    @Test func nextRegistryIsPublic() throws {
        let made = try Self.made.get()
        var values = made.run(made.clients.witness, made.clients.proofs)
        let own = Scalar(canonical: values[3])!
        #expect(own == made.clients.witness.nextRegistry)
        values[3] = (own + .one).canonical
        #expect(made.checked.violated(by: values).hasPrefix("statement"))
    }

    /// No wire at all can be changed alone, but for what hides the commitment.
    @Test func noWireIsFree() throws {
        var generator = SeededGenerator.fresh()
        let made = try Self.made.get()
        let values = made.run(made.clients.witness, made.clients.proofs)
        let mask = try #require(made.checked.system.commitments.first?.committed.last)
        #expect(made.checked.freeWires(of: values, using: &generator) == [Int(mask)])
    }
}

/// Witnesses of a round's places in which something is other than who computes honestly would have it, with
/// all that follows from it: each violates what is there for it, and nothing else.
@Suite struct RoundPlacesTests {
    /// Bits of n + q are another key of the nullifier n: with them a client would have two places.
    @Test func twoKeysOfOneNullifier() throws {
        var generator = SeededGenerator.fresh()
        let plan = try Plan(.small(layers: [2, 1], clients: 2))
        let circuit = RoundCircuit(plan, nil)
        let checked = CheckedCircuit(circuit.build(.constraints, nil, [], nil, .allCores, names: true))
        var witness = roundWitness(plan, count: 2, using: &generator)
        // A third of all nullifiers n has n + q < 2^254; of half of these the other key is larger.
        var (nullifier, bits) = (Scalar.zero, [Bool]())
        repeat {
            nullifier = .random(using: &generator)
            bits = bitsAboveTheOrder(nullifier)
        } while bits.isEmpty || !NullifierKey.isLess(nullifier, element(bits.prefix(126)))
        witness.updates = [witness.updates[0], witness.updates[0]].map {
            .init($0.update, nullifier: nullifier)
        }
        let honest = circuit.build(.witness, witness, [], nil, .allCores).limbs
        #expect(Set(checked.allViolated(by: honest)) == ["order"])
        // The wires of a nullifier and of its bits, then those of the order.
        let places = honest.indices.filter { honest[$0] == nullifier.canonical }.prefix(2)
        let second = try #require(places.last)
        let own = (0..<254).map { bit(nullifier.canonical, $0) }
        #expect(honest[second + 1...second + 254].map { $0 == Scalar.one.canonical } == own)
        var forged = honest
        for (index, bit) in bits.enumerated() {
            forged[second + 1 + index] = (bit ? Scalar.one : .zero).canonical
        }
        let difference = element(bits.prefix(126)) - NullifierKey.key(of: nullifier) - .one
        let order = checked.newWires(inScope: "order")
        #expect(order.count == 126)
        for index in 0..<125 {
            forged[order.lowerBound + 1 + index] =
                (bit(difference.canonical, index) ? Scalar.one : .zero).canonical
        }
        // All else holds.
        #expect(Set(checked.allViolated(by: checked.following(from: forged))) == ["nullifiers"])
    }

    /// An unused place before a used one: places would have two digests.
    @Test func unusedPlaceBeforeAUsedOne() throws {
        var generator = SeededGenerator.fresh()
        let plan = try Plan(.small(layers: [2, 1], clients: 3))
        let circuit = RoundCircuit(plan, nil)
        let checked = CheckedCircuit(circuit.build(.constraints, nil, [], nil, .allCores, names: true))
        let witness = roundWitness(plan, count: 2, using: &generator)
        let honest = circuit.build(.witness, witness, [], nil, .allCores).limbs
        #expect(checked.violated(by: honest) == "" && checked.following(from: honest) == honest)
        let (order, used) = (checked.newWires(inScope: "order"), checked.newWires(inScope: "places"))
        #expect(order.count == 2 * 126 && used.count == 3)
        // The second place and the third exchanged, all of their wires, and whether they are used.
        let places = used.upperBound..<order.lowerBound
        let width = places.count / 3
        #expect(places.count == 3 * width)
        var forged = honest
        for index in 0..<width {
            forged.swapAt(places.lowerBound + width + index, places.lowerBound + 2 * width + index)
        }
        forged.swapAt(used.lowerBound + 1, used.lowerBound + 2)
        // The order's bits: an unused place has the key 0.
        let key = NullifierKey.key(of: witness.updates[1].nullifier)
        for index in 0..<125 {
            forged[order.lowerBound + 1 + index] = .zero
            let isOne = bit((key - .one).canonical, index)
            forged[order.lowerBound + 127 + index] = (isOne ? Scalar.one : .zero).canonical
        }
        let all = checked.following(from: forged)
        #expect(all[1] == honest[1] && all[2] != honest[2])
        #expect(checked.allViolated(by: all) == ["places"])
    }

    private func bit(_ limbs: Scalar.Limbs, _ index: Int) -> Bool {
        limbs[index / 64] >> UInt64(index % 64) & 1 == 1
    }

    /// The bits of n + q, least significant first; none where there are more than 254.
    private func bitsAboveTheOrder(_ nullifier: Scalar) -> [Bool] {
        let (own, top) = (nullifier.canonical, Scalar(signed: -1).canonical)
        var (sum, carry) = (Scalar.Limbs.zero, UInt64(1))
        for index in 0..<4 {
            let (first, isOver) = own[index].addingReportingOverflow(top[index])
            let (second, isOverToo) = first.addingReportingOverflow(carry)
            sum[index] = second
            carry = isOver || isOverToo ? 1 : 0
        }
        return carry == 1 || sum[3] >> 62 != 0 ? [] : (0..<254).map { bit(sum, $0) }
    }

    private func element(_ bits: some Collection<Bool>) -> Scalar {
        zip(0..., bits).reduce(.zero) { $1.1 ? $0 + .powerOfTwo($1.0) : $0 }
    }
}
