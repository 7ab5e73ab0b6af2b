// SPDX-License-Identifier: Apache-2.0

/// Where the first challenge of a circuit's emulated arithmetic comes from, and with it how chunks are kept
/// in range (docs/recursion.md, "What is bound before which challenge").
package enum ChallengeSource: Sendable {
    /// A commitment (`CircuitBuilder.commit`) to chunks and multiplicities, with all public inputs hashed:
    /// chunks are looked up in a table.
    case commitment
    /// Poseidon over packed bits, for circuits without commitments: chunks are bits.
    case poseidon
}

/// The domains of the hashes; no vector's elsewhere.
enum ChallengeDomain {
    /// Bits, and wires that are hashed whole, to the first challenge.
    static let first: UInt64 = 0x456d_0001
    /// The first challenge to ρ.
    static let combination: UInt64 = 0x456d_0002
    /// The first challenge, K and C to τ.
    static let point: UInt64 = 0x456d_0003
}
