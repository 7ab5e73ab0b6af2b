// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Compute
import Curves
import EmulatedArithmetic
import FiniteFields
package import Recursion
package import SecureAggregation

/// All that the proof of a private round is made from, but for its members' proofs.
package struct PrivateRoundWitness: Sendable {
    /// The state before the round.
    package var state: ChainState
    package var model: Model
    package var cohort: PrivateCohort
    /// Whose updates count, what they sent, and what was opened for that.
    package var unmasking: UnmaskingWitness
    /// The registry of the round after this one.
    package var nextRegistry: Scalar

    package init(
        state: ChainState, model: Model, cohort: PrivateCohort, unmasking: UnmaskingWitness,
        nextRegistry: Scalar
    ) {
        self.state = state
        self.model = model
        self.cohort = cohort
        self.unmasking = unmasking
        self.nextRegistry = nextRegistry
    }

    /// The state after the round.
    ///
    /// - Parameter sum: `UnmaskedSum.sum`.
    package func next(_ plan: PrivatePlan, sum: [Scalar]) -> (state: ChainState, model: Model) {
        let count = unmasking.counted.count
        let model = Aggregation.stepped(
            plan.base, model: model, by: plan.unpacked(sum, count: count), count: count, rule: plan.step)
        let context = cohort.context(plan).digest
        let digests = cohort.members.indices.map { place -> Scalar in
            guard unmasking.counted.contains(place), let update = unmasking.updates[place] else {
                return .zero
            }
            return PrivateStatement(
                context: context, model: state.model, place: place, hashes: update.hashes
            ).digest
        }
        let batch = RoundEntries.batch(
            count: count, entries: Poseidon.hash(digests, domain: HashDomain.privateEntries.rawValue))
        let next = ChainState(
            previous: state.hash, model: model.hash(plan.base), batch: batch, round: state.round + 1,
            task: state.task, registry: nextRegistry)
        return (next, model)
    }
}

/// The keys of the proofs of a cohort's members.
package struct PrivateKeys: Sendable {
    /// Of `JoinCircuit`.
    package let join: ConstantVerifyingKey
    /// Of `PrivateUpdateCircuit`.
    package let update: ConstantVerifyingKey

    /// - Precondition: both are plain, with one public input.
    package init(join: ConstantVerifyingKey, update: ConstantVerifyingKey) {
        precondition(
            [join, update].allSatisfy { $0.commitments == nil && $0.publicCount == 1 })
        (self.join, self.update) = (join, update)
    }
}

/// The proofs of the members who count, by place.
package struct PrivateProofs: Sendable {
    package var joins: [Int: MemberProof]
    package var updates: [Int: MemberProof]

    package init(joins: [Int: MemberProof], updates: [Int: MemberProof]) {
        self.joins = joins
        self.updates = updates
    }
}

/// The circuit of a private round of one cohort: from the state before, by the step rule over the sum of the
/// updates that count, to the state after.
///
/// Public inputs: as `RoundCircuit`'s. The circuit takes the masks off itself: else whoever settles could add
/// any vector. It demands
///
/// - that at least the threshold count, and that no two members have one nullifier: so nobody counts twice;
/// - of each member that counts a proof that it joined, registered in the registry of the state before, for
///   this state, round and task; and a proof of its update in this cohort at the state's model, whose hashes
///   are those of the vectors that are added up;
/// - that what is taken off are the masks of the seeds that these messages commit to;
/// - that the sum, taken apart into slots, makes the step. Slots are in range by `PrivatePlan`.
///
/// The digest of the batch is one of the statements of those who count, in their places, and so of the
/// hashes of what they sent: nothing of one update alone is in it, nor anywhere else.
///
/// With settlement "attested" there are no keys: **nothing is said about the members then**.
package struct PrivateRoundCircuit: Sendable {
    package let plan: PrivatePlan
    /// The keys of the members' proofs; `nil` where they are attested.
    package let keys: PrivateKeys?

    package static let publicCount = RoundCircuit.publicCount

    /// - Precondition: there are keys, but where the task's settlement is "attested".
    package init(_ plan: PrivatePlan, _ keys: PrivateKeys?) {
        precondition(keys != nil || plan.base.task.settlement == .attested)
        (self.plan, self.keys) = (plan, keys)
    }

    /// Describes the circuit to a new builder.
    ///
    /// - Parameters:
    ///   - witness: `nil` where no values are made.
    ///   - proofs: of all who count; none where they are attested, or where no values are made.
    package func build(
        _ mode: CircuitBuilder.Mode, _ witness: PrivateRoundWitness?, _ proofs: PrivateProofs?,
        _ challenger: Challenger?, _ parallel: Parallel, names: Bool = false
    ) -> CircuitBuilder {
        let builder = CircuitBuilder(
            mode, publicCount: Self.publicCount, names: names, challenger: challenger)
        let places = plan.cohort.members
        let emulation = keys.map { keys in
            Emulation(
                builder, .commitment,
                chunkBits: Groth16Verification.chunkBits(proofs: 2 * places, keys.update), parallel)
        }
        let run = PrivateRoundRun(plan: plan, builder: builder, witness: witness).describe()
        if let keys, let emulation {
            for input in run.publicInputs { emulation.bindPublic(input) }
            func all(_ own: [Int: MemberProof]?) -> [MemberProof] {
                guard let own, let first = own.keys.min().flatMap({ own[$0] }) else { return [] }
                return (0..<places).map { own[$0] ?? first }
            }
            builder.scope("joins") {
                keys.join.enforce(all(proofs?.joins), inputs: run.joins, emulation)
            }
            builder.scope("updates") {
                keys.update.enforce(all(proofs?.updates), inputs: run.updates, emulation)
            }
            emulation.finish()
        }
        return builder
    }
}

