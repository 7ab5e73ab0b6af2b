// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

/// "One of us says so": its prover knows the secret of one member of a group. Nobody learns which one, and
/// who speaks twice on a topic is seen.
///
/// As in Semaphore: a member is the hash of a secret, a group is the root of a Merkle tree over its members,
/// and the nullifier is a hash of secret and topic. Public inputs, in this order: root, nullifier, topic,
/// message. The statement, for a private secret, index and path:
///
/// 1. H(secret, 0) is the leaf at `index` of the tree with this root.
/// 2. nullifier = H(H(secret, 1), topic).
///
/// The message is bound to the proof, as every public input is, and to nothing else. 244 constraints a level
/// of the tree, and 32 bits and three hashes beside: 8,573 for a depth of 32. Values are Montgomery.
package struct GroupMembership: Sendable {
    /// What a proof shows to everybody.
    package struct Statement: Equatable, Sendable {
        package var root: Scalar
        package var nullifier: Scalar
        package var topic: Scalar
        package var message: Scalar

        /// In the order of the public inputs.
        package var publicInputs: [Scalar] { [root, nullifier, topic, message] }
    }

    /// The levels of the tree.
    package let depth: Int

    /// - Precondition: 1 ≤ depth ≤ 32.
    package init(depth: Int) {
        precondition((1...32).contains(depth))
        self.depth = depth
    }

    /// What a group has of a member.
    package static func member(secret: Scalar) -> Scalar { Poseidon.hash(secret, .zero) }

    /// The same for the same member and topic, and otherwise like a random number for whoever does not know
    /// the secret.
    package static func nullifier(secret: Scalar, topic: Scalar) -> Scalar {
        Poseidon.hash(Poseidon.hash(secret, .one), topic)
    }

    /// The circuit.
    package func constraints() -> CircuitBuilder {
        let builder = CircuitBuilder(.constraints, publicCount: 4)
        let nothing = [Scalar](repeating: .zero, count: depth)
        describe(builder, secret: .zero, index: 0, path: nothing, topic: .zero, message: .zero)
        return builder
    }

    /// The witness of the member at `index`, and the public inputs that belong to it.
    ///
    /// A secret that is not the member's gives a witness too, of a group that nobody has announced: its root
    /// is another one.
    ///
    /// - Precondition: the group's depth is the circuit's, 0 ≤ index < 2^depth.
    package func witness(
        secret: Scalar, in group: MerkleTree, at index: Int, topic: Scalar, message: Scalar
    ) -> (values: CircuitBuilder, statement: Statement) {
        precondition(group.depth == depth)
        let builder = CircuitBuilder(.witness, publicCount: 4)
        let path = group.path(index)
        describe(builder, secret: secret, index: index, path: path, topic: topic, message: message)
        let root = MerkleTree.root(leaf: Self.member(secret: secret), index: index, path: path)
        let nullifier = Self.nullifier(secret: secret, topic: topic)
        return (builder, Statement(root: root, nullifier: nullifier, topic: topic, message: message))
    }

    /// One description for both, as every circuit here; see `CircuitBuilder`.
    package func describe(
        _ builder: CircuitBuilder, secret: Scalar, index: Int, path: [Scalar], topic: Scalar, message: Scalar
    ) {
        let secret = builder.wire(secret)
        let topic = builder.wire(topic)
        let message = builder.wire(message)
        let bits = path.indices.map { builder.boolean(index >> $0 & 1 == 1) }
        let siblings = path.map { builder.wire($0) }
        let root = builder.merkleRoot(leaf: builder.poseidon(secret, .zero), index: bits, path: siblings)
        builder.bindPublic(0, to: root)
        builder.bindPublic(1, to: builder.poseidon(builder.poseidon(secret, Linear(.one)), topic))
        builder.bindPublic(2, to: topic)
        builder.bindPublic(3, to: message)
    }
}
