// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Testing

/// Runs the shell producer that docs/spool.md shows, word for word.
@Suite struct ShellProducerTests {
    let spool: TestSpool
    let folder: String

    init() throws {
        spool = try TestSpool()
        folder = (spool.path as NSString).deletingLastPathComponent
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/spool.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(text.range(of: "```sh\n"))
        let end = try #require(text[start.upperBound...].range(of: "\n```"))
        try (text[start.upperBound..<end.lowerBound] + "\n")
            .write(toFile: folder + "/spool-submit", atomically: true, encoding: .utf8)
        try Data("witness".utf8).write(to: URL(fileURLWithPath: folder + "/w"))
        try Data("another".utf8).write(to: URL(fileURLWithPath: folder + "/w2"))
    }

    func produce(_ id: String, witness: String = "w") throws -> HelperResult {
        try Helper(
            [folder + "/spool-submit", spool.path, id, "/keys/circuit.zkey", folder + "/" + witness],
            program: URL(fileURLWithPath: "/bin/sh")
        ).finish()
    }

    @Test func aJobFromTheShellIsServed() throws {
        #expect(try produce("j").output == "j: queued\n")
        #expect(try spool.names("tmp").isEmpty)
        #expect(
            try spool.names("new/5.9999999999.000.j") == ["digest", "job.json", "lease", "witness.wtns"])
        #expect(try produce("j").output.hasPrefix("j: known already: "))
        let other = try produce("j", witness: "w2")
        #expect(other.status == 1 && other.errors == "j: known, with another body\n")
        #expect(try produce("no/id").status == 64)

        let job = try spool.claim()
        let body =
            "{\"version\":1,\"system\":\"groth16\",\"zkey\":\"/keys/circuit.zkey\",\"witness\":\"witness.wtns\"}\n"
        #expect(String(decoding: job.body, as: UTF8.self) == body)
        #expect(job.bodyDigest.hasPrefix("keyed:") && job.bodyDigest.utf8.count == 70)
        #expect(try job.openFile("witness.wtns").read(limit: 100) == Data("witness".utf8))
        #expect(try produce("j").output.contains("/cur/"))
        #expect(try job.publish(proof, verify: accept) == .published)
        #expect(try produce("j").output.contains("/done/"))
        #expect(try spool.names("tmp").isEmpty && spool.names("ids") == ["j"])
    }

    /// The secret is made once, for its owner only, by whoever is first, and keys the shell's digests too.
    @Test func theSpoolsSecretIsSharedAndPrivate() async throws {
        let secrets = await withTaskGroup(of: [UInt8]?.self) { group in
            for _ in 0..<8 {
                group.addTask { [path = spool.path] in try? SpoolQueue(path: path).secret() }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let secret = try spool.queue.secret()
        #expect(secret.count == 32 && secrets.allSatisfy { $0 == secret })
        _ = try produce("j")
        #expect(try spool.queue.secret() == secret)
        let facts = try FileManager.default.attributesOfItem(atPath: spool.path + "/digest.key")
        #expect(facts[.posixPermissions] as? Int == 0o600)
        let digest = try String(contentsOfFile: spool.path + "/ids/j", encoding: .utf8)
        // The same job in a spool with another secret has another digest.
        try Data((0..<32).map { _ in UInt8.random(in: 0...255) }).write(
            to: URL(fileURLWithPath: spool.path + "/digest.key"))
        _ = try produce("k")
        #expect(try String(contentsOfFile: spool.path + "/ids/k", encoding: .utf8) != digest)
        try Data().write(to: URL(fileURLWithPath: spool.path + "/digest.key"))
        #expect(throws: SpoolError.self) { try spool.queue.secret() }
    }

    @Test func theShellCompletesAHalfSubmission() throws {
        _ = try produce("j")
        // As if the first producer had died between its last two steps.
        try FileManager.default.removeItem(atPath: spool.path + "/new/5.9999999999.000.j")
        #expect(try produce("j", witness: "w2").status == 1)
        #expect(try produce("j").output == "j: queued\n")
        #expect(try spool.claim().attempt == 1)
    }

    @Test func twoShellsAtOnce() throws {
        let script = [folder + "/spool-submit", spool.path, "j", "/k.zkey", folder + "/w"]
        let shells = try (0..<6).map { _ in try Helper(script, program: URL(fileURLWithPath: "/bin/sh")) }
        let results = shells.map { $0.finish() }
        #expect(results.contains { $0.output == "j: queued\n" })
        // Whatever they did, the job is served once.
        let job = try spool.claim()
        #expect(try spool.queue.claim() == nil)
        #expect(try job.publish(proof, verify: accept) == .published)
        #expect(try spool.queue.claim() == nil)
        #expect(try spool.names("done") == ["j"] && spool.names("dead").isEmpty && spool.names("new").isEmpty)
    }
}
