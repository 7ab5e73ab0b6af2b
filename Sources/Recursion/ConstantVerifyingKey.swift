// SPDX-License-Identifier: Apache-2.0

import Circuits
package import Curves
package import EllipticCurves
import FiniteFields
package import Groth16

/// A verifying key as a constant of a circuit, with the multiples of its points.
///
/// Whether the key is a good one is for those to say who fix it: the circuit proves that proofs hold for this
/// one.
package struct ConstantVerifyingKey: Sendable {
    /// What a key has for its commitments to wires.
    package struct Commitments: Sendable {
        /// What is hashed behind each commitment: public inputs, numbered from 1, then challenges of earlier
        /// commitments.
        package let hashed: [[Int]]
        /// G.
        package let generator: Affine<BN254.G2>
        /// −σ·G of each.
        package let negativeSigmas: [Affine<BN254.G2>]
        /// How many there are.
        package var count: Int { hashed.count }
    }

    /// The number of public inputs.
    package let publicCount: Int
    /// What proofs commit to; `nil` for a plain key.
    package let commitments: Commitments?
    /// A point whose logarithms to the key's points nobody knows: where sums begin.
    package let offset: Affine<BN254.G1>

    let alpha: Affine<BN254.G1>
    /// The multiples of α.
    let alphaTable: FixedBaseTable
    let negativeBeta, negativeGamma, negativeDelta: Affine<BN254.G2>
    /// The point of the constant one.
    let constant: Affine<BN254.G1>
    /// The multiples of that point, then of each public input's and each challenge's; `nil` for the identity.
    let tables: [FixedBaseTable?]

    /// The domain of the hash that the offset is made of.
    private static let offsetDomain: UInt64 = 0x5265_0001

    /// A key without commitments.
    ///
    /// - Precondition: all points are in their groups, and α, β, γ and δ are not the identity.
    package init(_ key: VerifyingKey<BN254>) {
        self.init(
            alpha: key.alpha1, [key.beta2, key.gamma2, key.delta2], ic: key.ic, publicCount: key.publicCount,
            commitments: nil)
    }

    /// A key with commitments.
    ///
    /// - Precondition: as for plain keys, for G and all −σ·G as well; Poseidon makes its challenges.
    package init(_ key: CommittedVerifyingKey<BN254>) {
        precondition(key.hash == .poseidon, "a key whose challenges no circuit computes")
        self.init(
            alpha: key.alpha1, [key.beta2, key.gamma2, key.delta2], ic: key.ic, publicCount: key.publicCount,
            commitments: Commitments(
                hashed: key.commitments.map(\.hashed), generator: key.generator,
                negativeSigmas: key.commitments.map(\.negativeSigma)))
    }

    private init(
        alpha: Affine<BN254.G1>, _ g2: [Affine<BN254.G2>], ic: [Affine<BN254.G1>], publicCount: Int,
        commitments: Commitments?
    ) {
        precondition(
            !alpha.isIdentity && g2.allSatisfy { !$0.isIdentity }, "a key with the identity among its points")
        let all = g2 + (commitments.map { [$0.generator] + $0.negativeSigmas } ?? [])
        precondition(
            ([alpha] + ic).allSatisfy(\.isValid) && all.allSatisfy(\.isValid),
            "a key with a point that is not in its group")
        let offset = Self.offset([alpha] + ic, all)
        self.publicCount = publicCount
        self.commitments = commitments
        self.offset = offset
        self.alpha = alpha
        alphaTable = FixedBaseTable(alpha, offset: offset)
        (negativeBeta, negativeGamma, negativeDelta) = (-g2[0], -g2[1], -g2[2])
        constant = ic[0]
        tables = ic.map { $0.isIdentity ? nil : FixedBaseTable($0, offset: offset) }
    }

    /// The point of a hash of all points of the key.
    private static func offset(_ g1: [Affine<BN254.G1>], _ g2: [Affine<BN254.G2>]) -> Affine<BN254.G1> {
        let coordinates =
            g1.flatMap { [$0.x, $0.y] } + g2.flatMap { [$0.x.c0, $0.x.c1, $0.y.c0, $0.y.c1] }
        return OffsetPoint.derived(from: coordinates.flatMap(\.halves), domain: offsetDomain)
    }
}
