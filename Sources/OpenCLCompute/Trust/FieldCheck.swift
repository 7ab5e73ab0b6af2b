// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
package import FiniteFields

/// Shows on a device that field arithmetic is right, and measures it: known answers computed on the CPU.
package struct FieldCheck<F: PrimeField> {
    package let variant: ProductVariant

    package init(variant: ProductVariant) { self.variant = variant }

    /// Pairs of elements: every edge beside every other, then random ones.
    private static var inputs: [(F, F)] {
        let edges = [F.zero, .one, -.one, -(F.one + .one), F(montgomery: oneLimb), F.twoAdicRoot]
        var generator = SystemRandomNumberGenerator()
        return edges.flatMap { a in edges.map { (a, $0) } }
            + (0..<92).map { _ in (.random(using: &generator), .random(using: &generator)) }
    }

    private static var oneLimb: F.Limbs {
        var limbs = F.Limbs.zero
        limbs[0] = 1
        return limbs
    }

    func description(_ tuning: DeviceTuning) -> ProgramDescription {
        ProgramDescription(
            name: "check \(F.name) \(variant.rawValue)", files: ["field.cl", "check.cl"], field: F.self,
            variant: variant, definitions: tuning.definitions(variant), workGroup: 64)
    }

    /// - Throws: `.wrongResult` where the device computes something else than the CPU.
    package func run(on queue: isolated DeviceQueue) throws(OpenCLError) {
        let program = try queue.program(description(queue.tuning))
        let pairs = Self.inputs
        let size = MemoryLayout<F>.stride
        let a = try upload(pairs.map(\.0), to: queue)
        let b = try upload(pairs.map(\.1), to: queue)
        let results = try queue.allocate(6 * pairs.count * size, "known answers")
        try queue.launch(
            program, "field_check", groups: (pairs.count + program.workGroup - 1) / program.workGroup
        ) {
            $0.buffer(a)
            $0.buffer(b)
            $0.buffer(results)
            $0.value(UInt32(pairs.count))
        }
        var found = [F](repeating: .zero, count: 6 * pairs.count)
        try found.withUnsafeMutableBufferPointer { elements throws(OpenCLError) in
            try queue.read(results, into: UnsafeMutableRawBufferPointer(elements))
        }
        for (i, (x, y)) in pairs.enumerated() {
            let expected = [x * y, x * x, x + y, x - y, -x, F(montgomery: x.canonical)]
            let names = ["product", "square", "sum", "difference", "negative", "integer"]
            for (k, name) in names.enumerated() where found[6 * i + k] != expected[k] {
                throw OpenCLError(
                    kind: .wrongResult, operation: "known-answer test of \(F.name) (\(variant.rawValue))",
                    device: queue.device.name, detail: "wrong \(name), pair \(i)")
            }
        }
    }

    /// Products a second of all the device's units, in chains that depend on each other; takes some tenths of
    /// a second.
    package func productsPerSecond(on queue: isolated DeviceQueue) throws -> Double {
        let program = try queue.program(description(queue.tuning))
        let items = max(1024, queue.device.computeUnits * (queue.device.isCPU ? 64 : 2048))
        let values = try upload([F](repeating: -.one, count: items), to: queue)
        let factor = try upload([F.twoAdicRoot], to: queue)
        var length: UInt32 = 16
        while true {
            let (_, metrics) = try queue.measuring { queue in
                try queue.launch(program, "product_chain", groups: items / program.workGroup) {
                    $0.buffer(values)
                    $0.buffer(factor)
                    $0.value(length)
                }
            }
            let seconds = metrics.totalKernelSeconds
            if seconds >= 0.1 || length >= 1 << 20 {
                return Double(items) * Double(length) / max(seconds, 1e-9)
            }
            length *= 4
        }
    }

    private func upload(_ elements: [F], to queue: isolated DeviceQueue) throws(OpenCLError) -> DeviceBuffer {
        let buffer = try queue.allocate(elements.count * MemoryLayout<F>.stride, "field elements")
        try elements.withUnsafeBufferPointer { elements throws(OpenCLError) in
            try queue.write(UnsafeRawBufferPointer(elements), to: buffer)
        }
        return buffer
    }
}
