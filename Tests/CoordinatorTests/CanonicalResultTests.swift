// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Logging
import NIOHTTP1
import Outcomes
import ProvingEngine
import TestSupport
import Testing

/// What a coordinator keeps, serves and tells is written anew from what it has read and verified, never what
/// a worker sent.
@Suite struct CanonicalResultTests {
    private static let decoy = #"["1", "2", "1"]"#

    /// The text of the proof's member, its name without it.
    private static func member(_ name: String, of proof: String) throws -> String {
        let start = try #require(proof.range(of: "\"\(name)\":")?.upperBound)
        let end = try #require(proof[start...].range(of: ",\n \"")?.lowerBound)
        return String(proof[start..<end])
    }

    /// A good member and a bad one of one name: the one that one reader sees is not what another one sees.
    private static let deceptions:
        [(name: String, change: @Sendable (String) throws -> String, words: String)] = [
            ("good, then bad", { $0.replacing("\"pi_b\"", with: "\"pi_a\": \(decoy), \"pi_b\"") }, "pi_a: "),
            ("bad, then good", { $0.replacing("\"pi_a\"", with: "\"pi_a\": \(decoy), \"pi_a\"") }, "pi_a: "),
            ("bad last", { $0.replacing("\"curve\"", with: "\"pi_a\": \(decoy), \"curve\"") }, "pi_a: "),
            ("escaped", { $0.replacing("\"pi_b\"", with: "\"\\u0070i_a\": \(decoy), \"pi_b\"") }, "pi_a: "),
            ("upper case", { $0.replacing("\"pi_b\"", with: "\"PI_A\": \(decoy), \"pi_b\"") }, "PI_A: "),
            ("a comma too many", { $0.replacing("\n}", with: ",\n}") }, "a comma with nothing after it"),
            ("a comment", { $0.replacing("\"pi_b\"", with: "/* */ \"pi_b\"") }, "a comment"),
            ("more text", { $0 + $0 }, "more text"),
            ("a byte order mark", { "\u{feff}" + $0 }, "byte order mark"),
        ]

