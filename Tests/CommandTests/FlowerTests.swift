// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// The Python that has Flower, if there is one.
private enum FlowerPython {
    static let path: String? = ProcessInfo.processInfo.environment["MARTLET_PYTHON"].flatMap { path in
        guard !path.isEmpty else { return nil }
        let outcome = try? MartletCommand.run(
            URL(filePath: "/usr/bin/env"), [path, "-c", "import flwr, sklearn"])
        return outcome?.status == 0 ? path : nil
    }
}

/// The example for Flower in its small form: real proofs, two attackers, the nodes in one process or each in
/// its own under a SuperLink.
@Suite(
    .serialized,
    .enabled(if: FlowerPython.path != nil, "MARTLET_PYTHON names no Python with flwr and scikit-learn"))
struct FlowerTests {
    private func run(_ arguments: [String]) throws -> MartletCommand.Outcome {
        let script = Vectors.directory.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "deploy/flower/run.py").path
        let program = try BuiltProgram.url("martlet").path
        let mark = "MARTLET_FLOWER_TEST=\(UUID().uuidString)"
        let outcome = try MartletCommand.run(
            URL(filePath: "/usr/bin/env"),
            [mark, try #require(FlowerPython.path), script, "--martlet", program] + arguments,
            environment: ["PYTHONDONTWRITEBYTECODE": "1", "FLWR_TELEMETRY_ENABLED": "0"], limit: 600)
        #expect(try Self.processes(with: mark) == [], "processes are left behind")
        #expect(try Self.processes(with: "PATH=") != [], "no environment can be read")
        return outcome
    }

    /// The processes that have a variable in their environment, those apart that have ended and wait to be
    /// collected.
    private static func processes(with variable: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
            guard Int(name) != nil,
                let environment = FileManager.default.contents(atPath: "/proc/\(name)/environ")
            else { return false }
            return environment.range(of: Data(variable.utf8)) != nil
        }
    }

    /// Attackers under a SuperLink are for `make soak`, which sets this.
    private static let grids =
        [[]] + (ProcessInfo.processInfo.environment["MARTLET_LONG_TESTS"] == "1" ? [["--superlink"]] : [])

    @Test(arguments: grids)
    func attackersAreAnswered(grid: [String]) throws {
        let outcome = try run(["--clients", "4", "--rounds", "2", "--attacks", "sign-flip", "replay"] + grid)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("sign-flip    the proof does not hold"))
        #expect(outcome.output.contains("replay       it belongs to round 1, this is round 2"))
    }

    /// The app as it is, without attackers.
    @Test func theAppRunsOnASuperLink() throws {
        let outcome = try run(["--clients", "2", "--rounds", "1", "--attacks", "--superlink"])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("    1         2        0"))
    }
}
