// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Testing

@Suite struct SubmitTests {
    @Test func theSameJobTwiceIsOne() throws {
        let spool = try TestSpool()
        #expect(try spool.submit("j") == .queued(id("j")))
        #expect(try spool.submit("j") == .existing(id("j"), .queued))
        let job = try spool.claim()
        #expect(try spool.submit("j") == .existing(id("j"), .running))
        #expect(try job.publish(proof, verify: accept) == .published)
        #expect(try spool.submit("j") == .existing(id("j"), .done))
        #expect(try spool.names("new").isEmpty && spool.names("cur").isEmpty && spool.names("tmp").isEmpty)
    }

    @Test func theSameIdentifierWithAnotherBodyIsAConflict() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let conflict = spoolError { try spool.submit("j", digest: "other") }
        #expect(conflict == .conflict(try id("j")))
        #expect(try spool.names("new").count == 1 && spool.names("tmp").isEmpty)
    }

    @Test func submissionsThatBreakARule() throws {
        let spool = try TestSpool { $0.maximumBodyBytes = 10 }
        func code(_ change: (inout JobSubmission) -> Void) -> String? {
            var job = JobSubmission(body: Data("{}".utf8), bodyDigest: "d")
            change(&job)
            return spoolError { _ = try spool.queue.submit(job) }?.word
        }
        #expect(code { $0.priority = 10 } == "invalid-submission")
        #expect(code { $0.priority = -1 } == "invalid-submission")
        #expect(code { $0.deadline = 0 } == "invalid-submission")
        #expect(code { $0.deadline = 9_999_999_999 } == "invalid-submission")
        #expect(code { $0.body = Data(count: 11) } == "invalid-submission")
        #expect(code { $0.bodyDigest = "" } == "invalid-submission")
        #expect(code { $0.bodyDigest = "a b" } == "invalid-submission")
        let file = JobFile(name: "a", source: .bytes(Data()))
        #expect(code { $0.files = [file, file] } == "invalid-submission")
        #expect(code { $0.files = [JobFile(name: "a", source: .copy(path: "/nonexistent/x"))] } == "system")
        #expect(code { $0.files = [JobFile(name: "a", source: .copy(path: spool.path))] } == "unsafe-file")
        #expect(code { $0.files = [JobFile(name: "a", source: .move(path: spool.path))] } == "unsafe-file")
        for place in ["new", "ids", "tmp"] { #expect(try spool.names(place).isEmpty, "\(place)") }
        #expect(code { $0.files = [file] } == nil)
    }

    @Test(arguments: [true, false])
    func filesAreMovedOrCopied(moving: Bool) throws {
        let spool = try TestSpool { $0.wipesPayloadFiles = true }
        let source = spool.path + ".witness"
        let content = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        try content.write(to: URL(fileURLWithPath: source))
        let file = JobFile(name: "w", source: moving ? .move(path: source) : .copy(path: source))
        _ = try spool.queue.submit(
            JobSubmission(id: id("j"), body: Data("{}".utf8), bodyDigest: "d", files: [file]))
        #expect(FileManager.default.fileExists(atPath: source) == !moving)
        let job = try spool.claim()
        #expect(try job.openFile("w").read(limit: 1 << 30) == content)
        let again = try job.openFile("w")
        #expect(try Data(contentsOf: URL(fileURLWithPath: again.descriptorPath)) == content)
        #expect(spoolError { _ = try again.read(limit: 10) }?.word == "unsafe-file")
        #expect(try job.publish(proof, verify: accept) == .published)
        #expect(FileManager.default.fileExists(atPath: source) == !moving)
    }

    @Test func aMoveTakesNoSymbolicLink() throws {
        let spool = try TestSpool()
        let link = spool.path + ".link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "spool/spool.json")
        let job = JobSubmission(
            body: Data(), bodyDigest: "d", files: [JobFile(name: "w", source: .move(path: link))])
        #expect(spoolError { _ = try spool.queue.submit(job) }?.word == "unsafe-file")
        #expect(try spool.names("tmp").isEmpty)
    }

    @Test func manyThreadsSubmitOneJob() async throws {
        let spool = try TestSpool()
        let outcomes = try await withThrowingTaskGroup(of: SubmitOutcome.self) { group in
            for _ in 0..<16 { group.addTask { try spool.submit("j") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .queued(outcomes[0].id) }.count == 1)
        #expect(try spool.names("new").count == 1 && spool.names("tmp").isEmpty)
    }

    @Test(arguments: ["done/j", "dead/j", "new/5.9999999999.000.j"])
    func anIdentifierInUseWithoutARecord(place: String) throws {
        let spool = try TestSpool()
        try spool.makeDirectory(place)
        try spool.write(place + "/file", "x")
        #expect(spoolError { try spool.submit("j") } == .conflict(try id("j")))
        #expect(try spool.names("ids").isEmpty && spool.names("tmp").isEmpty)
        #expect(try spool.names(place) == ["file"])
    }

    @Test func aHalfSubmissionIsCompletedByTheNext() throws {
        let spool = try TestSpool()
        // As a producer without our code leaves it when it dies between its two steps.
        try spool.write("ids/j", "digest-j\n")
        #expect(spoolError { try spool.submit("j", digest: "other") } == .conflict(try id("j")))
        #expect(try spool.queue.state(of: id("j")) == nil)
        #expect(try spool.submit("j") == .queued(id("j")))
        #expect(try spool.submit("j") == .existing(id("j"), .queued))
        #expect(try spool.claim().bodyDigest == "digest-j")
    }
}
