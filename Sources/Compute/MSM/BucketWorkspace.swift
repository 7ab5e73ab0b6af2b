// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import Curves
import EllipticCurves
import FiniteFields
import Synchronization

/// The memory of one bucket accumulation.
///
/// Unchecked: the pool hands it to one task at a time.
final class BucketWorkspace<Group: ComputeGroup>: @unchecked Sendable {
    /// How many terms are summed at a time: such that their points fill half of a usual 512 KiB level-2
    /// cache.
    static var capacity: Int { 256 * 1024 / MemoryLayout<Affine<Group>>.stride }
    let capacity = BucketWorkspace.capacity
    /// The points of two consecutive rounds: sums of pairs from the bottom, points that had no partner from
    /// the top.
    let slots: (UnsafeMutablePointer<Affine<Group>>, UnsafeMutablePointer<Affine<Group>>)
    let slotCounts: (Int, Int)
    /// The references of a round's pairs.
    let pairs: UnsafeMutablePointer<SignedIndex>
    let segments: UnsafeMutablePointer<BucketSegment>
    let adder: PairAdder<Group>

    init() {
        // Of m points at least m/2 and at most 2m/3 are left by a round (three make two).
        slotCounts = (capacity, capacity / 2 + 8)
        slots = (.allocate(capacity: slotCounts.0), .allocate(capacity: slotCounts.1))
        pairs = .allocate(capacity: capacity + 2)
        segments = .allocate(capacity: capacity)
        adder = PairAdder(capacity: capacity / 2)
    }

    deinit {
        slots.0.deallocate()
        slots.1.deallocate()
        pairs.deallocate()
        segments.deallocate()
    }
}

/// A run of points of a round that belong to one bucket: `pairs` sums from slot `first` on, and perhaps one
/// more.
struct BucketSegment: BitwiseCopyable {
    var bucket: UInt32
    var order: UInt32
    var first: UInt32
    var pairs: UInt32
    /// The slot of the point that had no partner, or `none`.
    var leftover: UInt32

    static let none = UInt32.max
}

/// Workspaces for the tasks of one sum, at most one a thread: fresh memory for every task took half as many
/// page faults again.
final class BucketWorkspacePool<Group: ComputeGroup>: Sendable {
    private let free = Mutex<[BucketWorkspace<Group>]>([])

    /// Calls `body` with a workspace of its own.
    func withWorkspace<R>(_ body: (BucketWorkspace<Group>) -> R) -> R {
        let workspace = free.withLock { $0.popLast() } ?? BucketWorkspace()
        defer { free.withLock { $0.append(workspace) } }
        return body(workspace)
    }
}
