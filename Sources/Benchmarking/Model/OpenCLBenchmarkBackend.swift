public import Compute
import Curves
public import OpenCLCompute
public import ProvingService
import Synchronization

/// An OpenCL device.
public final class OpenCLBenchmarkBackend: BenchmarkBackend {
    public let device: Device
    private let opened = Mutex<DeviceQueue?>(nil)
    private let peak = Mutex<Double?>(nil)

    public init(_ device: Device) { self.device = device }

    public var name: String { "opencl:\(device.index)" }
    public var deviceName: String? { name }
    public var isSupported: Bool { device.obstacle == nil }
    public var computesFields: Bool { false }
    public var provingChoice: BackendChoice { .opencl }
    public var provingDevices: DeviceSettings { DeviceSettings(indices: [device.index]) }
    public var scalarPath: CPUPath { CPUPath.adx.isSupported ? .adx : .portable }

    /// The CPU's part of the work runs on its fastest scalar path.
    public func select() throws(BenchmarkError) { scalarPath.select() }

    public func make<Suite: CPUKernels>(
        for suite: Suite.Type, parallel: Parallel
    ) throws(BenchmarkError) -> any ComputeBackend<Suite> { OpenCLBackend<Suite>(try queue()) }

    public func metered(
        _ body: () throws(BenchmarkError) -> Void
    ) throws(BenchmarkError) -> DeviceFigures? {
        let queue = try queue()
        // Runs on the queue's thread while this one waits.
        nonisolated(unsafe) let body = body
        return try BenchmarkError.mapping {
            let (_, metrics) = try queue.run { queue in try queue.measuring { _ in try body() } }
            return DeviceFigures(metrics, peak: try peakProducts(queue))
        }
    }

    private func peakProducts(_ queue: DeviceQueue) throws -> Double {
        if let known = peak.withLock({ $0 }) { return known }
        let measured = try OpenCLBackend<BN254>(queue).productsPerSecond()
        peak.withLock { $0 = measured }
        return measured
    }

    private func queue() throws(BenchmarkError) -> DeviceQueue {
        try opened.withLock { opened throws(BenchmarkError) in
            if let opened { return opened }
            let queue = try BenchmarkError.mapping { try DeviceQueue(device) }
            opened = queue
            return queue
        }
    }
}
