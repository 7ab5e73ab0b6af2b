// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields

/// A, B and C of a proof, of a key's points and a proof's sums: the one place where they are blinded.
///
/// - Reference: Groth 2016, §3.2.
struct BlindedPoints<Suite: ComputeSuite> {
    let a: Affine<Suite.G1>
    let b: Affine<Suite.G2>
    let c: Affine<Suite.G1>

    /// - Parameter generator: where the blinding factors r and s come from, full-width field elements.
    init(
        alpha1: Affine<Suite.G1>, beta1: Affine<Suite.G1>, delta1: Affine<Suite.G1>,
        beta2: Affine<Suite.G2>, delta2: Affine<Suite.G2>, sums: Groth16Sums<Suite>,
        using generator: inout some RandomNumberGenerator
    ) {
        let (h, w) = (sums.h, sums.witness)
        let r = Suite.Fr.random(using: &generator)
        let s = Suite.Fr.random(using: &generator)
        let one = Suite.Fr.one
        a = Self.sum([alpha1, w.a, delta1], times: [one, one, r])
        let blindedB1 = Self.sum([beta1, w.b1, delta1], times: [one, one, s])
        b = Self.sum([beta2, w.b2, delta2], times: [one, one, s])
        c = Self.sum([w.c, h, a, blindedB1, delta1], times: [one, one, s, r, -(r * s)])
    }

    // A handful of points: always on the CPU.
    static func sum<Group: ComputeGroup>(
        _ points: [Affine<Group>], times scalars: [Suite.Fr]
    ) -> Affine<Group> where Group.Scalar == Suite.Fr {
        let secret = SecretScalars<Suite.Fr>(scalars.map(\.canonical))
        return secret.withElements { Group.cpuMSM(PointTable(points), $0, Parallel(threads: 1)) }
    }
}
