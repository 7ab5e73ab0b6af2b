// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves

/// Tables of points of a curve's two groups that are summed over the same scalars, which then are cut into
/// digits and sorted once for all.
///
/// A table may lack the first points: entry i of one with `count` points belongs to the scalar that is the
/// i-th of the last `count`.
public struct PointTables<Suite: CurveSuite>: Sendable {
    /// Those of G1, the longest first where it is known: that leaves threads the least to wait for.
    public let g1: [PointTable<Suite.G1>]
    /// Those of G2, likewise.
    public let g2: [PointTable<Suite.G2>]

    /// The tables, in the order in which their sums are wanted.
    public init(g1: [PointTable<Suite.G1>] = [], g2: [PointTable<Suite.G2>] = []) {
        self.g1 = g1
        self.g2 = g2
    }

    /// - Throws: where a table does not fit so many scalars.
    package func check(_ scalarCount: Int) throws(ComputeError) {
        func check<Group>(_ tables: [PointTable<Group>]) throws(ComputeError) {
            for table in tables where table.count > scalarCount {
                throw .lengthMismatch(
                    operation: "\(Group.name) MSM", left: table.count, right: scalarCount)
            }
        }
        try check(g1)
        try check(g2)
        guard scalarCount < 1 << 31 else { throw .unsupportedSize(operation: "MSM", size: scalarCount) }
    }

    /// The parts of the tables that belong to the scalars in `range`, of `scalarCount` in all.
    package func slice(_ range: Range<Int>, of scalarCount: Int) -> PointTables {
        func slice<Group>(_ table: PointTable<Group>) -> PointTable<Group> {
            let lacking = scalarCount - table.count
            return table.slice(max(0, range.lowerBound - lacking)..<max(0, range.upperBound - lacking))
        }
        return PointTables(g1: g1.map { slice($0) }, g2: g2.map { slice($0) })
    }
}

/// What `PointTables` sum up to, in the order of the tables.
public struct PointSums<Suite: CurveSuite>: Equatable, Sendable {
    /// Those of G1, affine, Montgomery form.
    public let g1: [Affine<Suite.G1>]
    /// Those of G2, likewise.
    public let g2: [Affine<Suite.G2>]

    /// The sums as they are given.
    public init(g1: [Affine<Suite.G1>], g2: [Affine<Suite.G2>]) {
        self.g1 = g1
        self.g2 = g2
    }
}
