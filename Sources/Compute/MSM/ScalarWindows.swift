// SPDX-License-Identifier: Apache-2.0

import FiniteFields

/// The terms of a multi-scalar multiplication as orders by bucket: one for all scalars ±1, then one for every
/// window of each class of scalars (`ScalarClasses`). Orders are made when asked for.
struct ScalarWindows<Scalar: PrimeField> {
    private let scalars: UnsafeBufferPointer<Scalar.Limbs>
    private let classes: ScalarClasses
    private let short: Windows<Scalar.Limbs>
    private let full: Windows<Scalar.Limbs>
    /// How many windows of a class have buckets of their own; the others share these.
    private let step: Int
    private let stride: Int

    /// - Parameters:
    ///   - plan: how the bases' multiples were precomputed, if they were, each level having one base a
    ///     scalar.
    ///   - isKept: whether a term with this index counts.
    init(
        _ scalars: UnsafeBufferPointer<Scalar.Limbs>, plan: MultiplesPlan? = nil, parallel: Parallel,
        isKept: (Int) -> Bool
    ) {
        self.scalars = scalars
        step = plan?.step ?? .max
        stride = scalars.count
        let modulus = Scalar.modulus
        let pieces = max(1, min(parallel.threads, scalars.count / 4096))
        let parts = parallel.map(pieces) { piece in
            var classes = ScalarClasses()
            for i in scalars.count * piece / pieces..<scalars.count * (piece + 1) / pieces {
                if scalars[i] == .zero || !isKept(i) { continue }
                classes.add(index: i, scalar: scalars[i], modulus: modulus, of: Scalar.self)
            }
            return classes
        }
        var all = parts[0]
        for part in parts.dropFirst() { all.append(part) }
        all.mergeFewShort()
        classes = all
        func windows(_ terms: Int, _ bits: Int) -> Windows<Scalar.Limbs> {
            if let plan { return Windows(width: plan.width, bits: max(2, bits), modulus: modulus) }
            return .best(terms: terms, bits: max(2, bits), modulus: modulus)
        }
        short = windows(all.short.count, all.shortLength)
        full = windows(all.full.count, all.fullLength)
    }

    private enum Source {
        case units
        case short(Int)
        case full(Int)
    }

    private var sources: [Source] {
        (classes.units.isEmpty ? [] : [.units])
            + (classes.short.isEmpty ? [] : (0..<min(step, short.count)).map { .short($0) })
            + (classes.full.isEmpty ? [] : (0..<min(step, full.count)).map { .full($0) })
    }

    /// The number of orders.
    var count: Int { sources.count }

    /// As many threads as pay: waking them costs more than a few terms.
    func parallel(_ parallel: Parallel) -> Parallel {
        let terms = classes.units.count + classes.short.count * short.count + classes.full.count * full.count
        return terms < 4096 ? Parallel(threads: 1) : parallel
    }

    /// Cuts 0..<count into ranges whose orders and bucket sums, with so many bytes each, fit into `budget`
    /// bytes.
    func batches(budget: Int, bytesPerBucket: Int) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var first = 0
        var bytes = 0
        for (number, source) in sources.enumerated() {
            let size =
                switch source {
                case .units: 4 * classes.units.count
                case .short(let first):
                    size(short, numbers(short, first).count * classes.short.count, bytesPerBucket)
                case .full(let first):
                    size(full, numbers(full, first).count * classes.full.count, bytesPerBucket)
                }
            if bytes + size > budget && number > first {
                batches.append(first..<number)
                (first, bytes) = (number, 0)
            }
            bytes += size
        }
        if first < count { batches.append(first..<count) }
        return batches
    }

    /// The windows that share buckets with `first`.
    private func numbers(_ windows: Windows<Scalar.Limbs>, _ first: Int) -> [Int] {
        step == .max ? [first] : Array(Swift.stride(from: first, to: windows.count, by: step))
    }

    private func size(_ windows: Windows<Scalar.Limbs>, _ terms: Int, _ bytesPerBucket: Int) -> Int {
        4 * terms + min(windows.greatestDigit, terms) * bytesPerBucket
    }

    /// The orders in `range`.
    func orders(_ range: Range<Int>, _ parallel: Parallel) -> [BucketOrder] {
        let sources = sources[range]
        return parallel.map(range.count) { order(sources[range.lowerBound + $0]) }
    }

    private func order(_ source: Source) -> BucketOrder {
        switch source {
        case .units: classes.units.withUnsafeBufferPointer { BucketOrder(units: $0) }
        case .short(let window): order(classes.short, short, window)
        case .full(let window): order(classes.full, full, window)
        }
    }

    private func order(
        _ terms: [SignedIndex], _ windows: Windows<Scalar.Limbs>, _ window: Int
    ) -> BucketOrder {
        terms.withUnsafeBufferPointer {
            BucketOrder(
                $0, scalars: scalars, windows: windows, numbers: numbers(windows, window), stride: stride)
        }
    }
}
