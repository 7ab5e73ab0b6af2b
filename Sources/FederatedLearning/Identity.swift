// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Compute
import FiniteFields

/// Who a client is: a secret, of which only hashes leave the client.
package struct Identity: Sendable {
    /// A uniformly random element. Whoever knows it is this client.
    package var secret: Scalar { box.value }
    /// Overwritten when the last copy of this identity goes.
    private let box: SecretValue<Scalar>

    package init(secret: Scalar) { box = SecretValue(secret) }

    /// - Parameter generator: must be cryptographically secure.
    package static func random(using generator: inout some RandomNumberGenerator) -> Identity {
        Identity(secret: .random(using: &generator))
    }

    /// What the registry knows the client by: H(secret, 0).
    package var commitment: Scalar { Poseidon.hash(secret, .zero) }

    /// H(H(secret, task), round + 1): the same for two updates of one client in one round, and linked to
    /// nothing else.
    package func nullifier(task: Scalar, round: Int) -> Scalar {
        Poseidon.hash(tag(task), Scalar(UInt64(round) + 1))
    }

    /// H(secret, task), which stays with the client.
    fileprivate func tag(_ task: Scalar) -> Scalar { Poseidon.hash(secret, task) }
}

/// A leaf of the registry: H(identity's commitment, root of its dataset).
package func registryLeaf(commitment: Scalar, datasetRoot: Scalar) -> Scalar {
    Poseidon.hash(commitment, datasetRoot)
}

/// A client's data: 2^depth batches under one root.
package struct Dataset: Sendable {
    package let batches: [Batch]
    /// One random element a batch, which hides it: whoever knows all but a few features could else find them
    /// by trying.
    package let salts: [Scalar]
    package let tree: MerkleTree

    /// - Precondition: there are 2^datasetDepth batches without a fault, and as many salts.
    package init(_ plan: Plan, batches: [Batch], salts: [Scalar]) {
        precondition(batches.count == 1 << plan.task.datasetDepth && salts.count == batches.count)
        self.batches = batches
        self.salts = salts
        tree = MerkleTree(
            depth: plan.task.datasetDepth,
            leaves: zip(batches, salts).map { Self.leaf(plan, $0, salt: $1) })
    }

    /// Poseidon over packed features, packed labels and the salt.
    static func leaf(_ plan: Plan, _ batch: Batch, salt: Scalar) -> Scalar {
        let elements =
            plan.featurePacking.pack(batch.features.elements) + plan.labelPacking.pack(batch.labels) + [salt]
        return Poseidon.hash(elements, domain: HashDomain.batch.rawValue)
    }

    /// Which batch a round asks a client for: (H(secret, task) + round) mod 2^depth. Only the client knows,
    /// neither can choose, and all batches get their turn before one comes again.
    ///
    /// - Parameter round: the number of rounds before, as in the state.
    package static func batchIndex(_ plan: Plan, _ identity: Identity, task: Scalar, round: Int) -> Int {
        let sum = identity.tag(task).canonical[0] &+ UInt64(round)
        return Int(sum & (1 << UInt64(plan.task.datasetDepth) - 1))
    }
}
