// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Coordination
import Coordinator
import Foundation
import NIOCore
import NIOHTTP1
import SystemTestSupport
import Testing

/// What a coordinator takes from those who only take: connections, bodies, streams.
@Suite struct LimitTests {
    /// The status of `/healthz` over a connection of its own, and how long it took.
    private func health(_ server: TestCoordinator) async throws -> (isFine: Bool, time: Duration) {
        let start = ContinuousClock.now
        let socket = try RawConnection(port: server.port)
        try socket.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        return (try await socket.next().hasPrefix("HTTP/1.1 200"), start.duration(to: .now))
    }

    @Test(arguments: [(20, 1000), (1000, 20)])
    func silentConnectionsMakeRoom(total: Int, perAddress: Int) async throws {
        let options: (inout CoordinatorOptions) -> Void = {
            $0.maxConnections = total
            $0.maxConnectionsPerAddress = perAddress
        }
        try await withCoordinator(options) { server in
            let silent = try (0..<60).map { _ in try RawConnection(port: server.port) }
            let (isFine, time) = try await health(server)
            #expect(isFine && time < .seconds(10))
            // The oldest went.
            #expect(try await silent[0].next() == "")
            // One that is being answered stays, whatever others do.
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            let busy = try RawConnection(port: server.port)
            try busy.write("GET /v1/jobs/a?wait=60 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            let end = ContinuousClock.now + .seconds(30)
            while .now < end {
                let metrics = try await server.send(.GET, "/metrics").text
                if metrics.contains("martlet_waiting_requests 1.0") { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            let others = try (0..<60).map { _ in try RawConnection(port: server.port) }
            #expect(try await health(server).isFine)
            _ = try await server.post("/v1/jobs/a/cancel", [String: String]())
            #expect(try await busy.next().hasPrefix("HTTP/1.1 200"))
            withExtendedLifetime((silent, others)) {}
        }
    }

    /// Who sends many requests at once and reads late gets all answers, and not all are made before. How few
    /// are in memory meanwhile shows in that, and not here: docs/numbers.md.
    @Test func answersAreThereForWhoReadsLate() async throws {
        try await withCoordinator { server in
            func made() async throws -> Int {
                let metrics = try await server.send(.GET, "/metrics").text
                let line = metrics.split(separator: "\n").first {
                    $0.hasPrefix("martlet_http_requests_total{status=\"200\"}")
                }
                return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
            }
            let before = try await made()
            let count = 800
            let requests = (0..<count).map { index in
                "GET \(index % 2 == 0 ? "/openapi.json" : "/healthz") HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            }
            let connections = try (0..<3).map { _ in try RawConnection(port: server.port) }
            for connection in connections { try connection.write(requests.joined()) }
            try await Task.sleep(for: .seconds(2))
            let early = try await made() - before
            // What fits into the system's own buffers is made.
            #expect((connections.count...connections.count * count * 3 / 4).contains(early), "\(early)")
            var text = ""
            var answers = 0
            while answers < count {
                let part = try await connections[0].next()
                try #require(!part.isEmpty)
                text += part
                let heads = text.split(separator: "HTTP/1.1 200 OK\r\n", omittingEmptySubsequences: false)
                answers += heads.count - 1
                text = String(heads.last?.suffix(20) ?? "")
            }
            #expect(answers == count)
            withExtendedLifetime(connections) {}
        }
    }

    @Test func aConnectionThatSaysNothingIsClosed() async throws {
        try await withCoordinator(setting(\.headSeconds, 1)) { server in
            let silent = try RawConnection(port: server.port)
            let slow = try RawConnection(port: server.port)
            try slow.write("GET /healthz HTTP/1.1\r\nHost: ")
            #expect(try await silent.next() == "")
            #expect(try await slow.next() == "")
        }
    }

    @Test func bodiesThatStallAreEnded() async throws {
        let options: (inout CoordinatorOptions) -> Void = {
            $0.minBodyRate = 500
            $0.bodyWindow = 2
        }
        try await withCoordinator(options) { server in
            let digest = String(repeating: "a", count: 64)
            let stalled = try (0..<30).map { _ in
                let socket = try RawConnection(port: server.port)
                try socket.write(
                    "PUT /v1/blobs/\(digest) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nabc"
                )
                return socket
            }
            #expect(try await health(server).isFine)
            var answers: [String] = []
            for socket in stalled { answers.append(try await socket.next()) }
            // The others were told that somebody else uploads it.
            #expect(answers.contains { $0.hasPrefix("HTTP/1.1 408") }, "\(answers.first ?? "")")
            #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 408") || $0.hasPrefix("HTTP/1.1 409") })
            // And nobody waits for the rest.
            #expect(try await stalled[0].next() == "")
            // One that is slow, but not too slow, is taken.
            let data = Data((0..<6000).map { UInt8($0 & 0x3f) + 32 })
            let steady = try RawConnection(port: server.port)
            try steady.write(
                "PUT /v1/blobs/\(Multiplier.digest(data)) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 6000\r\n\r\n"
            )
            for start in stride(from: 0, to: 6000, by: 1000) {
                try steady.write(String(decoding: data[start..<start + 1000], as: UTF8.self))
                try await Task.sleep(for: .milliseconds(250))
            }
            #expect(try await steady.next().hasPrefix("HTTP/1.1 201"))
        }
    }

    @Test func bodiesInMemoryAreLimited() async throws {
        try await withCoordinator(setting(\.maxBodyMemory, 100_000)) { server in
            let large = "\"" + String(repeating: "x", count: 60_000) + "\""
            #expect(try await server.post(text: large, "/v1/jobs/batch").status == 400)
            let socket = try RawConnection(port: server.port)
            try socket.write(
                "POST /v1/jobs/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n"
            )
            try socket.write(String(large.dropLast(10)))
            // Once it is there: a large one that came at the same moment could be the one that is refused.
            let end = ContinuousClock.now + .seconds(15)
            while try await !server.send(.GET, "/metrics").text.contains("martlet_body_bytes 59992.0"),
                .now < end
            {
                try await Task.sleep(for: .milliseconds(20))
            }
            let answer = try await server.post(text: large, "/v1/jobs/batch")
            #expect(answer.status == 503 && answer.code == "unavailable")
            try socket.write(String(repeating: "x", count: 30_007) + "\"")
            #expect(try await socket.next().hasPrefix("HTTP/1.1 400"))
            #expect(try await server.post(text: large, "/v1/jobs/batch").status == 400)
        }
    }

    /// A stream of events, begun.
    private func stream(_ server: TestCoordinator, _ token: String) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: server.url("/v1/jobs/a/events"))
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        return try await HTTPClient.shared.execute(request, timeout: .seconds(60))
    }

    @Test func streamsAndRequestsOfATokenAreLimited() async throws {
        let options: (inout CoordinatorOptions) -> Void = {
            $0.maxStreamsPerToken = 2
            $0.maxRequestsPerToken = 3
        }
        try await withCoordinator(options) { server in
            let (token, other) = (try await server.token(.submitter), try await server.token(.submitter))
            let circuit = try await server.addCircuit(token: token)
            try await server.addJob("a", circuit, token: token)
            let first = try await stream(server, token)
            let second = try await stream(server, token)
            #expect(first.status == .ok && second.status == .ok)
            #expect(try await stream(server, token).status == .tooManyRequests)
            #expect(try await server.send(.GET, "/v1/jobs/a", token: token).status == 200)
            // Until it is one of the three.
            @Sendable func wait() async throws -> Int {
                while true {
                    let status = try await server.send(.GET, "/v1/jobs/a?wait=20", token: token).status
                    if status != 429 { return status }
                }
            }
            async let waits = wait()
            let end = ContinuousClock.now + .seconds(15)
            var status = 200
            while status == 200, .now < end {
                status = try await server.send(.GET, "/v1/jobs/a", token: token).status
            }
            #expect(status == 429)
            // Another token, and somebody who only knows the token's name, are not the token.
            #expect(try await server.send(.GET, "/v1/jobs/a", token: other).status == 200)
            let id = token.prefix { $0 != "." }
            #expect(try await server.send(.GET, "/v1/jobs/a", token: "\(id).x").status == 401)
            // Once it is revoked its streams end.
            try await server.store.removeToken(String(id))
            for response in [first, second] {
                let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
                #expect(text.hasPrefix("event: job"))
            }
            _ = try await server.store.cancel(server.store.job("a", tenant: nil).uid)
            _ = try await waits
        }
    }

    /// Whoever waits for a job, or uploads, with a token that is revoked is sent away soon.
    @Test func revokedTokensWaitAndUploadNoLonger() async throws {
        try await withCoordinator(setting(\.minBodyRate, 0)) { server in
            let kept = try await server.token(.submitter)
            let token = try await server.token(.submitter)
            let circuit = try await server.addCircuit(token: token)
            let made = try await server.post("/v1/jobs", server.specification("a", circuit), token: token)
            #expect(made.status == 201)
            async let waits = server.send(.GET, "/v1/jobs/a?wait=60", token: token)
            let digest = String(repeating: "a", count: 64)
            let uploads = try ["blobs/\(digest)", "jobs/a/witness"].map { path in
                let connection = try RawConnection(port: server.port)
                try connection.write(
                    "PUT /v1/\(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\n"
                        + "Content-Length: 268\r\n\r\nx")
                return connection
            }
            // The requests are under way.
            try await Task.sleep(for: .seconds(1))
            let start = ContinuousClock.now
            try await server.store.removeToken(String(token.prefix { $0 != "." }))
            #expect(try await waits.status == 401)
            #expect(start.duration(to: .now) < .seconds(30))
            try await Task.sleep(for: .seconds(3))
            for connection in uploads {
                try connection.write("x")
                let answer = try await connection.next()
                #expect(answer.hasPrefix("HTTP/1.1 401 "), "\(answer)")
            }
            #expect(try await server.send(.GET, "/v1/jobs/a", token: kept).status == 200)
        }
    }

    /// Whatever is revoked, and whatever is restored from before.
    @Test func onceThereWasATokenNobodyIsAnonymous() async throws {
        let folder = try TemporaryFolder()
        func anonymous(
            _ store: String, _ data: String, _ body: (TestCoordinator) async throws -> Void = { _ in }
        ) async throws -> Int {
            let server = try await TestCoordinator.start(
                in: folder, names: ("\(store).sqlite", "data-\(data)"))
            try await body(server)
            let status = try await server.send(.GET, "/v1/jobs").status
            await server.stop()
            return status
        }
        #expect(try await anonymous("a", "a") == 200)
        for end in ["", "-wal"] where FileManager.default.fileExists(atPath: folder.path("a.sqlite\(end)")) {
            try FileManager.default.copyItem(
                atPath: folder.path("a.sqlite\(end)"), toPath: folder.path("before.sqlite\(end)"))
        }
        let afterRevocation = try await anonymous("a", "a") { server in
            let token = try await server.token(.submitter)
            #expect(try await server.send(.GET, "/v1/jobs").status == 401)
            try await server.store.removeToken(String(token.prefix { $0 != "." }))
            try await Task.sleep(for: .milliseconds(2200))
        }
        #expect(afterRevocation == 401)
        // Started again; with a store from before; with another folder.
        #expect(try await anonymous("a", "a") == 401)
        #expect(try await anonymous("before", "a") == 401)
        #expect(try await anonymous("a", "b") == 401)
        #expect(try await anonymous("c", "c") == 200)
    }
}
