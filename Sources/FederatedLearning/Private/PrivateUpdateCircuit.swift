// SPDX-License-Identifier: Apache-2.0

package import Circuits
import EllipticCurves
import FiniteFields
package import SecureAggregation

/// A round's cohort as all of its members know it.
package struct PrivateCohort: Hashable, Sendable {
    package var members: [CohortMember]
    package var task: Scalar
    package var round: Int
    /// The state of the chain that the round starts from.
    package var state: Scalar
    /// The root of the round's roster.
    package var roster: Scalar
    /// The cohort's number in it.
    package var index: Int

    package init(
        members: [CohortMember], task: Scalar, round: Int, state: Scalar, roster: Scalar, index: Int
    ) {
        self.members = members
        self.task = task
        self.round = round
        self.state = state
        self.roster = roster
        self.index = index
    }

    /// Nobody, in the right number, to record constraints with.
    static func placeholder(_ plan: PrivatePlan) -> PrivateCohort {
        let nobody = CohortMember(key: .identity, nullifier: .zero, commitment: .zero)
        return PrivateCohort(
            members: [CohortMember](repeating: nobody, count: plan.cohort.members), task: .zero, round: 0,
            state: .zero, roster: .zero, index: 0)
    }

    /// - Precondition: there are as many members as the plan has.
    package func context(_ plan: PrivatePlan) -> CohortContext {
        CohortContext(
            plan.cohort, members: members, task: task, round: round, state: state, roster: roster,
            index: index)
    }
}

/// What the proof of a masked update says about: its one public input is the digest of this.
package struct PrivateStatement: Hashable, Sendable {
    /// `CohortContext.digest`: of task, round, state, roster, the cohort's number and its members, each with
    /// key, nullifier and commitment, threshold and number of elements.
    package var context: Scalar
    /// The hash of the model that the update is made from.
    package var model: Scalar
    /// The member's place in the cohort, and thereby its nullifier.
    package var place: Int
    /// `MaskedUpdate.hashes`.
    package var hashes: [Scalar]

    package init(context: Scalar, model: Scalar, place: Int, hashes: [Scalar]) {
        self.context = context
        self.model = model
        self.place = place
        self.hashes = hashes
    }

    /// The public input.
    package var digest: Scalar {
        Poseidon.hash(
            [context, model, Scalar(UInt64(place))] + hashes, domain: HashDomain.maskedUpdate.rawValue)
    }
}

extension CircuitBuilder {
    /// `PrivateStatement.digest`.
    func privateDigest(context: Linear, model: Linear, place: Linear, hashes: [Linear]) -> Linear {
        poseidon([context, model, place] + hashes, domain: HashDomain.maskedUpdate.rawValue)
    }
}

/// All that a masked update is made from. Everything but the statement is private.
package struct PrivateUpdateWitness: Sendable {
    package var model: Model
    package var batch: PrivateBatch
    /// The salt of the batch's leaf.
    package var salt: Scalar
    /// The siblings of the batch in the client's dataset.
    package var datasetPath: [Scalar]
    /// H(secret of the identity, task): what opens the nullifier, and says which batch a round asks for.
    package var nullifierKey: Scalar
    /// The secret of the round.
    package var secret: MemberSecret
    package var cohort: PrivateCohort
    /// The client's place in it.
    package var own: Int

    package init(
        model: Model, batch: PrivateBatch, salt: Scalar, datasetPath: [Scalar], nullifierKey: Scalar,
        secret: MemberSecret, cohort: PrivateCohort, own: Int
    ) {
        self.model = model
        self.batch = batch
        self.salt = salt
        self.datasetPath = datasetPath
        self.nullifierKey = nullifierKey
        self.secret = secret
        self.cohort = cohort
        self.own = own
    }

    /// Zeros in the right shapes, to record constraints with.
    static func placeholder(_ plan: PrivatePlan) -> PrivateUpdateWitness {
        PrivateUpdateWitness(
            model: Model(unchecked: [Int](repeating: 0, count: plan.base.weightCount), plan.base),
            batch: .placeholder(plan), salt: .zero,
            datasetPath: [Scalar](repeating: .zero, count: plan.base.task.datasetDepth), nullifierKey: .zero,
            secret: MemberSecret(element: .zero), cohort: .placeholder(plan), own: 0)
    }

    /// What the client sends.
    ///
    /// - Returns: `nil` where the cohort has a fault, or the place is not the secret's.
    package func masked(_ plan: PrivatePlan) -> MaskedUpdate? {
        let context = cohort.context(plan)
        let noise = plan.noise.values(secret, context)
        return MaskedUpdate(
            plan.packed(plan.trace(model: model, batch: batch).update.flattened, noise: noise), context,
            own: own, secret: secret)
    }

    /// What is proved of that.
    package func statement(_ plan: PrivatePlan, _ update: MaskedUpdate) -> PrivateStatement {
        PrivateStatement(
            context: cohort.context(plan).digest, model: model.hash(plan.base), place: own,
            hashes: update.hashes)
    }
}