    @Test(arguments: deceptions.indices)
    func aProofWithTwoReadingsIsRefused(index: Int) async throws {
        let (name, change, words) = Self.deceptions[index]
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            let lease = try #require(try await server.lease())
            let path = "/v1/leases/\(lease.lease)/complete"
            let output = try Multiplier.prove()
            var completion = TestCoordinator.completion(lease, output)
            completion.proof = try change(completion.proof)
            #expect(completion.proof != String(decoding: output.proofJSON, as: UTF8.self), "\(name)")
            let answer = try await server.post(path, completion)
            #expect(answer.status == 422 && answer.text.contains(words), "\(name): \(answer.text)")
            #expect(try await server.send(.GET, "/v1/jobs/a/proof").status != 200)
            let metrics = try await server.send(.GET, "/metrics").text
            #expect(metrics.contains("martlet_invalid_proofs_total{device="), "\(name)")
            // That was an attempt; a worker that tells what it was told does not make it two.
            let told = try await server.post(
                "/v1/leases/\(lease.lease)/fail",
                FailureReport(epoch: lease.epoch, code: "invalid-proof", message: "refused"))
            #expect(told.status == 409)
            let failed: ResultDocument = try await server.send(.GET, "/v1/jobs/a").value()
            #expect(failed.failures == 1 && failed.state == .queued)
            let next = try #require(try await server.lease())
            #expect(try await server.complete(next, output).status == 200)
            #expect(try await server.send(.GET, "/v1/jobs/a/proof").body == output.proofJSON)
        }
    }

    @Test func publicInputsWithTwoReadingsAreRefused() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            let lease = try #require(try await server.lease())
            let output = try Multiplier.prove()
            for text in [
                #"["108","3",]"#, #"["108","3"] // "#, #"["0108","3"]"#, #"[108,3]"#, #"["108","3","0"]"#,
            ] {
                var completion = TestCoordinator.completion(lease, output)
                completion.publicInputs = text
                let answer = try await server.post("/v1/leases/\(lease.lease)/complete", completion)
                #expect(answer.status == 422, "\(text): \(answer.text)")
            }
            let job: ResultDocument = try await server.send(.GET, "/v1/jobs/a").value()
            #expect(job.state == .queued && job.failures == 1)
        }
    }

    /// A good proof in another layout, order and company is the same proof: it is served as snarkjs writes
    /// it.
    @Test func oddLayoutsAreServedInCanonicalBytes() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            let output = try Multiplier.prove()
            let proof = String(decoding: output.proofJSON, as: UTF8.self)
            let (a, b, c) = (
                try Self.member("pi_a", of: proof), try Self.member("pi_b", of: proof),
                try Self.member("pi_c", of: proof)
            )
            let layouts = [
                "\t{\"protocol\":\"groth16\",\r\n\"pi_c\" : \(c),\"pi_b\":\(b),\n\n\n\"curve\":\"bn128\",\"pi_a\":\(a)}\n\n ",
                // As rapidsnark has it, and with a member that nobody knows.
                "{\"pi_a\":\(a),\"note\":\"<script>\",\"pi_b\":\(b),\"pi_c\":\(c),\"protocol\":\"groth16\"}",
                "{\"\\u0070i_a\":\(a.replacing("1", with: "\\u0031")),\"pi_b\":\(b),\"pi_c\":\(c),\"protocol\":\"gr\\u006fth16\"}",
            ]
            for (index, layout) in layouts.enumerated() {
                let id = "a\(index)"
                try await server.addJob(id, circuit)
                let lease = try #require(try await server.lease())
                var completion = TestCoordinator.completion(lease, output)
                completion.proof = layout
                completion.publicInputs = "  [ \"10\\u0038\"\r\n,\"3\" ]\n"
                let answer = try await server.post("/v1/leases/\(lease.lease)/complete", completion)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(try await server.send(.GET, "/v1/jobs/\(id)/proof").body == output.proofJSON)
                #expect(try await server.send(.GET, "/v1/jobs/\(id)/public").body == output.publicJSON)
            }
        }
    }

    /// A report is a stranger's word: it is kept with an end, and says seconds where it says seconds.
    @Test func reportsAreBounded() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            let lease = try #require(try await server.lease())
            var completion = try TestCoordinator.completion(lease, Multiplier.prove())
            let long = String(repeating: "e\u{301}", count: 10_000)
            completion.report.backend = "\u{1b}[2J\n" + long
            completion.report.timings = .init(
                phases: Array(repeating: .init(phase: String(long.prefix(100)), seconds: -1), count: 1000),
                total: 1e300, cpu: -1)
            (completion.report.martlet, completion.report.platform) = (long, long)
            let answer = try await server.post("/v1/leases/\(lease.lease)/complete", completion)
            #expect(answer.status == 200, "\(answer.text)")
            let job: ResultDocument = try await server.send(.GET, "/v1/jobs/a").value()
            let (martlet, platform) = (try #require(job.facts.martlet), try #require(job.facts.platform))
            #expect(martlet.utf8.count <= 64 && platform.utf8.count <= 128)
            let backend = try #require(job.facts.backend)
            #expect(backend.hasPrefix(" [2J e\u{301}") && backend.utf8.count <= 64)
            let timings = try #require(job.facts.timings)
            #expect(timings.phases.count == 64 && timings.total == 1e9 && timings.cpu == 0)
            #expect(timings.phases.allSatisfy { $0.seconds == 0 && $0.phase.utf8.count <= 64 })
            // No number of JSON is so large; and a failure's text has an end, too.
            let huge =
                #"{"epoch":1,"proof":"","publicInputs":"","report":{"backend":"","timings":{"phases":[],"total":1e400},"martlet":""}}"#
            let refused = try await server.post(text: huge, "/v1/leases/\(lease.lease)/complete")
            #expect(
                refused.status == 400
                    && refused.text.contains("report.timings.total: the number 1e400 is too large"))
            try await server.addJob("b", circuit)
            let other = try #require(try await server.lease())
            let failed: ResultDocument = try await server.post(
                "/v1/leases/\(other.lease)/fail",
                FailureReport(epoch: other.epoch, code: "internal", message: long)
            ).value()
            #expect((failed.error?.message.utf8.count ?? 9999) <= 2000)
        }
    }

    /// Where a worker keeps its files is not its jobs' tenants' business.
    @Test func pathsStayWithTheWorker() async throws {
        let log = RecordedLog()
        try await withCoordinator(log: log) { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            let lease = try #require(try await server.lease())
            let message =
                "/srv/keys/a.zkey: cannot be read (see '/var/log/x/y'), 1/2 of http://h:1/p/q, \"/r/s.t\" and / or /"
            let report = FailureReport(epoch: lease.epoch, code: "internal", message: message)
            let failed: ResultDocument = try await server.post(
                "/v1/leases/\(lease.lease)/fail", report
            ).value()
            #expect(
                failed.error?.message
                    == "a.zkey: cannot be read (see 'y'), 1/2 of http://h:1/p/q, \"s.t\" and / or /")
        }
        #expect(log.lines(from: .warning).contains { $0.contains("/srv/keys/a.zkey") })
    }

    /// Empty texts say nothing, and are in no document; zero bytes harm no database.
    @Test func emptyTextsAreLeftOut() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            var lease = try #require(try await server.lease())
            let report = FailureReport(epoch: lease.epoch, code: "internal", message: "")
            let failed: ResultDocument = try await server.post(
                "/v1/leases/\(lease.lease)/fail", report
            ).value()
            #expect(failed.error?.message == "the worker does not say why")
            lease = try #require(try await server.lease("x"))
            let path = "/v1/leases/\(lease.lease)"
            let renewal = Renewal(epoch: lease.epoch, phase: "")
            #expect(try await server.post(path + "/renew", renewal).status == 200)
            #expect(try await server.send(.GET, "/v1/jobs/a").value(ResultDocument.self).phase == nil)
            var completion = TestCoordinator.completion(lease, try Multiplier.prove())
            completion.report.backend = ""
            completion.report.timings?.phases = [.init(phase: "", seconds: 1)]
            (completion.report.martlet, completion.report.platform) = ("", "")
            #expect(try await server.post(path + "/complete", completion).status == 200)
            let job: ResultDocument = try await server.send(.GET, "/v1/jobs/a").value()
            #expect(job.facts.backend == nil && job.facts.martlet == nil && job.facts.platform == nil)
            #expect(job.facts.timings?.phases.map(\.phase) == ["other"])
            var wish = LeaseRequest(worker: "w", incarnation: "i", devices: ["", "a\u{0}b"], unready: "")
            #expect(try await server.post("/v1/leases", wish).status == 204)
            var worker = try #require(try await server.store.workers().first { $0.name == "w" })
            #expect(worker.devices == ["a b"] && worker.unready == "the worker does not say why")
            wish.unready = "its\u{0}fan"
            #expect(try await server.post("/v1/leases", wish).status == 204)
            worker = try #require(try await server.store.workers().first { $0.name == "w" })
            #expect(worker.unready == "its fan")
            // Names that can be nobody's are no job's, whatever a database makes of them.
            for name in ["%00", "a%00b", "%20"] {
                #expect(try await server.send(.GET, "/v1/jobs/\(name)").status == 404, "\(name)")
                #expect(try await server.send(.GET, "/v1/jobs?after=\(name)").status == 400, "\(name)")
            }
        }
    }
}
