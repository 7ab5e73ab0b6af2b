import Compute
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

    var groupCount: Int { starts.count - 1 }

    /// Sorts terms by their group; `body` is called twice, and calls its argument for each term.
    init(
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

    /// The sum of each group, by windows of four bits with signed digits over all terms of a group at once (Straus 1964). Coefficients of ±1
    /// are additions; those above half the order count as negative ones, so that small numbers are short.
    func sums<Group: CurveGroup>(_ tables: [PointTable<Group>], _ parallel: Parallel) -> [Affine<Group>]
    where Group.Scalar == Scalar {
        perChunk(groupCount, parallel, chunk: 256) { range in
            Jacobian.batchAffine(range.map { sum(of: $0, tables).jacobian })
        }
    }

    private func sum<Group: CurveGroup>(of group: Int, _ tables: [PointTable<Group>]) -> XYZZ<Group>
    where Group.Scalar == Scalar {
        var units = XYZZ<Group>.identity
        var points: [Jacobian<Group>] = []
        var magnitudes: [Scalar.Limbs] = []
        var longest = 0
        for term in terms[starts[group]..<starts[group + 1]] {
            let point = tables[Int(term.table)][Int(term.point)]
            if term.coefficient == .one {
                units += point
                continue
            }
            if term.coefficient == -Scalar.one {
                units += -point
                continue
            }
            let (positive, negative) = (term.coefficient.canonical, (-term.coefficient).canonical)
            let isNegative = negative.bitLength < positive.bitLength
            let magnitude = isNegative ? negative : positive
            points.append(Jacobian(isNegative ? -point : point))
            magnitudes.append(magnitude)
            longest = max(longest, magnitude.bitLength)
        }
        if points.isEmpty { return units }
        // 1…8 times each point.
        let multiples = Jacobian.batchAffine(
            points.flatMap { point in
                var row = [point]
                for _ in 1..<8 { row.append(row[row.count - 1] + point) }
                return row
            })
        let windows = longest / 4 + 1
        let digits = magnitudes.map { Self.digits($0, windows: windows) }
        var sum = XYZZ<Group>.identity
        for window in (0..<windows).reversed() {
            for _ in 0..<4 { sum = sum.doubled() }
            for (index, row) in digits.enumerated() {
                let digit = Int(row[window])
                if digit > 0 {
                    sum += multiples[8 * index + digit - 1]
                } else if digit < 0 {
                    sum += -multiples[8 * index - digit - 1]
                }
            }
        }
        return sum + units
    }

    /// Σ digits[i]·16^i = magnitude with −8 < digit ≤ 8.
    private static func digits(_ magnitude: Scalar.Limbs, windows: Int) -> [Int8] {
        var carry: UInt64 = 0
        return (0..<windows).map { window in
            let word = window / 16
            var digit =
                Int((word < Scalar.Limbs.count ? magnitude[word] >> UInt64(4 * (window % 16)) : 0) & 15)
                + Int(carry)
            carry = digit > 8 ? 1 : 0
            if carry == 1 { digit -= 16 }
            return Int8(digit)
        }
    }
}
