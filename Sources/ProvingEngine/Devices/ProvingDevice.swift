// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import Groth16
import OpenCLCompute
import OpenCLGroth16
import Synchronization

/// What a device has done so far.
package struct DeviceStatistics: Sendable, Equatable, Codable {
    /// Valid proofs that it made.
    package var proofs = 0
    /// Proofs that did not verify although the CPU's did.
    package var invalidProofs = 0
    /// Computations that ended with an error.
    package var failures = 0
    /// Why it gets no more work, if so.
    package var quarantine: String?
}

/// A device, or several that share each proof, in the service of an engine. Nothing is built before the first
/// proof.
final class ProvingDevice: Sendable {
    let queues: [DeviceQueue]
    private let backends: [CurveID: any DeviceBackend]
    private let state = Mutex(DeviceStatistics())

    init(_ queues: [DeviceQueue]) {
        self.queues = queues
        func backend<Suite: ComputeSuite>(_: Suite.Type) -> any DeviceBackend { Backend<Suite>(queues) }
        backends = Dictionary(
            uniqueKeysWithValues: CurveID.allCases.map { ($0, withSuite($0) { backend($0) }) })
    }

    var name: String { queues.map { "opencl:\($0.device.index)" }.joined(separator: "+") }

    /// For people: with what the devices are called.
    var fullName: String {
        queues.map { "opencl:\($0.device.index) (\($0.device.name))" }.joined(separator: " + ")
    }

    var statistics: DeviceStatistics { state.withLock { $0 } }

    var isHealthy: Bool { statistics.quarantine == nil }

    /// Whether devices can compute on the curve: not where its fields have a width for which there are no
    /// kernels.
    static func takes<Suite: ComputeSuite>(_ suite: Suite.Type) -> Bool { OpenCLBackend<Suite>.takesCurve }

    func backend<Suite: ComputeSuite>(for suite: Suite.Type) -> any Groth16Backend<Suite> {
        parts(for: suite).backend
    }

    private func parts<Suite: ComputeSuite>(for suite: Suite.Type) -> Backend<Suite> {
        guard let backend = backends[Suite.id] as? Backend<Suite> else {
            preconditionFailure("there is one for each curve")
        }
        return backend
    }

    /// How each part computes a whole proof with these tables.
    func explanations<Suite: ComputeSuite>(of tables: Groth16Tables<Suite>) throws(ComputeError) -> [String] {
        try parts(for: Suite.self).explanations(of: tables)
    }

    func count(_ change: (inout DeviceStatistics) -> Void) { state.withLock { change(&$0) } }

    /// Runs all known-answer tests of all parts.
    ///
    /// - Throws: why one of them does not pass.
    func test() throws(ComputeError) {
        func takes<Suite: ComputeSuite>(_ suite: Suite.Type) -> Bool { Self.takes(suite) }
        for curve in CurveID.allCases where withSuite(curve, { takes($0) }) { try backends[curve]?.test() }
    }

    struct Backend<Suite: ComputeSuite>: DeviceBackend {
        private let parts: [OpenCLGroth16Backend<Suite>]
        let backend: any Groth16Backend<Suite>

        init(_ queues: [DeviceQueue]) {
            parts = queues.map { OpenCLGroth16Backend<Suite>($0) }
            backend = parts.count == 1 ? parts[0] : SplitBackend(parts)
        }

        func test() throws(ComputeError) {
            for part in parts { try part.test() }
        }

        func explanations(of tables: Groth16Tables<Suite>) throws(ComputeError) -> [String] {
            var texts: [String] = []
            for part in parts { texts.append(try part.explanation(of: tables)) }
            return texts
        }
    }
}

/// The devices as a backend of a curve that is known at run time only.
protocol DeviceBackend: Sendable {
    /// Runs all known-answer tests of all parts.
    ///
    /// - Throws: why one of them does not pass.
    func test() throws(ComputeError)
}
