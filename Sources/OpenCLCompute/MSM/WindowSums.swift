// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves

/// What a device makes of one table and sorted scalars: a point for each group of windows, still under way
/// until read.
final class WindowSums<Group: CurveGroup> {
    private let sums: DeviceBuffer
    private let plan: MSMPlan

    /// Starts a sum over the scalars from the `first` on; `points` hold a point for each of them, at each of
    /// the plan's levels.
    init(
        _ points: borrowing DeviceBuffer, first: Int, _ scalars: borrowing SortedScalars,
        _ workspace: BucketWorkspace, _ kernels: PointKernels<Group>, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        plan = scalars.plan
        sums = try queue.allocate(
            plan.groups * PointKernels<Group>.sumBytes, "sums of \(Group.name) points", isSecret: true)
        let program = kernels.program
        try queue.fill(workspace.buckets, count: plan.buckets * PointKernels<Group>.sumBytes)
        try Self.accumulate(points, first, scalars, workspace, program, on: queue)
        try Self.fold(scalars.plan, workspace, program, on: queue)
        // The first bucket's ZZ, behind x and y: where the bucket is empty it becomes a point that is on no
        // curve.
        try queue.pass(.wrongBucket, workspace.buckets, at: PointKernels<Group>.affineBytes)
        try Self.reduce(scalars.plan, workspace, into: sums, program, on: queue)
    }

    /// Waits for the sums: the multiples of 2^(windowBits·g) in the place of each group g of windows.
    func read(on queue: isolated DeviceQueue) throws(OpenCLError) -> [XYZZ<Group>] {
        var result = [XYZZ<Group>](repeating: .identity, count: plan.groups)
        try result.withUnsafeMutableBufferPointer { result throws(OpenCLError) in
            try queue.read(sums, into: UnsafeMutableRawBufferPointer(result))
        }
        return result
    }

    private static func accumulate(
        _ points: borrowing DeviceBuffer, _ first: Int, _ scalars: borrowing SortedScalars,
        _ workspace: BucketWorkspace, _ program: DeviceProgram, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        let plan = scalars.plan
        let step = plan.segments / plan.launches
        for begin in stride(from: 0, to: plan.segments, by: step) {
            try queue.launch(program, "msm_accumulate", groups: program.groups(for: step)) {
                $0.buffer(points)
                $0.value(UInt32(first))
                $0.buffer(scalars.entries)
                $0.buffer(scalars.ends)
                $0.value(UInt32(plan.buckets))
                $0.value(UInt32(begin))
                $0.value(UInt32(begin + step))
                $0.value(UInt32(plan.segments))
                $0.value(UInt32(MSMPlan.leastSegment))
                $0.buffer(workspace.buckets)
                $0.buffer(workspace.partials)
                $0.buffer(workspace.keys)
            }
        }
    }

    private static func fold(
        _ plan: MSMPlan, _ workspace: BucketWorkspace, _ program: DeviceProgram,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        var count = plan.segments
        var isOdd = false
        while true {
            let next = (count + MSMPlan.foldLength - 1) / MSMPlan.foldLength
            try queue.launch(program, "msm_fold", groups: program.groups(for: next)) {
                if isOdd {
                    $0.buffer(workspace.nextPartials)
                    $0.buffer(workspace.nextKeys)
                } else {
                    $0.buffer(workspace.partials)
                    $0.buffer(workspace.keys)
                }
                $0.value(UInt32(count))
                $0.value(UInt32(MSMPlan.foldLength))
                $0.buffer(workspace.buckets)
                if isOdd {
                    $0.buffer(workspace.partials)
                    $0.buffer(workspace.keys)
                } else {
                    $0.buffer(workspace.nextPartials)
                    $0.buffer(workspace.nextKeys)
                }
            }
            // A single work-item continues no other's sum.
            guard next > 1 else { return }
            count = next
            isOdd.toggle()
        }
    }

    private static func reduce(
        _ plan: MSMPlan, _ workspace: BucketWorkspace, into sums: borrowing DeviceBuffer,
        _ program: DeviceProgram, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        var count = plan.bucketsPerGroup / plan.reduction
        let chunks = count * plan.groups
        try queue.launch(program, "msm_reduce", groups: program.groups(for: chunks)) {
            $0.buffer(workspace.buckets)
            $0.value(UInt32(plan.reduction))
            $0.value(UInt32(count))
            $0.value(UInt32(chunks))
            if count == 1 { $0.buffer(sums) } else { $0.buffer(workspace.reduced) }
        }
        var isOdd = false
        while count > 1 {
            let next = (count + MSMPlan.sumLength - 1) / MSMPlan.sumLength
            try queue.launch(program, "msm_sum", groups: program.groups(for: plan.groups * next)) {
                if isOdd { $0.buffer(workspace.nextReduced) } else { $0.buffer(workspace.reduced) }
                $0.value(UInt32(plan.groups))
                $0.value(UInt32(count))
                $0.value(UInt32(MSMPlan.sumLength))
                if next == 1 {
                    $0.buffer(sums)
                } else if isOdd {
                    $0.buffer(workspace.reduced)
                } else {
                    $0.buffer(workspace.nextReduced)
                }
            }
            count = next
            isOdd.toggle()
        }
    }
}
