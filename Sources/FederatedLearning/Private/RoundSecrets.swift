// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields
package import SecureAggregation

/// A client's secrets r of all rounds, under one root ρ that it registers with. Each is used in the round of
/// its place, and can be erased when that is settled.
package struct RoundSecrets: Sendable {
    package let secrets: [MemberSecret]
    package let tree: MerkleTree

    package static let depth = TaskDescription.Privacy.roundDepth

    /// - Precondition: there are 2^`depth` of them, uniformly random.
    package init(_ secrets: [MemberSecret]) {
        precondition(secrets.count == 1 << Self.depth)
        self.secrets = secrets
        tree = MerkleTree(depth: Self.depth, leaves: secrets.map(Self.leaf))
    }

    /// H(r, a constant): the secret hidden.
    package static func leaf(_ secret: MemberSecret) -> Scalar {
        Poseidon.hash(secret.element, Scalar(HashDomain.roundSecret.rawValue))
    }
}

/// A client as the registry of a task with private rounds knows it.
package struct PrivateRegistration: Hashable, Sendable {
    /// H(secret, 0).
    package var commitment: Scalar
    package var datasetRoot: Scalar
    /// ρ.
    package var roundSecrets: Scalar

    package init(commitment: Scalar, datasetRoot: Scalar, roundSecrets: Scalar) {
        self.commitment = commitment
        self.datasetRoot = datasetRoot
        self.roundSecrets = roundSecrets
    }

    /// The leaf of the registry: Poseidon over the three.
    package var leaf: Scalar {
        Poseidon.hash(
            [commitment, datasetRoot, roundSecrets], domain: HashDomain.registration.rawValue)
    }
}
