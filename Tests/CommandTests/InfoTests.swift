// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// `martlet info` on files of our own.
@Suite struct InfoTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func facts(_ path: String) throws -> [String: Any] {
        let outcome = try MartletCommand.run(["info", path, "--json"])
        try #require(outcome.status == 0, "\(path): \(outcome.errors)")
        return try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    private func file(_ text: String) throws -> String {
        try Data(text.utf8).write(to: folder.url.appending(path: "file"))
        return folder.path("file")
    }

    @Test func resultsAndErrors() throws {
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let proved = try MartletCommand.run([
            "prove", "--json", "--zkey", circuit.appending(path: "circuit_final.zkey").path, "--witness",
            circuit.appending(path: "witness.wtns").path, "--proof", folder.path("p"), "--public",
            folder.path("q"), "--backend", "cpu",
        ])
        let result = try facts(file(proved.output))
        #expect(
            result["format"] as? String == "martlet-result/1" && result["state"] as? String == "succeeded")
        #expect((result["what"] as? String)?.contains("result") == true)

        let failed = try MartletCommand.run(["info", folder.path("none"), "--json"])
        let error = try facts(file(failed.output))
        #expect(
            error["format"] as? String == "martlet-error/1" && error["errorCode"] as? String == "bad-input")
    }

    @Test func whatQueuesAndBenchmarksLeave() throws {
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let submitted = try MartletCommand.run([
            "submit", "--queue", "spool:" + folder.path("spool"), "--zkey",
            circuit.appending(path: "circuit_final.zkey").path, "--witness",
            circuit.appending(path: "witness.wtns").path, "--id", "a",
        ])
        try #require(submitted.status == 0, "\(submitted.errors)")
        #expect(try facts(folder.path("spool/spool.json"))["format"] as? String == "martlet-spool")
        let entry = try #require(
            FileManager.default.contentsOfDirectory(atPath: folder.path("spool/new")).first)
        let job = try facts(folder.path("spool/new/\(entry)/job.json"))
        #expect(job["format"] as? String == "job.json" && job["system"] as? String == "groth16")
        let spool = try MartletCommand.run(["info", folder.path("spool")])
        #expect(spool.status == 2 && spool.errors.contains("martlet spool status \(folder.path("spool"))"))
        let measured = try MartletCommand.run([
            "bench", "--suite", "field", "--backend", "cpu-portable", "--curve", "bn254", "--runs", "1",
            "--json",
        ])
        let figures = try facts(file(measured.output))
        #expect(figures["format"] as? String == "martlet-bench" && (figures["results"] as? Int ?? 0) >= 4)
    }

    /// The kinds that only federations write: see FederationCommandTests for real ones.
    @Test func countsAreThoseOfLists() throws {
        let registry = try facts(file(#"{"format": "martlet-fl-registry/1", "clients": [{}, {}, {}]}"#))
        #expect(registry["clients"] as? Int == 3)
        let later = try facts(file(#"{"schema": "martlet-result/99", "anything": [1.5, null]}"#))
        #expect(later["format"] as? String == "martlet-result/99")
        let foreign = try facts(file(#"{"format": "martlet-kite/1"}"#))
        #expect((foreign["what"] as? String)?.contains("does not know") == true)
    }

    /// Whatever stands in a file, a terminal is not steered by it, and what is no document of ours stays
    /// unknown.
    @Test func strangersDocuments() throws {
        let steering = try MartletCommand.run([
            "info", file(#"{"schema": "martlet-result/1", "state": "\u001b[2J"}"#),
        ])
        #expect(steering.status == 0 && !steering.output.contains("\u{1b}"), "\(steering.output)")
        for text in [#"{"format": "kite"}"#, #"{"format": "martlet-spool", "format": "martlet-spool"}"#, "{"]
        {
            #expect(try MartletCommand.run(["info", file(text)]).status == 2, "\(text)")
        }
    }
}
