// SPDX-License-Identifier: Apache-2.0

/// Where the time of a computation on a device went, by the device's own clock.
package struct DeviceMetrics: Sendable, Equatable {
    package var uploadSeconds = 0.0
    package var uploadBytes = 0
    package var downloadSeconds = 0.0
    package var downloadBytes = 0
    /// Seconds of each kernel, by its name.
    package var kernelSeconds: [String: Double] = [:]
    package var launches = 0
    /// Field products that the algorithm needs for what was computed, by its own count.
    package var products = 0.0

    package init() {}

    /// Seconds of all kernels.
    package var totalKernelSeconds: Double { kernelSeconds.values.reduce(0, +) }
}

/// The events of a computation under way.
struct DeviceMeter {
    enum Command {
        case upload(Int)
        case download(Int)
        case kernel(String)
    }

    private var events: [(Command, DeviceEvent)] = []
    private var metrics = DeviceMetrics()

    mutating func add(_ command: Command, _ event: DeviceEvent) {
        events.append((command, event))
        // Drivers keep something for each event: count those in, all but the latest of which have long ended.
        if events.count >= 4096 { collect(keeping: 64) }
    }

    mutating func count(products: Double) { metrics.products += products }

    /// What was measured; all commands must have ended.
    mutating func finish() -> DeviceMetrics {
        collect(keeping: 0)
        return metrics
    }

    private mutating func collect(keeping count: Int) {
        for (command, event) in events.dropLast(count) {
            if count > 0 { try? event.wait() }
            let seconds = event.seconds ?? 0
            switch command {
            case .upload(let bytes):
                metrics.uploadSeconds += seconds
                metrics.uploadBytes += bytes
            case .download(let bytes):
                metrics.downloadSeconds += seconds
                metrics.downloadBytes += bytes
            case .kernel(let name):
                metrics.kernelSeconds[name, default: 0] += seconds
                metrics.launches += 1
            }
        }
        events.removeFirst(events.count - count)
    }
}
