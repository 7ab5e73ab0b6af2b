// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields

/// All that a client's proof is made from. Everything but the statement is private.
package struct ClientWitness: Sendable {
    package var model: Model
    package var batch: Batch
    /// The salt of the batch's leaf.
    package var salt: Scalar
    /// The siblings of the batch in the client's dataset.
    package var datasetPath: [Scalar]
    package var identity: Identity
    /// The client's place in the registry.
    package var registryIndex: Int
    package var registryPath: [Scalar]
    /// The state that the round starts from, and its number.
    package var state: Scalar
    package var round: Int
    package var task: Scalar

    package init(
        model: Model, batch: Batch, salt: Scalar, datasetPath: [Scalar], identity: Identity,
        registryIndex: Int,
        registryPath: [Scalar], state: Scalar, round: Int, task: Scalar
    ) {
        self.model = model
        self.batch = batch
        self.salt = salt
        self.datasetPath = datasetPath
        self.identity = identity
        self.registryIndex = registryIndex
        self.registryPath = registryPath
        self.state = state
        self.round = round
        self.task = task
    }

    /// Zeros in the right shapes, to record constraints with.
    static func placeholder(_ plan: Plan) -> ClientWitness {
        ClientWitness(
            model: Model(unchecked: [Int](repeating: 0, count: plan.weightCount), plan),
            batch: Batch(
                features: Matrix(rows: plan.task.batchSize, columns: plan.features) { _, _ in 0 },
                labels: [Int](repeating: 0, count: plan.task.batchSize)),
            salt: .zero, datasetPath: [Scalar](repeating: .zero, count: plan.task.datasetDepth),
            identity: Identity(secret: .zero), registryIndex: 0,
            registryPath: [Scalar](repeating: .zero, count: plan.task.registryDepth), state: .zero, round: 0,
            task: .zero)
    }
}

/// The circuit of a client's update: `update` is the gradient of the registered client's batch that the round
/// asks for, at the state's model, within the norm bound; see docs/federated.md for the statement in symbols.
package struct ClientCircuit: Sendable {
    package let plan: Plan

    package init(_ plan: Plan) { self.plan = plan }

    /// One public input: `ClientStatement.digest`.
    package static let publicCount = 1

    /// The constraints.
    ///
    /// - Parameter names: keep the names of the parts.
    package func constraints(names: Bool = false) -> CircuitBuilder {
        let builder = CircuitBuilder(.constraints, publicCount: Self.publicCount, names: names)
        describe(builder, .placeholder(plan))
        return builder
    }

    /// The witness, and the update that it proves.
    ///
    /// - Precondition: model and batch are in the plan's ranges, paths have the task's depths.
    package func witness(_ witness: ClientWitness) -> (values: CircuitBuilder, update: Update) {
        let builder = CircuitBuilder(.witness, publicCount: Self.publicCount)
        return (builder, describe(builder, witness))
    }

    /// Describes the circuit to a builder.
    ///
    /// - Returns: the update; of no meaning where the builder makes no values.
    @discardableResult
    package func describe(_ builder: CircuitBuilder, _ witness: ClientWitness) -> Update {
        ClientRun(plan: plan, builder: builder, witness: witness).describe()
    }
}

/// One run of a builder over the client's circuit.
private struct ClientRun {
    let plan: Plan
    let builder: CircuitBuilder
    let witness: ClientWitness

    func describe() -> Update {
        let training = TrainingDescription(plan, builder, model: witness.model, batch: witness.batch)
        let trace = training.trace
        var updates: [Matrix<Linear>] = []
        let wires = training.describe {
            updates = builder.scope("update") {
                zip(trace.update.layers, plan.updatePackings).map {
                    builder.rangeChecked($0, bits: $1.bits)
                }
            }
        }
        let leaf = builder.scope("batch hash") {
            builder.poseidon(
                builder.pack(wires.features.elements, plan.featurePacking)
                    + builder.pack(wires.labels, plan.labelPacking)
                    + [builder.wire(witness.salt)], domain: HashDomain.batch.rawValue)
        }
        let model = builder.scope("model hash") {
            builder.poseidon(
                builder.pack(wires.weights.flatMap(\.elements), plan.weightPacking),
                domain: HashDomain.model.rawValue)
        }
        let update = builder.scope("update hash") {
            builder.poseidon(
                zip(updates, plan.updatePackings).flatMap { builder.pack($0.elements, $1) },
                domain: HashDomain.update.rawValue)
        }
        builder.scope("products") {
            let own = zip(zip(wires.inputs, wires.errors), updates).map { layer, update in
                MatrixProduct(a: layer.0.transposed, b: layer.1.errors, c: update)
            }
            builder.enforceProducts(wires.products(own), hashed: [leaf, model, update] + wires.transcript)
        }
        builder.scope("norm") {
            let scaled = zip(updates, plan.normBound.shifts).flatMap { matrix, shift in
                matrix.elements.map { $0 * builder.powerOfTwo(shift) }
            }
            builder.enforceSquaredNorm(
                scaled, atMost: Linear(plan.normBound.limit), bits: plan.normBound.bits)
        }
        bind(leaf: leaf, model: model, update: update)
        return trace.update
    }

    /// The bits of `Dataset.batchIndex`, the lowest first.
    ///
    /// The lowest bits of the tag are those of the one integer below the group's order that it is, and
    /// the statement has the round, which is below 2^32: so the sum with it is an integer, and its bits are
    /// no others'.
    private func batchIndex(tag: Linear, round: Linear) -> [Linear] {
        let depth = plan.task.datasetDepth
        guard depth > 0 else { return [] }
        let start = builder.canonicalBits(of: tag).prefix(depth).enumerated().reduce(into: round) {
            sum, bit in
            sum.add(bit.element, times: builder.powerOfTwo(bit.offset))
        }
        return Array(builder.bits(of: start, count: 33).prefix(depth))
    }

    /// Who, which batch, which round: ties all to the public input.
    private func bind(leaf: Linear, model: Linear, update: Linear) {
        let secret = builder.wire(witness.identity.secret)
        let state = builder.wire(witness.state)
        let task = builder.wire(witness.task)
        let round = builder.wire(Scalar(UInt64(witness.round)))
        let (tag, nullifier) = builder.scope("nullifier") {
            let tag = builder.poseidon(secret, task)
            return (tag, builder.poseidon(tag, round + Scalar.one))
        }
        let datasetRoot = builder.scope("dataset membership") {
            builder.merkleRoot(
                leaf: leaf, index: batchIndex(tag: tag, round: round),
                path: witness.datasetPath.map { builder.wire($0) })
        }
        let registryRoot = builder.scope("registry membership") {
            let commitment = builder.poseidon(secret, .zero)
            let index = (0..<plan.task.registryDepth).map { bit in
                builder.boolean(witness.registryIndex >> bit & 1 == 1)
            }
            return builder.merkleRoot(
                leaf: builder.poseidon(commitment, datasetRoot), index: index,
                path: witness.registryPath.map { builder.wire($0) })
        }
        builder.scope("statement") {
            let digest = builder.poseidon(
                [state, model, update, registryRoot, nullifier, round, task],
                domain: HashDomain.statement.rawValue)
            builder.bindPublic(0, to: digest)
        }
    }
}
