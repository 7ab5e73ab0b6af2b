// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import EllipticCurves
package import FiniteFields
import Synchronization

/// Computes on an OpenCL device.
///
/// On first use of a curve its programs are loaded and must pass known-answer tests; of the ways to compute
/// products the first that passes is used. Calls block and queue up behind each other. What goes wrong on the
/// device is `ComputeError.device`; a curve over a field for which there are no kernels is refused, for the
/// CPU to take it. What a proof system does on a device by kernels of its own is a backend
/// above this one, which hands its known answers down.
package final class OpenCLBackend<Suite: ComputeSuite>: ComputeBackend {
    package let queue: DeviceQueue
    private let chosen = Mutex<ProductVariant?>(nil)
    private let further: @Sendable (DeviceComputations<Suite>) throws(ComputeError) -> String?

    /// - Parameter further: known-answer tests beside those of sums and transforms; they say what is wrong.
    package init(
        _ queue: DeviceQueue,
        further: @escaping @Sendable (DeviceComputations<Suite>) throws(ComputeError) -> String? = {
            _ throws(ComputeError) in nil
        }
    ) {
        self.queue = queue
        self.further = further
    }

    /// Whether there are kernels for the curve's fields.
    package static var takesCurve: Bool { Suite.Fp.hasDeviceKernels && Suite.Fr.hasDeviceKernels }

    package var name: String { "opencl:\(queue.device.index)" }

    /// Loads the programs of the curve and runs their known-answer tests, whether they passed before or not.
    ///
    /// - Throws: why the device may not serve.
    package func test() throws(ComputeError) {
        chosen.withLock { $0 = nil }
        _ = try variant()
    }

    /// How products are computed: the first of the device's candidates that passes all known-answer tests.
    ///
    /// - Throws: why the last candidate did not; `.unsupportedField` where no kernel takes the curve's
    ///   fields.
    package func variant() throws(ComputeError) -> ProductVariant {
        try require(Suite.Fp.self)
        try require(Suite.Fr.self)
        if let known = chosen.withLock({ $0 }) { return known }
        return try queue.run { queue throws(ComputeError) in
            // Another thread may have been here first.
            if let known = chosen.withLock({ $0 }) { return known }
            var failure = ComputeError.device(reason: "no way to compute products", isOutOfMemory: false)
            for candidate in ProductVariant.candidates(for: queue.device) {
                do throws(ComputeError) {
                    try check(candidate, on: queue)
                    chosen.withLock { $0 = candidate }
                    return candidate
                } catch {
                    failure = error
                }
            }
            throw failure
        }
    }

    private func require<F: PrimeField>(_ field: F.Type) throws(ComputeError) {
        guard F.hasDeviceKernels else {
            throw .unsupportedField(backend: name, field: F.name, bits: F.bitWidth)
        }
    }

    private func check(_ variant: ProductVariant, on queue: isolated DeviceQueue) throws(ComputeError) {
        do throws(OpenCLError) {
            try FieldCheck<Suite.Fp>(variant: variant).run(on: queue)
            try FieldCheck<Suite.Fr>(variant: variant).run(on: queue)
        } catch {
            throw ComputeError(error)
        }
        let computations = DeviceComputations<Suite>(queue: queue, variant: variant)
        let wrong: String?
        if let failure = try KnownAnswers<Suite>().failure(of: computations) {
            wrong = failure
        } else {
            wrong = try further(computations)
        }
        if let wrong {
            let error = OpenCLError(
                kind: .wrongResult,
                operation: "known-answer test of \(Suite.id.rawValue) (\(variant.rawValue))",
                device: queue.device.name, detail: wrong)
            throw ComputeError(error)
        }
    }

    /// What computes on the device, by the tested way to compute products.
    package func computations() throws(ComputeError) -> DeviceComputations<Suite> {
        DeviceComputations(queue: queue, variant: try variant())
    }

    /// Products in the base field a second, in chains of products and nothing else.
    package func productsPerSecond() throws -> Double {
        let variant = try variant()
        return try queue.run { queue in
            try FieldCheck<Suite.Fp>(variant: variant).productsPerSecond(on: queue)
        }
    }

    package func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == Suite.Fr {
        try computations().msm(bases, scalars)
    }

    package func msm(
        _ tables: PointTables<Suite>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> PointSums<Suite> { try computations().msm(tables, scalars) }

    package func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {
        try computations().inverseNTT(values)
    }

    package func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) { try computations().forwardNTT(values, at: points) }
}
