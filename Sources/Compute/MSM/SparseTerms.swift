// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
public import FiniteFields

/// Terms coefficient · point, in groups: the columns of a constraint matrix, whose sums with Lagrange points
/// are a key's points.
public struct SparseTerms<Scalar: PrimeField>: Sendable {
    struct Term {
        var group: UInt32
        var coefficient: Scalar
    }

    /// The number of groups, those without a term among them.
    public let groupCount: Int
    /// The number of the first point of each table: points are counted on from table to table.
    let firstPoints: [Int]
    /// The terms of point p are `terms[starts[p] ..< starts[p + 1]]`.
    let starts: [Int]
    let terms: [Term]

    /// Sorts terms by their point; `body` is called twice, and calls its argument for each term.
    public init(
        groups: Int,
        _ body: ((_ group: Int, _ table: Int, _ point: Int, _ coefficient: Scalar) -> Void) -> Void
    ) {
        groupCount = groups
        var counts: [[Int]] = []
        body { _, table, point, _ in
            while counts.count <= table { counts.append([]) }
            if counts[table].count <= point {
                counts[table] += [Int](repeating: 0, count: point + 1 - counts[table].count)
            }
            counts[table][point] += 1
        }
        var firstPoints = [0]
        for table in counts { firstPoints.append(firstPoints[firstPoints.count - 1] + table.count) }
        var starts = [0]
        starts.reserveCapacity(firstPoints[firstPoints.count - 1] + 1)
        for count in counts.joined() { starts.append(starts[starts.count - 1] + count) }
        var next = starts
        var terms = [Term](
            repeating: Term(group: 0, coefficient: .zero), count: starts[starts.count - 1])
        body { group, table, point, coefficient in
            let place = firstPoints[table] + point
            terms[next[place]] = Term(group: UInt32(group), coefficient: coefficient)
            next[place] += 1
        }
        self.firstPoints = firstPoints
        self.starts = starts
        self.terms = terms
    }
}

/// What a part of the terms adds to a group.
struct GroupPoint<Group: CurveGroup> {
    var group: UInt32
    var point: Affine<Group>
}
