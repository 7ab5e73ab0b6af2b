// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
package import Groth16
package import OpenCLCompute
import OpenCLGroth16
package import ProvingEngine
import Synchronization

/// An OpenCL device.
package final class OpenCLBenchmarkBackend: BenchmarkBackend {
    package let device: Device
    private let opened = Mutex<DeviceQueue?>(nil)
    private let peak = Mutex<Double?>(nil)

    package init(_ device: Device) { self.device = device }

    package var name: String { "opencl:\(device.index)" }
    package var deviceName: String? { name }
    package var isSupported: Bool { device.obstacle == nil }
    package var computesFields: Bool { false }
    package var provingChoice: BackendChoice { .opencl }
    package var provingDevices: DeviceSettings { DeviceSettings(indices: [device.index]) }
    package var scalarPath: CPUPath { CPUPath.adx.isSupported ? .adx : .portable }

    /// The CPU's part of the work runs on its fastest scalar path.
    package func select() throws(BenchmarkError) { scalarPath.select() }

    package func make<Suite: ComputeSuite>(
        for suite: Suite.Type, parallel: Parallel
    ) throws(BenchmarkError) -> any Groth16Backend<Suite> { OpenCLGroth16Backend<Suite>(try queue()) }

    package func metered(
        _ body: () throws(BenchmarkError) -> Void
    ) throws(BenchmarkError) -> DeviceFigures? {
        let queue = try queue()
        // Unchecked: runs on the queue's thread while this one waits.
        nonisolated(unsafe) let body = body
        do {
            let (_, metrics) = try queue.run { queue in try queue.measuring { _ in try body() } }
            return DeviceFigures(metrics, peak: try peakProducts(queue))
        } catch {
            throw BenchmarkError(error)
        }
    }

    private func peakProducts(_ queue: DeviceQueue) throws -> Double? {
        guard !device.isCPU else { return nil }
        if let known = peak.withLock({ $0 }) { return known }
        let measured = try OpenCLBackend<BN254>(queue).productsPerSecond()
        peak.withLock { $0 = measured }
        return measured
    }

    private func queue() throws(BenchmarkError) -> DeviceQueue {
        try opened.withLock { opened throws(BenchmarkError) in
            if let opened { return opened }
            let queue: DeviceQueue
            do { queue = try DeviceQueue(device) } catch { throw BenchmarkError(error) }
            opened = queue
            return queue
        }
    }
}
