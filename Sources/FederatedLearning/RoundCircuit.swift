// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Compute
import Curves
import EmulatedArithmetic
import FiniteFields
package import Recursion

/// All that a round's proof is made from, but for its members' proofs.
package struct RoundWitness: Sendable {
    /// The state before the round.
    package var state: ChainState
    package var model: Model
    /// The updates that the round takes, in the order of their nullifiers' keys.
    package var updates: [Taken]
    /// The registry of the round after this one.
    package var nextRegistry: Scalar

    /// An update, and whose it is.
    package struct Taken: Sendable {
        package var update: Update
        package var nullifier: Scalar

        package init(_ update: Update, nullifier: Scalar) {
            self.update = update
            self.nullifier = nullifier
        }
    }

    /// - Parameter updates: in any order.
    /// - Precondition: at least one, and at most the task's number of clients.
    package init(state: ChainState, model: Model, updates: [Taken], nextRegistry: Scalar) {
        precondition(!updates.isEmpty)
        self.state = state
        self.model = model
        self.updates = updates.sorted { NullifierKey.isLess($0.nullifier, $1.nullifier) }
        self.nextRegistry = nextRegistry
    }

    /// The groups of each level, from the leaves on.
    package func groups(_ plan: Plan) -> [[RoundGroup]] {
        var (levels, members): ([[RoundGroup]], [RoundMember]) = ([], clients(plan))
        for level in 0..<plan.shape.groupLevels {
            let groups = members.grouped(plan, level: level, of: state)
            levels.append(groups)
            members = groups.map { RoundMember($0.statement, $0.sum) }
        }
        return levels
    }

    /// The members of the round's own circuit.
    package func members(_ plan: Plan) -> [RoundMember] {
        groups(plan).last?.map { RoundMember($0.statement, $0.sum) } ?? clients(plan)
    }

    private func clients(_ plan: Plan) -> [RoundMember] {
        updates.map { RoundMember($0.update, nullifier: $0.nullifier, plan) }
    }

    /// The state after the round.
    package func next(_ plan: Plan) -> (state: ChainState, model: Model) {
        let model = Aggregation.step(plan, model: model, updates: updates.map(\.update))
        let entries = RoundEntries.digest(updates.map { [$0.update.hash(plan), $0.nullifier] }, plan.shape)
        let state = ChainState(
            previous: state.hash, model: model.hash(plan),
            batch: RoundEntries.batch(count: updates.count, entries: entries), round: state.round + 1,
            task: state.task, registry: nextRegistry)
        return (state, model)
    }
}

/// The circuit of a round: from the state before, by the step rule over updates of clients in that state's
/// registry, to the state after.
///
/// Public inputs: state before, state after, and the registry of the state after, which is for others to fix
/// than who makes the proof. With a key, of clients or groups, it verifies their proofs, and is a circuit
/// with one commitment; without it is the **attested** form, in which nothing is said about them.
///
/// The digest of the batch is no public input: the state after is a hash of it, among others, and on a chain
/// every public input costs some 7,000 gas.
///
/// The mean costs no range check of the updates: packed elements, weighted by 0 or 1 for unused and used
/// places, are added up, and only the sum is taken apart. Their slots have room for it, and what a client's
/// proof has shown of the parts holds for what they hash to. Median and trimmed mean take every update apart:
/// entries in sorted order, shown to be a permutation coordinate by coordinate.
package struct RoundCircuit: Sendable {
    package let plan: Plan
    /// The key of the members' proofs; `nil` where they are attested.
    package let key: ConstantVerifyingKey?

    package static let publicCount = 3

    /// - Precondition: a key has one public input, and a commitment where the members are groups.
    package init(_ plan: Plan, _ key: ConstantVerifyingKey?) {
        precondition(
            key.map { ($0.commitments == nil) == (plan.shape.groupLevels == 0) && $0.publicCount == 1 }
                ?? (plan.shape.groupLevels == 0))
        (self.plan, self.key) = (plan, key)
    }

    /// Describes the circuit to a new builder.
    ///
    /// - Parameters:
    ///   - witness: `nil` where no values are made.
    ///   - proofs: of the members, in order; none where they are attested.
    package func build(
        _ mode: CircuitBuilder.Mode, _ witness: RoundWitness?, _ proofs: [MemberProof],
        _ challenger: Challenger?, _ parallel: Parallel, names: Bool = false
    ) -> CircuitBuilder {
        let builder = CircuitBuilder(
            mode, publicCount: Self.publicCount, names: names, challenger: challenger)
        let emulation = key.map { key in
            Emulation(
                builder, .commitment,
                chunkBits: Groth16Verification.chunkBits(
                    proofs: plan.shape.places[plan.shape.groupLevels], key), parallel)
        }
        let members = witness?.members(plan) ?? []
        precondition(key == nil || proofs.count == members.count)
        let inputs = RoundRun(plan, builder, witness, members, parallel).describe()
        if let key, let emulation {
            for input in inputs.publicInputs { emulation.bindPublic(input) }
            key.enforce(proofs, inputs: inputs.places.inputs(inputs.context), emulation)
            emulation.finish()
        }
        return builder
    }
}

