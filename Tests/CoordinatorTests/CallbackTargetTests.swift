// SPDX-License-Identifier: Apache-2.0

import Coordination
import CoordinationSQLite
import Coordinator
import Foundation
import NIOHTTP1
import Synchronization
import SystemTestSupport
import Testing

/// Where callbacks go, and where they do not, whatever a submitter names.
@Suite struct CallbackTargetTests {
    private final class Asked: Sendable {
        let names = Mutex<[String]>([])
    }

    private static let secret = "0123456789abcdef0123456789abcdef"

    @Test func addressesThatCannotBeOrMayNotBe() async throws {
        try await withCoordinator(setting(\.callbackSecret, Self.secret)) { server in
            let circuit = try await server.addCircuit()
            for url in [
                "http://example.org:99999/", "http://example.org:0/", "http://127.0.0.1/", "http://127.1/",
                "http://2130706433/",
                "http://0x7f000001/", "http://017700000001/", "http://127.0.0.1./", "http://localhost/",
                "http://LOCALHOST.:80/",
                "http://a.localhost/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::]/",
                "http://0.0.0.0/",
                "http://10.0.0.1/", "http://192.168.0.1/", "http://100.64.0.1/",
                "http://169.254.169.254/latest/meta-data",
                "http://[fd00:ec2::254]/", "http://[fe80::1]/", "http://168.63.129.16/",
                "http://[64:ff9b::a9fe:a9fe]/",
                "http://user@example.org/", "http://8.8.8.8@127.0.0.1/", "http://example.org/#x",
                "http://example.org\\@127.0.0.1/",
            ] {
                var wanted = try server.specification("a", circuit)
                wanted.callback = url
                let answer = try await server.post("/v1/jobs", wanted)
                #expect(answer.status == 400 && answer.text.contains("callback"), "\(url): \(answer.status)")
            }
            // In a batch each for itself.
            var good = try server.specification("good", circuit)
            good.callback = "https://example.org/hook"
            var bad = try server.specification("bad", circuit)
            bad.callback = "http://127.0.0.1:99999/"
            let answer = try await server.post("/v1/jobs/batch", ["jobs": [good, bad]])
            #expect(
                answer.status == 200 && answer.text.contains(#""outcome":"queued""#)
                    && answer.text.contains("callback: "))
        }
    }

    /// What an earlier version took in, and what nobody should have.
    @Test func anAddressInTheStoreThatCannotBeIsDropped() async throws {
        let options: (inout CoordinatorOptions) -> Void = {
            $0.callbackSecret = Self.secret
            $0.callbackAllowance = CallbackAllowance(
                [CallbackAllowance.Entry("127.0.0.0/8")].compactMap { $0 })
        }
        try await withCoordinator(options) { server in
            let circuit = try await server.addCircuit()
            let database = try SQLiteDatabase(path: server.folder.path("jobs.sqlite"))
            for (index, url) in ["http://127.0.0.1:99999/", "http://127.0.0.1:-1/", "nonsense", ""]
                .enumerated()
            {
                try await server.addJob("j\(index)", circuit) { $0.callback = "http://127.0.0.1:1/" }
                _ = try await database.write { (session) throws(StoreError) in
                    try session.run(
                        "UPDATE deliveries SET url = ?, target = ?",
                        [.text(url), .text("default ?\(index)")])
                }
                _ = try await server.post("/v1/jobs/j\(index)/cancel", [String: String]())
                let end = ContinuousClock.now + .seconds(30)
                var left: Int64? = 1
                while left != 0, .now < end {
                    try await Task.sleep(for: .milliseconds(50))
                    left = try await database.read { (session) throws(StoreError) in
                        try session.run("SELECT COUNT(*) FROM deliveries", []).first?.integer(0)
                    }
                }
                #expect(left == 0, "\(url)")
            }
            #expect(try await server.send(.GET, "/healthz").status == 200)
            await database.close()
        }
    }

