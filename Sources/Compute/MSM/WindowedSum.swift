// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// The sum of weighted bucket sums over the orders of a multi-scalar multiplication, given in any number of
/// batches.
///
/// Unchecked: tasks of a stage write to places of their own (`Slots`, ranges of `sums`), and nothing else is
/// written meanwhile.
final class WindowedSum<Group: ComputeGroup>: @unchecked Sendable {
    private let points: UnsafeRawPointer
    private let kept: BitSet?
    private let threads: Int
    private let workspaces = BucketWorkspacePool<Group>()

    private var orders: [BucketOrder] = []
    private var filtered = Slots<BucketOrder?>(repeating: nil, count: 0)
    private var slices: [[Piece]] = []
    private var ranges = Slots<Range<Int>>(repeating: 0..<0, count: 0)
    private var sums = BucketSums<Group>(capacity: 0)
    private var parts: [WeightedBuckets] = []
    private var weighted = Slots<[(shift: Int, point: Affine<Group>)]>(repeating: [], count: 0)
    /// The points T and shifts s of which Σ 2^s · T is the sum so far.
    private var results: [(shift: Int, point: Affine<Group>)] = []

    /// What a bucket sum takes with the places that refer to it.
    static var bytesPerBucket: Int { MemoryLayout<Affine<Group>>.stride + 12 }

    /// A slice of fewer terms is not worth a task of its own.
    private static var fewestTerms: Int { 1024 }

    /// - Parameters:
    ///   - points: what the indices of the orders' terms refer to; may be unaligned.
    ///   - kept: the terms that count, by their index; nil when all do.
    ///   - threads: for how many threads tasks are cut.
    init(_ points: UnsafeRawPointer, keeping kept: BitSet? = nil, threads: Int) {
        self.points = points
        self.kept = kept
        self.threads = threads
    }

    /// The stages of this sum.
    var staged: StagedSum {
        StagedSum {
            self.begin($0)
        } taskCount: {
            self.taskCount($0)
        } perform: {
            self.perform($0, $1)
        } end: {
            self.end($0)
        }
    }

    func begin(_ orders: [BucketOrder]) {
        self.orders = orders
        filtered = Slots(repeating: nil, count: kept == nil ? 0 : orders.count)
    }

    private func taskCount(_ stage: SumStage) -> Int {
        switch stage {
        case .filter: filtered.count
        case .accumulate: slices.count
        case .reduce: weighted.count
        }
    }

    private func perform(_ stage: SumStage, _ task: Int) {
        switch stage {
        case .filter:
            guard let kept else { return }
            filtered[task] = BucketOrder(filtering: orders[task], by: kept)
        case .accumulate:
            ranges[task] = workspaces.withWorkspace { workspace in
                var accumulator = BucketAccumulator<Group>(
                    points, in: workspace, into: sums, ranges[task])
                for piece in slices[task] {
                    accumulator.add(orders[piece.order], number: piece.order, positions: piece.positions)
                }
                accumulator.flush()
                return ranges[task].lowerBound..<accumulator.count
            }
        case .reduce:
            let share = parts[parts.count * task / weighted.count..<parts.count * (task + 1) / weighted.count]
            weighted[task] = workspaces.withWorkspace {
                BucketReduction(workspace: $0).reduce(Array(share), of: sums)
            }
        }
    }

    private func end(_ stage: SumStage) {
        switch stage {
        case .filter:
            if kept != nil { orders = filtered.all.compactMap { $0 } }
            filtered = Slots(repeating: nil, count: 0)
            cut()
        case .accumulate:
            parts = sums.parts(orders, in: ranges.all)
            weighted = Slots(repeating: [], count: min(threads, parts.count))
        case .reduce:
            results += weighted.all.flatMap { $0 }
            (orders, parts, weighted) = ([], [], Slots(repeating: [], count: 0))
            sums = BucketSums(capacity: 0)
        }
    }

    /// Terms of one order that a task sums.
    private struct Piece {
        var order: Int
        var positions: Range<Int>
    }

    /// Cuts all terms into equal slices, and gives each room for its bucket sums.
    ///
    /// Slices are cut by terms, not buckets, so that a single overfull bucket is shared by all threads too.
    private func cut() {
        let total = orders.reduce(0) { $0 + $1.end - $1.first }
        let count = threads == 1 ? 1 : max(1, min(4 * threads, total / Self.fewestTerms))
        slices = [[Piece]](repeating: [], count: count)
        var before = 0
        for (number, order) in orders.enumerated() {
            let terms = order.end - order.first
            for slice in 0..<count {
                let low = max(before, total * slice / count) - before
                let high = min(before + terms, total * (slice + 1) / count) - before
                if low < high {
                    slices[slice].append(
                        Piece(order: number, positions: order.first + low..<order.first + high))
                }
            }
            before += terms
        }
        var capacity = 0
        ranges = Slots(repeating: 0..<0, count: count)
        for (number, slice) in slices.enumerated() {
            let first = capacity
            for piece in slice {
                capacity += BucketAccumulator<Group>.greatestCount(
                    terms: piece.positions.count, buckets: orders[piece.order].bucketCount,
                    capacity: BucketWorkspace<Group>.capacity)
            }
            ranges[number] = first..<capacity
        }
        sums = BucketSums(capacity: capacity)
    }

    /// The sum over all batches.
    func total() -> Affine<Group> {
        var total = XYZZ<Group>.identity
        var shift = results.map(\.shift).max() ?? 0
        for result in results.sorted(by: { $0.shift > $1.shift }) {
            while shift > result.shift {
                total = total.doubled()
                shift -= 1
            }
            total += result.point
        }
        for _ in 0..<shift { total = total.doubled() }
        return total.affine
    }
}