/// One run of a builder over the round's circuit, but for the members' proofs.
private struct RoundRun {
    let plan: Plan
    let builder: CircuitBuilder
    let witness: RoundWitness?
    let members: [RoundMember]
    let places: MemberPlaces

    init(
        _ plan: Plan, _ builder: CircuitBuilder, _ witness: RoundWitness?, _ members: [RoundMember],
        _ parallel: Parallel
    ) {
        self.plan = plan
        self.builder = builder
        self.witness = witness
        self.members = members
        places = MemberPlaces(plan, builder, level: plan.shape.groupLevels, members, parallel)
    }

    func describe() -> (places: MemberPlaces, context: MemberPlaces.Context, publicInputs: [Linear]) {
        let count = builder.scope("number of clients") {
            let count = places.count()
            let bits = Bound.bitLength(plan.task.clientsPerRound)
            builder.enforceAtMost(Linear(Scalar(signed: plan.task.minimumClients)), count, bits: bits)
            // Sums have room for no more.
            builder.enforceAtMost(count, Linear(Scalar(signed: plan.task.clientsPerRound)), bits: bits)
            return count
        }
        let (sums, counted) = builder.scope("sum") { summed(count: count) }
        let weights = builder.scope("model") { builder.weights(witness?.model, plan) }
        let stepped = builder.scope("step") {
            builder.stepped(
                weights, by: sums, count: counted,
                number: plan.task.aggregator.dropped(of: max(witness?.updates.count ?? 1, 1)).left,
                rule: plan.step, plan)
        }
        let (context, publics) = bind(count: count, old: weights, new: stepped)
        return (places, context, publics)
    }

    /// What the aggregator sums up of the updates, entry by entry for each layer, and of how many updates.
    private func summed(count: Linear) -> (sums: [[Linear]], count: Linear) {
        switch plan.task.aggregator {
        case .fedAvg: return (mean(count: count), count)
        case .median, .trimmedMean:
            let slots = places.used.indices.map { place -> Update in
                guard place < members.count, case .client(let update, _) = members[place].origin else {
                    return .zero(plan)
                }
                return update
            }
            return RobustSum(plan: plan, builder: builder, slots: slots).sums(
                places.packed, used: places.used)
        }
    }

    private func mean(count: Linear) -> [[Linear]] {
        let values = members.isEmpty ? nil : UpdateSum(of: members.map(\.sum))
        return zip(plan.layers.indices, places.packedSum()).map { layer, sums in
            let packing = plan.updatePackings[layer]
            // Each slot of the sum holds Σ (u + offset) over the used updates.
            let entries = (0..<plan.layers[layer].weightCount).map { index in
                builder.wire(Scalar(signed: values?.layers[layer][index] ?? 0))
            }
            for (index, sum) in sums.enumerated() {
                let part = entries[(index * packing.slots)...].prefix(packing.slots)
                for entry in part { builder.enforceRange(entry, bits: packing.slotBits) }
                builder.enforceEqual(
                    part.enumerated().reduce(into: Linear.zero) {
                        $0.add($1.element, times: builder.powerOfTwo($1.offset * packing.slotBits))
                    }, sum)
            }
            let offset = count * Scalar(signed: packing.offset)
            return entries.map { $0 - offset }
        }
    }

    private func bind(
        count: Linear, old: [Matrix<Linear>], new: [Matrix<Linear>]
    ) -> (context: MemberPlaces.Context, publicInputs: [Linear]) {
        let batch = builder.scope("batch digest") {
            builder.poseidon([count, places.entries()], domain: HashDomain.roundBatch.rawValue)
        }
        let before = StateBefore(
            plan, builder, witness?.state, nextRegistry: witness?.nextRegistry, weights: old)
        let publics = before.link(plan, builder, weights: new, batch: batch)
        let context = MemberPlaces.Context(
            state: before.state, model: before.model, registry: before.registry, round: before.round,
            task: before.task)
        return (context, publics)
    }
}
