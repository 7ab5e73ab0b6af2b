// SPDX-License-Identifier: Apache-2.0

import EllipticCurves

/// Sums of buckets, each of one order of several; a bucket may have several sums.
///
/// Unchecked: tasks write to ranges of their own; all is read when they are done.
final class BucketSums<Group: ComputeGroup>: @unchecked Sendable {
    let points: UnsafeMutablePointer<Affine<Group>>
    let buckets: UnsafeMutablePointer<UInt32>
    /// The number of the order that a sum belongs to.
    let orders: UnsafeMutablePointer<UInt32>

    init(capacity: Int) {
        points = .allocate(capacity: max(1, capacity))
        buckets = .allocate(capacity: max(1, capacity))
        orders = .allocate(capacity: max(1, capacity))
    }

    deinit {
        points.deallocate()
        buckets.deallocate()
        orders.deallocate()
    }

    /// The sums in `ranges` by the orders that they belong to.
    func parts(_ orders: [BucketOrder], in ranges: [Range<Int>]) -> [WeightedBuckets] {
        var parts = orders.map { WeightedBuckets(shift: $0.shift, bits: $0.bits, places: []) }
        for range in ranges {
            for place in range {
                parts[Int(self.orders[place])].places.append(UInt32(truncatingIfNeeded: place))
            }
        }
        return parts
    }
}

/// A sum Σ_b 2^shift · b · S_b over the bucket sums at `places`.
struct WeightedBuckets {
    var shift: Int
    var bits: Int
    var places: [UInt32]
}
