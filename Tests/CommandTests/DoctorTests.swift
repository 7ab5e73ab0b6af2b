// SPDX-License-Identifier: Apache-2.0

import Foundation
import OpenCLCompute
import SystemTestSupport
import Testing

/// `doctor`: it tells the same in both forms, and ends with 0 whatever is missing.
@Suite struct DoctorTests {
    private struct Report: Decodable {
        struct Processor: Decodable { var name, kernels, description, reason: String, supported: [String] }
        struct OpenCL: Decodable {
            var isLoaded, hasOnlyCPUs: Bool
            var reason: String?
            var devices: [ListedDevice]
        }
        struct ListedDevice: Decodable {
            var index, computeUnits, globalMemory: Int
            var name, platform, driverVersion, kind: String
            var reason: String?
        }
        struct Library: Decodable { var isLoaded: Bool, reason: String? }
        struct Cache: Decodable { var isWritable: Bool, folder, reason: String? }
        struct Advice: Decodable { var about, text: String }
        var version, platform, system: String
        var processor: Processor
        var threads, memory: Int
        var opencl: OpenCL
        var libpq: Library
        var cache: Cache
        var advice: [Advice]

        func advice(about member: String) -> [String] { advice.filter { $0.about == member }.map(\.text) }
    }

    /// Both forms with this environment. All texts of the JSON are in the table.
    private func examine(_ environment: [String: String]) throws -> Report {
        let json = try MartletCommand.run(["doctor", "--json"], environment: environment)
        try #require(json.status == 0 && json.errors == "", "\(json.output)\(json.errors)")
        let table = try MartletCommand.run(["doctor"], environment: environment)
        #expect(table.status == 0 && table.errors == "", "\(table.output)\(table.errors)")
        var rest: [Any] = [try JSONSerialization.jsonObject(with: Data(json.output.utf8))]
        var count = 0
        while let value = rest.popLast() {
            if let members = value as? [String: Any] {
                rest += members.values
            } else if let elements = value as? [Any] {
                rest += elements
            } else if let text = value as? String {
                count += 1
                #expect(table.output.contains(text), "\(text)\n\(table.output)")
            }
        }
        #expect(count > 8)
        return try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
    }

    @Test func aMachineIsTold() throws {
        let folder = try TemporaryFolder()
        // It would be made.
        let cache = folder.path("cache/below")
        let report = try examine(["MARTLET_CPU": "", "MARTLET_CACHE": cache])
        #expect(try MartletCommand.run(["--version"]).output == report.version + "\n")
        #expect(report.threads > 0 && report.memory > 1 << 27)
        #expect(report.processor.supported.contains("portable"))
        #expect(report.processor.supported.contains(report.processor.kernels))
        #expect(report.advice(about: "processor") == [])
        #expect(report.cache.folder == cache && report.cache.isWritable && report.cache.reason == nil)
        #expect(report.advice(about: "cache") == [])
        #expect(!FileManager.default.fileExists(atPath: folder.path("cache")), "nothing is made")
        #expect(report.libpq.isLoaded == (report.libpq.reason == nil))
        #expect(report.advice(about: "libpq").contains { $0.contains("libpq5") } == !report.libpq.isLoaded)
        #expect(report.opencl.isLoaded == (report.opencl.reason == nil))
        let devices = (try? Device.all()) ?? []
        #expect(report.opencl.devices.map(\.name) == devices.map(\.name))
        #expect(report.opencl.devices.map(\.kind) == devices.map(\.kind.rawValue))
        #expect(report.opencl.hasOnlyCPUs == (!devices.isEmpty && devices.allSatisfy(\.isCPU)))
        let hasGPU = devices.contains { !$0.isCPU && $0.obstacle == nil }
        #expect(report.advice(about: "opencl").isEmpty == hasGPU || devices.contains { $0.obstacle != nil })
    }

    @Test func whatIsMissingIsAdvisedOn() throws {
        let folder = try TemporaryFolder()
        let file = folder.path("file")
        try Data().write(to: URL(filePath: file))
        let report = try examine([
            "MARTLET_CACHE": file, "MARTLET_OPENCL": "/no/such/library.so", "MARTLET_CPU": "abacus",
        ])
        #expect(!report.opencl.isLoaded && report.opencl.devices.isEmpty && !report.opencl.hasOnlyCPUs)
        #expect(report.advice(about: "opencl").count == 1)
        #expect(report.advice(about: "opencl")[0].contains("/no/such/library.so"))
        #expect(!report.cache.isWritable && report.cache.reason == "\(file): Not a directory")
        #expect(report.advice(about: "cache").count == 1)
        #expect(report.processor.reason.contains("'abacus' is not one of portable"))
        #expect(report.advice(about: "processor").count == 1)
    }

    /// Nobody waits for somebody to write into a pipe that is named as a library.
    @Test func aPipeIsNoLibrary() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.path("libOpenCL.so")
        try #require(mkfifo(pipe, 0o600) == 0)
        let report = try examine(["MARTLET_OPENCL": pipe])
        #expect(!report.opencl.isLoaded && report.advice(about: "opencl").count == 1)
    }

    @Test func theWishForKernelsIsTold() throws {
        let report = try examine(["MARTLET_CPU": "portable"])
        #expect(report.processor.kernels == "portable")
        #expect(report.processor.reason == "MARTLET_CPU asks for it")
        let best = report.processor.supported.last { $0 != "ifma-emulated" }
        #expect(report.advice(about: "processor").isEmpty == (best == "portable"))
        if let best, best != "portable" {
            #expect(report.advice(about: "processor")[0].contains("has \(best),"))
        }
    }

    @Test func aCacheWithoutAFolderIsTold() throws {
        // Drivers look for a folder of their own, and are left out.
        let report = try examine([
            "MARTLET_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "", "MARTLET_OPENCL": "/no/such/library.so",
        ])
        #expect(report.cache.folder == nil && !report.cache.isWritable)
        #expect(report.advice(about: "cache").count == 1)
    }
}
