// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// A key with commitments through the program: here, in a spool, and at a coordinator, by workers.
@Suite(.serialized) struct CommittedKeyTests {
    private static func path(_ name: String) -> String { Vectors.url("committed/" + name).path }
    private static let files = ["--zkey", path("circuit.zkey"), "--witness", path("witness.wtns")]

    private let schema: JSONSchema

    init() throws {
        schema = try JSONSchema(
            Data(
                contentsOf: Vectors.directory.deletingLastPathComponent().deletingLastPathComponent()
                    .appending(path: "docs/result.schema.json")))
    }

    private func run(
        _ arguments: [String], expecting status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let outcome = try MartletCommand.run(arguments)
        #expect(
            outcome.status == status,
            "\(arguments.joined(separator: " ")): \(outcome.output)\(outcome.errors)",
            sourceLocation: sourceLocation)
        return outcome.output
    }

    /// Demands a result of the form, and the phases of a proof with commitments in it.
    private func check(_ text: String, _ place: String) throws {
        #expect(try schema.faults(Data(text.utf8)).isEmpty, "\(place): \(text)")
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["system"] as? String == "groth16-commitments", "\(place)")
        let timings = document["timings"] as? [String: Any]
        let phases = (timings?["phases"] as? [[String: Any]])?.compactMap { $0["phase"] as? String }
        let proving = ["key", "witness", "commitments", "quotient", "msmH", "msmWitness", "verify"]
        #expect(phases?.filter { $0 != "fetch" } == proving, "\(place): \(text)")
    }

    @Test func everywhereAPlainKeyGoes() throws {
        let folder = try TemporaryFolder()
        let vkey = folder.path("vkey.json")
        _ = try run(["export", "vkey", "--zkey", Self.path("circuit.zkey"), "--vkey", vkey])
        func verify(_ folder: String) throws {
            _ = try run([
                "verify", "--vkey", vkey, "--public", folder + "/public.json", "--proof",
                folder + "/proof.json",
            ])
        }
        let outputs = ["--proof", folder.path("proof.json"), "--public", folder.path("public.json")]
        let here = try run(["prove"] + Self.files + outputs + ["--backend", "cpu", "--json"])
        try check(here, "prove")
        try verify(folder.url.path)

        let service = try Service()
        let worker = try service.worker()
        let spool = "spool:" + folder.path("spool")
        for queue in [spool, service.queue] {
            // The second one's challenge is not that of its commitment.
            let wrong = ["--zkey", Self.path("circuit.zkey"), "--witness", Self.path("challenge.wtns")]
            for (id, files) in [("good", Self.files), ("wrong", wrong)] {
                _ = try run(["submit", "--queue", queue, "--id", id] + files)
            }
            if queue == spool {
                _ = try run([
                    "worker", "--queue", spool, "--drain", "--threads", "1", "--backend", "cpu",
                ])
            }
            let output = folder.path(queue == spool ? "spool/done/good" : "served")
            let told = try run(
                ["submit", "--queue", queue, "--id", "good"] + Self.files + [
                    "--wait", "--timeout", "60s", "--json",
                ] + (queue == spool ? [] : ["--output", output]))
            try check(told, queue)
            try verify(output)
            let waited = try MartletCommand.run([
                "wait", "--queue", queue, "wrong", "--timeout", "60s",
            ])
            #expect(waited.output == "rejected\n", "\(queue): \(waited.output)\(waited.errors)")
            let job = try run(["job", "--queue", queue, "wrong", "--json"])
            #expect(
                job.contains("unsatisfied") && job.contains("is not the challenge of commitment 0"), "\(job)")
        }
        let circuits = try run(["circuit", "list", "--queue", service.queue])
        #expect(circuits.contains("groth16-commitments"), "\(circuits)")
        worker.send(SIGTERM)
        #expect(try worker.end() == 0)
    }
}
