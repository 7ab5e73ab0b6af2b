// SPDX-License-Identifier: Apache-2.0

import Coordination
import Coordinator
import Foundation
import MartletClient
import NIOHTTP1
import Outcomes
import Synchronization
import SystemTestSupport
import Testing

/// `MartletClient` and a coordinator, with connections that break.
@Suite struct ClientTests {
    private static func client(
        _ port: Int, _ change: (inout ClientOptions) -> Void = { _ in }
    ) throws -> MartletClient {
        var options = ClientOptions()
        options.firstPause = 0.01
        options.longestPause = 0.05
        change(&options)
        let address = try #require(QueueAddress("http://127.0.0.1:\(port)"))
        return try MartletClient(address, options: options)
    }

    /// A client, closed at the end whatever happens.
    private func withClient(
        _ port: Int, _ change: (inout ClientOptions) -> Void = { _ in },
        _ body: (MartletClient) async throws -> Void
    ) async throws {
        let client = try Self.client(port, change)
        do {
            try await body(client)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    @Test func aDownloadGoesOnWhereItBroke() async throws {
        try await withCoordinator { server in
            let zkey = try Multiplier.zkey.get()
            let blob = BlobReference(sha256: try await server.addCircuit(), size: Int64(zkey.count))
            #expect(zkey.count > 3000)
            let folder = try TemporaryFolder()
            // The head of an answer takes some 250 bytes.
            let proxy = try CuttingProxy(to: server.port, budgets: [1200, 10, 1500])
            defer { proxy.stop() }
            try await withClient(proxy.port) { client in
                let path = folder.path("key")
                try await client.downloadBlob(blob, to: path)
                #expect(try Data(contentsOf: URL(filePath: path)) == zkey)
                #expect(!FileManager.default.fileExists(atPath: path + ".part"))
            }
            #expect(proxy.connections == 4)
            // Only what was missing was asked for: from three different places.
            let starts = proxy.requests.split(separator: "\r\n")
                .filter { $0.lowercased().hasPrefix("range: bytes=") }.compactMap {
                    Int($0.dropFirst(13).prefix { $0 != "-" })
                }
            #expect(starts.count == 3 && starts[0] > 500 && starts[1] == starts[0] && starts[2] > starts[1])
        }
    }

    @Test func anotherCallGoesOnAndWrongContentIsThrownAway() async throws {
        try await withCoordinator { server in
            let zkey = try Multiplier.zkey.get()
            let blob = BlobReference(sha256: try await server.addCircuit(), size: Int64(zkey.count))
            let folder = try TemporaryFolder()
            let path = folder.path("key")
            let proxy = try CuttingProxy(to: server.port, budgets: [1200])
            defer { proxy.stop() }
            try await withClient(proxy.port, setting(\.retries, 0)) { client in
                await #expect(throws: ClientError.self) { try await client.downloadBlob(blob, to: path) }
                let kept = try Data(contentsOf: URL(filePath: path + ".part"))
                #expect(!kept.isEmpty && kept == zkey.prefix(kept.count))
                #expect(!FileManager.default.fileExists(atPath: path))
                try await client.downloadBlob(blob, to: path)
                #expect(proxy.requests.lowercased().contains("range: bytes=\(kept.count)-"))
                #expect(try Data(contentsOf: URL(filePath: path)) == zkey)

                // What somebody else left under that name is found out, and not kept.
                try Data(repeating: 7, count: 100).write(to: URL(filePath: path + "2.part"))
                await #expect {
                    try await client.downloadBlob(blob, to: path + "2")
                } throws: { error in
                    if case ClientError.wrongContent = error { true } else { false }
                }
                #expect(!FileManager.default.fileExists(atPath: path + "2.part"))
                try await client.downloadBlob(blob, to: path + "2")
                #expect(try Data(contentsOf: URL(filePath: path + "2")) == zkey)
            }
        }
    }

    @Test func eventsComeToTheEndThoughTheStreamBreaks() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            let job = try server.specification("a", circuit)
            // Enough for the first event of the first stream, not for a second one.
            let proxy = try CuttingProxy(to: server.port, budgets: [650])
            defer { proxy.stop() }
            try await withClient(proxy.port) { client in
                try await withClient(server.port) { direct in
                    _ = try await direct.submit(job)
                    var states: [Job.State] = []
                    for try await job in client.events("a") {
                        if states.last != job.state { states.append(job.state) }
                        switch job.state {
                        case .receiving:
                            let sent = try await server.send(
                                .PUT, "/v1/jobs/a/witness", Multiplier.witness.get())
                            #expect(sent.status == 204)
                        case .queued: _ = try await direct.cancel("a")
                        default: break
                        }
                    }
                    #expect(states == [.receiving, .queued, .cancelled])
                }
            }
            #expect(proxy.connections == 2)
        }
    }

    @Test func tokensDecideWhatAClientSees() async throws {
        try await withCoordinator(setting(\.allowsAnonymous, false)) { server in
            let mine = try await server.token(.submitter, tenant: "mine")
            let other = try await server.token(.submitter, tenant: "other")
            let circuit = try await server.addCircuit(token: mine)
            try await withClient(server.port, setting(\.token, mine)) { client in
                _ = try await client.submit(
                    server.specification("a", circuit), witness: Multiplier.witness.get())
                #expect(try await client.job("a").state == .queued)
            }
            try await withClient(server.port, setting(\.token, other)) { client in
                let seen = try await client.jobs().jobs
                #expect(seen.isEmpty)
                await #expect { _ = try await client.job("a") } throws: {
                    ($0 as? ClientError)?.status == 404
                }
            }
            for token in [nil, mine + "x", "nobody.secret"] {
                try await withClient(server.port, setting(\.token, token)) { client in
                    await #expect { _ = try await client.jobs() } throws: {
                        ($0 as? ClientError)?.status == 401
                    }
                }
            }
        }
    }

    @Test func aSmallWitnessComesWithItsJobAndItsLease() async throws {
        try await withCoordinator { server in
            let witness = try Multiplier.witness.get()
            let job = try server.specification("a", try await server.addCircuit())
            try await withClient(server.port) { client in
                let made = try await client.submit(job, witness: witness)
                #expect(made.job.state == .queued && made.outcome == .queued && made.witnessUpload == nil)
                let again = try await client.submit(job, witness: witness)
                #expect(again.outcome == .existing && again.job.state == .queued)
                var wish = LeaseRequest(worker: "w", incarnation: "w-1", inlineWitness: 1 << 20)
                let lease = try #require(try await client.acquire(wish))
                #expect(lease.job == "a" && lease.witnessData == witness)
                let folder = try TemporaryFolder()
                try await client.downloadWitness(lease, to: folder.path("w"))
                #expect(try Data(contentsOf: URL(filePath: folder.path("w"))) == witness)
                // A repeated wish that does not ask for it, or for less, gets the lease without.
                for most in [nil, Int64(witness.count - 1)] {
                    wish.inlineWitness = most
                    let bare = try #require(try await client.acquire(wish))
                    #expect(bare.lease == lease.lease && bare.witnessData == nil)
                }
                var other = lease
                other.witnessData = Data(witness.reversed())
                let forged = other
                await #expect {
                    try await client.downloadWitness(forged, to: folder.path("x"))
                } throws: { error in
                    if case ClientError.wrongContent = error { true } else { false }
                }
                #expect(!FileManager.default.fileExists(atPath: folder.path("x")))
            }
        }
    }

    /// A witness that is not the job's, or none of its circuit, makes no job.
    @Test func aWrongWitnessMakesNoJob() async throws {
        try await withCoordinator { server in
            let witness = try Multiplier.witness.get()
            let circuit = try await server.addCircuit()
            let good = try server.specification("a", circuit)
            try await withClient(server.port) { client in
                func refusal(_ job: JobSpecification, _ witness: Data) async -> ClientError? {
                    do throws(ClientError) {
                        _ = try await client.submit(job, witness: witness)
                        return nil
                    } catch {
                        return error
                    }
                }
                var other = witness
                other[other.count - 1] ^= 1
                #expect(await refusal(good, other)?.status == 422)
                #expect(await refusal(good, other)?.message.contains("SHA-256") == true)
                #expect(
                    await refusal(good, witness.dropLast())?.message.contains("witness.size says") == true)
                for (noise, status) in [
                    (Data(repeating: 7, count: witness.count), 422), (Data("no witness at all".utf8), 400),
                ] {
                    let announced = try server.specification("a", circuit, witness: noise)
                    #expect(await refusal(announced, noise)?.status == status)
                }
                var unknown = good
                unknown.circuit = String(repeating: "0", count: 64)
                #expect(await refusal(unknown, witness)?.status == 404)
                #expect(try await client.jobs().jobs.isEmpty)

                // In a batch each stands for itself; one that was announced before is completed.
                var (first, second) = (good, good)
                first.id = "first"
                second.id = "second"
                _ = try await client.submit(first)
                let results = try await client.submit([
                    JobRequest(first, witnessData: witness), JobRequest(good, witnessData: other),
                    JobRequest(second),
                ])
                #expect(results.count == 3)
                #expect(try results[0].get().job.state == .queued)
                #expect(throws: ClientError.self) { try results[1].get() }
                #expect(try results[2].get().job.state == .receiving)
                #expect(try await client.jobs().jobs.map(\.id) == ["first", "second"])
            }
        }
    }
}
