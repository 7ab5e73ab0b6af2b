// SPDX-License-Identifier: Apache-2.0

import Coordination
import Coordinator
import Foundation
import Hummingbird
import Logging
import NIOHTTP1
import Outcomes
import ServiceLifecycle
import Synchronization
import SystemTestSupport
import Testing

/// The news of a job's end, posted to its submitter.
@Suite struct CallbackTests {
    /// Takes posts; the first is refused, as by a server that is just starting.
    private final class Receiver: Sendable {
        struct Post: Sendable {
            var signature: String
            var body: Data
        }
        let posts = Mutex<[Post]>([])
        private let port = Mutex(0)
        private let task = Mutex<Task<Void, any Error>?>(nil)

        func start() async throws -> Int {
            let router = Router()
            router.post("/hook") { request, _ in
                let body = try await request.body.collect(upTo: 1 << 20)
                let isFirst = self.posts.withLock { posts in
                    posts.append(
                        Post(
                            signature: request.headers[.init("Martlet-Signature")!] ?? "",
                            body: Data(body.readableBytesView)))
                    return posts.count == 1
                }
                return isFirst ? HTTPResponse.Status.serviceUnavailable : .noContent
            }
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let (ports, listening) = AsyncStream<Int>.makeStream()
            let application = Application(
                router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { channel in
                    listening.yield(channel.localAddress?.port ?? 0)
                    listening.finish()
                }, logger: logger)
            let group = ServiceGroup(services: [application], logger: logger)
            task.withLock { $0 = Task { try await group.run() } }
            for await found in ports { port.withLock { $0 = found } }
            return port.withLock { $0 }
        }

        func stop() { task.withLock { $0?.cancel() } }
    }

    @Test func endsAreSignedAndRepeatedUntilTaken() async throws {
        let receiver = Receiver()
        let port = try await receiver.start()
        defer { receiver.stop() }
        let options: (inout CoordinatorOptions) -> Void = {
            $0.callbackSecret = "a secret"
            $0.callbackAllowance = CallbackAllowance([.name("localhost")])
        }
        try await withCoordinator(options) { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit) { $0.callback = "http://localhost:\(port)/hook" }
            #expect(try await server.post("/v1/jobs/a/cancel", [String: String]()).status == 200)
            let end = ContinuousClock.now + .seconds(60)
            while receiver.posts.withLock({ $0.count }) < 2, .now < end {
                try await Task.sleep(for: .milliseconds(50))
            }
            let posts = receiver.posts.withLock { $0 }
            #expect(posts.count == 2)
            for post in posts {
                let job = try JSONDecoder().decode(ResultDocument.self, from: post.body)
                #expect(job.id == "a" && job.state == .cancelled)
                let parts = post.signature.split(separator: ",").map { $0.split(separator: "=").last ?? "" }
                let seconds = try #require(Double(parts[0]))
                #expect(abs(seconds - Date().timeIntervalSince1970) < 120)
                // By a program that shares nothing with ours, with the secret that the tenant is told.
                struct Secret: Decodable { var tenant: String, secret: String }
                let secret: Secret = try await server.send(.GET, "/v1/callbacks/secret").value()
                #expect(secret.tenant == "default" && secret.secret.utf8.count == 64)
                let folder = try TemporaryFolder()
                try (Data("\(parts[0]).".utf8) + post.body).write(to: folder.url.appending(path: "signed"))
                let outcome = try MartletCommand.run(
                    URL(filePath: "/usr/bin/env"),
                    [
                        "python3", "-c",
                        "import hmac,sys;k=hmac.new(b'a secret',b'martlet callbacks of default','sha256').hexdigest();print(k,hmac.new(k.encode(),open(sys.argv[1],'rb').read(),'sha256').hexdigest())",
                        folder.path("signed"),
                    ])
                #expect(
                    outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
                        == "\(secret.secret) \(parts[1])")
            }
            // It was taken: it never comes again, now or later.
            func left() throws -> String {
                let outcome = try MartletCommand.run(
                    URL(filePath: "/usr/bin/env"),
                    [
                        "python3", "-c",
                        "import sqlite3,sys;print(*sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM deliveries').fetchone())",
                        server.folder.path("jobs.sqlite"),
                    ])
                return outcome.output
            }
            while try left() != "0\n", .now < end { try await Task.sleep(for: .milliseconds(100)) }
            #expect(try left() == "0\n")
        }
    }

    @Test func withoutASecretThereAreNone() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            var specification = try server.specification("a", circuit)
            specification.callback = "http://127.0.0.1:1/"
            let answer = try await server.post("/v1/jobs", specification)
            #expect(answer.status == 400 && answer.text.contains("callback"))
            specification.callback = "file:///etc/passwd"
            #expect(try await server.post("/v1/jobs", specification).status == 400)
        }
    }
}
