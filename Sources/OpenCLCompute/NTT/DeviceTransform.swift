// SPDX-License-Identifier: Apache-2.0

package import Compute
package import FiniteFields

/// Transforms of 2^logSize elements on a device, by the plan that suits its local memory.
///
/// Vectors are in Montgomery form, as `ComputeBackend` has them: natural order on the roots of unity,
/// bit-reversed order for coefficients.
package struct DeviceTransform<F: PrimeField> {
    package let plan: TransformPlan
    let program: DeviceProgram
    private let domain: DeviceDomain<F>

    /// What a pass does: NTT_… in Kernels/opencl/ntt.cl.
    private struct Work: OptionSet {
        let rawValue: UInt32
        static var inverse: Work { Work(rawValue: 1) }
        static var forward: Work { Work(rawValue: 2) }
        static var scale: Work { Work(rawValue: 4) }
        static var oddCoset: Work { Work(rawValue: 8) }
    }

    /// Elements of one launch: so few that none keeps a display waiting.
    private static var logElementsOfLaunch: Int { 23 }

    /// Loads the program and the factors.
    ///
    /// - Precondition: 0 ≤ logSize < F.twoAdicity.
    package init(logSize: Int, variant: ProductVariant, on queue: isolated DeviceQueue) throws(OpenCLError) {
        precondition(logSize >= 0 && logSize < F.twoAdicity)
        plan = TransformPlan(logSize: logSize, logTile: TransformProgram.logTile(of: F.self, on: queue))
        program = try queue.program(
            TransformProgram.description(field: F.self, variant: variant, on: queue))
        domain = try .resident(logSize: logSize, program: program, on: queue)
    }

    /// Evaluations at ω^i → coefficients.
    package func inverse(_ values: borrowing DeviceBuffer, on queue: isolated DeviceQueue) throws(OpenCLError)
    {
        for pass in plan.passes.reversed() {
            let isLast = pass == plan.passes.first
            try run(pass, isLast ? [.inverse, .scale] : .inverse, values, on: queue)
        }
    }

    /// Coefficients → evaluations.
    package func forward(
        _ values: borrowing DeviceBuffer, at points: EvaluationDomain<F>.Points,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        for pass in plan.passes {
            let isFirst = pass == plan.passes.first
            try run(
                pass, isFirst && points == .oddCoset ? [.forward, .oddCoset] : .forward, values, on: queue)
        }
    }

    /// Evaluations at ω^i → n times those on the odd coset, of three vectors; the narrowest layers of both
    /// directions share a pass.
    package func moveToOddCoset(
        _ a: borrowing DeviceBuffer, _ b: borrowing DeviceBuffer, _ c: borrowing DeviceBuffer,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        for pass in plan.passes.dropFirst().reversed() { try run(pass, .inverse, a, b, c, on: queue) }
        if let narrow = plan.passes.first {
            try run(narrow, [.inverse, .oddCoset, .forward], a, b, c, on: queue)
        }
        for pass in plan.passes.dropFirst() { try run(pass, .forward, a, b, c, on: queue) }
    }

    private func run(
        _ pass: TransformPlan.Pass, _ work: Work, _ values: borrowing DeviceBuffer,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        try run(pass, work, vectors: 1, values, values, values, on: queue)
    }

    private func run(
        _ pass: TransformPlan.Pass, _ work: Work, _ a: borrowing DeviceBuffer, _ b: borrowing DeviceBuffer,
        _ c: borrowing DeviceBuffer, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        try run(pass, work, vectors: 3, a, b, c, on: queue)
    }

    /// One pass over the first `vectors` of a, b and c.
    private func run(
        _ pass: TransformPlan.Pass, _ work: Work, vectors: Int, _ a: borrowing DeviceBuffer,
        _ b: borrowing DeviceBuffer, _ c: borrowing DeviceBuffer, on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        let logTile = pass.logRows + pass.logColumns
        let logGroups = plan.logSize - logTile
        let scale = F(UInt64(1) << UInt64(plan.logSize)).inverse() ?? .one
        let groups = vectors << logGroups
        let part = 1 << max(0, Self.logElementsOfLaunch - logTile)
        for first in stride(from: 0, to: groups, by: part) {
            try queue.launch(program, "ntt_pass", groups: min(part, groups - first)) {
                $0.buffer(a)
                $0.buffer(b)
                $0.buffer(c)
                $0.buffer(domain.twiddles)
                for number in [pass.logRows, pass.logColumns, pass.logStride, logGroups, first] {
                    $0.value(UInt32(number))
                }
                $0.value(work.rawValue)
                $0.value(scale.montgomery)
            }
        }
        let layers = pass.logRows * (work.isSuperset(of: [.inverse, .forward]) ? 2 : 1)
        queue.count(products: Double(vectors * layers) * Double(1 << plan.logSize) / 2)
        try queue.pass(.wrongButterfly, a)
    }
}

// Vectors in the host's memory: upload, transform, download. The device's copy is overwritten afterwards, for
// it may be a witness's.
extension DeviceTransform {
    /// Evaluations at ω^i → coefficients, in place in the host's memory.
    ///
    /// - Precondition: there are 2^logSize values.
    package func inverse(_ values: UnsafeMutableBufferPointer<F>, on queue: isolated DeviceQueue)
        throws(OpenCLError)
    {
        let buffer = try uploaded(values, on: queue)
        try inverse(buffer, on: queue)
        try queue.read(buffer, into: UnsafeMutableRawBufferPointer(values))
    }

    /// Coefficients → evaluations, in place in the host's memory.
    ///
    /// - Precondition: there are 2^logSize values.
    package func forward(
        _ values: UnsafeMutableBufferPointer<F>, at points: EvaluationDomain<F>.Points,
        on queue: isolated DeviceQueue
    ) throws(OpenCLError) {
        let buffer = try uploaded(values, on: queue)
        try forward(buffer, at: points, on: queue)
        try queue.read(buffer, into: UnsafeMutableRawBufferPointer(values))
    }

    private func uploaded(
        _ values: UnsafeMutableBufferPointer<F>, on queue: isolated DeviceQueue
    ) throws(OpenCLError) -> DeviceBuffer {
        precondition(values.count == 1 << plan.logSize)
        let bytes = UnsafeRawBufferPointer(values)
        let buffer = try queue.allocate(bytes.count, "a vector to transform", isSecret: true)
        try queue.write(bytes, to: buffer)
        return buffer
    }
}
