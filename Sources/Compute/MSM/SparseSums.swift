// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// What the terms coefficient · point of some points add to their groups.
///
/// Each point has a table of all multiples d·2^(w·k) with d ≤ 2^(w−1), made once for all its terms, so that a
/// term is one point of the table for each window of its coefficient, with signed digits, and nothing is
/// doubled for a group (Brickell, Gordon, McCurley and Wilson 1992). In the matrices of circuits the points
/// with large coefficients, rows that pack or hash, are few, and the wires that have one of them many: for
/// each wire on its own the doublings (Straus 1964) are most of the work. All additions are affine ones in
/// batches (`PairAdder`). Coefficients above half the order count as negative ones, so that small numbers are
/// short and ±1 is the point itself.
struct SparseSums<Group: ComputeGroup> {
    typealias Scalar = Group.Scalar
    typealias Point = Affine<Group>

    private struct Term {
        var group: UInt32
        /// The place of the point in `points`.
        var place: Int
        var magnitude: Scalar.Limbs
        var isNegative: Bool
        var bits: Int
    }

    /// The terms by their groups.
    private var terms: [Term] = []
    /// The points other than the identity, those with the longest coefficients first.
    private let points: [Point]
    /// For each point the length of its longest coefficient; at most one bit needs no table.
    private let bits: [Int]
    /// Bits of a window: the wider, the fewer additions a term, and the more multiples a point.
    private let width: Int

    init(_ sparse: SparseTerms<Scalar>, _ range: Range<Int>, _ tables: [PointTable<Group>]) {
        var found: [(point: Point, bits: Int)] = []
        for (table, first) in sparse.firstPoints.dropLast().enumerated() {
            for number in range.clamped(to: first..<sparse.firstPoints[table + 1])
            where sparse.starts[number] < sparse.starts[number + 1] {
                let point = tables[table][number - first]
                if point.isIdentity { continue }
                var longest = 0
                for term in sparse.terms[sparse.starts[number]..<sparse.starts[number + 1]]
                where !term.coefficient.isZero {
                    let (positive, negative) = (
                        term.coefficient.canonical, (-term.coefficient).canonical
                    )
                    let isNegative = negative.bitLength < positive.bitLength
                    let magnitude = isNegative ? negative : positive
                    let bits = magnitude.bitLength
                    longest = max(longest, bits)
                    terms.append(
                        Term(
                            group: term.group, place: found.count, magnitude: magnitude,
                            isNegative: isNegative, bits: bits))
                }
                found.append((point, longest))
            }
        }
        let order = found.indices.sorted { found[$0].bits > found[$1].bits }
        var places = [Int](repeating: 0, count: found.count)
        for (place, number) in order.enumerated() { places[number] = place }
        points = order.map { found[$0].point }
        bits = order.map { found[$0].bits }
        for index in terms.indices { terms[index].place = places[terms[index].place] }
        terms.sort { $0.group < $1.group }
        width = Self.width(terms.map(\.bits), bits)
    }

    /// The width with the fewest additions: one a window of each term, and all multiples, of which two of a
    /// window are doublings, some four times as dear.
    private static func width(_ terms: [Int], _ points: [Int]) -> Int {
        func cost(_ width: Int) -> Int {
            points.reduce(terms.reduce(0) { $0 + $1 / width + 1 }) { sum, bits in
                bits <= 1 ? sum : sum + (bits / width + 1) * (1 << (width - 1) + 8)
            }
        }
        return (2...8).min { cost($0) < cost($1) } ?? 2
    }

