// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// What is told of a proof has one form wherever it is told: `docs/result.schema.json`.
@Suite(.serialized) struct ResultSchemaTests {
    private static let documents = Vectors.directory.deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs")

    let schema: JSONSchema
    let errors: JSONSchema

    init() throws {
        func schema(_ name: String) throws -> JSONSchema {
            try JSONSchema(Data(contentsOf: Self.documents.appending(path: name)))
        }
        self.schema = try schema("result.schema.json")
        errors = try schema("error.schema.json")
    }

    /// Demands one document of the form; its members.
    @discardableResult
    private func check(_ text: String, _ place: String) throws -> [String: Any] {
        let data = Data(text.utf8)
        let faults = try schema.faults(data)
        #expect(faults.isEmpty, "\(place): \(faults)\n\(text)")
        // The digests of small witnesses tell what is in them.
        #expect(!text.contains(Self.witnessDigest), "\(place)")
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// Demands a list of documents of the form; their members.
    @discardableResult
    private func check(list: Any?, _ place: String) throws -> [[String: Any]] {
        let items = try #require(list as? [[String: Any]])
        #expect(!items.isEmpty, "\(place)")
        return try items.map {
            try check(
                String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self), place)
        }
    }

    private func json(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    /// SHA-256 of the witness, computed apart from this program.
    private static let witnessDigest = "2f7f1e5c69daabac66b6434262125431050ee807b23847955ec91deb392b83a7"

    /// The names of the members, those of members below them included, without what each place has of its
    /// own.
    private func names(_ object: [String: Any]) -> Set<String> {
        var names = Set(object.keys)
        for (name, value) in object {
            for below in (value as? [String: Any])?.keys ?? [:].keys { names.insert("\(name).\(below)") }
        }
        return names
    }

    private func phases(_ object: [String: Any]) -> [String] {
        ((object["timings"] as? [String: Any])?["phases"] as? [[String: Any]] ?? [])
            .compactMap { $0["phase"] as? String }
    }

    @Test func everyPlaceTellsTheSameOfAProof() throws {
        let folder = try TemporaryFolder()
        // Here.
        let proved = try MartletCommand.run([
            "prove", "--zkey", Multiplier.zkey, "--witness", Multiplier.witness, "--proof",
            folder.path("proof.json"), "--public", folder.path("public.json"), "--backend", "cpu", "--json",
        ])
        let here = try check(proved.output, "prove")

        // In a spool.
        let spool = "spool:" + folder.path("spool")
        func onSpool(_ command: String, _ options: [String]) throws -> MartletCommand.Outcome {
            try MartletCommand.run([command, "--queue", spool] + options)
        }
        let files = ["--zkey", Multiplier.zkey, "--witness", Multiplier.witness]
        let queued = try check(
            onSpool("submit", files + ["--id", "a", "--deadline", "1h", "--json"]).output, "submit")
        #expect(queued["state"] as? String == "queued" && queued["outcome"] as? String == "queued")
        try check(onSpool("job", ["a", "--json"]).output, "job, queued")
        let drained = try onSpool("worker", ["--drain", "--threads", "1", "--backend", "cpu"])
        #expect(drained.status == 0, "\(drained.errors)")
        let written = try check(
            String(contentsOfFile: folder.path("spool/done/a/result.json"), encoding: .utf8), "result.json")
        let spooled = try check(onSpool("job", ["a", "--json"]).output, "job of a spool")
        #expect(spooled["files"] != nil && spooled["id"] as? String == "a")
        let again = try check(onSpool("submit", files + ["--id", "a", "--wait", "--json"]).output, "submit")
        #expect(again["outcome"] as? String == "existing" && again["state"] as? String == "succeeded")
        let seen = try check(list: json(onSpool("jobs", ["--json"]).output), "jobs of a spool")
        #expect(seen.map { $0["state"] as? String } == ["succeeded"])

        // At a coordinator.
        let service = try Service()
        let worker = try service.worker()
        let output = folder.path("out")
        let submitted = try check(
            service.submit("a", ["--wait", "--timeout", "60s", "--output", output, "--json"]).output,
            "submit to a coordinator")
        #expect(submitted["outcome"] as? String == "queued" && submitted["tenant"] as? String == "default")
        let fetched = try check(
            String(contentsOfFile: output + "/result.json", encoding: .utf8), "fetched result.json")
        let told = try check(service.run("job", ["a", "--json"]).output, "job of a coordinator")
        try check(list: json(service.run("jobs", ["--json"]).output), "jobs of a coordinator")
        worker.send(SIGTERM)
        #expect(try worker.end() == 0)

        // What there is to say of a proof all of them say, with the same words.
        let common: Set = [
            "schema", "state", "system", "curve", "backend", "circuit", "circuit.variables",
            "circuit.publics",
            "circuit.domainSize", "circuit.zkeyBytes", "timings", "timings.phases", "timings.total",
            "timings.cpu", "digests", "digests.proof", "digests.public", "startedAt", "endedAt", "martlet",
            "platform",
        ]
        let all = [
            "prove": here, "result.json": written, "spool": spooled, "coordinator": told, "fetched": fetched,
        ]
        for (place, document) in all {
            #expect(common.isSubset(of: names(document)), "\(place): \(names(document).sorted())")
            #expect(document["state"] as? String == "succeeded" && document["curve"] as? String == "bn254")
            #expect(document["circuit"] as? NSDictionary == here["circuit"] as? NSDictionary)
            let proving = ["key", "witness", "quotient", "msmH", "msmWitness", "verify"]
            #expect(phases(document).filter { $0 != "fetch" } == proving, "\(place): \(phases(document))")
            let start = try #require(document["startedAt"] as? Int64)
            let age = Date().timeIntervalSince1970 - Double(start) / 1000
            #expect((-1...600).contains(age), "\(place): \(start) is not now in unix milliseconds")
        }
        for document in [written, spooled, told, fetched] {
            #expect(
                ["id", "worker", "attempt", "priority", "digests.zkey"].allSatisfy(names(document).contains))
            #expect(document["attempt"] as? Int == 1 && document["id"] as? String == "a")
        }
    }

