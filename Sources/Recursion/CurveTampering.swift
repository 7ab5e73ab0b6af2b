// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Curves

/// For tests only: checks that are left out of the arithmetic of points and of what is made of it, and what
/// a prover who knows of it does instead of what is right.
package struct CurveTampering {
    /// A check that is left out.
    package enum Omission: Hashable, Sendable {
        /// Points of proofs need not be on the curve.
        case curveEquation
        /// The denominators of a shared sum may be zero.
        case denominators
        /// Scalars are of any bits of their hash, not of the canonical ones.
        case canonicalScalars
        /// Scalars do not depend on C.
        case hashOfC
        /// The proof of knowledge has the scalars of the proof's equation.
        case independentScalars
        /// Proofs of knowledge are folded by one, whatever the challenges are.
        case foldingFactor
        /// The digits of a whole scalar may be those of another one.
        case wholeScalar
    }

    /// The checks that are left out.
    package var omitted: Set<Omission> = []
    /// 254 bits for the hash that a scalar is made of instead of its own, the least significant first.
    package var scalarBits: ((_ hash: Scalar) -> [Bool])?
    /// The scalar whose digits are there instead of those of a whole scalar.
    package var wholeScalar: ((_ scalar: Scalar) -> Scalar)?
    /// The slope where both sides of its equation are zero.
    package var freeSlope: BN254.Fp?
    /// The slope instead of the true one; called for each, in order.
    package var slope: ((_ value: BN254.Fp) -> BN254.Fp)?

    package init() {}

    /// An attack by the omission of one check.
    package init(_ omission: Omission) { omitted = [omission] }
}
