// SPDX-License-Identifier: Apache-2.0

package import Compute
package import FiniteFields
package import Groth16
package import OpenCLCompute

/// The scalars of a Groth16 key's H points, computed on a device; see `Groth16Backend.quotient` and
/// `quotientCoefficients`.
package struct DeviceQuotient<F: PrimeField> {
    private let program: DeviceProgram
    private let transform: DeviceTransform<F>
    private let matrices: DeviceMatrices<F>

    /// Loads the programs and, unless they are there, the factors and the matrices.
    ///
    /// - Precondition: the matrices have at most 2^logDomainSize rows, and logDomainSize < F.twoAdicity.
    package init(
        _ matrices: CoefficientMatrices<F>, logDomainSize: Int, variant: ProductVariant,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        program = try queue.program(
            QuotientProgram.description(field: F.self, variant: variant, on: queue))
        transform = try DeviceTransform(logSize: logDomainSize, variant: variant, on: queue)
        self.matrices = try .resident(matrices, logDomainSize: logDomainSize, program: program, on: queue)
    }

    package var plan: TransformPlan { transform.plan }

    /// Leaves the 2^logDomainSize scalars on the device, canonical integers, secret.
    ///
    /// `witness` has one canonical value a column.
    package func scalars(
        _ witness: borrowing DeviceBuffer, as form: QuotientForm = .values, on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> DeviceBuffer {
        let size = 1 << plan.logSize
        let bytes = size * MemoryLayout<F>.stride
        let a = try queue.allocate(bytes, "A·w", isSecret: true)
        let b = try queue.allocate(bytes, "B·w", isSecret: true)
        let c = try queue.allocate(bytes, "C·w", isSecret: true)
        try matrices.products(witness, a, b, program: program, on: queue)
        try queue.launchParts(program, "multiply_values", items: size) { arguments, first, count in
            arguments.buffer(a)
            arguments.buffer(b)
            arguments.buffer(c)
            arguments.value(UInt32(first))
            arguments.value(UInt32(count))
        }
        try transform.moveToOddCoset(a, b, c, on: queue)
        // The vectors are n/n·A, n/(n·R)·B and n/(n²·R)·A·B. So a·b − c·n is (A·B − C)/R: in Montgomery form,
        // the integer.
        let factor = F(UInt64(size)).montgomery
        try queue.launchParts(program, "combine_values", items: size) { arguments, first, count in
            arguments.buffer(a)
            arguments.buffer(b)
            arguments.buffer(c)
            arguments.value(UInt32(first))
            arguments.value(UInt32(count))
            arguments.value(factor)
        }
        if form == .coefficients { try divide(a, on: queue) }
        return a
    }

    /// From A·B − C on the odd coset to the coefficients of its quotient, canonical integers both.
    private func divide(_ values: borrowing DeviceBuffer, on queue: isolated DeviceQueue) throws(OpenCLError)
    {
        try transform.inverse(values, on: queue)
        let factors = QuotientFactors<F>(logDomainSize: plan.logSize)
        let roots = factors.ofBits.map(\.montgomery) + [F.one.montgomery]
        let buffer = try queue.allocate(MemoryLayout<F>.stride * roots.count, "roots of a quotient")
        try roots.withUnsafeBufferPointer { roots throws(OpenCLError) in
            try queue.write(UnsafeRawBufferPointer(roots), to: buffer)
        }
        try queue.launchParts(program, "scale_by_bits", items: 1 << plan.logSize) { arguments, first, count in
            arguments.buffer(values)
            arguments.buffer(buffer)
            arguments.value(UInt32(first))
            arguments.value(UInt32(count))
            arguments.value(factors.common.montgomery)
        }
    }

    /// The scalars, for a witness in the host's memory.
    ///
    /// - Precondition: the witness has one canonical value a column.
    package func scalars(
        witness: UnsafeBufferPointer<F.Limbs>, as form: QuotientForm = .values,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> SecretScalars<F> {
        precondition(witness.count == matrices.columnCount)
        let bytes = UnsafeRawBufferPointer(witness)
        let uploaded = try queue.allocate(bytes.count, "a witness", isSecret: true)
        try queue.write(bytes, to: uploaded)
        let scalars = try scalars(uploaded, as: form, on: queue)
        let result = SecretScalars<F>(count: 1 << plan.logSize)
        try result.withUnsafeMutableElements { elements throws(OpenCLError) in
            try queue.read(scalars, into: UnsafeMutableRawBufferPointer(elements))
        }
        return result
    }
}
