// SPDX-License-Identifier: Apache-2.0

import Compute
import EllipticCurves
import FiniteFields

/// What checks of keys have in common.
enum PointChecks<Suite: ComputeSuite> {
    /// True when a point times δ is the other.
    static func isOverDelta(
        _ point: Affine<Suite.G1>, _ other: Affine<Suite.G1>, _ delta2: Affine<Suite.G2>
    ) -> Bool {
        if point.isIdentity || other.isIdentity { return point == other }
        return sameRatio(point, other, Suite.G2.generator, delta2, of: Suite.self)
    }

    /// Σ scalarᵢ·pointᵢ.
    static func sum<Group: ComputeGroup>(
        _ points: PointTable<Group>, _ scalars: [Suite.Fr], _ parallel: Parallel
    ) -> Affine<Group> where Group.Scalar == Suite.Fr {
        scalars.map(\.canonical).withUnsafeBufferPointer { Group.cpuMSM(points, $0, parallel) }
    }

    /// Whether all points, which are on the curve, are in the subgroup of order r.
    static func areInSubgroup(_ points: PointTable<Suite.G1>, _ parallel: Parallel) -> Bool {
        perChunk(points.count, parallel) { range in
            [range.allSatisfy { Suite.G1.isInSubgroup(points[$0]) }]
        }.allSatisfy { $0 }
    }
}
