import EllipticCurves
import FiniteFields

/// The sums of some groups of terms coefficient · point, by windows with signed digits over all terms of a group at once (Straus 1964).
///
/// Coefficients above half the order count as negative ones, so that small numbers are short and ±1 is one addition. The
/// multiples of a point are made once for all its terms, and all additions are affine ones in batches (`PairAdder`): those of one
/// window of all groups share their inversions.
struct SparseSums<Group: CurveGroup> {
    typealias Scalar = Group.Scalar
    typealias Point = Affine<Group>

    /// Pairs of a batch at most.
    private static var batch: Int { 4096 }

    /// For each group the places of its terms in `digits`.
    private let starts: [Int]
    /// Bits of a window: the wider, the fewer additions a term, and the more multiples a point.
    private let width: Int
    /// The greatest digit.
    private var most: Int { 1 << (width - 1) }
    /// For each term the number of its point, those with multiples first.
    private let numbers: [Int]
    /// For each term its digits, the lowest first, `windows` of them.
    private var digits: [Int16]
    private let windows: Int
    /// For each group how many of the windows it has.
    private let lengths: [Int]
    private let points: [Point]
    /// How many of the points have multiples.
    private let multiplied: Int

    init(_ terms: SparseTerms<Scalar>, _ groups: Range<Int>, _ tables: [PointTable<Group>]) {
        let first = terms.starts[groups.lowerBound]
        let range = first..<terms.starts[groups.upperBound]
        let starts = (groups.lowerBound...groups.upperBound).map { terms.starts[$0] - first }
        let magnitudes = range.map { Self.magnitude(terms.terms[$0].coefficient) }
        var known: [UInt64: Int] = [:]
        var found: [(point: Point, needsMultiples: Bool)] = []
        var numbers: [Int] = []
        numbers.reserveCapacity(range.count)
        for (index, magnitude) in magnitudes.enumerated() {
            let term = terms.terms[first + index]
            let key = UInt64(term.table) << 32 | UInt64(term.point)
            let number = known[key] ?? found.count
            if number == found.count {
                known[key] = number
                found.append((tables[Int(term.table)][Int(term.point)], false))
            }
            numbers.append(number)
            if magnitude.limbs.bitLength > 1 { found[number].needsMultiples = true }
        }
        let order = found.indices.filter { found[$0].needsMultiples }
        multiplied = order.count
        var places = [Int](repeating: 0, count: found.count)
        for (place, number) in (order + found.indices.filter { !found[$0].needsMultiples }).enumerated() {
            places[number] = place
        }
        var points = [Point](repeating: .identity, count: found.count)
        for (number, found) in found.enumerated() { points[places[number]] = found.point }
        self.points = points
        self.numbers = numbers.map { places[$0] }
        self.starts = starts
        let bits = magnitudes.map(\.limbs.bitLength)
        let groupBits = (0..<groups.count).map { bits[starts[$0]..<starts[$0 + 1]].max() ?? 0 }
        let width = Self.width(bits, groupBits, multiplied: order.count)
        self.width = width
        lengths = groupBits.map { $0 / width + 1 }
        windows = lengths.max() ?? 1
        digits = [Int16](repeating: 0, count: range.count * windows)
        for (index, magnitude) in magnitudes.enumerated() {
            var carry = 0
            for window in 0...bits[index] / width {
                var digit = Self.bits(magnitude.limbs, from: window * width, count: width) + carry
                carry = digit > most ? 1 : 0
                if carry == 1 { digit -= 2 * most }
                digits[index * windows + window] = Int16(magnitude.isNegative ? -digit : digit)
            }
        }
    }

    /// The width with the fewest additions: one a window of each term and, not in a batch, of each group, and all multiples.
    private static func width(_ bits: [Int], _ groupBits: [Int], multiplied: Int) -> Int {
        func cost(_ width: Int) -> Int {
            bits.reduce(multiplied << (width - 1)) { $0 + $1 / width + 1 }
                + groupBits.reduce(0) { $0 + 2 * ($1 / width + 1) }
        }
        return (2...9).min { cost($0) < cost($1) } ?? 2
    }

    /// The shorter one of a coefficient and its negative.
    private static func magnitude(_ coefficient: Scalar) -> (limbs: Scalar.Limbs, isNegative: Bool) {
        let (positive, negative) = (coefficient.canonical, (-coefficient).canonical)
        let isNegative = negative.bitLength < positive.bitLength
        return (isNegative ? negative : positive, isNegative)
    }

    /// `count` bits from bit `start` on.
    private static func bits(_ limbs: Scalar.Limbs, from start: Int, count: Int) -> Int {
        let (word, shift) = (start / 64, start % 64)
        guard word < Scalar.Limbs.count else { return 0 }
        var bits = limbs[word] >> UInt64(shift)
        if shift > 64 - count, word + 1 < Scalar.Limbs.count { bits |= limbs[word + 1] << UInt64(64 - shift) }
        return Int(bits & (1 << UInt64(count) - 1))
    }

