// SPDX-License-Identifier: Apache-2.0

import Foundation
import OpenCLCompute
import SystemTestSupport
import TestSupport
import Testing

private let hasDevice = ((try? Device.all()) ?? []).contains { $0.obstacle == nil }

/// What `make gpu-check` packs, run from another folder on whatever device is here, at sizes that take no
/// time.
@Suite(.serialized, .enabled(if: hasDevice, "no OpenCL device here")) struct PackTests {
    private struct Report: Decodable {
        struct Section: Decodable {
            struct Check: Decodable {
                var name: String
                var failures: [String]
            }
            struct Figure: Decodable {
                var name: String
                var value: Double
            }
            var step: String
            var outcome: String
            var checks: [Check]
            var figures: [Figure]
        }
        var sections: [Section]

        init(_ folder: String) throws {
            let data = try Data(contentsOf: URL(filePath: folder).appending(path: "report.json"))
            self = try JSONDecoder().decode(Self.self, from: data)
        }

        func section(_ step: String) throws -> Section {
            try #require(sections.first { $0.step == step }, "\(step)")
        }
    }

    private static let tools = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Tools/gpu-check")

    private func check(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> MartletCommand.Outcome {
        try MartletCommand.run(
            BuiltProgram.url("martlet-gpu-check"), arguments, environment: environment, limit: 300)
    }

    @Test func thePackWorksElsewhere() throws {
        let folder = try TemporaryFolder()
        let (pack, results) = (folder.path("gpu-check"), folder.path("results"))
        let packed = try MartletCommand.run(
            Self.tools.appending(path: "pack.sh"), [BuiltProgram.url("martlet-gpu-check").path, pack],
            environment: ["MARTLET_FIXTURES": ""])
        #expect(packed.status == 0, "\(packed.errors)")
        let outcome = try MartletCommand.run(
            URL(filePath: pack).appending(path: "run.sh"),
            ["--quick", "--proofs", "4", "--budget", "4000", "--out", results], limit: 600)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        let report = try Report(results)
        #expect(
            report.sections.map(\.step) == [
                "environment", "programs", "answers", "conformance", "rates", "fixtures", "sizes", "bench",
                "endurance",
            ])
        for section in report.sections {
            #expect(section.outcome == "passed", "\(section)")
            #expect(!section.checks.isEmpty, "\(section.step)")
        }
        let figures = try report.section("rates").figures
        for name in ["mad32", "mad32wide", "to the device, pinned", "from the device, pinned"] {
            let rate = try #require(figures.first { $0.name == name }, "\(name)").value
            #expect(rate > 0 && rate.isFinite, "\(name)")
        }
        #expect(try report.section("fixtures").checks.count == 1)
        let proofs = try report.section("endurance").figures.first { $0.name == "proofs that verified" }
        #expect(proofs?.value == 4)
        let summary = try String(contentsOfFile: results + "/summary.txt", encoding: .utf8)
        #expect(summary.contains("PASSED"), "\(summary)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: results).sorted() == [
                "log.txt", "report.json", "summary.txt",
            ])
    }

    @Test func aWrongProofIsFound() throws {
        let folder = try TemporaryFolder()
        let circuits = folder.url.appending(path: "circuits")
        try FileManager.default.createDirectory(at: circuits, withIntermediateDirectories: true)
        let circuit = circuits.appending(path: "groth16-bn128-multiplier")
        try FileManager.default.copyItem(at: Vectors.url("snarkjs/groth16-bn128-multiplier"), to: circuit)
        let publics = circuit.appending(path: "public.json")
        try FileManager.default.removeItem(at: publics)
        try Data("[\"5\", \"6\"]".utf8).write(to: publics)
        let outcome = try check([
            "--steps", "fixtures", "--quick", "--fixtures", circuits.path, "--out", folder.path("out"),
        ])
        #expect(outcome.status == 1, "\(outcome.output)\(outcome.errors)")
        let section = try Report(folder.path("out")).section("fixtures")
        #expect(section.outcome == "failed")
        #expect(section.checks.first?.failures.isEmpty == false)
    }

    @Test func whatIsTunedComputesTheSame() throws {
        let folder = try TemporaryFolder()
        let outcome = try check([
            "--steps", "tune", "--quick", "--budget", "4000", "--out", folder.path("out"),
        ])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        let section = try Report(folder.path("out")).section("tune")
        #expect(section.outcome == "passed", "\(section)")
        // Transforms and sums, as they are and each with something changed.
        for work in ["inverse transform", "sum in G1"] {
            #expect(section.checks.filter { $0.name.hasPrefix(work) }.count > 3)
            #expect(section.figures.contains { $0.name.hasPrefix(work) && $0.value > 0 })
        }
    }

    @Test func withoutTimeNothingIsShown() throws {
        let folder = try TemporaryFolder()
        let outcome = try check(["--steps", "answers", "--budget", "1", "--out", folder.path("out")])
        #expect(outcome.status == 1, "\(outcome.output)\(outcome.errors)")
        #expect(try Report(folder.path("out")).section("answers").outcome == "skipped")
    }

    @Test func exitCodes() throws {
        let folder = try TemporaryFolder()
        let out = ["--out", folder.path("out")]
        #expect(try check(out + ["--steps", "nonsense"]).status == 2)
        #expect(try check(out + ["--proofs", "many"]).status == 2)
        #expect(try check(out + ["--device", "999"]).status == 3)
        #expect(try check(out, environment: ["MARTLET_OPENCL": "/nowhere/libOpenCL.so"]).status == 3)
    }
}
