// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields

/// All that a round's proof is made from.
package struct RoundWitness: Sendable {
    /// The state before the round.
    package var state: ChainState
    package var model: Model
    package var updates: [Update]
    package var batch: RoundBatch

    /// - Precondition: there are as many updates as entries of the batch, at least one and at most the task's
    ///   number of clients.
    package init(state: ChainState, model: Model, updates: [Update], batch: RoundBatch) {
        precondition(!updates.isEmpty && updates.count == batch.entries.count)
        self.state = state
        self.model = model
        self.updates = updates
        self.batch = batch
    }

    static func placeholder(_ plan: Plan) -> RoundWitness {
        RoundWitness(
            state: .genesis(model: .zero, task: .zero),
            model: Model(unchecked: [Int](repeating: 0, count: plan.weightCount), plan),
            updates: [Update.zero(plan)],
            batch: RoundBatch(
                registryRoot: .zero, entries: [RoundBatch.Entry(update: .zero, nullifier: .zero)]))
    }

    /// The state after the round.
    package func next(_ plan: Plan) -> (state: ChainState, model: Model) {
        let model = Aggregation.step(plan, model: model, updates: updates)
        let state = ChainState(
            previous: state.hash, model: model.hash(plan), batch: batch.digest(plan), round: state.round + 1,
            task: state.task)
        return (state, model)
    }
}

/// The circuit of a round: from the state before, by the step rule over the updates with these hashes, to the
/// state after.
///
/// Public inputs: state before, state after. The digest of the batch is none: the state after is a hash of
/// it, among others, and on a chain every public input costs some 7,000 gas.
///
/// The mean costs no range check of the updates: packed elements of the updates, weighted by 0 or 1 for
/// unused and used slots, are added up, and only the sum is taken apart. Their slots have room for it, and
/// what a client's proof has shown of the parts holds for what they hash to. Median and trimmed mean take
/// every update apart: entries in sorted order, shown to be a permutation coordinate by coordinate.
package struct RoundCircuit: Sendable {
    package let plan: Plan

    package static let publicCount = 2

    package init(_ plan: Plan) { self.plan = plan }

    /// The constraints.
    package func constraints(names: Bool = false) -> CircuitBuilder {
        let builder = CircuitBuilder(.constraints, publicCount: Self.publicCount, names: names)
        describe(builder, .placeholder(plan))
        return builder
    }

    /// The witness.
    package func witness(_ witness: RoundWitness) -> CircuitBuilder {
        let builder = CircuitBuilder(.witness, publicCount: Self.publicCount)
        describe(builder, witness)
        return builder
    }

    /// Describes the circuit to a builder.
    package func describe(_ builder: CircuitBuilder, _ witness: RoundWitness) {
        RoundRun(plan: plan, builder: builder, witness: witness).describe()
    }
}

/// One run of a builder over the round's circuit.
private struct RoundRun {
    let plan: Plan
    let builder: CircuitBuilder
    let witness: RoundWitness
    /// The updates of all slots, unused ones zero.
    let slots: [Update]

    init(plan: Plan, builder: CircuitBuilder, witness: RoundWitness) {
        self.plan = plan
        self.builder = builder
        self.witness = witness
        let unused = plan.task.clientsPerRound - witness.updates.count
        slots = witness.updates + [Update](repeating: .zero(plan), count: unused)
    }

    func describe() {
        let used = builder.scope("slots") { usedSlots() }
        let count = used.sum()
        let packed = slots.map { $0.packed(plan).map { $0.map { builder.wire($0) } } }
        let hashes = builder.scope("update hashes") {
            packed.map { builder.poseidon($0.flatMap { $0 }, domain: HashDomain.update.rawValue) }
        }
        let (sums, counted) = builder.scope("sum") { summed(packed, used: used, count: count) }
        let weights = builder.scope("model") {
            witness.model.layers.map { matrix in
                matrix.map { value in
                    let wire = builder.wire(Scalar(signed: value))
                    builder.enforceSignedRange(wire, bits: plan.weightPacking.bits)
                    return wire
                }
            }
        }
        let stepped = builder.scope("step") { step(weights, by: sums, count: counted) }
        bind(used: used, count: count, hashes: hashes, old: weights, new: stepped)
    }

    /// One bit a slot, the used ones first, and at least one.
    private func usedSlots() -> [Linear] {
        let used = slots.indices.map { slot in builder.boolean(slot < witness.updates.count) }
        builder.enforceEqual(used[0], .one)
        for (slot, next) in zip(used, used.dropFirst()) {
            // next ≤ slot
            builder.enforce(next, times: Linear.one - slot, equals: .zero)
        }
        return used
    }