/// One run of a builder over the circuit of a private round, but for the members' proofs.
private struct PrivateRoundRun {
    let plan: PrivatePlan
    let builder: CircuitBuilder
    let witness: PrivateRoundWitness?

    /// The public inputs of the members' proofs, one for each place, and those of the circuit.
    struct Statements {
        let joins, updates, publicInputs: [Linear]
    }

    func describe() -> Statements {
        let base = plan.base
        let cohort = witness?.cohort ?? .placeholder(plan)
        let members = cohort.members.map { CohortMemberWires(builder, $0) }
        builder.scope("nullifiers") { enforceDistinct(members.map(\.nullifier)) }
        let unmasked = builder.scope("masks") { builder.unmasked(plan.cohort, witness?.unmasking) }
        let sums = builder.scope("sum") { taken(unmasked) }
        let weights = builder.scope("model") { builder.weights(witness?.model, base) }
        let stepped = builder.scope("step") {
            builder.stepped(
                weights, by: sums, count: unmasked.count, number: witness?.unmasking.counted.count ?? 1,
                rule: plan.step, base)
        }
        let before = StateBefore(
            base, builder, witness?.state, nextRegistry: witness?.nextRegistry, weights: weights)
        let (joins, updates) = builder.scope("statements") {
            digests(members, cohort, unmasked, before)
        }
        let batch = builder.scope("batch digest") {
            let counted = zip(unmasked.counted, updates).map { builder.multiply($0, $1) }
            return builder.poseidon(
                [
                    unmasked.count,
                    builder.poseidon(counted, domain: HashDomain.privateEntries.rawValue),
                ], domain: HashDomain.roundBatch.rawValue)
        }
        let publics = before.link(base, builder, weights: stepped, batch: batch)
        return Statements(
            joins: inputs(joins, counted: unmasked.counted),
            updates: inputs(updates, counted: unmasked.counted), publicInputs: publics)
    }

    /// Each two differ, whoever counts.
    private func enforceDistinct(_ nullifiers: [Linear]) {
        for (place, own) in nullifiers.enumerated() {
            for other in nullifiers[..<place] {
                builder.enforce(
                    own - other, times: builder.deferredInverse(of: own - other), equals: .one)
            }
        }
    }

    /// The entries of the sum with its noise, for each layer: what is in each slot, less what all who count
    /// have added so that it is not negative.
    private func taken(_ unmasked: UnmaskedWires) -> [[Linear]] {
        let count = plan.base.weightCount
        let offset = unmasked.count * Scalar(signed: plan.offset)
        let number = witness?.unmasking.counted.count ?? 0
        let values =
            builder.hasValues
            ? plan.unpacked(unmasked.sum.map(\.value), count: number)
            : [Int](repeating: 0, count: count)
        var entries: [Linear] = []
        for (index, element) in unmasked.sum.enumerated() {
            let start = index * plan.slots
            let slots = values[start..<min(start + plan.slots, count)].map { value in
                let slot = builder.wire(Scalar(signed: value + number * plan.offset))
                builder.enforceRange(slot, bits: plan.slotBits)
                return slot
            }
            builder.enforceEqual(
                slots.enumerated().reduce(into: Linear.zero) {
                    $0.add($1.element, times: builder.powerOfTwo($1.offset * plan.slotBits))
                }, element)
            entries += slots.map { $0 - offset }
        }
        var layers: [[Linear]] = []
        for layer in plan.base.layers {
            layers.append(Array(entries.prefix(layer.weightCount)))
            entries.removeFirst(layer.weightCount)
        }
        return layers
    }

    /// `JoinStatement.digest` and `PrivateStatement.digest` of each place.
    private func digests(
        _ members: [CohortMemberWires], _ cohort: PrivateCohort, _ unmasked: UnmaskedWires,
        _ before: StateBefore
    ) -> (joins: [Linear], updates: [Linear]) {
        let context = builder.cohortContext(
            plan.cohort, members: builder.cohortDigest(members), task: before.task, round: before.round,
            state: before.state, roster: builder.wire(cohort.roster),
            index: builder.wire(Scalar(UInt64(cohort.index))))
        let joins = members.map { member in
            builder.joinDigest(
                state: before.state, registryRoot: before.registry, round: before.round, task: before.task,
                key: (member.x, member.y), nullifier: member.nullifier, commitment: member.commitment)
        }
        let updates = unmasked.hashes.enumerated().map { place, hashes in
            builder.privateDigest(
                context: context, model: before.model, place: Linear(Scalar(UInt64(place))), hashes: hashes)
        }
        return (joins, updates)
    }

    /// What the proofs of the places are verified for: for one that does not count that of the first that
    /// does, whose proof is there once more.
    private func inputs(_ digests: [Linear], counted: [Linear]) -> [Linear] {
        var none = Linear.one
        var first = Linear.zero
        for (counted, digest) in zip(counted, digests) {
            let isFirst = builder.multiply(none, counted)
            first += builder.multiply(isFirst, digest)
            none -= isFirst
        }
        return zip(counted, digests).map { counted, digest in
            builder.materialized(first + builder.multiply(counted, digest - first))
        }
    }
}
