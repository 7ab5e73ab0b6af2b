// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// What the coordinator's OpenAPI document says, against what the coordinator does.
struct InterfaceTests {
    /// Beside the Python that `make test` prepares.
    private static let schemathesis: String? = ProcessInfo.processInfo.environment["MARTLET_PYTHON"].map {
        URL(filePath: $0).deletingLastPathComponent().appending(path: "schemathesis").path
    }.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }

    private static let python: String? =
        ProcessInfo.processInfo.environment["MARTLET_PYTHON"] ?? find("python3")
    private static let browser = find("chromium")

    private static func find(_ program: String) -> String? {
        ["/usr/local/bin", "/usr/bin"].map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The status page in a browser: with hostile names and a token, and with what a coordinator says.
    @Test(
        .enabled(if: python != nil && browser != nil, "no Python, or no Chromium"), arguments: [false, true])
    func theStatusPageShowsWhatItShould(ofCoordinator: Bool) throws {
        var arguments = [
            Vectors.directory.deletingLastPathComponent().appending(path: "Scripts/status_page.py").path,
            "--chromium", try #require(Self.browser),
        ]
        let service = try ofCoordinator ? Service(overTCP: true) : nil
        let worker = try service?.worker()
        if let service {
            #expect(try service.submit("a", ["--wait", "--timeout", "60s"]).status == 0)
            arguments += ["--url", service.queue]
        }
        let outcome = try MartletCommand.run(
            URL(filePath: try #require(Self.python)), arguments, limit: 400)
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
        worker?.send(SIGTERM)
        if let worker { #expect(try worker.end() == 0) }
    }

    /// Generated requests, right ones and wrong ones: no 5xx, no answer that the document does not have, and
    /// 405 for methods that a path has not.
    @Test(.enabled(if: schemathesis != nil, "MARTLET_PYTHON is not set, or has no schemathesis"))
    func generatedRequestsAreAnsweredAsTheDocumentSays() throws {
        let service = try Service(overTCP: true)
        // Something to be found, which nobody has to wait for.
        let worker = try service.worker()
        #expect(try service.submit("a", ["--wait", "--timeout", "60s"]).status == 0)
        worker.send(SIGTERM)
        #expect(try worker.end() == 0)
        let seed = UInt32.random(in: .min ... .max)
        print("schemathesis --seed \(seed)")
        let outcome = try MartletCommand.run(
            URL(filePath: "/usr/bin/env"),
            [
                // It leaves a folder where it runs.
                "-C", service.folder.url.path, try #require(Self.schemathesis),
                "run", service.queue + "/openapi.json", "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method",
                "--phases", "examples,coverage,fuzzing", "--max-examples", "15",
                // A job that has not ended may be waited for, a minute at most.
                "--request-timeout", "70",
                // It may wait for a minute, as it is asked to.
                "--exclude-operation-id", "acquireLease",
                "--seed", "\(seed)", "--no-color",
            ], environment: ["COLUMNS": "120"], limit: 600)
        #expect(outcome.status == 0, "\(outcome.output.suffix(20_000)) \(outcome.errors)")
        #expect(outcome.output.contains("Test cases:"), "\(outcome.output.suffix(2000))")
    }
}