/// The circuit of a masked update: what was sent from a place of a cohort is, under the masks, with the noise
/// and with the shares that follow from the member's secret, the clipped gradient at the model of that
/// client's batch of the round.
///
/// **Whose data.** r opens the place's commitment to the root of the dataset, which the batch is in. Which
/// batch follows from k = H(s, task), and k opens the place's nullifier H(k, round + 1). The statement of the
/// join ties both to one registration: Poseidon's collisions aside there is one k and one root for an entry
/// of the roster, so a client can neither train on other data than it registered nor choose among its
/// batches. The round is the context's.
///
/// **What is added up.** Nothing throws for data: any batch in the formats has one factor for each record, by
/// `ClipRule`, and the update's entries stay within batchSize·C. Entries are range-checked, though no sum
/// needs it (they follow from factors, features and errors in their ranges): the challenge of their product
/// is made of them packed, which says what they are only where they are in range.
package struct PrivateUpdateCircuit: Sendable {
    package let plan: PrivatePlan

    /// One public input: `PrivateStatement.digest`.
    package static let publicCount = 1

    package init(_ plan: PrivatePlan) { self.plan = plan }

    /// Describes the circuit to a new builder.
    ///
    /// - Parameter witness: `nil` where no values are made. Model and batch are in the plan's ranges, paths
    ///   have the task's depths.
    package func build(
        _ mode: CircuitBuilder.Mode, _ witness: PrivateUpdateWitness?, names: Bool = false
    ) -> CircuitBuilder {
        let builder = CircuitBuilder(mode, publicCount: Self.publicCount, names: names)
        let run = PrivateRun(plan: plan, builder: builder, witness: witness ?? .placeholder(plan))
        run.describe()
        return builder
    }
}

/// One run of a builder over the circuit of a masked update.
private struct PrivateRun {
    let plan: PrivatePlan
    let builder: CircuitBuilder
    let witness: PrivateUpdateWitness

    func describe() {
        let base = plan.base
        let batch = witness.batch
        let trace = plan.trace(model: witness.model, batch: batch)
        var isNull: [Linear] = []
        var updates: [Matrix<Linear>] = []
        let description = TrainingDescription(base, builder, model: witness.model, batch: batch.rows)
        let training = description.describe {
            isNull = builder.scope("null records") {
                batch.isNull.map { flag in builder.boolean(flag) }
            }
            updates = builder.scope("update") {
                trace.update.layers.map { builder.rangeChecked($0, bits: plan.updatePacking.bits) }
            }
        }
        let clipped = builder.scope("clipping") { builder.clipped(training, isNull: isNull, plan.clip) }
        let leaf = builder.scope("batch hash") {
            builder.poseidon(
                builder.pack(training.features.elements, base.featurePacking)
                    + builder.pack(training.labels, base.labelPacking)
                    + builder.pack(isNull, PrivateBatch.flagPacking) + [builder.wire(witness.salt)],
                domain: HashDomain.privateBatch.rawValue)
        }
        let model = builder.scope("model hash") {
            builder.poseidon(
                builder.pack(training.weights.flatMap(\.elements), base.weightPacking),
                domain: HashDomain.model.rawValue)
        }
        let entries = updates.flatMap(\.elements)
        builder.scope("products") {
            let own = zip(zip(training.inputs, clipped), updates).map { layer, update in
                MatrixProduct(a: layer.0.transposed, b: layer.1, c: update)
            }
            builder.enforceProducts(
                training.products(own),
                hashed: [leaf, model] + builder.pack(entries, plan.updatePacking) + training.transcript)
        }
        let place = PlaceInCohort(builder, members: plan.cohort.members, own: witness.own)
        let membership = builder.scope("membership") { shown(place, leaf: leaf) }
        let noise = builder.scope("noise") { builder.noise(plan.noise, membership) }
        let masked = builder.scope("masks") {
            builder.maskedUpdate(builder.packed(entries, noise: noise, plan), membership).hashes(builder)
        }
        builder.scope("statement") {
            builder.bindPublic(
                0,
                to: builder.privateDigest(
                    context: membership.context, model: model, place: place.index, hashes: masked))
        }
    }

    /// That the batch is the one that the round asks the client at the place for.
    private func shown(_ place: PlaceInCohort, leaf: Linear) -> CohortMembership {
        let cohort = witness.cohort
        let members = cohort.members.map { CohortMemberWires(builder, $0) }
        let round = builder.wire(Scalar(UInt64(cohort.round)))
        let key = builder.wire(witness.nullifierKey)
        builder.enforceEqual(
            builder.poseidon(key, round + Scalar.one), place.selected(builder, members.map(\.nullifier)))
        let depth = plan.base.task.datasetDepth
        // Where batches are one, there is nothing to choose.
        var index: [Linear] = []
        if depth > 0 {
            let start = builder.weighted(builder.canonicalBits(of: key).prefix(depth))
            // The join's proof holds rounds below 2^10.
            let count = max(depth, RoundSecrets.depth) + 1
            index = Array(builder.bits(of: start + round, count: count).prefix(depth))
        }
        let datasetRoot = builder.merkleRoot(
            leaf: leaf, index: index, path: witness.datasetPath.map { builder.wire($0) })
        return builder.cohortMembership(
            plan.cohort, place: place, members: members, secret: builder.wire(witness.secret.element),
            data: datasetRoot, task: builder.wire(cohort.task), round: round,
            state: builder.wire(cohort.state), roster: builder.wire(cohort.roster),
            index: builder.wire(Scalar(UInt64(cohort.index))))
    }
}
