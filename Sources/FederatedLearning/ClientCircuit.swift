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
        var run = ClientRun(plan: plan, builder: builder, witness: witness)
        return run.describe()
    }
}

/// One run of a builder over the client's circuit.
private struct ClientRun {
    let plan: Plan
    let builder: CircuitBuilder
    let witness: ClientWitness
    let trace: TrainingTrace
    /// What Freivalds' challenge hashes beside data, model and update.
    var transcript: [Linear] = []
    /// A·B = C, checked when the challenge is there.
    var products: [(Matrix<Linear>, Matrix<Linear>, Matrix<Linear>)] = []

    init(plan: Plan, builder: CircuitBuilder, witness: ClientWitness) {
        self.plan = plan
        self.builder = builder
        self.witness = witness
        trace = TrainingTrace(plan, model: witness.model, batch: witness.batch)
    }

    private func wires(_ values: Matrix<Int>) -> Matrix<Linear> {
        values.map { builder.wire(Scalar(signed: $0)) }
    }

    mutating func describe() -> Update {
        let features = builder.scope("features") {
            rangeChecked(witness.batch.features, bits: plan.featurePacking.bits)
        }
        let (targets, labels) = builder.scope("labels") { oneHot() }
        let weights = builder.scope("weights") {
            witness.model.layers.map { rangeChecked($0, bits: plan.weightPacking.bits) }
        }
        let updates = builder.scope("update") {
            zip(trace.update.layers, plan.updatePackings).map { rangeChecked($0, bits: $1.bits) }
        }
        train(features, targets: targets, weights: weights, updates: updates)

        let leaf = builder.scope("batch hash") {
            builder.poseidon(
                builder.pack(features.elements, plan.featurePacking) + builder.pack(labels, plan.labelPacking)
                    + [builder.wire(witness.salt)], domain: HashDomain.batch.rawValue)
        }
        let model = builder.scope("model hash") {
            builder.poseidon(
                builder.pack(weights.flatMap(\.elements), plan.weightPacking),
                domain: HashDomain.model.rawValue)
        }
        let update = builder.scope("update hash") {
            builder.poseidon(
                zip(updates, plan.updatePackings).flatMap { builder.pack($0.elements, $1) },
                domain: HashDomain.update.rawValue)
        }
        builder.scope("products") {
            let challenge = builder.poseidon(
                [leaf, model, update] + transcript, domain: HashDomain.transcript.rawValue)
            for (a, b, c) in products { builder.enforceProduct(a, b, equals: c, challenge: challenge) }
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

    private func rangeChecked(_ values: Matrix<Int>, bits: Int) -> Matrix<Linear> {
        let matrix = wires(values)
        for element in matrix.elements { builder.enforceSignedRange(element, bits: bits) }
        return matrix
    }

    /// The targets as bits, of which exactly one a sample is set where there are several outputs; and each
    /// sample's label.
    private func oneHot() -> (Matrix<Linear>, [Linear]) {
        let targets = witness.batch.targets(plan).map { target in builder.boolean(target == 1) }
        let labels = (0..<targets.rows).map { row in
            if targets.columns == 1 { return targets[row, 0] }
            builder.enforceEqual((0..<targets.columns).map { targets[row, $0] }.sum(), .one)
            return (1..<targets.columns).reduce(into: Linear.zero) {
                $0.add(targets[row, $1], times: Scalar(UInt64($1)))
            }
        }
        return (targets, labels)
    }

    /// Forward and back: what `TrainingTrace` computes, with the products left to Freivalds' check.
    private mutating func train(
        _ features: Matrix<Linear>, targets: Matrix<Linear>, weights: [Matrix<Linear>],
        updates: [Matrix<Linear>]
    ) {
        let arithmetic = plan.task.arithmetic
        var inputs = [features]
        // 1 where a hidden unit is not cut off, for each layer but the last.
        var masks: [Matrix<Linear>] = []
        var errors = Matrix<Linear>(rows: 0, columns: 0, elements: [])
        for (index, layer) in plan.layers.enumerated() {
            let sums = wires(trace.sums[index])
            products.append((withBias(inputs[index], layer), weights[index], sums))
            let isLast = index + 1 == plan.layers.count
            builder.scope(isLast ? "sigmoid" : "activation") {
                if isLast {
                    let outputs = sums.map { builder.sigmoid($0, plan.sigmoid, argumentBits: layer.sumBits) }
                    errors = Matrix(rows: outputs.rows, columns: outputs.columns) { row, column in
                        outputs[row, column] - targets[row, column]
                            * builder.powerOfTwo(arithmetic.probabilityFraction)
                    }
                } else {
                    let shift = plan.activationShift(index)
                    let bits = sums.map {
                        builder.signedBits(of: $0 + builder.powerOfTwo(shift - 1), count: layer.sumBits)
                    }
                    masks.append(bits.map(\.isNonNegative))
                    inputs.append(
                        bits.map { builder.multiply($0.isNonNegative, builder.shiftedRight($0, by: shift)) })
                }
            }
            // What was range-checked: the sums with the offset that their bits have.
            let offset = isLast ? plan.sigmoid.inputFraction + 3 : plan.activationShift(index) - 1
            transcript += builder.pack(
                sums.elements.map { $0 + builder.powerOfTwo(offset) }, Packing(bits: layer.sumBits))
        }
        for (index, layer) in plan.layers.enumerated().reversed() {
            products.append((withBias(inputs[index], layer).transposed, errors, updates[index]))
            if index == 0 { break }
            let sent = wires(trace.backward[index - 1])
            let bare = Matrix(rows: layer.inputs, columns: layer.outputs) { weights[index][$0, $1] }
            products.append((errors, bare.transposed, sent))
            let half = builder.powerOfTwo(arithmetic.weightFraction - 1)
            builder.scope("backward") {
                let rescaled = sent.map {
                    builder.shiftedRight(
                        builder.signedBits(of: $0 + half, count: layer.backwardBits),
                        by: arithmetic.weightFraction)
                }
                errors = Matrix(rows: sent.rows, columns: sent.columns) { row, column in
                    builder.multiply(masks[index - 1][row, column], rescaled[row, column])
                }
            }
            transcript += builder.pack(sent.elements.map { $0 + half }, Packing(bits: layer.backwardBits))
        }
    }

    private func withBias(_ inputs: Matrix<Linear>, _ layer: LayerPlan) -> Matrix<Linear> {
        let one = Linear(builder.powerOfTwo(layer.inputFraction))
        return Matrix(rows: inputs.rows, columns: inputs.columns + 1) { row, column in
            column == inputs.columns ? one : inputs[row, column]
        }
    }

    /// Who, which batch, which round: ties all to the public input.
    private func bind(leaf: Linear, model: Linear, update: Linear) {
        let secret = builder.wire(witness.identity.secret)
        let state = builder.wire(witness.state)
        let task = builder.wire(witness.task)
        let round = builder.wire(Scalar(UInt64(witness.round)))
        let nullifier = builder.scope("nullifier") {
            builder.poseidon(builder.poseidon(secret, task), round + Scalar.one)
        }
        let datasetRoot = builder.scope("dataset membership") {
            let index = builder.canonicalBits(of: builder.poseidon(nullifier, state))
            return builder.merkleRoot(
                leaf: leaf, index: Array(index.prefix(plan.task.datasetDepth)),
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
