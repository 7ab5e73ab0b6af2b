// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import OpenCLCompute
import ProvingEngine

struct DevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "Lists the OpenCL devices of this machine, tests them and measures their speed.",
        discussion: """
            A device may be used if it passes the known-answer tests of BN254 and BLS12-381. The score, measured within ten seconds \
            each, counts products in BN254's base field and points of a sum in its G1. Exits with 1 if a device that is \
            there fails its tests, with 3 if there is no OpenCL library.
            """)

    @Flag(inversion: .prefixedNo, help: "Measure the devices' speed.")
    var score = true

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let reports = try DeviceSurvey.run(measures: score) { Console.progress("testing \($0)") }
        Console.endProgress()
        if json {
            try Console.printJSON(reports)
        } else if reports.isEmpty {
            print("OpenCL lists no device. docs/gpu.md says how to install a driver.")
        } else {
            Console.printTable([Self.heading] + reports.map(row))
            for report in reports {
                if let reason = report.reason { print("device \(report.index): \(reason)") }
            }
        }
        if reports.contains(where: { !$0.passes }) { throw Exit.invalid }
    }

    private static let heading = [
        "DEVICE", "NAME", "PLATFORM", "DRIVER", "UNITS", "MEMORY", "BUFFER", "LOCAL", "GROUP", "TESTS",
        "PRODUCTS", "MPRODUCTS/S", "MPOINTS/S", "AT",
    ]

    private func row(_ report: DeviceReport) -> [String] {
        [
            "\(report.index)", report.name, report.platform, report.driverVersion, "\(report.computeUnits)",
            gibibytes(report.globalMemory), gibibytes(report.maxAllocation),
            "\(report.localMemory >> 10) KiB",
            "\(report.maxWorkGroup)", report.passes ? "pass" : "FAIL", report.products ?? "-",
            report.score.map { String(format: "%.1f", $0.productsPerSecond / 1e6) } ?? "-",
            report.score.map { String(format: "%.3f", $0.pointsPerSecond / 1e6) } ?? "-",
            report.score.map { "2^\($0.logSize)" } ?? "-",
        ]
    }

    private func gibibytes(_ count: Int) -> String {
        String(format: "%.1f GiB", Double(count) / Double(1 << 30))
    }
}
