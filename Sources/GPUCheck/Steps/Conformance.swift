// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import OpenCLCompute
import OpenCLGroth16
import ProofFixtures

extension StepRun {
    /// The suite that every backend must pass, on the device.
    func conformance() throws {
        let queue = try openQueue()
        for curve in curves { withSuite(curve) { conformance($0, queue) } }
    }

    private func conformance<Suite: ComputeSuite>(_ suite: Suite.Type, _ queue: DeviceQueue) {
        let curve = Suite.id.rawValue
        let backend = OpenCLGroth16Backend<Suite>(queue)
        var suite = BackendConformance(backend, seed: generator.next())
        let large = isQuick ? 40 : device.isCPU ? 3000 : 1 << 16
        func check(_ name: String, _ body: () -> [String]) {
            if hasTime(for: "\(name), \(curve)") { self.check("\(name), \(curve)", body) }
        }
        check("refusals") { suite.refusalFailures() }
        check("quotients") { suite.quotientFailures() }
        check("transforms") { suite.nttFailures(large: isQuick ? 6 : device.isCPU ? 12 : 18) }
        check("sums that share scalars") { suite.sharedSumFailures(large: large) }
        // Some thirty sums, each of several hundred points.
        check("sums") { suite.msmFailures(large: large) }
    }
}
