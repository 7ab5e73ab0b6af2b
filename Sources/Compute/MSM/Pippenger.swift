import EllipticCurves
import FiniteFields

/// Multi-scalar multiplication on the CPU: Σ scalars[i] · bases[i].
///
/// Signed-window Pippenger with batched affine bucket additions; the windows of each class of scalars
/// (`ScalarClasses`) are as wide as suits the class.
///
/// - Reference: Bernstein–Doumen–Lange–Oosterwijk 2012, "Faster batch forgery identification", §4.
struct Pippenger<Group: CurveGroup> {
    typealias Limbs = Group.Scalar.Limbs

    let bases: PointTable<Group>
    let scalars: UnsafeBufferPointer<Limbs>
    let parallel: Parallel
    private let workspaces = BucketWorkspacePool<Group>()

    init(bases: PointTable<Group>, scalars: UnsafeBufferPointer<Limbs>, parallel: Parallel) {
        self.bases = bases
        self.scalars = scalars
        self.parallel = parallel
    }

    /// The sum, normalised to affine, so that equal sums are equal bits whatever the schedule.
    ///
    /// - Precondition: as many scalars as bases, fewer than 2^31; scalars below the group order.
    func sum() -> Affine<Group> {
        let classes = classify()
        var total = XYZZ<Group>.identity
        if !classes.units.isEmpty { total += sumOfUnits(classes.units) }
        if !classes.short.isEmpty { total += sum(of: classes.short, bits: classes.shortLength) }
        if !classes.full.isEmpty { total += sum(of: classes.full, bits: classes.fullLength) }
        return total.affine
    }

    /// A slice of fewer terms is not worth a task of its own: it takes some 0.1 ms.
    private static var fewestTerms: Int { 512 }

    private func classify() -> ScalarClasses {
        let pieces = max(1, min(parallel.threads, scalars.count / 4096))
        var parts = [ScalarClasses](repeating: ScalarClasses(), count: pieces)
        let modulus = Group.Scalar.modulus
        parts.withUnsafeMutableBufferPointer { parts in
            let parts = UncheckedSendable(parts)
            parallel.forEach(pieces) { piece in
                var classes = ScalarClasses()
                for i in scalars.count * piece / pieces..<scalars.count * (piece + 1) / pieces {
                    if scalars[i] == .zero || bases[unchecked: i].isIdentity { continue }
                    classes.add(index: i, scalar: scalars[i], modulus: modulus, of: Group.Scalar.self)
                }
                parts.value[piece] = classes
            }
        }
        var all = parts[0]
        for part in parts.dropFirst() { all.append(part) }
        all.mergeFewShort()
        return all
    }

    /// Σ ±base.
    private func sumOfUnits(_ units: [SignedIndex]) -> XYZZ<Group> {
        let slices = max(1, min(units.count / Self.fewestTerms, 4 * parallel.threads))
        return units.withUnsafeBufferPointer { units in
            partialSums(slices, parallel) { slice, workspace in
                let range = units.count * slice / slices..<units.count * (slice + 1) / slices
                var accumulator = BucketAccumulator<Group>(
                    in: workspace, entries: 1 + range.count / workspace.capacity)
                accumulator.add(UnsafeBufferPointer(rebasing: units[range]), of: bases, bucket: 1)
                return accumulator.weightedSum()
            }.reduce(.identity, +)
        }
    }

    /// Calls `body` for every index in parallel, each time with a workspace, and returns the results in order.
    private func partialSums(
        _ count: Int, _ parallel: Parallel, _ body: (Int, BucketWorkspace<Group>) -> XYZZ<Group>
    ) -> [XYZZ<Group>] {
        var sums = [XYZZ<Group>](repeating: .identity, count: count)
        sums.withUnsafeMutableBufferPointer { sums in
            let sums = UncheckedSendable(sums)
            parallel.forEach(count) { task in
                sums.value[task] = workspaces.withWorkspace { body(task, $0) }
            }
        }
        return sums
    }

