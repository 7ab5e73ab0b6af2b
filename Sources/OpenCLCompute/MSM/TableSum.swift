// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves

/// A sum over one table, resident or not, that is to be done beside others over the same scalars.
protocol TableSumming: AnyObject {
    var isResident: Bool { get }
    /// The memory of the points of the scalars in `range`.
    func bytes(of range: Range<Int>) -> UnsafeRawBufferPointer
    /// Starts the sum over the resident table.
    func start(
        _ scalars: borrowing SortedScalars, _ workspace: BucketWorkspace, on queue: isolated DeviceQueue
    ) throws(OpenCLError)
    /// Starts the sum over the scalars in `range`, whose points are in `piece`.
    func start(
        _ scalars: borrowing SortedScalars, _ range: Range<Int>, _ piece: PointStream.Slot,
        _ workspace: BucketWorkspace, on queue: isolated DeviceQueue
    ) throws(OpenCLError)
    /// Waits for all sums started.
    func finish(on queue: isolated DeviceQueue) throws(OpenCLError)
}

/// The sum of one table's points, each times one of the last of `terms` scalars.
final class TableSum<Group: CurveGroup>: TableSumming {
    private let table: PointTable<Group>
    private let resident: DevicePointTable<Group>?
    private let kernels: PointKernels<Group>
    /// Scalars before the first that has a point.
    private let offset: Int
    private var running: [WindowSums<Group>] = []
    /// For each piece, what `ComputeGroup.cpuCombine` takes; complete after `finish`.
    private(set) var sums: [[XYZZ<Group>]] = []

    init(
        _ table: PointTable<Group>, terms: Int, resident: DevicePointTable<Group>?,
        kernels: PointKernels<Group>
    ) {
        precondition(table.count <= terms)
        self.table = table
        self.resident = resident
        self.kernels = kernels
        offset = terms - table.count
    }

    var isResident: Bool { resident != nil }

    private func points(of range: Range<Int>) -> Range<Int> {
        max(range.lowerBound - offset, 0)..<max(range.upperBound - offset, 0)
    }

    func bytes(of range: Range<Int>) -> UnsafeRawBufferPointer {
        let range = points(of: range)
        let stride = PointTable<Group>.stride
        return UnsafeRawBufferPointer(
            rebasing: table.bytes[range.lowerBound * stride..<range.upperBound * stride])
    }

    func start(
        _ scalars: borrowing SortedScalars, _ workspace: BucketWorkspace, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        guard let resident, resident.count > 0, scalars.count > 0 else { return }
        precondition(resident.serves(scalars.plan))
        running.append(
            try WindowSums(resident.points, first: offset, scalars, workspace, kernels, on: queue))
    }

    func start(
        _ scalars: borrowing SortedScalars, _ range: Range<Int>, _ piece: PointStream.Slot,
        _ workspace: BucketWorkspace, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        let count = points(of: range).count
        guard count > 0 else { return }
        try piece.await(on: queue)
        running.append(
            try WindowSums(piece.points, first: range.count - count, scalars, workspace, kernels, on: queue))
        try piece.release(on: queue)
    }

    func finish(on queue: isolated DeviceQueue) throws(OpenCLError) {
        for part in running { sums.append(try part.read(on: queue)) }
        running = []
    }
}
