// SPDX-License-Identifier: Apache-2.0

package import Circuits
import EllipticCurves
import FiniteFields
package import SecureAggregation

/// What the proof of a member of a roster says about: its one public input is the digest of this.
package struct JoinStatement: Hashable, Sendable {
    /// The state of the chain that the round starts from, and its registry.
    package var state, registryRoot: Scalar
    package var round: Int
    package var task: Scalar
    package var member: CohortMember

    package init(state: Scalar, registryRoot: Scalar, round: Int, task: Scalar, member: CohortMember) {
        self.state = state
        self.registryRoot = registryRoot
        self.round = round
        self.task = task
        self.member = member
    }

    /// The public input.
    package var digest: Scalar {
        Poseidon.hash(
            [
                state, registryRoot, Scalar(UInt64(round)), task, member.key.x, member.key.y,
                member.nullifier, member.commitment,
            ], domain: HashDomain.join.rawValue)
    }
}

/// All that a join is proved from. Everything but the statement is private.
package struct JoinWitness: Sendable {
    package var identity: Identity
    package var datasetRoot: Scalar
    /// The secret of the round, and the siblings of its leaf in the tree of ρ.
    package var secret: MemberSecret
    package var secretPath: [Scalar]
    /// The client's place in the registry.
    package var registryIndex: Int
    package var registryPath: [Scalar]
    package var state: Scalar
    package var round: Int
    package var task: Scalar

    package init(
        identity: Identity, datasetRoot: Scalar, secret: MemberSecret, secretPath: [Scalar],
        registryIndex: Int, registryPath: [Scalar], state: Scalar, round: Int, task: Scalar
    ) {
        self.identity = identity
        self.datasetRoot = datasetRoot
        self.secret = secret
        self.secretPath = secretPath
        self.registryIndex = registryIndex
        self.registryPath = registryPath
        self.state = state
        self.round = round
        self.task = task
    }

    /// Zeros in the right shapes, to record constraints with.
    static func placeholder(_ plan: PrivatePlan) -> JoinWitness {
        JoinWitness(
            identity: Identity(secret: .zero), datasetRoot: .zero, secret: MemberSecret(element: .zero),
            secretPath: [Scalar](repeating: .zero, count: RoundSecrets.depth), registryIndex: 0,
            registryPath: [Scalar](repeating: .zero, count: plan.base.task.registryDepth), state: .zero,
            round: 0, task: .zero)
    }

    /// The entry of the roster.
    package var member: CohortMember {
        CohortMember(
            key: secret.key(state: state).publicKey,
            nullifier: identity.nullifier(task: task, round: round),
            commitment: secret.commitment(data: datasetRoot))
    }
}

/// The circuit of a join: the entry of a roster, key, nullifier and commitment, is that of a client who is
/// registered, for this state, round and task.
///
/// With s, the root of a dataset and ρ in one leaf of the registry: the nullifier is H(H(s, task), round +
/// 1); r is the secret in the round's place in the tree of ρ, so that a client has one in a round and chooses
/// none; there are no more rounds than the task says; the key is r's at the state; the commitment is H(r,
/// root of the dataset). All of it is in one statement, so what opens the parts of an entry later, an
/// update's proof with r and with H(s, task), opens the same registration.
package struct JoinCircuit: Sendable {
    package let plan: PrivatePlan

    /// One public input: `JoinStatement.digest`.
    package static let publicCount = 1

    package init(_ plan: PrivatePlan) { self.plan = plan }

    /// Describes the circuit to a new builder.
    ///
    /// - Parameter witness: `nil` where no values are made. Paths have the depths of the task, and the round
    ///   is one of the task's.
    package func build(
        _ mode: CircuitBuilder.Mode, _ witness: JoinWitness?, names: Bool = false
    ) -> CircuitBuilder {
        let builder = CircuitBuilder(mode, publicCount: Self.publicCount, names: names)
        let witness = witness ?? .placeholder(plan)
        let identity = builder.wire(witness.identity.secret)
        let (state, task) = (builder.wire(witness.state), builder.wire(witness.task))
        let round = builder.wire(Scalar(UInt64(witness.round)))
        let datasetRoot = builder.wire(witness.datasetRoot)
        let secret = builder.wire(witness.secret.element)
        let nullifier = builder.scope("nullifier") {
            builder.poseidon(builder.poseidon(identity, task), round + Scalar.one)
        }
        builder.scope("rounds") {
            builder.enforceAtMost(
                round, Linear(Scalar(signed: plan.privacy.rounds - 1)), bits: RoundSecrets.depth)
        }
        let secrets = builder.scope("round's secret") {
            builder.merkleRoot(
                leaf: builder.poseidon(secret, Linear(Scalar(HashDomain.roundSecret.rawValue))),
                index: builder.bits(of: round, count: RoundSecrets.depth),
                path: witness.secretPath.map { builder.wire($0) })
        }
        let registryRoot = builder.scope("registry membership") {
            let leaf = builder.poseidon(
                [builder.poseidon(identity, .zero), datasetRoot, secrets],
                domain: HashDomain.registration.rawValue)
            let index = (0..<plan.base.task.registryDepth).map { bit in
                builder.boolean(witness.registryIndex >> bit & 1 == 1)
            }
            return builder.merkleRoot(
                leaf: leaf, index: index, path: witness.registryPath.map { builder.wire($0) })
        }
        let key = builder.scope("key") { builder.memberPublicKey(secret: secret, state: state) }
        let commitment = builder.scope("commitment") { builder.poseidon(secret, datasetRoot) }
        builder.scope("statement") {
            builder.bindPublic(
                0,
                to: builder.joinDigest(
                    state: state, registryRoot: registryRoot, round: round, task: task, key: key,
                    nullifier: nullifier, commitment: commitment))
        }
        return builder
    }
}

extension CircuitBuilder {
    /// `JoinStatement.digest`.
    func joinDigest(
        state: Linear, registryRoot: Linear, round: Linear, task: Linear, key: (x: Linear, y: Linear),
        nullifier: Linear, commitment: Linear
    ) -> Linear {
        poseidon(
            [state, registryRoot, round, task, key.x, key.y, nullifier, commitment],
            domain: HashDomain.join.rawValue)
    }
}