    /// Σ magnitude · ±base for the given terms, whose magnitudes have at most `bits` bits.
    private func sum(of terms: [SignedIndex], bits: Int) -> XYZZ<Group> {
        let windows = Windows<Limbs>.best(terms: terms.count, bits: bits)
        // Waking threads costs more than a handful of terms.
        let parallel = terms.count * windows.count < 2 * Self.fewestTerms ? Parallel(threads: 1) : parallel
        // As many windows are sorted at a time as keep all threads busy, and more while that is cheap: four bytes a
        // term each.
        let group = min(windows.count, max(2 * parallel.threads, (1 << 18) / terms.count))
        let slices = max(1, min((4 * parallel.threads + group - 1) / group, terms.count / Self.fewestTerms))
        var sums: [XYZZ<Group>] = []
        for first in stride(from: 0, to: windows.count, by: group) {
            let range = first..<min(first + group, windows.count)
            let sorted = sort(terms, windows: windows, range: range, parallel)
            let partials = partialSums(range.count * slices, parallel) { task, workspace in
                sorted[task / slices].weightedSum(
                    slice: task % slices, of: slices, bases: bases, in: workspace)
            }
            for window in 0..<range.count {
                sums.append(partials[window * slices..<(window + 1) * slices].reduce(.identity, +))
            }
        }
        return sums.reversed().reduce(XYZZ<Group>.identity) { total, sum in
            (0..<windows.width).reduce(total) { shifted, _ in shifted.doubled() } + sum
        }
    }

    /// The terms of each window in `range` ordered by bucket.
    private func sort(
        _ terms: [SignedIndex], windows: Windows<Limbs>, range: Range<Int>, _ parallel: Parallel
    ) -> [SortedWindow<Group>] {
        var sorted = [SortedWindow<Group>?](repeating: nil, count: range.count)
        sorted.withUnsafeMutableBufferPointer { sorted in
            let sorted = UncheckedSendable(sorted)
            terms.withUnsafeBufferPointer { terms in
                let terms = UncheckedSendable(terms)
                parallel.forEach(range.count) { task in
                    sorted.value[task] = SortedWindow(
                        terms: terms.value, scalars: scalars, windows: windows,
                        window: range.lowerBound + task)
                }
            }
        }
        return sorted.compactMap { $0 }
    }
}

/// One window's terms ordered by bucket; terms with digit 0 are left out.
struct SortedWindow<Group: CurveGroup> {
    /// Terms of bucket b (digit ±b, the sign merged into the term's) are `order[starts[b] ..< starts[b + 1]]`.
    private let order: [SignedIndex]
    private let starts: [Int]

    /// Counting sort.
    init(
        terms: UnsafeBufferPointer<SignedIndex>, scalars: UnsafeBufferPointer<Group.Scalar.Limbs>,
        windows: Windows<Group.Scalar.Limbs>, window: Int
    ) {
        let modulus = Group.Scalar.modulus
        var starts = [Int](repeating: 0, count: windows.bucketCount + 2)
        let digits = [Int32](unsafeUninitializedCapacity: terms.count) { digits, count in
            for (i, term) in terms.enumerated() {
                let scalar = scalars[term.index]
                let magnitude = term.isNegative ? modulus.subtractingInteger(scalar) : scalar
                let digit = windows.digit(window, of: magnitude)
                digits[i] = Int32(digit)
                starts[abs(digit) + 1] += 1
            }
            count = terms.count
        }
        let zeros = starts[1]
        starts[1] = 0
        for bucket in 1..<starts.count - 1 { starts[bucket + 1] += starts[bucket] }
        var next = starts
        order = [SignedIndex](unsafeUninitializedCapacity: terms.count - zeros) { order, count in
            for (i, term) in terms.enumerated() where digits[i] != 0 {
                let bucket = Int(abs(digits[i]))
                order[next[bucket]] = digits[i] < 0 ? term ^ SignedIndex.signBit : term
                next[bucket] += 1
            }
            count = terms.count - zeros
        }
        self.starts = starts
    }

    /// Σ digit · ±base over slice number `slice` of `slices` equal slices of the terms.
    ///
    /// Slices are cut by terms, not buckets, so that a single overfull bucket is shared by all threads too.
    func weightedSum(
        slice: Int, of slices: Int, bases: PointTable<Group>, in workspace: BucketWorkspace<Group>
    ) -> XYZZ<Group> {
        let range = order.count * slice / slices..<order.count * (slice + 1) / slices
        guard !range.isEmpty else { return .identity }
        var bucket = firstBucket(endingAfter: range.lowerBound)
        let last = firstBucket(endingAfter: range.upperBound - 1)
        var accumulator = BucketAccumulator<Group>(
            in: workspace, entries: min(range.count, last - bucket + 1) + 1)
        order.withUnsafeBufferPointer { order in
            while bucket <= last {
                let terms = range.clamped(to: starts[bucket]..<starts[bucket + 1])
                accumulator.add(UnsafeBufferPointer(rebasing: order[terms]), of: bases, bucket: bucket)
                bucket += 1
            }
        }
        return accumulator.weightedSum()
    }

    /// The bucket that term `position` of the order is in, by binary search.
    private func firstBucket(endingAfter position: Int) -> Int {
        var low = 1
        var high = starts.count - 2
        while low < high {
            let middle = (low + high) / 2
            if starts[middle + 1] > position { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
