// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
package import Groth16
import OpenCLCompute
package import ProvingEngine

/// A way to compute that can be measured.
///
/// One more is a conformance and an entry in `all`. Its results are checked against known answers on the
/// portable path.
package protocol BenchmarkBackend: Sendable {
    /// The name in options and reports, such as "cpu-adx".
    var name: String { get }
    /// True when this machine has what it takes.
    var isSupported: Bool { get }
    /// True when products in fields and pairings run on it too; a device has them not.
    var computesFields: Bool { get }
    /// The scalar products in which the cost of a sum is counted.
    var scalarPath: CPUPath { get }
    /// The device that it is; `nil` for the CPU.
    var deviceName: String? { get }
    /// What makes proofs on it.
    var provingChoice: BackendChoice { get }
    /// The devices that make proofs on it.
    var provingDevices: DeviceSettings { get }

    /// Makes the whole process use it.
    func select() throws(BenchmarkError)
    /// Makes an instance for one curve.
    func make<Suite: ComputeSuite>(
        for suite: Suite.Type, parallel: Parallel
    ) throws(BenchmarkError) -> any Groth16Backend<Suite>
    /// Runs `body` once more and tells where the time of the device went; `nil` without a device.
    func metered(_ body: () throws(BenchmarkError) -> Void) throws(BenchmarkError) -> DeviceFigures?
}

extension BenchmarkBackend {
    package var provingDevices: DeviceSettings { DeviceSettings() }
    package var deviceName: String? { nil }

    package func metered(
        _ body: () throws(BenchmarkError) -> Void
    ) throws(BenchmarkError) -> DeviceFigures? { nil }
}

/// The CPU with one of its paths.
package struct CPUBenchmarkBackend: BenchmarkBackend {
    package let path: CPUPath

    package init(_ path: CPUPath) { self.path = path }

    package var name: String { "cpu-\(path.rawValue)" }
    package var isSupported: Bool { path.isSupported }
    package var computesFields: Bool { true }
    package var provingChoice: BackendChoice { .cpu }

    /// The portable path is counted in its own products, every other in the fastest scalar ones.
    package var scalarPath: CPUPath {
        [.adx, .avx2, .ifma].contains(path) && CPUPath.adx.isSupported ? .adx : .portable
    }

    package func select() throws(BenchmarkError) {
        guard path.select() else { throw .option("this processor cannot run '\(name)'") }
    }

    package func make<Suite: ComputeSuite>(
        for suite: Suite.Type, parallel: Parallel
    ) throws(BenchmarkError) -> any Groth16Backend<Suite> { CPUBackend<Suite>(parallel: parallel) }
}
