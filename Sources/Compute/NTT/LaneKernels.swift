// SPDX-License-Identifier: Apache-2.0

package import CFieldKernels
package import FiniteFields

/// The transform kernels in lanes of a CPU path, for one scalar field.
package struct LaneKernels<F: PrimeField> {
    package let kernels: UnsafePointer<martlet_ntt4>
    package let field: UnsafePointer<martlet_field4>

    /// Nil where the path has none, or none for the field.
    package init?(path: CPUPath) {
        self.init(path: path.number)
    }

    /// Those of the path in use.
    package static var current: LaneKernels? { LaneKernels(path: martlet_cpu_current()) }

    private init?(path: Int32) {
        // The kernels' bounds hold for four limbs with a bit to spare and no more than four; a field whose
        // domains are smaller than a vector has nothing to transform.
        guard let kernels = martlet_ntt4_kernels(path), F.Limbs.self == Limbs4.self,
            (252...255).contains(F.bitWidth), F.twoAdicity >= 4
        else { return nil }
        field = F.kernelConstants.assumingMemoryBound(to: martlet_field4.self)
        self.kernels = kernels
    }

    /// A vector has 2^laneLog elements.
    package var laneLog: Int { Int(kernels.pointee.lane_log) }

    /// The Montgomery form with 2^260, whose products in lanes with elements are elements.
    package func form(_ value: F) -> F { value.doubled().doubled().doubled().doubled() }

    /// Elementwise products with one factor; source and target may be the same memory.
    package func multiply(
        _ source: UnsafeBufferPointer<F>, by factor: F, into target: UnsafeMutableBufferPointer<F>
    ) {
        precondition(source.count == target.count)
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        withUnsafePointer(to: form(factor)) {
            kernels.pointee.multiply(limbs(to), limbs(from), limbs($0), 0, source.count, field)
        }
    }

    /// Elementwise products, 16 times too small: Montgomery's with 2^260 of elements in the form with 2^256.
    package func multiplySmall(
        _ a: UnsafeBufferPointer<F>, _ b: UnsafeBufferPointer<F>, into target: UnsafeMutableBufferPointer<F>
    ) {
        precondition(a.count == target.count && b.count == target.count)
        guard let left = a.baseAddress, let right = b.baseAddress, let to = target.baseAddress else { return }
        kernels.pointee.multiply(limbs(to), limbs(left), limbs(right), 1, target.count, field)
    }

    package func limbs(_ elements: UnsafePointer<F>) -> UnsafePointer<martlet_limbs4> {
        UnsafeRawPointer(elements).assumingMemoryBound(to: martlet_limbs4.self)
    }

    package func limbs(_ elements: UnsafeMutablePointer<F>) -> UnsafeMutablePointer<martlet_limbs4> {
        UnsafeMutableRawPointer(elements).assumingMemoryBound(to: martlet_limbs4.self)
    }
}
