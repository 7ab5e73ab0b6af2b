// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Hummingbird
import Logging
import MartletClient
import NIOCore
import NIOHTTP1
import Outcomes
import RemoteWorker
import ServiceLifecycle
import Synchronization
import SystemTestSupport
import Testing

/// Witnesses that are gone from the coordinator's disk while their jobs wait.
@Suite struct LostWitnessTests {
    @Test(arguments: [false, true]) func theJobAsksForItAgain(isPartThere: Bool) async throws {
        let log = RecordedLog()
        try await withCoordinator(log: log) { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            let uid = try await server.store.job("a", tenant: nil).uid
            let path = server.folder.path("data/witnesses/\(uid)")
            if isPartThere {
                #expect(truncate(path, 50) == 0)
            } else {
                try FileManager.default.removeItem(atPath: path)
            }
            try await server.addJob("b", circuit)
            let lease = try #require(try await server.lease())
            #expect(lease.job == "a")
            let witness = "/v1/leases/\(lease.lease)/witness"
            let answer = try await server.send(.GET, witness)
            #expect(answer.status == 409 && answer.code == "conflict" && answer.text.contains("lost"))
            let job: ResultDocument = try await server.send(.GET, "/v1/jobs/a").value()
            #expect(job.state == .receiving && job.error?.code == "not-received" && job.failures == 0)
            // The lease is over, and others get their turn.
            #expect(try await server.send(.GET, witness).status == 404)
            let release = try await server.post(
                "/v1/leases/\(lease.lease)/release", ["epoch": lease.epoch])
            #expect(release.status == 409 && release.code == "staleEpoch")
            #expect(try await server.lease()?.job == "b")
            let warnings = log.lines(from: .warning).filter { $0.hasPrefix("a job's witness is lost") }
            #expect(warnings.count == 1 && warnings.allSatisfy { $0.contains("job=a") })
            // The same submission goes on, and the proof is made.
            let again = try await server.post("/v1/jobs", server.specification("a", circuit))
            #expect(again.status == 200 && again.text.contains("/v1/jobs/a/witness"), "\(again.text)")
            #expect(
                try await server.send(.PUT, "/v1/jobs/a/witness", Multiplier.witness.get()).status == 204)
            let next = try #require(try await server.lease("v"))
            #expect(next.job == "a" && next.attempt == 1)
            #expect(try await server.complete(next, try Multiplier.prove()).status == 200)
            let ended: ResultDocument = try await server.send(.GET, "/v1/jobs/a").value()
            #expect(ended.state == .succeeded && ended.error == nil)
        }
    }

    /// Where the whole folder is missing, as where a disk is not mounted, nothing is said of single jobs.
    @Test func withoutTheFolderNoJobChanges() async throws {
        try await withCoordinator { server in
            try await server.addJob("a", server.addCircuit())
            let lease = try #require(try await server.lease())
            let folder = server.folder.path("data/witnesses")
            try FileManager.default.moveItem(atPath: folder, toPath: folder + ".away")
            let witness = "/v1/leases/\(lease.lease)/witness"
            #expect(try await server.send(.GET, witness).status == 503)
            try FileManager.default.moveItem(atPath: folder + ".away", toPath: folder)
            #expect(try await server.send(.GET, witness).status == 200)
        }
    }

    /// A coordinator that gives out one lease for ever and has nothing for it: the worker gives it back and
    /// waits longer each time.
    @Test(arguments: [404, 409, 410, 503]) func aWorkerPauses(status: Int) async throws {
        let counts = Mutex<(leases: Int, ends: Int)>((0, 0))
        let zkey = try Multiplier.zkey.get()
        let witness = try Multiplier.witness.get()
        let lease = Lease(
            lease: "l", epoch: 1, job: "j",
            circuit: Circuit(
                digest: Multiplier.digest(zkey), zkeyBytes: Int64(zkey.count), system: "groth16",
                curve: "bn254", variables: 6, publics: 2, domainSize: 4, memory: 1000),
            witness: WitnessReference(
                BlobReference(sha256: Multiplier.digest(witness), size: Int64(witness.count))),
            attempt: 1, ttl: 30, renewEvery: 5)
        let job = Data(#"{"id":"j","state":"queued"}"#.utf8)
        let router = Router()
        router.post("/v1/leases") { _, _ in
            counts.withLock { $0.leases += 1 }
            return Self.json(try JSONEncoder().encode(lease))
        }
        router.get("/v1/blobs/:digest") { _, _ in
            Response(status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: zkey)))
        }
        router.get("/v1/leases/l/witness") { _, _ in Response(status: .init(code: status)) }
        for end in ["release", "fail"] {
            router.post(RouterPath("/v1/leases/l/\(end)")) { _, _ in
                counts.withLock { $0.ends += 1 }
                return Self.json(job)
            }
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
        let serving = Task { try await group.run() }
        defer { serving.cancel() }
        var port = 0
        for await found in ports { port = found }

        let folder = try TemporaryFolder()
        var clientOptions = ClientOptions()
        clientOptions.retries = 0
        let client = try MartletClient(
            #require(QueueAddress("http://127.0.0.1:\(port)")), options: clientOptions)
        let program = try BuiltProgram.url("martlet").path
        var options = RemoteWorkerOptions(
            directory: folder.path("worker"),
            prover: [program, "prover-child", "--threads", "1", "--backend", "cpu"])
        options.firstPause = 0.4
        let worker = try RemoteWorker(client: client, options: options, logger: logger)
        let working = Task { try await worker.run() }
        let end = ContinuousClock.now + .seconds(60)
        while counts.withLock({ $0.ends }) == 0, .now < end { try await Task.sleep(for: .milliseconds(20)) }
        let before = counts.withLock { $0.leases }
        try await Task.sleep(for: .seconds(2))
        let (leases, ends) = counts.withLock { $0 }
        // After 0.4 s, after 0.8 s more, and then after 1.6 s.
        #expect(before == 1 && (2...4).contains(leases), "\(leases)")
        #expect((leases - 1...leases).contains(ends), "\(ends) of \(leases)")
        worker.handBackNow()
        try await working.value
        await client.close()
    }

    private static func json(_ data: Data) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: data)))
    }
}