    /// The sums of the groups that have terms, in their order.
    func sums() -> [GroupPoint<Group>] {
        let adder = PairAdder<Group>(capacity: PointLists.batch)
        let table = Multiples(points, bits, width: width, adder)
        var lists = PointLists()
        var groups: [UInt32] = []
        for term in terms {
            if groups.last != term.group {
                if !groups.isEmpty { lists.endList() }
                groups.append(term.group)
            }
            if term.bits == 1 {
                let sign = term.isNegative ? SignedIndex.signBit : 0
                lists.append(SignedIndex(truncatingIfNeeded: term.place) | sign)
                continue
            }
            var carry = 0
            for window in 0...term.bits / width {
                var digit = Self.bits(term.magnitude, from: window * width, count: width) + carry
                carry = digit > table.most ? 1 : 0
                if carry == 1 { digit -= 2 * table.most }
                if digit == 0 { continue }
                let place = table.place(of: abs(digit), window: window, point: term.place)
                let sign = (digit < 0) != term.isNegative ? SignedIndex.signBit : 0
                lists.append(SignedIndex(truncatingIfNeeded: place) | sign)
            }
        }
        if !groups.isEmpty { lists.endList() }
        var sums: [GroupPoint<Group>] = []
        sums.reserveCapacity(groups.count)
        lists.sums(UnsafeRawPointer(table.memory), adder) {
            sums.append(GroupPoint(group: groups[$0], point: $1))
        }
        return sums
    }

    /// `count` bits from bit `start` on.
    private static func bits(_ limbs: Scalar.Limbs, from start: Int, count: Int) -> Int {
        let (word, shift) = (start / 64, start % 64)
        guard word < Scalar.Limbs.count else { return 0 }
        var bits = limbs[word] >> UInt64(shift)
        if shift > 64 - count, word + 1 < Scalar.Limbs.count { bits |= limbs[word + 1] << UInt64(64 - shift) }
        return Int(bits & (1 << UInt64(count) - 1))
    }

    /// The points, and behind them for each window the first multiples of all points that have it, then the
    /// second ones, and so on.
    private final class Multiples {
        let memory: UnsafeMutablePointer<Point>
        /// The greatest multiple.
        let most: Int
        /// How many points have a window, and where its multiples begin.
        private var counts: [Int] = []
        private var starts: [Int] = []

        init(_ points: [Point], _ bits: [Int], width: Int, _ adder: borrowing PairAdder<Group>) {
            most = 1 << (width - 1)
            var end = points.count
            let multiplied = bits.prefix { $0 > 1 }
            for window in 0..<(multiplied.first.map { $0 / width + 1 } ?? 0) {
                let count = multiplied.prefix { $0 / width >= window }.count
                counts.append(count)
                starts.append(end)
                end += count * most
            }
            memory = .allocate(capacity: max(end, 1))
            for (index, point) in points.enumerated() { (memory + index).initialize(to: point) }
            var references = [SignedIndex](repeating: 0, count: 2 * points.count)
            /// The points at `to` on are those at `a` on plus those at `b` on.
            func add(_ to: Int, _ a: Int, _ b: Int, count: Int) {
                for start in stride(from: 0, to: count, by: PointLists.batch) {
                    let part = min(PointLists.batch, count - start)
                    for i in 0..<part {
                        references[2 * i] = SignedIndex(truncatingIfNeeded: a + start + i)
                        references[2 * i + 1] = SignedIndex(truncatingIfNeeded: b + start + i)
                    }
                    // Written beyond all that is read.
                    adder.add(memory + to + start, UnsafeRawPointer(memory), references, count: part)
                }
            }
            for (window, (count, start)) in zip(counts, starts).enumerated() {
                if window == 0 {
                    for index in 0..<count { (memory + start + index).initialize(to: memory[index]) }
                } else {
                    // Twice the greatest multiple of the window before.
                    let last = place(of: most, window: window - 1, point: 0)
                    add(start, last, last, count: count)
                }
                for multiple in stride(from: 2, through: most, by: 1) {
                    add(start + (multiple - 1) * count, start + (multiple - 2) * count, start, count: count)
                }
            }
        }

        deinit { memory.deallocate() }

        func place(of multiple: Int, window: Int, point: Int) -> Int {
            starts[window] + (multiple - 1) * counts[window] + point
        }
    }
}
