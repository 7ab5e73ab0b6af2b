// SPDX-License-Identifier: Apache-2.0

/// The checks of keys with commitments, each by a name of its own: a test switches each off and shows a
/// hostile key that then passes, as for `SetupCheck`.
package enum CommittedCheck: String, CaseIterable, Sendable {
    /// The records of A and B are the circuit's.
    case matrices
    /// The lists of committed and hashed wires, and the challenges, are the circuit's.
    case lists
    /// A committed wire, or a challenge, has no point over δ.
    case places
    case alpha, beta, gamma
    /// G is the generator.
    case generator
    case publicPoints, aPoints, b1Points, b2Points
    /// The bases of commitments, without σ.
    case bases
    case circuitHash
    /// C, H and the bases times σ are in the subgroup of order r.
    case inSubgroup
    case cPoints, hPoints
    /// No point for the coefficient of degree n − 1.
    case hTop
    /// The bases times σ are the bases times the σ of −σ·G.
    case sigmaBases

    // Contributions
    /// Somebody contributed who was no beacon: neither δ nor a σ is what everybody can compute.
    case contributed
    case parameters
    /// A contribution's transcript is the hash of all before and of its own pairs.
    case transcript
    /// A contributor knew the factor of δ; of a σ.
    case deltaKnowledge, sigmaKnowledge
    /// δ, or a σ, was multiplied by that factor.
    case deltaFactor, sigmaFactor
    /// The last contribution leads to the key's δ; to its σ.
    case lastDelta, lastSigma
    /// δ is the same in G1 and G2.
    case sameDelta
    /// A beacon's secrets follow from its value.
    case beacon
}
