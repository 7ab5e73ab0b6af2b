// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import OpenCLCompute

extension StepRun {
    /// Transforms up to 2^24 and sums up to 2^22, bit for bit as on the CPU.
    func sizes() throws {
        let queue = try openQueue()
        // Programs are built before anything is timed.
        func test<Suite: ComputeSuite>(_: Suite.Type) throws { try OpenCLBackend<Suite>(queue).test() }
        for curve in curves { try withSuite(curve) { try test($0) } }
        // Both kinds and all curves at a size before the next larger one.
        let logs = isQuick ? [9] : device.isCPU ? [12, 15] : [14, 16, 18, 20, 22, 24]
        for log in logs {
            for curve in log <= 20 ? curves : [.bn254] {
                withSuite(curve) { transforms($0, log, queue) }
                withSuite(curve) { sums($0, log, queue) }
            }
        }
    }

    /// Each size takes some four times as long as the one before, which says whether there is time for it.
    private func hasTime(_ name: String, after smaller: String) -> Bool {
        let last = section.checks.last { $0.name.hasPrefix(smaller) }?.seconds ?? 0
        return hasTime(for: name, seconds: 5 * last)
    }

    private func transforms<Suite: ComputeSuite>(_ suite: Suite.Type, _ log: Int, _ queue: DeviceQueue) {
        let kind = "transforms \(Suite.id.rawValue)"
        guard hasTime("\(kind) 2^\(log)", after: kind) else { return }
        let backend = OpenCLBackend<Suite>(queue)
        let cpu = CPUBackend<Suite>(parallel: .allCores)
        check("\(kind) 2^\(log)") {
            let values = (0..<1 << log).map { _ in Suite.Fr.random(using: &generator) }
            var failures: [String] = []
            func compare(
                _ name: String, _ values: [Suite.Fr],
                _ body: (any ComputeBackend<Suite>, UnsafeMutableBufferPointer<Suite.Fr>) throws -> Void
            ) throws -> [Suite.Fr] {
                var (found, right) = (values, values)
                let (_, onDevice) = try timed {
                    try found.withUnsafeMutableBufferPointer { try body(backend, $0) }
                }
                let (_, onCPU) = try timed { try right.withUnsafeMutableBufferPointer { try body(cpu, $0) } }
                figure("\(kind) 2^\(log) \(name), device", onDevice, "s")
                figure("\(kind) 2^\(log) \(name), CPU", onCPU, "s")
                if found != right { failures.append("\(name) differs from the CPU's") }
                return right
            }
            let coefficients = try compare("inverse", values) { try $0.inverseNTT($1) }
            _ = try compare("forward", coefficients) { try $0.forwardNTT($1, at: .subgroup) }
            _ = try compare("odd coset", coefficients) { try $0.forwardNTT($1, at: .oddCoset) }
            return failures
        }
    }

    private func sums<Suite: ComputeSuite>(_ suite: Suite.Type, _ log: Int, _ queue: DeviceQueue) {
        guard log <= 22 else { return }
        let backend = OpenCLBackend<Suite>(queue)
        let cpu = CPUBackend<Suite>(parallel: .allCores)
        let scalars = SecretScalars<Suite.Fr>(
            (0..<1 << log).map { _ in Suite.Fr.random(using: &generator).canonical })
        func compare<Group: ComputeGroup>(_ name: String, _: Group.Type) where Group.Scalar == Suite.Fr {
            let kind = "sums \(Suite.id.rawValue) \(name)"
            guard hasTime("\(kind) 2^\(log)", after: kind) else { return }
            check("\(kind) 2^\(log)") {
                let bases = Group.cpuMultiplesOfGenerator(1 << log)
                func sum(_ backend: some ComputeBackend<Suite>) throws -> Affine<Group> {
                    try scalars.withElements { try backend.msm(bases, $0) }
                }
                let (found, cold) = try timed { try sum(backend) }
                let (again, warm) = try timed { try sum(backend) }
                let (right, onCPU) = try timed { try sum(cpu) }
                figure("\(kind) 2^\(log), device, first", cold, "s")
                figure("\(kind) 2^\(log), device, second", warm, "s")
                figure("\(kind) 2^\(log), CPU", onCPU, "s")
                return found == right && again == right ? [] : ["differs from the CPU's"]
            }
        }
        compare("G1", Suite.G1.self)
        guard log <= 20 else { return }
        compare("G2", Suite.G2.self)
    }
}
