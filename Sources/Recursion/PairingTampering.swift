// SPDX-License-Identifier: Apache-2.0

package import Curves
package import FiniteFields

/// For tests only: checks of a pairing that are left out, and what a prover who knows of it hints.
///
/// An attack is one that a circuit with the check refuses, and that the same circuit without it accepts.
package struct PairingTampering {
    /// A check that is left out.
    package enum Omission: Hashable, Sendable {
        /// Points of the variable pairs may be off the twist.
        case onTwist
        /// They may be outside of G2.
        case subgroup
        /// Tangents need not touch the curve twice.
        case tangent
        /// Lines through T and another point need not meet that point.
        case chord
        /// The product need not be one: only the steps before it are checked.
        case product
    }

    /// The checks that are left out.
    package var omitted: Set<Omission> = []
    /// The slope of a step's line instead of the true one, in scaled coordinates; the first step is 0.
    package var slope: ((_ step: Int, _ value: BN254.Fp2) -> BN254.Fp2)?
    /// The residue witness for a loop's value instead of the true one.
    package var witness: ((_ value: Fp12<BN254.Tower>, _ witness: Fp6<BN254.Tower>) -> Fp6<BN254.Tower>)?

    package init() {}

    /// An attack by the omission of checks.
    package init(_ omissions: Omission...) { omitted = Set(omissions) }
}