    /// A job that ends otherwise has the same state and the same code in both kinds of queue.
    @Test func bothQueuesCallAnEndTheSame() throws {
        let folder = try TemporaryFolder()
        let spool = "spool:" + folder.path("spool")
        let service = try Service()
        let bad = ["--zkey", Multiplier.zkey, "--witness", Multiplier.unsatisfied]
        let late = ["--zkey", Multiplier.zkey, "--witness", Multiplier.witness, "--deadline", "1"]
        for queue in [spool, service.queue] {
            for (id, options) in [("bad", bad), ("late", late)] {
                let outcome = try MartletCommand.run(["submit", "--queue", queue, "--id", id] + options)
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
        }
        sleep(2)
        #expect(
            try MartletCommand.run([
                "worker", "--queue", spool, "--drain", "--threads", "1", "--backend", "cpu",
            ]).status == 0)
        let worker = try service.worker()
        for (id, state, code) in [("bad", "rejected", "unsatisfied"), ("late", "expired", "deadline")] {
            for queue in [spool, service.queue] {
                let waited = try MartletCommand.run(["wait", "--queue", queue, id, "--timeout", "60s"])
                #expect(waited.output == state + "\n", "\(queue): \(waited.output)\(waited.errors)")
                let job = try check(
                    MartletCommand.run(["job", "--queue", queue, id, "--json"]).output, "\(id) of \(queue)")
                #expect(job["state"] as? String == state)
                let error = try #require(job["error"] as? [String: Any], "\(job)")
                #expect(error["code"] as? String == code, "\(job)")
                #expect((error["message"] as? String)?.contains("witness: the witness") == false, "\(job)")
                let listed = try MartletCommand.run(["jobs", "--queue", queue, "--state", state, "--json"])
                let jobs = try check(list: json(listed.output), "jobs of \(queue)")
                #expect(jobs.map { $0["id"] as? String } == [id])
            }
        }
        let status = try MartletCommand.run(["spool", "status", folder.path("spool"), "--counts", "--json"])
        let counts = try #require(try json(status.output) as? [String: Any])
        #expect(counts["rejected"] as? Int == 1 && counts["expired"] as? Int == 1)
        #expect(counts["dead"] as? Int == 0 && counts["leased"] as? Int == 0)
        let all = try MartletCommand.run(["spool", "status", folder.path("spool"), "--json"])
        try check(list: (json(all.output) as? [String: Any])?["jobs"], "spool status")
        worker.send(SIGTERM)
        #expect(try worker.end() == 0)
    }

