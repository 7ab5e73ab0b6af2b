// SPDX-License-Identifier: Apache-2.0

import FiniteFields

/// Terms ordered by bucket, for a sum Σ_b 2^shift · b · (sum of bucket b): one window of scalars, or one part
/// of the bucket numbers of such a sum.
///
/// Unchecked: the memory is written while it is made, and only read after.
final class BucketOrder: @unchecked Sendable {
    /// The weight of the whole sum is 2^shift.
    let shift: Int
    /// Bucket numbers have at most this many bits.
    let bits: Int
    /// The terms of bucket b are `order[starts[b] ..< starts[b + 1]]`; those of bucket 0 count for nothing.
    let order: UnsafeMutablePointer<SignedIndex>
    let starts: UnsafeMutablePointer<UInt32>
    private let capacity: Int

    /// Buckets are 0 ..< bucketCount.
    let bucketCount: Int
    /// Where the terms of bucket 1 begin.
    var first: Int { Int(starts[1]) }
    /// Where the terms of the last bucket end.
    var end: Int { Int(starts[bucketCount]) }

    private init(shift: Int, bits: Int, bucketCount: Int, terms: Int) {
        self.shift = shift
        self.bits = bits
        self.bucketCount = bucketCount
        capacity = max(1, terms)
        order = .allocate(capacity: capacity)
        starts = .allocate(capacity: bucketCount + 2)
        starts.initialize(repeating: 0, count: bucketCount + 2)
    }

    deinit {
        // Where a term went tells its digit, and all windows together its scalar.
        overwrite(UnsafeMutableRawBufferPointer(start: order, count: 4 * capacity))
        order.deallocate()
        starts.deallocate()
    }

    /// All terms in bucket 1.
    convenience init(units: UnsafeBufferPointer<SignedIndex>) {
        self.init(shift: 0, bits: 1, bucketCount: 2, terms: units.count)
        if let base = units.baseAddress { order.initialize(from: base, count: units.count) }
        starts[2] = UInt32(truncatingIfNeeded: units.count)
    }

    /// The terms by their digits in the given windows, which have the weight of the first; a digit's sign is
    /// merged into its term's. The indices in window number k are greater by k·stride (see `MultiplesPlan`).
    convenience init<Limbs: FixedLimbs>(
        _ terms: UnsafeBufferPointer<SignedIndex>, scalars: UnsafeBufferPointer<Limbs>,
        windows: Windows<Limbs>, numbers: [Int], stride: Int
    ) {
        // Only the bucket 2^(width−1) itself needs the last bit.
        self.init(
            shift: numbers[0] * windows.width, bits: windows.width, bucketCount: windows.greatestDigit + 1,
            terms: terms.count * numbers.count)
        sort(count: terms.count, repetitions: numbers.count) { digits, tally in
            for (k, number) in numbers.enumerated() {
                windows.digits(number, of: terms, scalars, into: digits + k * terms.count, tally: tally)
            }
        } term: {
            terms[$0] &+ SignedIndex(truncatingIfNeeded: $1 * stride)
        }
    }

    /// Places of bucket sums by the bits `shift` … `shift + bits − 1` of their bucket numbers.
    convenience init(
        _ places: [UInt32], buckets: UnsafePointer<UInt32>, weight: Int, shift: Int, bits: Int
    ) {
        self.init(shift: weight + shift, bits: bits, bucketCount: 1 << bits, terms: places.count)
        let mask = UInt32(truncatingIfNeeded: (1 << bits) - 1)
        places.withUnsafeBufferPointer { places in
            sort(count: places.count) { digits, tally in
                for i in places.indices {
                    let bucket = (buckets[Int(places[i])] >> UInt32(truncatingIfNeeded: shift)) & mask
                    digits[i] = bucket
                    tally[Int(bucket)] += 1
                }
            } term: { index, _ in
                places[index]
            }
        }
    }

    /// The terms of `other` whose index `isKept` names, in the same order.
    convenience init(filtering other: BucketOrder, by isKept: BitSet) {
        self.init(
            shift: other.shift, bits: other.bits, bucketCount: other.bucketCount, terms: other.end)
        var at = 0
        for bucket in 1..<bucketCount {
            starts[bucket] = UInt32(truncatingIfNeeded: at)
            for position in Int(other.starts[bucket])..<Int(other.starts[bucket + 1]) {
                let term = other.order[position]
                order[at] = term
                at += isKept[term.index] ? 1 : 0
            }
        }
        starts[bucketCount] = UInt32(truncatingIfNeeded: at)
    }

    /// Counting sort by digits: bucket numbers with a sign bit that flips their terms'.
    ///
    /// - Parameter fill: writes the digits and adds them up by bucket.
    @inline(__always)
    private func sort(
        count: Int, repetitions: Int = 1,
        fill: (UnsafeMutablePointer<UInt32>, _ tally: UnsafeMutablePointer<UInt32>) -> Void,
        term: (_ index: Int, _ repetition: Int) -> SignedIndex
    ) {
        let digits = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, count * repetitions))
        defer {
            overwrite(UnsafeMutableRawBufferPointer(start: digits, count: 4 * count * repetitions))
            digits.deallocate()
        }
        // Tallied two places up: after the running sums starts[b + 1] is where bucket b begins, and moves to
        // its end.
        fill(digits, starts + 2)
        for bucket in 2..<bucketCount + 2 { starts[bucket] += starts[bucket - 1] }
        let next = starts + 1
        for repetition in 0..<repetitions {
            let digits = digits + repetition * count
            for i in 0..<count {
                let value = digits[i]
                let bucket = Int(value & ~SignedIndex.signBit)
                order[Int(next[bucket])] = term(i, repetition) ^ (value & SignedIndex.signBit)
                next[bucket] += 1
            }
        }
    }

    /// The bucket that position `position` of the order, at least `first`, is in.
    func bucket(at position: Int) -> Int {
        var low = 1
        var high = bucketCount - 1
        while low < high {
            let middle = (low + high) / 2
            if Int(starts[middle + 1]) > position { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
