// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

extension SparseTerms {
    /// The sum of each group (see `SparseSums`).
    func sums<Group: ComputeGroup>(_ tables: [PointTable<Group>], _ parallel: Parallel) -> [Affine<Group>]
    where Group.Scalar == Scalar {
        let parts = self.parts
        return total(parallel.map(parts.count) { SparseSums(self, parts[$0], tables).sums() }, parallel)
    }

    /// The sum of all that the parts have found of each group.
    private func total<Group: ComputeGroup>(
        _ partial: [[GroupPoint<Group>]], _ parallel: Parallel
    ) -> [Affine<Group>] {
        var starts = [Int](repeating: 0, count: groupCount + 1)
        for part in partial { for found in part { starts[Int(found.group) + 1] += 1 } }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        var next = starts
        var points = [Affine<Group>](repeating: .identity, count: starts[groupCount])
        for part in partial {
            for found in part {
                points[next[Int(found.group)]] = found.point
                next[Int(found.group)] += 1
            }
        }
        let ranges = Self.ranges(starts, most: 8192, groups: 4096)
        var sums = [Affine<Group>](repeating: .identity, count: groupCount)
        sums.withUnsafeMutableBufferPointer { sums in
            points.withUnsafeBytes { points in
                let sums = UncheckedSendable(sums)
                let points = UncheckedSendable(points)
                parallel.forEach(ranges.count) { number in
                    guard let base = points.value.baseAddress else { return }
                    var lists = PointLists()
                    for group in ranges[number] {
                        for index in starts[group]..<starts[group + 1] {
                            lists.append(SignedIndex(truncatingIfNeeded: index))
                        }
                        lists.endList()
                    }
                    let adder = PairAdder<Group>(capacity: PointLists.batch)
                    lists.sums(base, adder) { sums.value[ranges[number].lowerBound + $0] = $1 }
                }
            }
        }
        return sums
    }

    /// Ranges of points with some thousand terms each, and tables of multiples of at most 256 of them.
    private var parts: [Range<Int>] { Self.ranges(starts, most: 8192, groups: 256) }

    /// Ranges of at most `groups` of what begins at `starts`, each ending with the first that makes it longer
    /// than `most`.
    private static func ranges(_ starts: [Int], most: Int, groups: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        for group in 0..<starts.count - 1
        where starts[group + 1] - starts[start] > most || group + 1 - start == groups
            || group + 2 == starts.count
        {
            ranges.append(start..<group + 1)
            start = group + 1
        }
        return ranges
    }
}
