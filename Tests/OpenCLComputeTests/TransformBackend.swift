// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import OpenCLCompute
import OpenCLGroth16

/// The device's transforms and quotients, with one variant of products; sums come from the CPU.
final class TransformBackend<Suite: ComputeSuite>: Groth16Backend {
    private typealias Fr = Suite.Fr

    private let queue: DeviceQueue
    private let variant: ProductVariant
    private let cpu = CPUBackend<Suite>(parallel: Parallel(threads: 1))

    init(_ queue: DeviceQueue, variant: ProductVariant) {
        self.queue = queue
        self.variant = variant
    }

    var name: String { "transforms \(variant.rawValue)" }

    func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == Suite.Fr {
        try cpu.msm(bases, scalars)
    }

    func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {
        nonisolated(unsafe) let values = values  // Unchecked: the caller waits.
        try onDevice { (queue) throws(OpenCLError) in
            try transform(of: values.count, on: queue).inverse(values, on: queue)
        }
    }

    func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) {
        nonisolated(unsafe) let values = values  // Unchecked: the caller waits.
        try onDevice { (queue) throws(OpenCLError) in
            try transform(of: values.count, on: queue).forward(values, at: points, on: queue)
        }
    }

    func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        try quotient(matrices, witness: witness, logDomainSize: logDomainSize, as: .values)
    }

    func quotientCoefficients(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        try quotient(matrices, witness: witness, logDomainSize: logDomainSize, as: .coefficients)
    }

    private func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int, as form: QuotientForm
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        nonisolated(unsafe) let witness = witness  // Unchecked: the caller waits.
        return try onDevice { (queue) throws(OpenCLError) in
            let quotient = try DeviceQuotient(
                matrices, logDomainSize: logDomainSize, variant: variant, on: queue)
            return try quotient.scalars(witness: witness, as: form, on: queue)
        }
    }

    private func transform(of size: Int, on queue: isolated DeviceQueue) throws(OpenCLError)
        -> DeviceTransform<Suite.Fr>
    {
        try DeviceTransform(logSize: size.trailingZeroBitCount, variant: variant, on: queue)
    }

    private func onDevice<R>(_ body: (isolated DeviceQueue) throws(OpenCLError) -> R) throws(ComputeError)
        -> R
    {
        do {
            return try queue.run(body)
        } catch {
            throw .device(reason: error.message, isOutOfMemory: error.kind == .outOfMemory)
        }
    }
}
