// SPDX-License-Identifier: Apache-2.0

/// A commitment inside of a proof, and its challenge c = H(D, hashed values): a wire that no constraint
/// defines. D is the commitment to the values of the committed wires.
///
/// - Reference: BSB22, as gnark has it: Botrel, Gutoski and Piellard 2022, "Commit-and-prove in gnark".
public struct WireCommitment: Hashable, Sendable {
    /// The wires that are committed to, ascending: private, no challenges, and in no other commitment.
    /// The mask that hides the others is among them.
    public var committed: [UInt32]
    /// The wires whose values are hashed after the commitment, ascending: public ones, and the challenges
    /// of earlier commitments.
    public var hashed: [UInt32]
    /// The private wire that gets c.
    public var challenge: UInt32

    /// What is committed to, what is hashed, and the challenge that comes of it.
    public init(committed: [UInt32], hashed: [UInt32], challenge: UInt32) {
        self.committed = committed
        self.hashed = hashed
        self.challenge = challenge
    }
}
