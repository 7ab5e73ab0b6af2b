// SPDX-License-Identifier: Apache-2.0

import Compute
import Foundation

/// The machine that figures were measured on.
package struct MachineFacts: Codable, Equatable, Sendable {
    package var processor: String
    /// The processors that this process may use.
    package var cores: Int
    package var memoryBytes: UInt64
    package var system: String
    /// The load average of the last minute when the benchmark began; nil where the system does not say.
    package var loadAverage: Double?

    package init(
        processor: String, cores: Int, memoryBytes: UInt64, system: String, loadAverage: Double? = nil
    ) {
        self.processor = processor
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.system = system
        self.loadAverage = loadAverage
    }

    /// The facts of this machine, now.
    package static var current: MachineFacts {
        let info = ProcessInfo.processInfo
        return MachineFacts(
            processor: processorName ?? "unknown processor", cores: Parallel.availableCores,
            memoryBytes: info.physicalMemory, system: info.operatingSystemVersionString,
            loadAverage: first(of: "/proc/loadavg").flatMap { Double($0) })
    }

    private static var processorName: String? {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
    }

    private static func first(of path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.split(separator: " ").first.map(String.init)
    }
}
