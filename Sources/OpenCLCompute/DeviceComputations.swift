// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import EllipticCurves
package import FiniteFields

/// The computations of a curve on one device with one way to compute products, tested or not.
///
/// Operands that cannot be sent are lent: they are used on the queue's thread while the caller waits.
package struct DeviceComputations<Suite: ComputeSuite>: ComputeBackend {
    package let queue: DeviceQueue
    package let variant: ProductVariant

    package var name: String { "opencl:\(queue.device.index)-\(variant.rawValue)" }

    package func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == Suite.Fr {
        try require("\(Group.name) MSM", bases.count, equals: scalars.count)
        nonisolated(unsafe) let scalars = scalars  // Unchecked: the caller waits.
        return try summing { sums, queue throws(OpenCLError) in
            try sums.sum(bases, .host(scalars), residency, on: queue)
        }
    }

    package func msm(
        _ tables: PointTables<Suite>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> PointSums<Suite> {
        try tables.check(scalars.count)
        nonisolated(unsafe) let scalars = scalars  // Unchecked: the caller waits.
        return try summing { sums, queue throws(OpenCLError) in
            try sums.sums(tables, .host(scalars), residency, on: queue)
        }
    }

    package func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {
        let log = try logSize("inverse NTT", values.count)
        nonisolated(unsafe) let values = values  // Unchecked: the caller waits.
        try queue.commanding { queue throws(OpenCLError) in
            try DeviceTransform<Suite.Fr>(logSize: log, variant: variant, on: queue)
                .inverse(values, on: queue)
        }
    }

    package func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) {
        let log = try logSize("forward NTT", values.count)
        nonisolated(unsafe) let values = values  // Unchecked: the caller waits.
        try queue.commanding { queue throws(OpenCLError) in
            try DeviceTransform<Suite.Fr>(logSize: log, variant: variant, on: queue)
                .forward(values, at: points, on: queue)
        }
    }

    /// Whether tables stay on the device, and with multiples.
    package var residency: DeviceSums<Suite>.Residency {
        queue.options.keepsMultiples ? .keepMultiples : .keep
    }

    // MARK: checks

    private func require(_ operation: String, _ left: Int, equals right: Int) throws(ComputeError) {
        guard left == right else { throw .lengthMismatch(operation: operation, left: left, right: right) }
        guard left < 1 << 31 else { throw .unsupportedSize(operation: operation, size: left) }
    }

    private func logSize(_ operation: String, _ size: Int) throws(ComputeError) -> Int {
        guard size > 0, size & (size - 1) == 0, size.trailingZeroBitCount < Suite.Fr.twoAdicity else {
            throw .unsupportedSize(operation: operation, size: size)
        }
        return size.trailingZeroBitCount
    }

    /// Runs `body` with the device's sums on the queue's thread while the caller waits.
    package func summing<R>(
        _ body: (DeviceSums<Suite>, isolated DeviceQueue) throws(OpenCLError) -> R
    ) throws(ComputeError) -> R {
        nonisolated(unsafe) let body = body  // Unchecked: the caller waits.
        return try queue.commanding { queue throws(OpenCLError) in
            try body(DeviceSums<Suite>(variant: variant, on: queue), queue)
        }
    }
}

extension DeviceQueue {
    /// As `run`, with what the device says turned into what a backend says.
    nonisolated package func commanding<R>(
        _ body: (isolated DeviceQueue) throws(OpenCLError) -> R
    ) throws(ComputeError) -> R {
        do throws(OpenCLError) {
            return try run(body)
        } catch {
            throw ComputeError(error)
        }
    }
}

extension ComputeError {
    package init(_ error: OpenCLError) {
        self = .device(reason: error.message, isOutOfMemory: error.kind == .outOfMemory)
    }
}
