// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields

/// Lists of signed points that are to be added up, all of them at once: in pairs, then in pairs of the sums,
/// and so on.
struct PointLists {
    /// Pairs of a batch at most.
    static var batch: Int { 4096 }

    private var references: [SignedIndex] = []
    /// Where each list ends, and the next one begins.
    private var ends: [Int] = []
    private var pairs: [SignedIndex] = []

    /// Adds a point to the list under way.
    mutating func append(_ reference: SignedIndex) { references.append(reference) }

    mutating func endList() { ends.append(references.count) }

    private var longest: Int {
        var (longest, start) = (0, 0)
        for end in ends {
            longest = max(longest, end - start)
            start = end
        }
        return longest
    }

    /// Calls `body` with the number and the sum of each list, and leaves the lists useless.
    mutating func sums<Group: ComputeGroup>(
        _ points: UnsafeRawPointer, _ adder: borrowing PairAdder<Group>,
        _ body: (_ list: Int, _ sum: Affine<Group>) -> Void
    ) {
        // The sums of pairs, and the sums of pairs of those, by turns.
        let room = references.count + ends.count + 1
        let halves = (
            UnsafeMutablePointer<Affine<Group>>.allocate(capacity: room),
            UnsafeMutablePointer<Affine<Group>>.allocate(capacity: room)
        )
        defer {
            halves.0.deallocate()
            halves.1.deallocate()
        }
        var (source, target, next) = (points, halves.0, halves.1)
        while longest > 1 {
            halve(source, target, adder)
            source = UnsafeRawPointer(target)
            swap(&target, &next)
        }
        var start = 0
        for (list, end) in ends.enumerated() {
            body(list, end > start ? PairAdder<Group>.point(source, references[start]) : .identity)
            start = end
        }
    }

    /// Adds the points of each list in pairs: half as many are left, all of them in `target`.
    private mutating func halve<Group: ComputeGroup>(
        _ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Affine<Group>>,
        _ adder: borrowing PairAdder<Group>
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
            for first in stride(from: 0, to: sums, by: Self.batch) {
                adder.add(target + first, source, base + 2 * first, count: min(Self.batch, sums - first))
            }
        }
    }
}
