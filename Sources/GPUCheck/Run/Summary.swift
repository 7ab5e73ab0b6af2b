// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Foundation
import OpenCLCompute

/// A report for people.
struct Summary {
    private let report: Report
    private let device: Device

    init(_ report: Report, _ device: Device) {
        self.report = report
        self.device = device
    }

    /// One line: whether all is right.
    var verdict: String {
        let bad = report.sections.filter { [.failed, .crashed, .timedOut].contains($0.outcome) }
        if !bad.isEmpty { return "FAILED: " + bad.map(\.step.rawValue).joined(separator: ", ") }
        let missing = report.sections.filter { $0.outcome != .passed }.map(\.step.rawValue)
        let rest = missing.isEmpty ? "" : "; no time for all of: " + missing.joined(separator: ", ")
        return (report.passes ? "PASSED" : "NOT SHOWN") + rest
    }

    var text: String {
        var lines = [
            "martlet-gpu-check \(report.version), \(report.platform), \(report.started)",
            "device \(device.index): \(device.name), \(device.platform), driver \(device.driverVersion)",
            "host: \(report.machine.processor), \(report.machine.cores) cores",
            "\(verdict)  (\(Self.number(report.seconds)) s so far)", "",
        ]
        for section in report.sections { lines += describe(section) + [""] }
        return lines.joined(separator: "\n")
    }

    private func describe(_ section: Section) -> [String] {
        var lines = [
            "== \(section.step.rawValue): \(section.outcome.rawValue), \(Self.number(section.seconds)) s — \(section.step.title)"
        ]
        lines += section.facts.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        lines += section.checks.flatMap { check in
            ["  \(check.failures.isEmpty ? "ok  " : "FAIL") \(check.name)  \(Self.number(check.seconds)) s"]
                + check.failures.prefix(10).map { "       \($0)" }
        }
        lines += Self.table(section.figures.map { [$0.name, Self.number($0.value), $0.unit] })
        for program in section.programs {
            lines.append("  kernels of \(program.name): registers, stack, spill stores, spill loads")
            lines += Self.table(
                program.kernels.map { kernel in
                    [kernel.name]
                        + [
                            kernel.registers, kernel.stackBytes, kernel.spillStoreBytes,
                            kernel.spillLoadBytes,
                        ].map { $0.map { "\($0)" } ?? "-" }
                })
        }
        if !section.benchmarks.isEmpty {
            let head = ["work", "threads", "backend", "wall s", "cpu s", "kernels s", "part of peak"]
            lines += Self.table([head] + section.benchmarks.map(Self.row))
        }
        lines += section.omitted.map { "  no time for \($0)" }
        return lines + section.notes.map { "  \($0)" }
    }

    private static func row(_ result: BenchmarkResult) -> [String] {
        [
            result.title, "\(result.threads)", result.backend, number(result.wallSeconds.median),
            number(result.cpuSeconds.median), result.device.map { number($0.kernelSeconds) } ?? "-",
            result.device.flatMap { device in
                device.peakProductsPerSecond.map { number(device.productsPerSecond / $0) }
            } ?? "-",
        ]
    }

    private static func table(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return "  " + cells.joined(separator: "  ")
        }
    }

    /// Four digits, with a suffix for large ones.
    static func number(_ value: Double) -> String {
        for (unit, name) in [(1e12, "T"), (1e9, "G"), (1e6, "M")] where abs(value) >= unit {
            return String(format: "%.4g ", value / unit) + name
        }
        return String(format: "%.4g", value)
    }
}
