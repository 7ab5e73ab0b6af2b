// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// Turns the sums of buckets into Σ_b b · (sum of bucket b), for many orders side by side, with batched
/// additions alone.
///
/// A bucket number is split into two halves of bits, b = 2^k·h + l. Then Σ b·S_b = 2^k·Σ h·(Σ over b with
/// that h) + Σ l·(…), two sums of the same kind with the square root of as many buckets, for two additions a
/// bucket: as many as a running sum takes, but independent of each other and so fit for batches. Halving ends
/// at `finalBits`, where running sums of all orders go side by side.
struct BucketReduction<Group: ComputeGroup> {
    typealias Point = Affine<Group>

    let workspace: BucketWorkspace<Group>

    private static var finalBits: Int { 4 }

    /// The points T and shifts s of which Σ 2^s · T is what the parts add up to.
    func reduce(_ parts: [WeightedBuckets], of sums: BucketSums<Group>) -> [(shift: Int, point: Point)] {
        var parts = parts
        var sums = sums
        while parts.contains(where: { $0.bits > Self.finalBits || hasRepeated($0, sums) }) {
            (parts, sums) = halve(parts, sums)
        }
        return runningSums(parts, sums)
    }

    /// Whether a bucket of the part, whose numbers are short, has several sums.
    private func hasRepeated(_ part: WeightedBuckets, _ sums: BucketSums<Group>) -> Bool {
        var seen = 0
        for place in part.places {
            let bit = 1 << Int(sums.buckets[Int(place)])
            if seen & bit != 0 { return true }
            seen |= bit
        }
        return false
    }

    private func halve(_ parts: [WeightedBuckets], _ sums: BucketSums<Group>) -> (
        [WeightedBuckets], BucketSums<Group>
    ) {
        var orders: [BucketOrder] = []
        for part in parts {
            // Short numbers are not split: the round only merges repeated sums.
            let low = part.bits > Self.finalBits ? part.bits / 2 : 0
            for (shift, bits) in [(0, low), (low, part.bits - low)] where bits > 0 {
                orders.append(
                    BucketOrder(
                        part.places, buckets: sums.buckets, weight: part.shift, shift: shift, bits: bits))
            }
        }
        let limit = orders.map {
            BucketAccumulator<Group>.greatestCount(
                terms: $0.end - $0.first, buckets: $0.bucketCount, capacity: workspace.capacity)
        }.reduce(0, +)
        let result = BucketSums<Group>(capacity: limit)
        var accumulator = BucketAccumulator<Group>(
            UnsafeRawPointer(sums.points), in: workspace, into: result, 0..<limit)
        for (number, order) in orders.enumerated() {
            accumulator.add(order, number: number, positions: order.first..<order.end)
        }
        accumulator.flush()
        return (result.parts(orders, in: [0..<accumulator.count]), result)
    }

    /// Σ_b b · S_b of each part by T += R, R += S_b from the highest bucket down, all parts side by side.
    private func runningSums(_ parts: [WeightedBuckets], _ sums: BucketSums<Group>) -> [(
        shift: Int, point: Point
    )] {
        let parts = parts.filter { !$0.places.isEmpty }
        guard let highest = parts.flatMap({ $0.places.map { Int(sums.buckets[Int($0)]) } }).max() else {
            return []
        }
        // For each part R, then T, then S_1 …
        let stride = 2 + highest
        let count = parts.count
        let points = UnsafeMutablePointer<Point>.allocate(capacity: stride * count)
        let results = UnsafeMutablePointer<Point>.allocate(capacity: 2 * count)
        defer {
            points.deallocate()
            results.deallocate()
        }
        points.initialize(repeating: .identity, count: stride * count)
        results.initialize(repeating: .identity, count: 2 * count)
        for (part, at) in zip(parts, Swift.stride(from: 0, to: stride * count, by: stride)) {
            for place in part.places {
                points[at + 1 + Int(sums.buckets[Int(place)])] = sums.points[Int(place)]
            }
        }
        for bucket in Swift.stride(from: highest, through: 0, by: -1) {
            var references: [SignedIndex] = []
            references.reserveCapacity(4 * count)
            for at in Swift.stride(from: 0, to: stride * count, by: stride) {
                let (running, total) = (SignedIndex(at), SignedIndex(at + 1))
                references += [running, total]
                references += [running, SignedIndex(at + 1 + bucket)]
            }
            // After the last bucket R is still to be added to T; the second sum of each pair is of no use
            // then.
            let batch = workspace.adder.capacity
            references.withUnsafeBufferPointer { references in
                for first in Swift.stride(from: 0, to: 2 * count, by: batch) {
                    guard let base = references.baseAddress else { return }
                    workspace.adder.add(
                        results + first, UnsafeRawPointer(points), base + 2 * first,
                        count: min(batch, 2 * count - first))
                }
            }
            for part in 0..<count {
                points[part * stride + 1] = results[2 * part]
                points[part * stride] = results[2 * part + 1]
            }
        }
        return parts.enumerated().map { (shift: $1.shift, point: points[$0 * stride + 1]) }
    }
}
