// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OpenCLCompute

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says what this machine has for Martlet, what is missing, and how to get it.",
        discussion: """
            Processor and kernels, threads, memory, OpenCL's loader and devices, PostgreSQL's library, the cache. It tests and \
            changes nothing: martlet devices tests devices. Exits with 0 also where something is missing. Its names in JSON are \
            in docs/commands.md.
            """)

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let report = MachineReport()
        if json {
            try Console.printJSON(report)
        } else {
            Console.printTable(rows(report).map { [$0.label, ForeignText.plain($0.value)] })
        }
    }

    private func rows(_ report: MachineReport) -> [(label: String, value: String)] {
        let (processor, cache) = (report.processor, report.cache)
        var rows: [(label: String, value: String)] = [
            ("version", "\(report.version) (\(report.platform))"),
            ("system", report.system),
            ("processor", processor.name),
            ("kernels", "\(processor.kernels): \(processor.description)"),
            ("", processor.reason),
            ("", "can run: \(processor.supported.joined(separator: ", "))"),
            ("threads", "\(report.threads)"),
            ("memory", gibibytes(report.memory)),
            ("OpenCL", openCL(report.opencl)),
        ]
        for device in report.opencl.devices {
            let facts = [
                device.name, device.platform, "driver \(device.driverVersion)", device.kind.rawValue,
                "\(device.computeUnits) units", gibibytes(UInt64(clamping: device.globalMemory)),
            ]
            rows.append(("device \(device.index)", facts.joined(separator: ", ")))
            if let reason = device.reason { rows.append(("", "cannot be used: \(reason)")) }
        }
        rows.append(("libpq", report.libpq.reason ?? "is there"))
        rows.append(("cache", cache.folder ?? "none"))
        rows.append(("", cache.reason ?? "can be written"))
        for advice in report.advice { rows.append(("advice", "\(advice.about): \(advice.text)")) }
        return rows
    }

    private func openCL(_ opencl: MachineReport.OpenCL) -> String {
        if let reason = opencl.reason { return reason }
        if opencl.devices.isEmpty { return "is there, and lists no device" }
        return opencl.hasOnlyCPUs ? "is there; its devices are CPUs" : "is there"
    }

    private func gibibytes(_ count: UInt64) -> String {
        String(format: "%.1f GiB", Double(count) / Double(1 << 30))
    }
}
