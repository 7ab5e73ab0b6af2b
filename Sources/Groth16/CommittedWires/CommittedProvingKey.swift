// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import EllipticCurves
import FiniteFields

/// What makes Groth16 proofs of one circuit, in gnark's form: with H points for the quotient's coefficients,
/// and points for commitments to wires, if the circuit has any.
///
/// Wire 0 is the constant one; wires 1…publicCount are public. All points are affine, Montgomery form; none
/// is checked here.
package struct CommittedProvingKey<Suite: ComputeSuite>: Sendable {
    /// One commitment of the circuit.
    package struct Commitment: Sendable {
        /// The wires that it is to, none of them public, ascending.
        package let wires: [Int]
        /// The wire that gets the challenge.
        package let challengeWire: Int
        /// A point for each of the wires.
        package let basis: PointTable<Suite.G1>
        /// The same points times σ.
        package let sigmaBasis: PointTable<Suite.G1>

        /// - Precondition: there are as many points in each table as wires.
        package init(
            wires: [Int], challengeWire: Int, basis: PointTable<Suite.G1>, sigmaBasis: PointTable<Suite.G1>
        ) {
            precondition(basis.count == wires.count && sigmaBasis.count == wires.count)
            self.wires = wires
            self.challengeWire = challengeWire
            self.basis = basis
            self.sigmaBasis = sigmaBasis
        }
    }

    package let alpha1, beta1, delta1: Affine<Suite.G1>
    package let beta2, delta2: Affine<Suite.G2>
    /// The number of public inputs, without the constant one and the challenges.
    package let publicCount: Int
    /// Points with the witness for scalars. C's are the identity for committed wires and challenges.
    package let witness: WitnessTables<Suite>
    /// τ^i·(τ^n − 1)/δ in bit-reversed order of i, of which the last, for i = n − 1, has no use.
    package let h: PointTable<Suite.G1>
    /// The matrices A and B, in rows on our domain of the size.
    package let coefficients: CoefficientMatrices<Suite.Fr>
    /// The binary logarithm of the domain's size.
    package let logDomainSize: Int
    /// The commitments, in the order of their challenges.
    package let commitments: [Commitment]

    /// The number of wires, the constant one included.
    package var variableCount: Int { witness.a.count }
    /// What a backend needs for a proof's sums, but for those of commitments.
    package var tables: Groth16Tables<Suite> {
        Groth16Tables(
            coefficients: coefficients, logDomainSize: logDomainSize, h: h, form: .coefficients,
            witness: witness)
    }

    /// As `ProvingKey.precomputed`; the commitments' points stay without multiples.
    package func precomputed(budget: Int, parallel: Parallel) -> (key: CommittedProvingKey, bytes: Int) {
        let (tables, bytes) = self.tables.precomputed(budget: budget, parallel: parallel)
        let key = CommittedProvingKey(
            alpha1: alpha1, beta1: beta1, delta1: delta1, beta2: beta2, delta2: delta2,
            publicCount: publicCount, witness: tables.witness, h: tables.h, coefficients: coefficients,
            logDomainSize: logDomainSize, commitments: commitments)
        return (key, bytes)
    }

    /// - Precondition: the tables have the lengths that the counts imply.
    package init(
        alpha1: Affine<Suite.G1>, beta1: Affine<Suite.G1>, delta1: Affine<Suite.G1>,
        beta2: Affine<Suite.G2>, delta2: Affine<Suite.G2>, publicCount: Int, witness: WitnessTables<Suite>,
        h: PointTable<Suite.G1>, coefficients: CoefficientMatrices<Suite.Fr>, logDomainSize: Int,
        commitments: [Commitment]
    ) {
        precondition(witness.c.count == witness.a.count - publicCount - 1 && h.count == 1 << logDomainSize)
        self.alpha1 = alpha1
        self.beta1 = beta1
        self.delta1 = delta1
        self.beta2 = beta2
        self.delta2 = delta2
        self.publicCount = publicCount
        self.witness = witness
        self.h = h
        self.coefficients = coefficients
        self.logDomainSize = logDomainSize
        self.commitments = commitments
    }
}
