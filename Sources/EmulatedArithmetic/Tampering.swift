// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Curves
import FiniteFields

/// For tests only: checks that are left out, and what a prover who knows of it does instead of what is right.
///
/// An attack is one that a circuit with the check refuses, and that the same circuit without it accepts.
package struct Tampering {
    /// A check that is left out.
    package enum Omission: Hashable, Sendable {
        /// The sum over all chunks need not be that over the table.
        case lookupSum
        /// Multiplicities are not committed to, and are made after the first challenge.
        case multiplicityCommitment
        /// Without commitments, chunks are looked up all the same, and are hashed packed, before they are
        /// in range.
        case bitsBehindHash
        /// ρ is of any bits of the hash, not of the canonical ones.
        case canonicalChallenges
        /// τ does not depend on the first challenge.
        case firstChallengeInPoint
        /// K is neither in bits nor hashed.
        case quotient
        /// K is in bits, but not hashed.
        case quotientHash
        /// C is neither in bits nor hashed.
        case carries
        /// C is in bits, but not hashed.
        case carryHash
        /// C is hashed, but not in bits.
        case carryRange
        /// The coefficients of C have ten whole chunks, 170 bits, whatever wraps.
        case carryWidth
        /// The coefficients of K have 254 bits each: any element of the native field.
        case quotientWidth
        /// The coefficients of C above those of L are no combinations of K's bits, but made after τ.
        case followingCarries
        /// The coefficients of ρ have two bits each.
        case challengeWidth
        /// τ is any wire.
        case pointHash
        /// Bound bits are not constrained to be bits.
        case booleans
        /// Canonical limbs need not be below the prime.
        case canonicalLimbs
        /// The identities of all fields but the first are not enforced.
        case laterFields
        /// Wires that are said to be bound are not.
        case binding
    }

    /// The checks that are left out.
    package var omitted: Set<Omission> = []
    /// The multiplicities instead of the true ones; the challenge is given where it is known already.
    package var multiplicities: ((_ counts: [Scalar], _ challenge: Scalar?) -> [Scalar])?
    /// 254 bits for a hash instead of its own, the least significant first.
    package var challengeBits: ((_ hash: Scalar) -> [Bool])?
    /// K and C, from the coefficients of L, instead of what division gives.
    package var quotient: ((_ sums: [Scalar]) -> (quotient: [Scalar], carries: [Scalar]))?
    /// The coefficients of a polynomial that takes the value at τ; where K, C or a part of C is free until
    /// then.
    package var late: ((_ value: Scalar, _ point: Scalar, _ count: Int) -> [Scalar])?
    /// What bound bits are instead of their values.
    package var bit: Scalar?
    /// τ, where it is no hash.
    package var point: Scalar?

    /// A smaller number of chunks that a table may have, to see that one more is refused.
    package var mostChunks: Int?

    package init() {}

    /// An attack by the omission of one check.
    package init(_ omission: Omission) { omitted = [omission] }
}

extension EmulatedElement {
    /// For tests only: the same element with a weight that may not be its own, as if something had been
    /// forgotten when it was counted.
    package func weighing(_ weight: Int) -> EmulatedElement {
        EmulatedElement(terms: terms, constant: constant, value: value, weight: weight)
    }
}