    /// The name is resolved once, what it leads to is looked at, and the connection is made there.
    @Test func theAddressThatWasCheckedIsConnectedTo() async throws {
        let receiver = try await CallbackReceiver.start()
        defer { receiver.stop() }
        let asked = Asked()
        let options: (inout CoordinatorOptions) -> Void = {
            $0.callbackSecret = Self.secret
            $0.callbackAllowance = CallbackAllowance(
                [CallbackAllowance.Entry("127.0.0.0/8"), CallbackAllowance.Entry("*.trusted.test")].compactMap
                { $0 })
            $0.resolve = { name in
                asked.names.withLock { $0.append(name) }
                // Names that this machine's resolver does not know.
                let addresses = [
                    "hook.test": ["10.255.255.1", "127.0.0.1"], "inner.test": ["10.255.255.1"],
                    "meta.trusted.test": ["169.254.169.254"],
                ]
                return (addresses[name] ?? []).compactMap { IPAddress($0) }
            }
        }
        try await withCoordinator(options) { server in
            let circuit = try await server.addCircuit()
            for host in ["hook.test", "inner.test", "meta.trusted.test"] {
                try await server.addJob(host.replacing(".", with: "_"), circuit) {
                    $0.callback = "http://\(host):\(receiver.port)/hook"
                }
                _ = try await server.post(
                    "/v1/jobs/\(host.replacing(".", with: "_"))/cancel", [String: String]())
            }
            let end = ContinuousClock.now + .seconds(60)
            while receiver.hosts.isEmpty || Set(asked.names.withLock { $0 }).count < 3, .now < end {
                try await Task.sleep(for: .milliseconds(50))
            }
            try await Task.sleep(for: .milliseconds(500))
            #expect(receiver.hosts == ["hook.test:\(receiver.port)"])
            #expect(asked.names.withLock { $0.filter { $0 == "hook.test" } }.count == 1)
        }
    }

    @Test func aDeadTargetDelaysNoOther() async throws {
        let receiver = try await CallbackReceiver.start()
        defer { receiver.stop() }
        let dead = try SilentListener()
        let options: (inout CoordinatorOptions) -> Void = {
            $0.callbackSecret = Self.secret
            $0.callbackAllowance = CallbackAllowance([CallbackAllowance.Entry("127.0.0.1")].compactMap { $0 })
        }
        try await withCoordinator(options) { server in
            let circuit = try await server.addCircuit()
            func jobs(_ name: String, _ count: Int, _ port: Int) throws -> [JobSpecification] {
                try (0..<count).map { index in
                    var wanted = try server.specification("\(name)\(index)", circuit)
                    wanted.callback = "http://127.0.0.1:\(port)/hook"
                    return wanted
                }
            }
            let all = try jobs("dead", 300, dead.port) + jobs("live", 3, receiver.port)
            #expect(try await server.post("/v1/jobs/batch", ["jobs": all]).status == 200)
            for job in all {
                _ = try await server.store.cancel(server.store.job(job.id, tenant: nil).uid)
            }
            let start = ContinuousClock.now
            while receiver.hosts.count < 3, start.duration(to: .now) < .seconds(60) {
                try await Task.sleep(for: .milliseconds(50))
            }
            // One at a time by 64 would wait for ten seconds, five times.
            #expect(receiver.hosts.count == 3 && start.duration(to: .now) < .seconds(25))
        }
        withExtendedLifetime(dead) {}
    }

    @Test func eachTenantHasItsSecret() throws {
        let secrets = ["a", "b", "default"].map { CallbackSecret.of(tenant: $0, operator: Self.secret) }
        #expect(Set(secrets).count == 3)
        #expect(CallbackSecret.of(tenant: "a", operator: "x" + Self.secret) != secrets[0])
    }

    @Test(arguments: [
        "", "*", "*.", "example.org:80", "http://example.org", "10.0.0.1/8", "127.1", "*.127.0.0.1", "a b",
    ])
    func entriesThatAreNone(text: String) { #expect(CallbackAllowance.Entry(text) == nil) }
}
