// SPDX-License-Identifier: Apache-2.0

import Coordination
import Coordinator
import Foundation
import MartletClient
import NIOHTTP1
import Outcomes
import ProvingEngine
import SystemTestSupport
import TestSupport
import Testing

/// Blobs and witnesses: pieces, ranges, limits, and what is on the disk.
@Suite struct FileTests {
    private func piece(_ server: TestCoordinator, _ path: String, _ data: Data, _ range: Range<Int>)
        async throws
        -> TestCoordinator.Answer
    {
        try await server.send(
            .PUT, path, data[range],
            headers: ["Content-Range": "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(data.count)"])
    }

    /// Uploads of one blob at once, most of them spoilt: what is published has its digest, and nobody writes
    /// into it afterwards.
    @Test func uploadsAtOncePublishWhatWasHashed() async throws {
        var generator = SeededGenerator.fresh()
        try await withCoordinator { server in
            for round in 0..<40 {
                let data = Data((0..<4000).map { _ in UInt8.random(in: 0...255, using: &generator) })
                let path = "/v1/blobs/\(Multiplier.digest(data))"
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<12 {
                        group.addTask {
                            _ =
                                number == 3
                                ? try? await server.send(.PUT, path, data)
                                : try? await server.send(
                                    .PUT, path, Data([1]), headers: ["Content-Range": "bytes 0-0/3000"])
                        }
                    }
                }
                let found = try await server.send(.GET, path)
                #expect(
                    found.status == 404 || found.body == data, "round \(round): \(found.body.count) bytes")
            }
        }
    }

    /// What a tenant has uploaded of a key is its own until it is complete: no other one spoils it, goes on
    /// with it, or stands in its way.
    @Test func uploadsBelongToTheirTenants() async throws {
        let data = Data("some bytes of a key".utf8)
        let path = "/v1/blobs/\(Multiplier.digest(data))"
        try await withCoordinator { server in
            let mine = try await server.token(.submitter, tenant: "mine")
            let other = try await server.token(.submitter, tenant: "other")
            func send(
                _ token: String, _ body: Data, _ range: String?
            ) async throws -> TestCoordinator.Answer {
                try await server.send(
                    .PUT, path, body, token: token, headers: range.map { ["Content-Range": $0] } ?? [:])
            }
            func offset(_ token: String) async throws -> String? {
                try await server.send(.HEAD, path, token: token).headers.first(name: "Upload-Offset")
            }
            #expect(try await send(mine, data.prefix(10), "bytes 0-9/\(data.count)").status == 202)
            #expect(try await offset(mine) == "10")
            #expect(try await offset(other) == "0")
            // Wrong bytes, beginnings, and one that holds the upload open.
            #expect(try await send(other, Data("wrong".utf8), nil).status == 422)
            #expect(try await send(other, Data("x".utf8), "bytes 0-0/\(data.count)").status == 202)
            let held = try RawConnection(port: server.port)
            try held.write(
                "PUT \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(other)\r\n"
                    + "Expect: 100-continue\r\nContent-Length: 19\r\n\r\n")
            #expect(try await held.next().hasPrefix("HTTP/1.1 100 "))
            // Of its own tenant it is in the way, for as long as it takes.
            let busy = try await send(other, data, nil)
            #expect(busy.status == 409 && busy.headers.first(name: "Retry-After") == "1", "\(busy.text)")
            let range = "bytes 10-\(data.count - 1)/\(data.count)"
            #expect(try await send(mine, data.dropFirst(10), range).status == 201)
            #expect(try await server.send(.GET, path, token: mine).body == data)
        }
    }

    /// Two clients of one tenant that bring the same key at once both succeed.
    @Test func clientsWaitForEachOther() async throws {
        try await withCoordinator { server in
            let folder = try TemporaryFolder()
            let path = folder.path("key")
            let data = Data((0..<2_000_000).map { UInt8(ascii: "a") + UInt8($0 * 7919 % 1009 % 26) })
            try data.write(to: URL(filePath: path))
            let digest = Multiplier.digest(data)
            let held = try RawConnection(port: server.port)
            try held.write(
                "PUT /v1/blobs/\(digest) HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
                    + "Content-Range: bytes 0-9/\(data.count)\r\nContent-Length: 10\r\n\r\n")
            #expect(try await held.next().hasPrefix("HTTP/1.1 100 "))
            let address = try #require(QueueAddress("http://127.0.0.1:\(server.port)"))
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let client = try MartletClient(address)
                        do {
                            let found = try await client.uploadBlob(path).sha256
                            await client.close()
                            return found
                        } catch {
                            await client.close()
                            throw error
                        }
                    }
                }
                try await Task.sleep(for: .seconds(1))
                try held.write(String(decoding: data.prefix(10), as: UTF8.self))
                #expect(try await held.next().hasPrefix("HTTP/1.1 202 "))
                for try await found in group { #expect(found == digest) }
            }
            #expect(try await server.send(.GET, "/v1/blobs/\(digest)").body == data)
        }
    }

    /// Uploads of one witness at once: the one that was checked is the one that the worker gets.
    @Test func uploadsAtOnceQueueWhatWasChecked() async throws {
        let witness = try Multiplier.witness.get()
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            for round in 0..<25 {
                let id = "j\(round)"
                let made = try await server.post("/v1/jobs", server.specification(id, circuit))
                #expect(made.status == 201)
                let path = "/v1/jobs/\(id)/witness"
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try? await server.send(.PUT, path, witness) }
                    for number in 0..<3 {
                        group.addTask {
                            try? await Task.sleep(for: .milliseconds(2 * number))
                            _ = try? await server.send(
                                .PUT, path, Data([1]),
                                headers: ["Content-Range": "bytes 0-0/\(witness.count)"])
                        }
                    }
                }
                let job: ResultDocument = try await server.send(.GET, "/v1/jobs/\(id)").value()
                guard job.state == .queued else {
                    // The spoilt one came last: it can be brought anew.
                    #expect(job.state == .receiving)
                    _ = try await server.post(text: "", "/v1/jobs/\(id)/cancel")
                    continue
                }
                let lease = try #require(try await server.lease())
                let sent = try await server.send(.GET, "/v1/leases/\(lease.lease)/witness")
                #expect(sent.status == 200 && sent.body == witness, "round \(round): \(sent.status)")
                #expect(
                    try await server.complete(lease, Multiplier.prove()).status == 200)
            }
        }
    }

    /// The folder is the store's that it was made with; one of a version before, which does not say whose it
    /// is, becomes the store's that knows all that is in it.
    @Test func aFolderIsOneStores() async throws {
        let folder = try TemporaryFolder()
        let mark = folder.path("data/store")
        func start(_ store: String) async throws {
            let server = try await TestCoordinator.start(in: folder, names: ("\(store).sqlite", "data"))
            await server.stop()
        }
        func refusal(_ store: String) async -> String {
            do {
                try await start(store)
                return ""
            } catch { return "\(error)" }
        }
        let server = try await TestCoordinator.start(in: folder, names: ("own.sqlite", "data"))
        let circuit = try await server.addCircuit()
        try await server.addJob("a", circuit)
        let uid = try await server.store.job("a", tenant: nil).uid
        let id = server.store.identity.id
        await server.stop()
        #expect(try String(contentsOfFile: mark, encoding: .utf8).hasPrefix("\(id) sqlite:/"))
        try await start("own")
        #expect(await refusal("other").contains(id))
        // Of a version before, with everything known; with a key, and with a witness, of somebody else's.
        try FileManager.default.removeItem(atPath: mark)
        #expect(await refusal("other").contains("blobs/\(circuit)"))
        #expect(!FileManager.default.fileExists(atPath: mark))
        try await start("own")
        #expect(try String(contentsOfFile: mark, encoding: .utf8).hasPrefix("\(id) "))
        try FileManager.default.removeItem(atPath: mark)
        let foreign = folder.path("data/witnesses/\(uid.dropLast())x")
        try Data("x".utf8).write(to: URL(filePath: foreign))
        #expect(await refusal("own").contains("witnesses/\(uid.dropLast())x"))
        // As the message says.
        try Data("\(id)\n".utf8).write(to: URL(filePath: mark))
        try await start("own")
        #expect(FileManager.default.fileExists(atPath: folder.path("data/blobs/\(circuit)")))
    }

    @Test func blobsInPieces() async throws {
        var generator = SeededGenerator.fresh()
        let data = Data((0..<300_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
        try await withCoordinator { server in
            let path = "/v1/blobs/\(Multiplier.digest(data))"
            #expect(try await server.send(.HEAD, path).headers.first(name: "Upload-Offset") == "0")
            let first = try await piece(server, path, data, 0..<100_001)
            #expect(first.status == 202 && first.headers.first(name: "Upload-Offset") == "100001")
            #expect(try await server.send(.HEAD, path).headers.first(name: "Upload-Offset") == "100001")
            #expect(try await server.send(.GET, path).status == 404)
            let gap = try await piece(server, path, data, 100_002..<200_000)
            #expect(gap.status == 409 && gap.headers.first(name: "Upload-Offset") == "100001")
            // "All is there" where it is not.
            let early = try await server.send(
                .PUT, path, Data(), headers: ["Content-Range": "bytes */300000"])
            #expect(early.status == 409 && early.headers.first(name: "Upload-Offset") == "100001")
            #expect(try await piece(server, path, data, 100_001..<300_000).status == 201)
            #expect(try await server.send(.PUT, path, data).status == 200)
            let head = try await server.send(.HEAD, path)
            #expect(head.status == 200 && head.headers.first(name: "Content-Length") == "300000")
            #expect(try await server.send(.GET, path).body == data)
            for (range, wanted) in [
                ("bytes=0-0", 0..<1), ("bytes=299990-", 299_990..<300_000), ("bytes=-7", 299_993..<300_000),
                ("bytes=262140-262150", 262_140..<262_151), ("bytes=5-9999999", 5..<300_000),
            ] {
                let answer = try await server.send(.GET, path, headers: ["Range": range])
                #expect(answer.status == 206 && answer.body == data[wanted], "\(range)")
                #expect(
                    answer.headers.first(name: "Content-Range")
                        == "bytes \(wanted.lowerBound)-\(wanted.upperBound - 1)/300000")
            }
            #expect(try await server.send(.GET, path, headers: ["Range": "bytes=300000-"]).status == 416)
        }
    }

    @Test func wrongBlobsAreRefused() async throws {
        try await withCoordinator(setting(\.maxBlob, 10_000)) { server in
            let data = Data("some bytes".utf8)
            let other = String(repeating: "a", count: 64)
            let wrong = try await server.send(.PUT, "/v1/blobs/\(other)", data)
            #expect(wrong.status == 422 && wrong.text.contains(Multiplier.digest(data)))
            #expect(
                try await server.send(.HEAD, "/v1/blobs/\(other)").headers.first(name: "Upload-Offset") == "0"
            )
            #expect(try await server.send(.PUT, "/v1/blobs/\(other)", Data(count: 10_001)).status == 413)
            for none in [
                "ABC", String(repeating: "a", count: 65), String(repeating: "a", count: 200), "%00", "%FF%C3",
            ] {
                // As they stand: a client may have its own ideas of what is no UTF-8.
                let connection = try RawConnection(port: server.port)
                try connection.write(
                    "PUT /v1/blobs/\(none) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\nx")
                let answer = try await connection.next()
                #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(none): \(answer)")
            }
            for range in [
                "bytes 5-1/10", "bytes 0-9/9", "bytes 0-8/10", "items 0-9/10", "bytes 0-9", "bytes */10",
            ] {
                let answer = try await server.send(
                    .PUT, "/v1/blobs/\(Multiplier.digest(data))", data, headers: ["Content-Range": range])
                #expect(answer.status == 400, "\(range): \(answer.status)")
            }
            // A key that is none, and one that is damaged.
            #expect(try await server.post("/v1/circuits", ["zkey": other]).status == 404)
            var zkey = try Multiplier.zkey.get()
            zkey[zkey.count / 2] ^= 1
            for bytes in [data, zkey] {
                let digest = Multiplier.digest(bytes)
                #expect(try await server.send(.PUT, "/v1/blobs/\(digest)", bytes).status == 201)
                let answer = try await server.post("/v1/circuits", ["zkey": digest])
                #expect(answer.status == 422 && !answer.text.contains("/tmp"), "\(answer.text)")
                #expect(try await server.send(.GET, "/v1/circuits/\(digest)").status == 404)
            }
        }
    }

    @Test func aFullDiskTakesNothing() async throws {
        try await withCoordinator(setting(\.minFreeSpace, 1 << 60)) { server in
            let data = Data("x".utf8)
            let refused = try await server.send(.PUT, "/v1/blobs/\(Multiplier.digest(data))", data)
            #expect(refused.status == 507 && refused.code == "noSpace")
            #expect(try await server.send(.GET, "/readyz").status == 507)
            #expect(try await server.send(.GET, "/healthz").status == 200)
            let specification = try server.specification("a", Multiplier.digest(Multiplier.zkey.get()))
            #expect(try await server.post("/v1/jobs", specification).status == 507)
        }
    }

    @Test func witnessesInPiecesEncryptedAndDestroyed() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            let witness = try Multiplier.witness.get()
            #expect(try await server.post("/v1/jobs", server.specification("a", circuit)).status == 201)
            let path = "/v1/jobs/a/witness"
            #expect(try await piece(server, path, witness, 0..<100).status == 202)
            #expect(try await server.send(.HEAD, path).headers.first(name: "Upload-Offset") == "100")
            #expect(try await piece(server, path, witness, 101..<150).status == 409)
            #expect(try await server.lease() == nil)
            #expect(try await piece(server, path, witness, 100..<268).status == 204)
            let uid = try await server.store.job("a", tenant: nil).uid
            let key = try await Data(server.store.upload(uid).key)
            #expect(try isInDatabase(key, server))
            let file = server.folder.url.appending(path: "data/witnesses/\(uid)")
            let stored = try Data(contentsOf: file)
            // The values are 32 bytes each; none of those that are not zero stands there.
            for start in stride(from: 76, to: witness.count, by: 32) {
                #expect(stored.range(of: witness[start..<start + 32]) == nil)
            }
            #expect(stored.range(of: Data("wtns".utf8)) == nil)
            let lease = try #require(try await server.lease())
            let part = try await server.send(
                .GET, "/v1/leases/\(lease.lease)/witness", headers: ["Range": "bytes=90-110"])
            #expect(part.status == 206 && part.body == witness[90...110])
            _ = try await server.complete(lease, try Multiplier.prove())
            #expect(!FileManager.default.fileExists(atPath: file.path))
            // The key is gone too, from the disk as well: not even a copy of the file would help.
            await #expect(throws: StoreError.self) { try await server.store.upload(uid) }
            let end = ContinuousClock.now + .seconds(60)
            while try isInDatabase(key, server), .now < end { try await Task.sleep(for: .milliseconds(200)) }
            #expect(try !isInDatabase(key, server))
        }
    }

    private func isInDatabase(_ bytes: Data, _ server: TestCoordinator) throws -> Bool {
        try ["jobs.sqlite", "jobs.sqlite-wal"].contains { name in
            try Data(contentsOf: server.folder.url.appending(path: name)).range(of: bytes) != nil
        }
    }

    @Test func wrongWitnessesAreRefused() async throws {
        try await withCoordinator(setting(\.maxWitness, 100_000)) { server in
            let circuit = try await server.addCircuit()
            let witness = try Multiplier.witness.get()
            #expect(try await server.post("/v1/jobs", server.specification("a", circuit)).status == 201)
            var other = witness
            other[other.count - 1] ^= 1
            let changed = try await server.send(.PUT, "/v1/jobs/a/witness", other)
            #expect(changed.status == 422 && changed.text.contains("SHA-256"))
            let longer = try await server.send(.PUT, "/v1/jobs/a/witness", witness + Data([0]))
            #expect(longer.status == 422)
            #expect(try await server.send(.GET, "/v1/jobs/a").value(ResultDocument.self).state == .receiving)
            #expect(try await server.send(.PUT, "/v1/jobs/a/witness", witness).status == 204)
            // Files that the job describes rightly but that are no witness of this circuit.
            for (index, name) in [
                "w02_other_curve", "w04_unsatisfied_private", "w06_first_not_one", "w08_count_6_but_5_values",
            ].enumerated() {
                let url = Vectors.url("snarkjs/malformed/\(name).wtns")
                let bytes = try Data(contentsOf: url)
                let id = "m\(index)"
                let specification = try server.specification(id, circuit, witness: bytes)
                guard bytes.count == witness.count else {
                    let answer = try await server.post("/v1/jobs", specification)
                    #expect(answer.status == 400 && answer.text.contains("witness.size"), "\(name)")
                    continue
                }
                #expect(try await server.post("/v1/jobs", specification).status == 201)
                let answer = try await server.send(.PUT, "/v1/jobs/\(id)/witness", bytes)
                // An unsatisfied one is well-formed: the worker finds out.
                #expect(answer.status == (name.contains("unsatisfied") ? 204 : 422), "\(name)")
            }
            // A size that no witness of the circuit has; nothing of it is taken in.
            for bytes in [Data(witness.prefix(100)), witness + Data(count: 32)] {
                let other = try server.specification("s", circuit, witness: bytes)
                let answer = try await server.post("/v1/jobs", other)
                #expect(answer.status == 400 && answer.text.contains("has 268 bytes, not \(bytes.count)"))
                #expect(
                    try await server.post("/v1/jobs/batch", ["jobs": [other]]).text.contains("witness.size"))
            }
            #expect(try await server.send(.GET, "/v1/jobs/s").status == 404)
            var large = try server.specification("l", circuit)
            large.witness.size = 100_001
            #expect(try await server.post("/v1/jobs", large).status == 400)
        }
    }
}