    /// The form of the coordinator's document is the same, word by word.
    @Test func theInterfaceHasTheSameSchema() throws {
        let text = try Data(
            contentsOf: Self.documents.deletingLastPathComponent()
                .appending(path: "Sources/CCoordinatorPages/openapi.json"))
        let interface = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        let schemas = (interface["components"] as? [String: Any])?["schemas"] as? [String: Any]
        var file = try #require(
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: Self.documents.appending(path: "result.schema.json")))
                as? [String: Any])
        for key in ["$schema", "$id", "title"] { file[key] = nil }
        #expect(schemas?["Job"] as? NSDictionary == file as NSDictionary)
    }

    /// With `--json` also what goes wrong is JSON: of the file, of the arguments, of the machine.
    @Test(arguments: [
        (["info", "/nonexistent/file", "--json"], "bad-input", Int32(2)),
        (["info", "--json"], "usage", 2),
        (["prove", "--json", "--zkey", "a", "--witness", "b", "--backend", "abacus"], "usage", 2),
        (["frobnicate", "--json"], "usage", 2),
        (["jobs", "--queue", "unix:/nonexistent/socket", "--json"], "infrastructure", 3),
        (["jobs", "--queue", "spool:/nonexistent/spool", "--json"], "bad-input", 2),
        (["jobs", "--queue", "spool:/nonexistent/spool", "--state", "running", "--json"], "usage", 2),
        (["fl", "log", "/nonexistent", "--json"], "bad-input", 2),
        (
            [
                "token", "create", "--role", "worker", "--store", "sqlite:/proc/martlet/x", "--make-store",
                "--json",
            ],
            "infrastructure", 3
        ),
        (
            ["token", "create", "--role", "worker", "--store", "sqlite:/proc/martlet/x", "--json"],
            "bad-input", 2
        ),
    ])
    func errorsAreJSONToo(arguments: [String], code: String, status: Int32) throws {
        let outcome = try MartletCommand.run(arguments)
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(!outcome.errors.isEmpty && !outcome.errors.contains("martlet-error"))
        let faults = try errors.faults(Data(outcome.output.utf8))
        #expect(faults.isEmpty, "\(faults) \(outcome.output)")
        let document = try json(outcome.output) as? [String: Any]
        let error = try #require(document?["error"] as? [String: Any])
        #expect(error["code"] as? String == code && error["exitCode"] as? Int == Int(status))
        let message = try #require(error["message"] as? String)
        #expect(outcome.errors.contains(message), "\(message) is not in \(outcome.errors)")
        // Without it there is nothing on standard output.
        let plain = try MartletCommand.run(arguments.filter { $0 != "--json" })
        #expect(plain.output.isEmpty && plain.status == status, "\(plain.output)")
    }

    /// The check itself refuses what it should: nothing above passes because it looks away.
    @Test(arguments: [
        (#"{"schema":"martlet-result/1","state":"done"}"#, "state"),
        (#"{"schema":"martlet-result/2","state":"queued"}"#, "schema"),
        (#"{"state":"queued"}"#, "schema is missing"),
        (#"{"schema":"martlet-result/1","state":"queued","curve":"bn128"}"#, "curve"),
        (#"{"schema":"martlet-result/1","state":"queued","witness":"00"}"#, "no member witness"),
        (#"{"schema":"martlet-result/1","state":"queued","submittedAt":1.5}"#, "submittedAt"),
        (#"{"schema":"martlet-result/1","state":"queued","attempt":true}"#, "attempt"),
        (#"{"schema":"martlet-result/1","state":"dead","endedAt":1}"#, "error is missing"),
        (
            #"{"schema":"martlet-result/1","state":"succeeded","endedAt":1,"error":{"code":"internal","message":""}}"#,
            "must not"
        ),
        (#"{"schema":"martlet-result/1","state":"queued","digests":{"witness":"00"}}"#, "no member witness"),
        (
            #"{"schema":"martlet-result/1","state":"queued","timings":{"phases":[{"phase":"key"}],"total":-1}}"#,
            "timings.phases[0]: seconds is missing"
        ),
    ])
    func theCheckFindsWhatIsWrong(text: String, fault: String) throws {
        let faults = try schema.faults(Data(text.utf8))
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }
}
