// SPDX-License-Identifier: Apache-2.0

import Coordination
import Digests
import Foundation
import Foundations
import Outcomes
import ProvingEngine
import RemoteWorker
import Synchronization
import SystemTestSupport
import Testing

struct JournalTests {
    static func entry(_ lease: String, proof: String = "{}") -> ProofJournal.Entry {
        ProofJournal.Entry(
            lease: lease,
            completion: Completion(
                epoch: 3, proof: proof, publicInputs: "[]",
                report: ProofFacts(
                    backend: "cpu", timings: .init(phases: [], total: 1), martlet: "0")))
    }

    @Test func whatIsWrittenIsReadByTheNextRun() throws {
        let folder = try TemporaryFolder()
        let journal = ProofJournal(try PrivateFolder(folder.path("journal")))
        let odd = Self.entry("../../odd name")
        for entry in [Self.entry("a"), Self.entry("b"), odd] { try journal.write(entry) }
        try journal.write(Self.entry("b", proof: "[1]"))

        let next = ProofJournal(try PrivateFolder(folder.path("journal")))
        let found = try next.entries()
        #expect(found.count == 3 && found.contains(odd) && found.contains(Self.entry("b", proof: "[1]")))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["journal"])
        for entry in found { try next.remove(entry.lease) }
        try next.remove("never")
        #expect(try journal.entries().isEmpty)
    }

    @Test func whatIsNoEntryIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let journal = ProofJournal(try PrivateFolder(folder.url.path))
        try journal.write(Self.entry("a"))
        try Data("{\"lease\":".utf8).write(to: folder.url.appending(path: "b.json"))
        // An entry of another name may not be taken for that lease's.
        try FileManager.default.copyItem(atPath: folder.path("a.json"), toPath: folder.path("c.json"))
        try Data().write(to: folder.url.appending(path: ".d.json.tmp"))
        #expect(try journal.entries() == [Self.entry("a")])
    }

    @Test func onlyOneWorkerUsesADirectory() throws {
        let folder = try TemporaryFolder()
        let first = try PrivateFolder(folder.path("w"))
        #expect(try first.lock())
        #expect(try !PrivateFolder(folder.path("w")).lock())
        let mode = try FileManager.default.attributesOfItem(atPath: first.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test func aDestroyedFolderLeavesNothing() throws {
        let folder = try TemporaryFolder()
        let scratch = try PrivateFolder(folder.url.path)
        let job = try scratch.folder("job")
        let file = job.path + "/witness.wtns"
        try Data("secret".utf8).write(to: URL(filePath: file))
        // A descriptor sees what became of the bytes.
        let open = try #require(FileHandle(forReadingAtPath: file))
        try scratch.destroy("job")
        try scratch.destroy("job")
        #expect(try scratch.names().isEmpty)
        #expect(try open.readToEnd() == Data(count: 6))
    }
}

struct KeyStoreTests {
    static func circuit(_ content: String) -> Circuit {
        Circuit(
            digest: SHA256Digest.hex(of: Data(content.utf8)), zkeyBytes: Int64(content.utf8.count),
            system: "groth16", curve: "bn254", variables: 1, publics: 1, domainSize: 2, memory: 1)
    }

    /// A store of keys that are what their contents say, with a count of what was fetched.
    final class Source: Sendable {
        let contents: [String: String]
        let fetched = Mutex<[String]>([])

        init(_ contents: [String]) {
            self.contents = Dictionary(
                uniqueKeysWithValues: contents.map { (KeyStoreTests.circuit($0).digest, $0) })
        }

        func store(_ path: String, budget: Int64) throws -> KeyStore {
            try KeyStore(try PrivateFolder(path), budget: budget) { blob, path in
                let content = self.contents[blob.sha256] ?? ""
                self.fetched.withLock { $0.append(content) }
                try Data(content.utf8).write(to: URL(filePath: path))
            }
        }
    }

    @Test func theKeyThatWasUsedLongestAgoGoes() async throws {
        let folder = try TemporaryFolder()
        let source = Source(["aaaa", "bbbb", "cccc"])
        let store = try source.store(folder.url.path, budget: 8)
        for key in ["aaaa", "bbbb", "aaaa", "cccc"] {
            let circuit = Self.circuit(key)
            let path = try await store.take(circuit)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == key)
            await store.give(circuit.digest)
        }
        #expect(source.fetched.withLock { $0 } == ["aaaa", "bbbb", "cccc"])
        let left = Set(try FileManager.default.contentsOfDirectory(atPath: folder.url.path))
        #expect(left == [Self.circuit("aaaa").digest, Self.circuit("cccc").digest])
    }

    @Test func aKeyInUseStays() async throws {
        let folder = try TemporaryFolder()
        let source = Source(["aaaa", "bbbb"])
        let store = try source.store(folder.url.path, budget: 1)
        let path = try await store.take(Self.circuit("aaaa"))
        _ = try await store.take(Self.circuit("bbbb"))
        #expect(FileManager.default.fileExists(atPath: path))
        await store.give(Self.circuit("aaaa").digest)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func manyWaitForOneDownload() async throws {
        let folder = try TemporaryFolder()
        let source = Source(["aaaa"])
        let store = try source.store(folder.url.path, budget: 100)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await store.take(Self.circuit("aaaa")) } }
            try await group.waitForAll()
        }
        #expect(source.fetched.withLock { $0 } == ["aaaa"])
    }

    @Test func whatAnEarlierRunLeftIsChecked() async throws {
        let folder = try TemporaryFolder()
        let (good, bad) = (Self.circuit("aaaa"), Self.circuit("bbbb"))
        try Data("aaaa".utf8).write(to: folder.url.appending(path: good.digest))
        try Data("bbbX".utf8).write(to: folder.url.appending(path: bad.digest))
        let source = Source(["aaaa", "bbbb"])
        let store = try source.store(folder.url.path, budget: 100)
        _ = try await store.take(good)
        let path = try await store.take(bad)
        #expect(source.fetched.withLock { $0 } == ["bbbb"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "bbbb")
    }

    /// A prover knows a key by its file: that it was used again must not look like another file.
    @Test func usingAKeyDoesNotChangeIt() async throws {
        let folder = try TemporaryFolder()
        let store = try Source(["aaaa"]).store(folder.url.path, budget: 100)
        let path = try await store.take(Self.circuit("aaaa"))
        let before = try FileIdentity(path: path)
        try await Task.sleep(for: .milliseconds(1100))
        #expect(try await store.take(Self.circuit("aaaa")) == path)
        #expect(try FileIdentity(path: path) == before)
    }

    @Test func aDamagedKeyIsFetchedAgain() async throws {
        let folder = try TemporaryFolder()
        let source = Source(["aaaa"])
        let store = try source.store(folder.url.path, budget: 100)
        let circuit = Self.circuit("aaaa")
        let path = try await store.take(circuit)
        #expect(await store.isIntact(circuit.digest))
        try Data("aaab".utf8).write(to: URL(filePath: path))
        #expect(await !store.isIntact(circuit.digest))
        await store.give(circuit.digest)
        #expect(try await String(contentsOfFile: store.take(circuit), encoding: .utf8) == "aaaa")
        #expect(source.fetched.withLock { $0 } == ["aaaa", "aaaa"])
    }
}
