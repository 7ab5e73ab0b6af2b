// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
package import FiniteFields

/// Where the scalars of a sum are; the sum's caller keeps them as they are until it is done.
///
/// Unchecked: who makes one waits until the sum is done, and leaves the scalars as they are.
package enum ScalarSource<Scalar: PrimeField>: @unchecked Sendable {
    /// In the host's memory, canonical.
    case host(UnsafeBufferPointer<Scalar.Limbs>)
    /// On the device: `count` canonical ones, `Scalar.Limbs` each.
    case device(ScalarBuffer)

    package var count: Int {
        switch self {
        case .host(let scalars): scalars.count
        case .device(let scalars): scalars.count
        }
    }
}

/// Scalars on a device.
package final class ScalarBuffer {
    package let buffer: DeviceBuffer
    package let count: Int

    package init(_ buffer: consuming DeviceBuffer, count: Int) {
        self.buffer = buffer
        self.count = count
    }
}

/// Runs the sums of several tables over the same scalars, which are sorted once for all.
struct SumRunner<Suite: CurveSuite> {
    private let plan: MSMPlan
    private let program: DeviceProgram

    init(
        _ plan: MSMPlan, _ programs: SumPrograms<Suite>, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        self.plan = plan
        program = try queue.program(programs.scalars)
    }

    /// Computes the sums; their results are then in them.
    ///
    /// Nothing is read back before all is started. Tables that are not resident are carried through the
    /// device in pieces.
    func run(
        _ sums: [any TableSumming], over scalars: ScalarSource<Suite.Fr>, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        precondition(scalars.count <= plan.totalTerms)
        let workspace = try BucketWorkspace(plan, on: queue)
        let streamed = sums.filter { !$0.isResident }
        let stream =
            streamed.isEmpty
            ? nil
            : try PointStream(byteCount: plan.terms * (plan.pointBytes.max() ?? 0), on: queue)
        for first in stride(from: 0, to: scalars.count, by: plan.terms) {
            let range = first..<min(first + plan.terms, scalars.count)
            var pieces: [(sum: any TableSumming, slot: PointStream.Slot)] = []
            // The first piece travels while the digits are sorted, each other one while the one before is
            // summed.
            func upload(_ index: Int, _ queue: isolated DeviceQueue) throws(OpenCLError) {
                guard let stream, index < streamed.count else { return }
                let slot = try stream.upload(streamed[index].bytes(of: range), on: queue)
                pieces.append((streamed[index], slot))
            }
            try upload(0, queue)
            let sorted = try sort(scalars, range, on: queue)
            for sum in sums where sum.isResident { try sum.start(sorted, workspace, on: queue) }
            for index in streamed.indices {
                try upload(index + 1, queue)
                try pieces[index].sum.start(sorted, range, pieces[index].slot, workspace, on: queue)
            }
        }
        for sum in sums { try sum.finish(on: queue) }
    }

    private func sort(
        _ scalars: ScalarSource<Suite.Fr>, _ range: Range<Int>, on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> SortedScalars {
        switch scalars {
        case .host(let scalars):
            try SortedScalars.sort(
                UnsafeBufferPointer(rebasing: scalars[range]), plan: plan, program: program, on: queue)
        case .device(let scalars):
            try SortedScalars.sort(
                scalars.buffer, first: range.lowerBound, count: range.count, plan: plan, program: program,
                on: queue)
        }
    }
}
