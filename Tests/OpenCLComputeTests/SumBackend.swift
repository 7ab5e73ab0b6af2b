// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import OpenCLCompute

/// A backend that does sums on a device and the rest on the CPU, for the conformance checks of sums.
struct SumBackend<Suite: ComputeSuite>: ComputeBackend {
    let queue: DeviceQueue
    var variant = ProductVariant.limbs64
    var residency = DeviceSums<Suite>.Residency.keep
    /// Bytes for a sum; `nil` for the queue's budget.
    var memory: Int?
    private let cpu = CPUBackend<Suite>(parallel: Parallel(threads: 1))

    init(
        _ queue: DeviceQueue, variant: ProductVariant = .limbs64,
        residency: DeviceSums<Suite>.Residency = .keep, memory: Int? = nil
    ) {
        self.queue = queue
        self.variant = variant
        self.residency = residency
        self.memory = memory
    }

    var name: String { "sums" }

    private func run<R>(
        _ body: (DeviceSums<Suite>, isolated DeviceQueue) throws(OpenCLError) -> R
    ) throws(ComputeError) -> R {
        // Unchecked: the caller waits for the queue meanwhile.
        nonisolated(unsafe) let body = body
        do throws(OpenCLError) {
            return try queue.run { queue throws(OpenCLError) in
                try body(DeviceSums<Suite>(variant: variant, on: queue), queue)
            }
        } catch {
            throw .device(reason: error.message, isOutOfMemory: error.kind == .outOfMemory)
        }
    }

    func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == Suite.Fr {
        let scalars = ScalarSource<Suite.Fr>.host(scalars)
        return try run { sums, queue throws(OpenCLError) in
            try sums.sum(bases, scalars, residency, memory: memory, on: queue)
        }
    }

    func msm(
        _ tables: PointTables<Suite>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> PointSums<Suite> {
        try tables.check(scalars.count)
        let scalars = ScalarSource<Suite.Fr>.host(scalars)
        return try run { sums, queue throws(OpenCLError) in
            try sums.sums(tables, scalars, residency, memory: memory, on: queue)
        }
    }

    func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {
        try cpu.inverseNTT(values)
    }

    func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) {
        try cpu.forwardNTT(values, at: points)
    }
}
