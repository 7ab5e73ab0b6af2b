// SPDX-License-Identifier: Apache-2.0

/// The checks of powers of tau, of keys and of contributions, each by a name of its own: a test switches each
/// off and shows a hostile file that then passes, so that none of them is there for nothing.
package enum SetupCheck: String, CaseIterable, Sendable {
    // Powers of tau
    /// The powers begin with the generators.
    case generators
    /// Section 2, 3, 4, 5: each power is τ times the one before, and none is zero.
    case tauPowers1, tauPowers2, alphaPowers, betaPowers
    /// β is the same in G1 and G2.
    case sameBeta
    /// τ is no root of unity, α and β are not ±1, and none is another times a power of τ, as far as the file
    /// shows: with such secrets anybody can forge.
    case openPowers
    /// Sections 12 to 15 are the Lagrange bases of the domain.
    case lagrangeTau1, lagrangeTau2, lagrangeAlpha, lagrangeBeta
    /// The basis of the doubled domain (section 12).
    case doubledLagrange
    /// All points are in the subgroup of order r.
    case powersInSubgroup

    // Keys
    /// The records of A and B are the circuit's.
    case matrices
    case alpha, beta, gamma
    case publicPoints, aPoints, b1Points, b2Points, cPoints
    /// The H points are those of the powers in the degrees ≤ n − 2.
    case hPoints
    /// The coefficient of degree n − 1 of the H points.
    case hTop
    /// C and H points are in the subgroup of order r.
    case keyInSubgroup
    case circuitHash

    // Contributions
    /// Somebody contributed who was no beacon: δ is not what everybody can compute.
    case contributed
    /// A contribution's transcript is the hash of all before.
    case transcript
    /// A contributor knew the factor.
    case knowledge
    /// δ was multiplied by that factor.
    case factor
    /// The last contribution leads to the key's δ.
    case lastDelta
    /// δ is the same in G1 and G2.
    case sameDelta
    /// Kind and parameters are those of a contribution or of a beacon.
    case parameters
    /// A beacon's secrets follow from its value.
    case beacon
}