    /// The sum of each group.
    func sums() -> [Point] {
        let groups = lengths.count
        let count = numbers.count
        let adder = PairAdder<Group>(capacity: Self.batch)
        let multiples = UnsafeMutablePointer<Point>.allocate(
            capacity: max(1, points.count + (most - 1) * multiplied))
        defer { multiples.deallocate() }
        makeMultiples(multiples, adder)
        // The sums of pairs, and the sums of pairs of those, by turns.
        let room = count + groups + 1
        let halves = (
            UnsafeMutablePointer<Point>.allocate(capacity: room),
            UnsafeMutablePointer<Point>.allocate(capacity: room)
        )
        defer {
            halves.0.deallocate()
            halves.1.deallocate()
        }
        var results = [XYZZ<Group>](repeating: .identity, count: groups)
        var lists = PointLists()
        for window in (0..<windows).reversed() {
            lists.removeAll()
            for group in 0..<groups {
                for index in starts[group]..<starts[group + 1] {
                    let digit = Int(digits[index * windows + window])
                    if digit == 0 { continue }
                    let place = place(of: abs(digit), numbers[index])
                    lists.references.append(
                        SignedIndex(truncatingIfNeeded: place) | (digit < 0 ? SignedIndex.signBit : 0))
                }
                lists.ends.append(lists.references.count)
            }
            var (source, target, next) = (UnsafeRawPointer(multiples), halves.0, halves.1)
            while lists.longest > 1 {
                lists.halve(source, target, adder, batch: Self.batch)
                source = UnsafeRawPointer(target)
                swap(&target, &next)
            }
            var start = 0
            for group in 0..<groups {
                let end = lists.ends[group]
                if window < lengths[group] {
                    if window + 1 < lengths[group] {
                        for _ in 0..<width { results[group] = results[group].doubled() }
                    }
                    if end > start {
                        results[group] += PairAdder<Group>.point(source, lists.references[start])
                    }
                }
                start = end
            }
        }
        return Jacobian.batchAffine(results.map(\.jacobian))
    }

    /// Where a multiple of a point is: the points themselves, then twice those that have multiples, and so on.
    private func place(of multiple: Int, _ number: Int) -> Int {
        multiple == 1 ? number : points.count + (multiple - 2) * multiplied + number
    }

    private func makeMultiples(_ multiples: UnsafeMutablePointer<Point>, _ adder: borrowing PairAdder<Group>)
    {
        for (index, point) in points.enumerated() { (multiples + index).initialize(to: point) }
        guard multiplied > 0 else { return }
        var pairs = [SignedIndex](repeating: 0, count: 2 * Self.batch)
        for multiple in 2...most {
            for start in stride(from: 0, to: multiplied, by: Self.batch) {
                let count = min(Self.batch, multiplied - start)
                for i in 0..<count {
                    pairs[2 * i] = SignedIndex(truncatingIfNeeded: place(of: multiple - 1, start + i))
                    pairs[2 * i + 1] = SignedIndex(truncatingIfNeeded: start + i)
                }
                // Written beyond all that is read.
                adder.add(
                    multiples + place(of: multiple, start), UnsafeRawPointer(multiples), pairs, count: count)
            }
        }
    }
}

/// Lists of signed points that are to be added up.
private struct PointLists {
    var references: [SignedIndex] = []
    /// Where each list ends, and the next one begins.
    var ends: [Int] = []
    private var pairs: [SignedIndex] = []

    var longest: Int {
        var (longest, start) = (0, 0)
        for end in ends {
            longest = max(longest, end - start)
            start = end
        }
        return longest
    }

    mutating func removeAll() {
        references.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    /// Adds the points of each list in pairs: half as many are left, all of them in `target`.
    mutating func halve<Group: CurveGroup>(
        _ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Affine<Group>>,
        _ adder: borrowing PairAdder<Group>, batch: Int
    ) {
        pairs.removeAll(keepingCapacity: true)
        var start = 0
        for end in ends {
            pairs += references[start..<end - (end - start) % 2]
            start = end
        }
        let sums = pairs.count / 2
        // What has no partner comes after the sums.
        var (sum, single, written) = (0, sums, 0)
        start = 0
        for list in ends.indices {
            let end = ends[list]
            let isOdd = (end - start) % 2 == 1
            let alone = isOdd ? references[end - 1] : 0
            for _ in 0..<(end - start) / 2 {
                references[written] = SignedIndex(truncatingIfNeeded: sum)
                (sum, written) = (sum + 1, written + 1)
            }
            if isOdd {
                (target + single).initialize(to: PairAdder<Group>.point(source, alone))
                references[written] = SignedIndex(truncatingIfNeeded: single)
                (single, written) = (single + 1, written + 1)
            }
            ends[list] = written
            start = end
        }
        references.removeLast(references.count - written)
        pairs.withUnsafeBufferPointer { pairs in
            guard let base = pairs.baseAddress else { return }
            for first in stride(from: 0, to: sums, by: batch) {
                adder.add(target + first, source, base + 2 * first, count: min(batch, sums - first))
            }
        }
    }
}