    /// What the aggregator sums up of the updates, entry by entry for each layer, and of how many updates.
    private func summed(_ packed: [[[Linear]]], used: [Linear], count: Linear) -> (
        sums: [[Linear]], count: Linear
    ) {
        switch plan.task.aggregator {
        case .fedAvg: (mean(packed, used: used, count: count), count)
        case .median, .trimmedMean:
            RobustSum(plan: plan, builder: builder, slots: slots).sums(packed, used: used)
        }
    }

    private func mean(_ packed: [[[Linear]]], used: [Linear], count: Linear) -> [[Linear]] {
        plan.layers.indices.map { layer in
            let packing = plan.updatePackings[layer]
            // Each slot of the sum holds Σ (u + offset) over the used updates.
            let sums = packed[0][layer].indices.map { index in
                packed.indices.map { builder.multiply(used[$0], packed[$0][layer][index]) }.sum()
            }
            let entries = (0..<plan.layers[layer].weightCount).map { index in
                builder.wire(
                    Scalar(
                        signed: witness.updates.reduce(0) {
                            $0 + $1.layers[layer].elements[index] + packing.offset
                        }))
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

    /// w ← clamp(w − round(s·λ / 2^shift)), with λ = ⌊rate / count⌋ shown by a division with remainder.
    private func step(_ weights: [Matrix<Linear>], by sums: [[Linear]], count: Linear) -> [Matrix<Linear>] {
        let rule = plan.step
        let number = plan.task.aggregator.dropped(of: witness.updates.count).left
        let countBits = Bound.bitLength(plan.task.clientsPerRound)
        return plan.layers.indices.map { layer in
            let scale = builder.wire(Scalar(signed: rule.rates[layer] / number))
            let remainder = builder.wire(Scalar(signed: rule.rates[layer] % number))
            builder.enforce(
                scale, times: count, equals: Linear(Scalar(signed: rule.rates[layer])) - remainder)
            builder.enforceRange(scale, bits: Bound.bitLength(rule.rates[layer]))
            builder.enforceRange(remainder, bits: countBits)
            builder.enforceAtMost(remainder + Scalar.one, count, bits: countBits)
            let matrix = weights[layer]
            return Matrix(rows: matrix.rows, columns: matrix.columns) { row, column in
                let product = builder.multiply(sums[layer][row * matrix.columns + column], scale)
                let move = builder.rescaled(product, by: rule.shifts[layer], bits: rule.productBits[layer])
                return builder.clamped(
                    matrix[row, column] - move, bits: plan.weightPacking.bits, excess: rule.excess[layer])
            }
        }
    }

    private func bind(
        used: [Linear], count: Linear, hashes: [Linear], old: [Matrix<Linear>], new: [Matrix<Linear>]
    ) {
        func hash(_ weights: [Matrix<Linear>]) -> Linear {
            builder.poseidon(
                builder.pack(weights.flatMap(\.elements), plan.weightPacking),
                domain: HashDomain.model.rawValue)
        }
        let batch = builder.scope("batch digest") {
            let root = builder.wire(witness.batch.registryRoot)
            let nullifiers = slots.indices.map { slot in
                builder.wire(slot < witness.updates.count ? witness.batch.entries[slot].nullifier : .zero)
            }
            // Unused slots are zero throughout, so that a batch has one digest.
            let zero = Update.zero(plan).hash(plan)
            for slot in slots.indices {
                builder.enforce(Linear.one - used[slot], times: nullifiers[slot], equals: .zero)
                builder.enforce(Linear.one - used[slot], times: hashes[slot] - zero, equals: .zero)
            }
            return builder.poseidon(
                [root, count] + zip(hashes, nullifiers).flatMap { [$0, $1] },
                domain: HashDomain.roundBatch.rawValue)
        }
        let state = witness.state
        let task = builder.wire(state.task)
        let round = builder.wire(Scalar(UInt64(state.round)))
        let before = builder.scope("state before") {
            builder.poseidon(
                [builder.wire(state.previous), hash(old), builder.wire(state.batch), round, task],
                domain: HashDomain.state.rawValue)
        }
        let after = builder.scope("state after") {
            builder.poseidon(
                [before, hash(new), batch, round + Scalar.one, task], domain: HashDomain.state.rawValue)
        }
        builder.scope("statement") {
            builder.bindPublic(0, to: before)
            builder.bindPublic(1, to: after)
        }
    }
}
