import EllipticCurves
public import FiniteFields

/// Terms coefficient · point, in groups: the columns of a constraint matrix, whose sums with Lagrange points are a key's points.
public struct SparseTerms<Scalar: PrimeField>: Sendable {
    struct Term {
        /// Which table, and which of its points.
        var table: UInt32
        var point: UInt32
        var coefficient: Scalar
    }

    /// The terms of group g are `terms[starts[g] ..< starts[g + 1]]`.
    private(set) var starts: [Int]
    private(set) var terms: [Term]

    public var groupCount: Int { starts.count - 1 }

    /// Sorts terms by their group; `body` is called twice, and calls its argument for each term.
    public init(
        groups: Int,
        _ body: ((_ group: Int, _ table: Int, _ point: Int, _ coefficient: Scalar) -> Void) -> Void
    ) {
        var starts = [Int](repeating: 0, count: groups + 1)
        body { group, _, _, _ in starts[group + 1] += 1 }
        for group in 0..<groups { starts[group + 1] += starts[group] }
        var next = starts
        var terms = [Term](
            repeating: Term(table: 0, point: 0, coefficient: .zero), count: starts[groups])
        body { group, table, point, coefficient in
            terms[next[group]] = Term(table: UInt32(table), point: UInt32(point), coefficient: coefficient)
            next[group] += 1
        }
        self.starts = starts
        self.terms = terms
    }

    /// The sum of each group (see `SparseSums`).
    func sums<Group: CurveGroup>(_ tables: [PointTable<Group>], _ parallel: Parallel) -> [Affine<Group>]
    where Group.Scalar == Scalar {
        let parts = self.parts
        var sums = [Affine<Group>](repeating: .identity, count: groupCount)
        sums.withUnsafeMutableBufferPointer { sums in
            let sums = UncheckedSendable(sums)
            parallel.forEach(parts.count) { number in
                let found = SparseSums(self, parts[number], tables).sums()
                for (group, sum) in zip(parts[number], found) { sums.value[group] = sum }
            }
        }
        return sums
    }

    /// Ranges of groups with some thousand terms each, for tables of multiples that stay near the processor.
    private var parts: [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = 0
        for group in 0..<groupCount
        where starts[group + 1] - starts[start] > 8192 || group + 1 - start == 4096 || group + 1 == groupCount
        {
            parts.append(start..<group + 1)
            start = group + 1
        }
        return parts
    }
}
