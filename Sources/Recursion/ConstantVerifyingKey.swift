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
    /// The key.
    package let key: VerifyingKey<BN254>
    /// A point whose logarithms to the key's points nobody knows: where sums begin.
    package let offset: Affine<BN254.G1>
    /// α.
    let alpha: FixedBaseTable
    /// The public inputs' points, that of the constant one first; `nil` for the identity.
    let inputs: [FixedBaseTable?]

    /// The domain of the hash that the offset is made of.
    private static let offsetDomain: UInt64 = 0x5265_0001

    /// - Precondition: α, β, γ and δ are in their groups and not the identity; the inputs' points are on the
    ///   curve.
    package init(_ key: VerifyingKey<BN254>) {
        precondition(
            !key.alpha1.isIdentity && !key.beta2.isIdentity && !key.gamma2.isIdentity
                && !key.delta2.isIdentity, "a key with the identity among its points")
        self.key = key
        offset = Self.offset(key)
        let offset = offset
        alpha = FixedBaseTable(key.alpha1, offset: offset)
        inputs = key.ic.map { $0.isIdentity ? nil : FixedBaseTable($0, offset: offset) }
    }

    /// The number of public inputs.
    package var publicCount: Int { key.publicCount }

    /// The point of a hash of all points of the key.
    private static func offset(_ key: VerifyingKey<BN254>) -> Affine<BN254.G1> {
        let g1 = ([key.alpha1] + key.ic).flatMap { [$0.x, $0.y] }
        let g2 = [key.beta2, key.gamma2, key.delta2].flatMap { [$0.x.c0, $0.x.c1, $0.y.c0, $0.y.c1] }
        return OffsetPoint.derived(from: (g1 + g2).flatMap(\.halves), domain: offsetDomain)
    }
}
