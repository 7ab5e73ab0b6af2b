// SPDX-License-Identifier: Apache-2.0

import Coordination
import Coordinator
import Foundation
import Logging
import NIOHTTP1
import Outcomes
import ProvingEngine
import StrictJSON
import SystemTestSupport
import TestSupport
import Testing

/// Forged proofs, wrong callers, malformed and slow requests: each refused, and nothing changed.
@Suite struct TrustTests {
    /// A witness of the same circuit with other values: a = 5, b = 2, c = 3 over the usual file's header.
    private func otherWitness(_ folder: String) throws -> String {
        var bytes = try Multiplier.witness.get()
        func put(_ value: UInt8, _ wire: Int) {
            let start = bytes.count - 32 * (6 - wire)
            bytes.replaceSubrange(start..<start + 32, with: Data([value]) + Data(count: 31))
        }
        for (wire, value) in [(1, 35), (2, 5), (3, 2), (4, 3), (5, 10)] as [(Int, UInt8)] { put(value, wire) }
        let path = folder + "/other.wtns"
        try bytes.write(to: URL(filePath: path))
        return path
    }

    @Test func onlyTheJobsOwnProofIsTaken() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            let lease = try #require(try await server.lease())
            let output = try Multiplier.prove()
            // A valid proof of the same circuit for other public inputs.
            let other = try Multiplier.prove(otherWitness(server.folder.url.path))
            #expect(other.publicJSON != output.publicJSON)
            let foreign = try await server.complete(lease, other)
            #expect(foreign.status == 422 && foreign.text.contains("public inputs"))
            // The attempt has failed, once; what follows is of no attempt.
            let failed = try await server.send(.GET, "/v1/jobs/a").value(ResultDocument.self)
            #expect(failed.state == .queued && failed.failures == 1 && failed.error?.code == "invalid-proof")
            #expect(try await server.store.workers().map(\.failures) == [1])
            var completion = TestCoordinator.completion(lease, other)
            completion.publicInputs = String(decoding: output.publicJSON, as: UTF8.self)
            let path = "/v1/leases/\(lease.lease)/complete"
            let mixed = try await server.post(path, completion)
            #expect(mixed.status == 422 && mixed.text.contains("does not verify"))
            // A proof of another circuit, over another curve; no proof at all; an epoch that never was.
            let bls = Vectors.url("snarkjs/groth16-bls12381-multiplier/proof.json")
            for (proof, word) in [
                (try String(contentsOf: bls, encoding: .utf8), "bls12381"), ("{}", "proof.json"),
                ("", "proof.json"),
            ] {
                completion = TestCoordinator.completion(lease, output)
                completion.proof = proof
                let answer = try await server.post(path, completion)
                #expect(answer.status == 422 && answer.text.contains(word), "\(answer.text)")
            }
            completion = TestCoordinator.completion(lease, output)
            completion.epoch = 7
            #expect(try await server.post(path, completion).status == 409)
            let left = try await server.send(.GET, "/v1/jobs/a").value(ResultDocument.self)
            #expect(left.state == .queued && left.failures == 1)
            let metrics = try await server.send(.GET, "/metrics").text
            #expect(metrics.contains("martlet_invalid_proofs_total{device="))
            #expect(
                metrics.contains(
                    #"martlet_attempts_failed_total{code="invalid-proof",worker="w"} 1"#), "\(metrics)")
            #expect(try await server.complete(lease, output).status == 200)
            let unknown = try await server.post("/v1/leases/nothing/complete", completion)
            #expect(unknown.status == 404)
        }
    }

    @Test func rolesAndTenants() async throws {
        try await withCoordinator { server in
            let (alice, bob) = (
                try await server.token(.submitter, tenant: "alice"),
                try await server.token(.submitter, tenant: "bob")
            )
            let (first, second) = (try await server.token(.worker), try await server.token(.worker))
            let chief = try await server.token(.operator)
            let watcher = try await server.token(.metrics)
            #expect(try await server.send(.GET, "/v1/jobs").status == 401)
            let circuit = try await server.addCircuit(token: alice)
            // Who watches reads the metrics, and nothing else.
            #expect(try await server.send(.GET, "/metrics", token: watcher).status == 200)
            #expect(try await server.send(.GET, "/metrics", token: alice).status == 403)
            for path in [
                "jobs", "jobs/a", "circuits", "circuits/\(circuit)", "blobs/\(circuit)", "workers", "queue",
                "status", "leases/x/witness",
            ] {
                #expect(try await server.send(.GET, "/v1/\(path)", token: watcher).status == 403, "\(path)")
            }
            for path in ["jobs", "circuits", "leases", "leases/x/complete", "workers/w/cordon"] {
                #expect(
                    try await server.post(text: "{}", "/v1/\(path)", token: watcher).status == 403, "\(path)")
            }
            try await server.addJob("a", circuit, token: alice)
            // The same name is another job of another tenant.
            #expect(try await server.send(.GET, "/v1/jobs/a", token: bob).status == 404)
            #expect(try await server.post("/v1/jobs/a/cancel", [String: String](), token: bob).status == 404)
            #expect(
                try await server.send(.PUT, "/v1/jobs/a/witness", Data("x".utf8), token: bob).status == 404)
            #expect(try await server.send(.GET, "/v1/jobs", token: bob).text == #"{"jobs":[],"next":null}"#)
            #expect(try await server.send(.GET, "/v1/jobs/a", token: chief).status == 200)
            // Who acts for one tenant does not get at another's job of the name.
            for (tenant, status) in [("alice", 200), ("bob", 404), ("default", 404)] {
                let answer = try await server.send(
                    .GET, "/v1/jobs/a", token: chief, headers: ["Martlet-Tenant": tenant])
                #expect(answer.status == status, "\(tenant)")
            }
            let strange = try await server.send(
                .POST, "/v1/jobs/a/cancel", token: chief, headers: ["Martlet-Tenant": "bob"])
            #expect(strange.status == 404)
            try await server.addJob("a", circuit, token: bob)
            // A worker sees what it leases, and nothing else.
            for (method, path) in [("GET", "/v1/jobs"), ("GET", "/v1/jobs/a"), ("GET", "/v1/status")] {
                let answer = try await server.send(.init(rawValue: method), path, token: first)
                #expect(answer.status == 403 && answer.code == "forbidden", "\(path)")
            }
            #expect(try await server.post("/v1/leases", ["worker": "w"], token: alice).status == 403)
            let lease = try #require(try await server.lease(token: first))
            #expect(
                try await server.send(.GET, "/v1/leases/\(lease.lease)/witness", token: first).status == 200)
            #expect(
                try await server.send(.GET, "/v1/leases/\(lease.lease)/witness", token: second).status == 404)
            let renewal = Renewal(epoch: lease.epoch)
            let foreign = try await server.post("/v1/leases/\(lease.lease)/renew", renewal, token: second)
            #expect(try foreign.value(RenewalAnswer.self).order == .lost)
            let report = FailureReport(epoch: lease.epoch, code: "internal", message: "")
            #expect(
                try await server.post("/v1/leases/\(lease.lease)/fail", report, token: second).status == 409)
            // Another principal with the same incarnation does not get the lease either.
            #expect(try await server.lease(token: second)?.lease != lease.lease)
            #expect(
                try await server.post("/v1/jobs/a/requeue", [String: String](), token: alice).status == 403)
        }
    }

    @Test func tokensThatDoNotServe() async throws {
        try await withCoordinator { server in
            let good = try await server.token(.submitter)
            let old = try await server.token(.submitter, expiresAt: 1000)
            #expect(try await server.send(.GET, "/v1/jobs", token: good).status == 200)
            let id = String(good.prefix { $0 != "." })
            for token in [old, id, id + ".", id + ".0", good + "0", String(good.dropLast()), "x.y", "."] {
                let answer = try await server.send(.GET, "/v1/jobs", token: token)
                #expect(answer.status == 401 && answer.headers.first(name: "WWW-Authenticate") == "Bearer")
                #expect(!answer.text.contains(good.dropFirst(id.count + 1)))
            }
            let basic = try await server.send(.GET, "/v1/jobs", headers: ["Authorization": "Basic eDp5"])
            #expect(basic.status == 401)
            try await server.store.removeToken(id)
            let end = ContinuousClock.now + .seconds(30)
            var status = 200
            while status == 200, .now < end {
                status = try await server.send(.GET, "/v1/jobs", token: good).status
            }
            // No token of use is left, but one that has expired: still nobody is let in without.
            #expect(status == 401)
            #expect(try await server.send(.GET, "/v1/jobs").status == 401)
        }
    }

    @Test func quotas() async throws {
        try await withCoordinator { server in
            let token = try await server.token(.submitter, tenant: "t", maxOpenJobs: 2)
            let circuit = try await server.addCircuit(token: token)
            try await server.addJob("a", circuit, token: token)
            try await server.addJob("b", circuit, token: token)
            let third = try await server.post("/v1/jobs", server.specification("c", circuit), token: token)
            #expect(third.status == 429 && third.code == "quota")
            // What is there already is no further job.
            #expect(
                try await server.post("/v1/jobs", server.specification("a", circuit), token: token).status
                    == 200)
            _ = try await server.post("/v1/jobs/a/cancel", [String: String](), token: token)
            #expect(
                try await server.post("/v1/jobs", server.specification("c", circuit), token: token).status
                    == 201)
        }
    }

    @Test func pagesFromElsewhereAreRefused() async throws {
        try await withCoordinator { server in
            let own = "http://127.0.0.1:\(server.port)"
            #expect(try await server.send(.GET, "/v1/jobs", headers: ["Origin": own]).status == 200)
            for headers in [
                ["Origin": "https://example.org"], ["Origin": "null"], ["Host": "rebound.example.org"],
                // Names that begin or end like those of this machine.
                ["Host": "127.evil.example"], ["Host": "127.0.0.1.evil.example:\(server.port)"],
                ["Host": "localhost.evil.example"], ["Host": "127.1"], ["Host": "0x7f.0.0.1"],
                ["Host": "0.0.0.0"],
                ["Host": "127.0.0.1:99999"], ["Host": "[::1]evil"], ["Host": "[::2]"],
                ["Host": "evil@127.0.0.1"],
                ["Origin": "\(own).evil.example"], ["Origin": "\(own)/"],
                ["Origin": "http://x@127.0.0.1:\(server.port)"],
                ["Origin": "http://127.0.0.1"], ["Origin": "https://127.0.0.1"], ["Origin": "\(own)#"],
            ] {
                let answer = try await server.send(.GET, "/v1/jobs", headers: headers)
                #expect(answer.status == 403, "\(headers)")
            }
            for host in [
                "localhost", "LOCALHOST:1", "127.255.0.3", "[::1]:8080", "[::ffff:127.0.0.1]", "localhost.",
            ] {
                let answer = try await server.send(.GET, "/v1/jobs", headers: ["Host": host])
                #expect(answer.status == 200, "\(host)")
            }
            let form = try await server.send(
                .POST, "/v1/circuits", Data("zkey=1".utf8),
                headers: ["Content-Type": "application/x-www-form-urlencoded"])
            #expect(form.status == 415)
        }
    }

    @Test(arguments: [
        ("/v1/jobs", "", "not JSON"),
        ("/v1/jobs", "[]", "the body: an object is expected, and an array is there"),
        ("/v1/jobs", "{", "not JSON"),
        ("/v1/jobs", "{}", "circuit: missing"),
        ("/v1/jobs", #"{"circuit":"a","circuit":"b"}"#, "not JSON: circuit: the member occurs twice"),
        ("/v1/jobs/batch", #"{"jobs":[],}"#, "not JSON: jobs: a comma with nothing after it"),
        ("/v1/jobs", #"{"circuit":1,"witness":{}}"#, "circuit"),
        ("/v1/jobs", #"{"circuit":"a","witness":{"sha256":"a","size":1}}"#, "circuit: not 64"),
        ("/v1/jobs", #"{"circuit":"a","witness":{"sha256":"a","size":1,"x":0}}"#, "unknown member"),
        (
            "/v1/jobs", #"{"circuit":"a","witness":{"sha256":"a","size":1.5}}"#,
            "witness.size: a whole number is expected"
        ),
        ("/v1/jobs", #"{"circuit":"a","witness":{"sha256":"a","size":1},"id":"../x"}"#, "id"),
        ("/v1/jobs", #"{"circuit":"a","witness":{"sha256":"a","size":1},"priorty":3}"#, "priorty"),
        ("/v1/jobs/batch", #"{"jobs":[]}"#, "jobs"),
        // Before any of them is looked at.
        (
            "/v1/jobs/batch", #"{"jobs":["# + String(repeating: "1,", count: 10_000) + "1]}",
            "jobs: 1 to 10000 in a batch"
        ),
        ("/v1/jobs/batch", #"{"jobs":{}}"#, "jobs"),
        ("/v1/circuits", #"{"zkey":"ABC"}"#, "zkey"), ("/v1/circuits", "{}", "zkey"),
        ("/v1/leases", "{}", "worker"), ("/v1/leases", #"{"worker":"a","incarnation":"i","wiat":1}"#, "wiat"),
        ("/v1/leases/x/renew", #"{"epoch":1,"progres":0.5}"#, "progres"),
        ("/v1/leases/x/renew", #"{"epoch":1,"progress":7}"#, "progress"),
        ("/v1/leases/x/release", #"{"epoch":1,"x":1}"#, "unknown member"),
        (
            "/v1/leases/x/complete",
            #"{"epoch":1,"proof":"","publicInputs":"","report":{"backend":"","timings":{"phases":[],"total":0},"martlet":"","x":1}}"#,
            "unknown member"
        ),
        ("/v1/jobs/batch", #"{"jobs":[],"x":1}"#, "unknown member"),
        ("/v1/circuits", #"{"zkey":"a","x":1}"#, "unknown member"),
        (
            "/v1/leases", #"{"worker":"a b","incarnation":"i","slot":0,"devices":[],"loadedCircuits":[]}"#,
            "worker"
        ),
        (
            "/v1/leases", #"{"worker":"a","incarnation":"i","slot":-1,"devices":[],"loadedCircuits":[]}"#,
            "slot"
        ),
        (
            "/v1/leases",
            #"{"worker":"a","incarnation":"i","slot":0,"devices":[],"loadedCircuits":[],"wait":61}"#,
            "wait"
        ),
    ])
    func malformedBodies(path: String, body: String, word: String) async throws {
        try await withCoordinator { server in
            let answer = try await server.post(text: body, path)
            #expect(answer.status == 400 && answer.code == "invalid", "\(answer.status) \(answer.text)")
            #expect(answer.text.contains(word), "\(answer.text)")
        }
    }

    /// What a newer coordinator answers is understood: only requests are held to what is known.
    @Test func answersMayHaveMore() throws {
        let text = """
            {"schema":"martlet-result/1","id":"a","tenant":"t","state":"succeeded","failures":0,"epoch":1,"new":1,
            "timings":{"phases":[{"phase":"p","seconds":1,"new":1}],"total":1,"new":1},"worker":{"name":"w","new":1}}
            """
        let job = try StrictJSONDecoder().decode(ResultDocument.self, from: text)
        #expect(job.worker?.name == "w" && job.facts.timings?.phases.first?.phase == "p")
        // But another form is not guessed at.
        #expect(throws: JSONError.self) {
            try StrictJSONDecoder().decode(
                ResultDocument.self, from: #"{"schema":"martlet-result/2","state":"queued"}"#)
        }
    }

    @Test func largeAndSlowRequests() async throws {
        try await withCoordinator(setting(\.bodySeconds, 0.3)) { server in
            let large = try await server.post(
                text: "\"" + String(repeating: "x", count: 3 << 20) + "\"", "/v1/jobs")
            #expect(large.status == 413)
            let headers = String(repeating: "x", count: 40_000)
            let long = try? await server.send(.GET, "/healthz", headers: ["X-Long": headers])
            #expect(long?.status != 200)
            // A body that stops in the middle.
            let socket = try RawConnection(port: server.port)
            try socket.write(
                "POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"id"
            )
            #expect(try socket.read().hasPrefix("HTTP/1.1 408"))
            // Others are served meanwhile and afterwards.
            #expect(try await server.send(.GET, "/healthz").status == 200)
            for text in ["NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET  /\r\nx\r\n\r\n"] {
                let broken = try RawConnection(port: server.port)
                try broken.write(text)
                try await isBroken(broken)
            }
            #expect(try await server.send(.GET, "/healthz").status == 200)
        }
    }

    /// There is one answer, in JSON, and the connection ends with it.
    private func isBroken(_ connection: RawConnection, status: Int = 400) async throws {
        var answer = ""
        while true {
            let part = try await connection.next()
            if part.isEmpty { break }
            answer += part
        }
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        #expect(answer.contains(#""code":"invalid""#), "\(answer)")
        #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2, "\(answer)")
    }

    /// Bodies that are no HTTP, or that end too early, are their clients' mistakes: no failure of ours is
    /// logged.
    @Test func bodiesThatBreakOff() async throws {
        let log = RecordedLog()
        try await withCoordinator(log: log) { server in
            let circuit = try await server.addCircuit()
            #expect(try await server.post("/v1/jobs", server.specification("a", circuit)).status == 201)
            let digest = String(repeating: "a", count: 64)
            for path in ["POST /v1/jobs", "PUT /v1/blobs/\(digest)", "PUT /v1/jobs/a/witness"] {
                let head = "\(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                for body in ["zz\r\n", "2\r\nabcdef\r\n", "ffffffffffffffffff\r\n"] {
                    let chunked = try RawConnection(port: server.port)
                    try chunked.write(head + "Transfer-Encoding: chunked\r\n\r\n" + body)
                    try await isBroken(chunked)
                }
                let cut = try RawConnection(port: server.port)
                try cut.write(head + "Content-Length: 268\r\n\r\n{\"id")
                cut.endWriting()
                try await isBroken(cut)
                let gone = try RawConnection(port: server.port)
                try gone.write(head + "Content-Length: 268\r\n\r\n{\"id")
            }
            // One that was refused before anybody looked at its body is answered once.
            let refused = try RawConnection(port: server.port)
            try refused.write(
                "PUT /v1/jobs/a/witness HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{\"id")
            refused.endWriting()
            try await isBroken(refused, status: 422)
            #expect(try await server.send(.GET, "/healthz").status == 200)
            // Nothing of what broke off counts as the witness, or as its end.
            #expect(try await server.send(.PUT, "/v1/jobs/a/witness", Multiplier.witness.get()).status == 204)
        }
        // Of ours: the server tells of its end.
        let lines = log.lines(from: .warning)
        #expect(!lines.contains { $0.contains("request") }, "\(lines)")
    }

    /// Who waits to be told to send a body is told so when it is wanted, and gets the answer alone where it
    /// is not.
    @Test func bodiesThatAreAskedFor() async throws {
        try await withCoordinator(setting(\.maxBlob, 100)) { server in
            let data = Data("some bytes".utf8)
            func head(_ method: String, _ path: String, _ length: Int) -> String {
                "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    + "Expect: 100-continue\r\nContent-Length: \(length)\r\n\r\n"
            }
            for (method, path, body, status) in [
                ("PUT", "/v1/blobs/\(Multiplier.digest(data))", "some bytes", 201),
                ("POST", "/v1/circuits", "{}", 400), ("POST", "/v1/leases", "{}", 400),
            ] {
                let connection = try RawConnection(port: server.port)
                try connection.write(head(method, path, body.utf8.count))
                #expect(try await connection.next() == "HTTP/1.1 100 Continue\r\n\r\n", "\(path)")
                try connection.write(body)
                #expect(try await connection.next().hasPrefix("HTTP/1.1 \(status) "), "\(path)")
            }
            // Too large; a name that is none; known already.
            for (path, status) in [
                ("/v1/blobs/\(String(repeating: "a", count: 64))", 413), ("/v1/blobs/x", 400),
                ("/v1/blobs/\(Multiplier.digest(data))", 200),
            ] {
                let connection = try RawConnection(port: server.port)
                try connection.write(head("PUT", path, 101))
                let answer = try await connection.next()
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
                #expect(answer.lowercased().contains("connection: close"), "\(answer)")
            }
        }
    }

    /// A body in a coding that nobody undoes is not read as if it had none; a length that no file has is too
    /// large, and no nonsense.
    @Test func bodiesInCodings() async throws {
        try await withCoordinator { server in
            for (fields, status) in [
                ("Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415),
                ("Content-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}", 400),
                ("Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
            ] {
                let connection = try RawConnection(port: server.port)
                try connection.write("POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)")
                let answer = try await connection.next()
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
                // Of the body something is said only where it was read.
                #expect(answer.contains("Encoding:") == !fields.contains("identity"), "\(answer)")
            }
            let connection = try RawConnection(port: server.port)
            try connection.write(
                "PUT /v1/blobs/\(String(repeating: "a", count: 64)) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    + "Content-Length: \(Int64.max)\r\n\r\n")
            let answer = try await connection.next()
            #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer)")
        }
    }

    @Test func methodsThatAPathHasNot() async throws {
        try await withCoordinator { server in
            for (method, path, allowed) in [
                (HTTPMethod.DELETE, "/v1/jobs", "GET, POST"), (.PATCH, "/v1/jobs/a", "GET"),
                (.GET, "/v1/jobs/a/cancel", "POST"), (.POST, "/metrics", "GET"),
            ] {
                let answer = try await server.send(method, path)
                #expect(answer.status == 405 && answer.code == "invalid", "\(path)")
                #expect(answer.headers.first(name: "Allow") == allowed, "\(path)")
            }
        }
    }

    @Test func unknownPathsAndQueries() async throws {
        try await withCoordinator { server in
            for path in [
                "/x", "/v1", "/v1/jobs/none", "/v1/jobs/none/proof", "/v1/jobs/%2e%2e",
                "/v1/leases/x/witness",
            ] {
                let answer = try await server.send(.GET, path)
                #expect(answer.status == 404 && answer.code == "unknown", "\(path)")
            }
            for query in ["state=done", "limit=0", "limit=1001", "limit=x"] {
                #expect(try await server.send(.GET, "/v1/jobs?\(query)").status == 400, "\(query)")
            }
            try await server.addJob("a", server.addCircuit())
            for wait in ["x", "-1", "nan", "inf", "0x5", "+1", "1e999"] {
                #expect(try await server.send(.GET, "/v1/jobs/a?wait=\(wait)").status == 400, "\(wait)")
            }
        }
    }
}
