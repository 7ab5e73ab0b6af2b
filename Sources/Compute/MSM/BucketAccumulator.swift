// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import EllipticCurves
import FiniteFields

/// Sums points by bucket with batched affine additions.
///
/// Terms arrive ordered by bucket. A chunk of them is taken; within each bucket neighbours are paired, all
/// pairs of the chunk are added with one inversion, and the sums are paired again until one point a bucket is
/// left: a tree, so that no addition of a batch needs another's result, and memory is streamed.
struct BucketAccumulator<Group: ComputeGroup>: ~Copyable {
    typealias Point = Affine<Group>

    private let points: UnsafeRawPointer
    private let workspace: BucketWorkspace<Group>
    private var segments = 0
    private var pairs = 0
    private var terms = 0
    /// The next free slot at the top of the first round's.
    private var top: Int
    private let sums: BucketSums<Group>
    /// How many sums were written.
    private(set) var count: Int
    private let limit: Int

    /// - Parameters:
    ///   - points: what the terms refer to; may be unaligned.
    ///   - workspace: memory that nobody else uses meanwhile.
    ///   - sums: where the bucket sums go, into `range`.
    init(
        _ points: UnsafeRawPointer, in workspace: BucketWorkspace<Group>, into sums: BucketSums<Group>,
        _ range: Range<Int>
    ) {
        self.points = points
        self.workspace = workspace
        self.sums = sums
        count = range.lowerBound
        limit = range.upperBound
        top = workspace.slotCounts.0
    }

    /// How many sums a run over `terms` terms in `buckets` buckets writes at most.
    static func greatestCount(terms: Int, buckets: Int, capacity: Int) -> Int {
        min(terms, buckets + 2 * (terms / capacity + 1))
    }

    /// Adds the terms of `order` at the positions in `range`.
    mutating func add(_ order: BucketOrder, number: Int, positions range: Range<Int>) {
        guard !range.isEmpty else { return }
        var bucket = order.bucket(at: range.lowerBound)
        var at = range.lowerBound
        while at < range.upperBound {
            prefetchLast(order, bucket + Self.prefetchDistance)
            let end = min(range.upperBound, Int(order.starts[bucket + 1]))
            while at < end {
                let take = min(end - at, workspace.capacity - terms)
                add(order.order + at, count: take, bucket: bucket, number: number)
                at += take
                // With room for one term only, all that follow would be taken one by one.
                if terms >= workspace.capacity - 1 { flush() }
            }
            bucket += 1
        }
    }

    private static var prefetchDistance: Int { 12 }

    /// Asks for the last point of a bucket, which is copied when the bucket has an odd number of terms; the
    /// kernel asks for those of pairs itself.
    @inline(__always)
    private func prefetchLast(_ order: BucketOrder, _ bucket: Int) {
        guard bucket < order.bucketCount else { return }
        let end = Int(order.starts[bucket + 1])
        if (end - Int(order.starts[bucket])) & 1 == 1 {
            let size = MemoryLayout<Point>.stride
            martlet_prefetch(points + order.order[end - 1].index * size, size)
        }
    }

    @inline(__always)
    private mutating func add(
        _ run: UnsafePointer<SignedIndex>, count: Int, bucket: Int, number: Int
    ) {
        let key = UInt32(truncatingIfNeeded: bucket)
        if count == 1 {
            emit(PairAdder<Group>.point(points, run[0]), key, number)
            return
        }
        let half = count / 2
        var segment = BucketSegment(
            bucket: key, order: UInt32(truncatingIfNeeded: number), first: UInt32(truncatingIfNeeded: pairs),
            pairs: UInt32(truncatingIfNeeded: half), leftover: BucketSegment.none)
        (workspace.pairs + 2 * pairs).update(from: run, count: 2 * half)
        if count & 1 == 1 {
            top -= 1
            workspace.slots.0[top] = PairAdder<Group>.point(points, run[count - 1])
            segment.leftover = UInt32(truncatingIfNeeded: top)
        }
        workspace.segments[segments] = segment
        segments += 1
        pairs += half
        terms += count
    }

    @inline(__always)
    private mutating func emit(_ point: Point, _ bucket: UInt32, _ number: Int) {
        precondition(count < limit)
        sums.points[count] = point
        sums.buckets[count] = bucket
        sums.orders[count] = UInt32(truncatingIfNeeded: number)
        count += 1
    }

    /// Reduces what was added to one point a bucket.
    mutating func flush() {
        workspace.adder.add(workspace.slots.0, points, workspace.pairs, count: pairs)
        var isFirst = true
        while segments > 0 {
            pairNeighbours(
                from: isFirst ? workspace.slots.0 : workspace.slots.1,
                to: isFirst ? workspace.slots.1 : workspace.slots.0,
                slotCount: isFirst ? workspace.slotCounts.1 : workspace.slotCounts.0)
            isFirst.toggle()
        }
        pairs = 0
        terms = 0
        top = workspace.slotCounts.0
    }

    /// One round: segments of one point are done, the others' points are paired and added.
    private mutating func pairNeighbours(
        from source: UnsafeMutablePointer<Point>, to target: UnsafeMutablePointer<Point>, slotCount: Int
    ) {
        let references = workspace.pairs
        var newPairs = 0
        var newSegments = 0
        var top = slotCount
        for index in 0..<segments {
            var segment = workspace.segments[index]
            let first = segment.first
            let hasLeftover = segment.leftover != BucketSegment.none
            let points = segment.pairs + (hasLeftover ? 1 : 0)
            if points == 1 {
                emit(source[Int(first)], segment.bucket, Int(segment.order))
                continue
            }
            let half = points / 2
            let at = references + 2 * newPairs
            for i in 0..<2 * half { at[Int(i)] = first + i }
            // The leftover comes last: it is the last pair's second, or alone again.
            var leftover = BucketSegment.none
            if points & 1 == 1 {
                top -= 1
                target[top] = source[Int(hasLeftover ? segment.leftover : first + points - 1)]
                leftover = UInt32(truncatingIfNeeded: top)
            } else if hasLeftover {
                at[Int(points - 1)] = segment.leftover
            }
            segment.first = UInt32(truncatingIfNeeded: newPairs)
            segment.pairs = half
            segment.leftover = leftover
            workspace.segments[newSegments] = segment
            newSegments += 1
            newPairs += Int(half)
        }
        segments = newSegments
        if newPairs > 0 { workspace.adder.add(target, UnsafeRawPointer(source), references, count: newPairs) }
    }
}
