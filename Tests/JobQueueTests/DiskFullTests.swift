// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Outcomes
import SystemTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite(.enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs")) struct DiskFullTests {
    let disk: SmallDisk
    let queue: SpoolQueue

    init() throws {
        disk = try SmallDisk(kibibytes: 256)
        queue = try SpoolQueue(path: disk.path + "/spool")
    }

    func names(_ place: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: disk.path + "/spool/" + place).sorted()
    }

    func submission(_ name: String, witness: Int = 16) throws -> JobSubmission {
        JobSubmission(
            id: try id(name), body: Data("{}".utf8), bodyDigest: "d",
            files: [JobFile(name: "witness.wtns", source: .bytes(Data(repeating: 7, count: witness)))])
    }

    @Test func fileSystemsAreRecognised() throws {
        var facts = stat()
        try #require(stat(disk.path, &facts) == 0)
        let mounts = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
        #expect(SpoolQueue.fileSystemType(device: UInt64(facts.st_dev), mounts: mounts) == "tmpfs")
        let line = "36 35 1048577:3 / /mnt rw,noatime shared:1 master:2 - nfs4 host:/x rw\n"
        #expect(SpoolQueue.fileSystemType(device: 0x10_0000_0000_0103, mounts: line) == "nfs4")
        #expect(SpoolQueue.fileSystemType(device: 3, mounts: line) == nil)
    }

    @Test func aSubmissionFailsAndLeavesNothing() throws {
        let error = spoolError { _ = try queue.submit(try submission("big", witness: 1 << 20)) }
        #expect(error?.word == "no-space" && error?.isInfrastructure == true)
        #expect("\(error!)".contains("witness.wtns: no space left on the disk"))
        for place in ["new", "ids", "tmp"] { #expect(try names(place).isEmpty, "\(place)") }
        try disk.fill()
        #expect(spoolError { _ = try queue.submit(try submission("small")) }?.word == "no-space")
        for place in ["new", "ids", "tmp"] { #expect(try names(place).isEmpty, "\(place)") }
        disk.free()
        #expect(try queue.submit(submission("big")) == .queued(id("big")))
    }

    @Test func aPublicationFailsAndTheJobStays() throws {
        _ = try queue.submit(submission("j"))
        try disk.fill()
        // A claim and heartbeats need no space.
        let job = try #require(try queue.claim())
        #expect(try job.heartbeat(phase: "prove") == .owned)
        let big = ["proof.json": Data(count: 100_000)]
        let error = spoolError { _ = try job.publish(big, verify: accept) }
        #expect(error?.word == "no-space" && error?.isInfrastructure == true)
        #expect(try names("tmp").isEmpty && names("done").isEmpty && names("cur").count == 1)
        #expect(try job.openFile("witness.wtns").read(limit: 100) == Data(repeating: 7, count: 16))
        // Burying needs space for the reason; until there is some the job stays claimed.
        let failure = spoolError { try job.fail(code: "x", message: "", retryable: false) }
        #expect(failure?.word == "no-space")
        #expect(try names("dead").isEmpty && names("cur").count == 1)
        try job.handBack()
        #expect(try names("new") == ["5.9999999999.000.j"])
        disk.free()
        let again = try #require(try queue.claim())
        #expect(again.attempt == 1)
        #expect(try again.publish(big, verify: accept) == .published)
        #expect(try names("done") == ["j"] && names("cur").isEmpty && names("tmp").isEmpty)
    }

    @Test func aPublicationSucceedsOnceThereIsSpaceAgain() throws {
        _ = try queue.submit(submission("j"))
        let job = try #require(try queue.claim())
        try disk.fill()
        #expect(spoolError { _ = try job.publish(proof, verify: accept) }?.word == "no-space")
        disk.free()
        #expect(try job.publish(proof, verify: accept) == .published)
    }

    @Test func aReapWithoutSpaceLosesNothing() throws {
        _ = try queue.submit(submission("j"))
        for attempt in 1...3 {
            do { #expect(try queue.claim()?.attempt == attempt) }
            if attempt < 3 { #expect(try queue.reap().requeued.count == 1) }
        }
        try disk.fill()
        #expect(try queue.reap() == ReapReport())
        #expect(queue.drainIssues().contains { $0.code == "no-space" })
        disk.free()
        #expect(try queue.reap().dead.map(\.text) == ["j"])
    }
}
