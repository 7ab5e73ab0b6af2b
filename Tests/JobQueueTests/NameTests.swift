// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Outcomes
import SystemTestSupport
import Testing

@Suite struct NameTests {
    @Test(arguments: ["a", "A-Z_0-9", String(repeating: "x", count: 64)])
    func goodIdentifiers(text: String) throws { #expect(try JobID(text).text == text) }

    @Test(arguments: ["", ".", "..", "a.b", "a/b", "a b", "ä", "a\n", "@", String(repeating: "x", count: 65)])
    func badIdentifiers(text: String) {
        #expect(throws: InvalidJobID(text)) { try JobID(text) }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([JobID].self, from: JSONEncoder().encode([text]))
        }
    }

    @Test func generatedIdentifiersAreValidDifferentAndInOrder() async throws {
        let first = JobID.generate()
        try await Task.sleep(for: .milliseconds(5))
        let second = JobID.generate()
        #expect(first < second)
        #expect(try JobID(first.text) == first)
        // Many of them in one millisecond.
        let many = (0..<10_000).map { _ in JobID.generate() }
        #expect(zip(many, many.dropFirst()).allSatisfy(<))
    }

    @Test(arguments: [
        "", ".", "..", ".hidden", "a/b", "/etc/passwd", "a\u{0}b", "a\nb", "job.json", "lease", "digest",
        "reason.json",
        String(repeating: "x", count: 129),
    ])
    func badFileNames(name: String) throws {
        guard case .invalidFileName(name, _)? = spoolError({ try SpoolQueue.checkFileName(name) }) else {
            Issue.record("\(name) was taken")
            return
        }
        let spool = try TestSpool()
        let job = JobSubmission(
            id: try id("j"), body: Data(), bodyDigest: "d",
            files: [JobFile(name: name, source: .bytes(Data()))])
        #expect(throws: SpoolError.self) { try spool.queue.submit(job) }
        #expect(try spool.names("new").isEmpty && spool.names("ids").isEmpty && spool.names("tmp").isEmpty)
    }

    @Test func entriesAreNamedAsDocumented() throws {
        let spool = try TestSpool { $0.hostName = "a.b_c@d" }
        try spool.submit("one")
        try spool.submit("two", priority: 0, deadline: 4_102_444_800)
        #expect(try spool.names("new") == ["0.4102444800.000.two", "5.9999999999.000.one"])
        let job = try spool.claim()
        let name = try #require(try spool.names("cur").first)
        let expected = "0.4102444800.001.two@a_2eb_5fc_40d.\(ProcessInfo.processInfo.processIdentifier)."
        #expect(name.hasPrefix(expected))
        #expect(try spool.queue.status().jobs.first { $0.id == "two" }?.worker?.host == "a.b_c@d")
        try job.handBack()
    }

    @Test func theSpoolIsPrivate() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let manager = FileManager.default
        for place in ["", "/new", "/ids", "/tmp", "/new/5.9999999999.000.j"] {
            let mode = try manager.attributesOfItem(atPath: spool.path + place)[.posixPermissions] as? Int
            #expect(mode == 0o700, "\(place)")
        }
        for file in ["job.json", "witness.wtns", "lease", "digest"] {
            let path = spool.path + "/new/5.9999999999.000.j/" + file
            #expect(try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600, "\(file)")
        }
    }

    @Test func directoriesThatAreNoSpool() throws {
        let folder = try makeTemporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func code(_ path: String, creating: Bool = false) -> String? {
            spoolError { _ = try SpoolQueue(path: path, creating: creating) }?.word
        }
        #expect(code(folder + "/missing") == "not-a-spool")
        #expect(code(folder) == "not-a-spool")
        #expect(code("") == "not-a-spool")
        try Data().write(to: URL(fileURLWithPath: folder + "/file"))
        #expect(code(folder + "/file", creating: true) == "not-a-spool")
        // A folder that somebody uses does not become one; an empty file system does.
        #expect(code(folder, creating: true) == "not-a-spool")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
        try FileManager.default.createDirectory(
            atPath: folder + "/disk/lost+found", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: folder + "/disk/.spool.json.0123456789abcdef"))
        #expect(code(folder + "/disk", creating: true) == nil)
        // All parts, made by somebody else, are a spool; some of them are not.
        for part in ["tmp", "new", "cur", "done", "dead", "ids"] {
            if part == "done" { #expect(code(folder + "/made", creating: true) == "not-a-spool") }
            try FileManager.default.createDirectory(
                atPath: folder + "/made/" + part, withIntermediateDirectories: true)
        }
        #expect(code(folder + "/made", creating: true) == nil)
        #expect(code(folder + "/q", creating: true) == nil)
        #expect(code(folder + "/q") == nil)
        try Data("{\"format\":\"martlet-spool\",\"version\":2}".utf8)
            .write(to: URL(fileURLWithPath: folder + "/q/spool.json"))
        #expect(code(folder + "/q") == "not-a-spool")
    }

    /// Found by fuzzing: a host's name that was cut in the middle of a character was another one when it was
    /// read again.
    @Test func namesOfHostsAreCutBetweenCharacters() {
        let written = WorkerIdentity.current(host: String(repeating: "é", count: 40)).description
        #expect(
            written.split(separator: ".").first.map(String.init) == String(repeating: "_c3_a9", count: 10))
    }
}
