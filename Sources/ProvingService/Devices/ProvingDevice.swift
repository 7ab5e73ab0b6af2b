// SPDX-License-Identifier: Apache-2.0

import Compute
public import Curves
import Groth16
import OpenCLCompute
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
    private let bn254: Backend<BN254>
    private let bls12381: Backend<BLS12381>
    private let state = Mutex(DeviceStatistics())

    init(_ queues: [DeviceQueue]) {
        self.queues = queues
        bn254 = Backend(queues)
        bls12381 = Backend(queues)
    }

    var name: String { queues.map { "opencl:\($0.device.index)" }.joined(separator: "+") }

    /// For people: with what the devices are called.
    var fullName: String {
        queues.map { "opencl:\($0.device.index) (\($0.device.name))" }.joined(separator: " + ")
    }

    var statistics: DeviceStatistics { state.withLock { $0 } }

    var isHealthy: Bool { statistics.quarantine == nil }

    func backend<Suite: ProvingSuite>(for suite: Suite.Type) -> any ComputeBackend<Suite> {
        Suite.select(bn254, bls12381).backend
    }

    /// How each part computes a whole proof of this key.
    func explanations<Suite: ProvingSuite>(of key: ProvingKey<Suite>) throws(ComputeError) -> [String] {
        try Suite.select(bn254, bls12381).explanations(of: key.tables)
    }

    func count(_ change: (inout DeviceStatistics) -> Void) { state.withLock { change(&$0) } }

    /// Runs all known-answer tests of all parts.
    ///
    /// - Throws: why one of them does not pass.
    func test() throws(ComputeError) {
        try bn254.test()
        try bls12381.test()
    }

    struct Backend<Suite: CPUKernels>: Sendable {
        private let parts: [OpenCLBackend<Suite>]
        let backend: any ComputeBackend<Suite>

        init(_ queues: [DeviceQueue]) {
            parts = queues.map { OpenCLBackend<Suite>($0) }
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

/// A curve of which a device has a backend.
protocol ProvingSuite: CPUKernels {
    static func select(
        _ bn254: ProvingDevice.Backend<BN254>, _ bls12381: ProvingDevice.Backend<BLS12381>
    ) -> ProvingDevice.Backend<Self>
}

extension BN254: ProvingSuite {
    static func select(
        _ bn254: ProvingDevice.Backend<BN254>, _ bls12381: ProvingDevice.Backend<BLS12381>
    ) -> ProvingDevice.Backend<BN254> { bn254 }
}

extension BLS12381: ProvingSuite {
    static func select(
        _ bn254: ProvingDevice.Backend<BN254>, _ bls12381: ProvingDevice.Backend<BLS12381>
    ) -> ProvingDevice.Backend<BLS12381> { bls12381 }
}
