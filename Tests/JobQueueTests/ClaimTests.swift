// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Outcomes
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct ClaimTests {
    @Test func theOrderOfService() throws {
        let spool = try TestSpool()
        try spool.submit("late", priority: 9)
        try spool.submit("b")
        try spool.submit("a")
        try spool.submit("due", deadline: 4_000_000_002)
        try spool.submit("sooner", deadline: 4_000_000_001)
        try spool.submit("urgent", priority: 0)
        try spool.produce("retried", entry: "5.9999999999.001.retried")
        // Ten zeros are no deadline either.
        try spool.produce("aa", entry: "5.0000000000.000.aa")
        var jobs: [ClaimedJob] = []
        while let job = try spool.queue.claim() { jobs.append(job) }
        #expect(jobs.map(\.id.text) == ["urgent", "sooner", "due", "a", "aa", "b", "retried", "late"])
        #expect(jobs.map(\.attempt) == [1, 1, 1, 1, 1, 1, 2, 1])
        #expect(jobs.map(\.deadline) == [nil, 4_000_000_001, 4_000_000_002, nil, nil, nil, nil, nil])
        #expect(zip(jobs, jobs.dropFirst()).allSatisfy { $0.epoch < $1.epoch })
    }

    @Test func bodyAndFilesArrive() throws {
        let spool = try TestSpool()
        try spool.submit("j", body: "{\"version\":1}")
        let job = try spool.claim()
        #expect(job.body == Data("{\"version\":1}".utf8) && job.bodyDigest == "digest-j" && job.priority == 5)
        #expect(try job.openFile("witness.wtns").read(limit: 100) == Data(repeating: 7, count: 16))
        #expect(try Data(contentsOf: URL(fileURLWithPath: job.directoryPath + "/job.json")) == job.body)
        #expect(spoolError { _ = try job.openFile("missing") }?.errnoCode == 2)
        #expect(spoolError { _ = try job.openFile("../../spool.json") }?.word == "invalid-file-name")
        #expect(spoolError { _ = try job.openFile("..") }?.word == "invalid-file-name")
        // A link that appears after the claim is not followed either.
        try FileManager.default.createSymbolicLink(
            atPath: job.directoryPath + "/link", withDestinationPath: "witness.wtns")
        #expect(spoolError { _ = try job.openFile("link") }?.word == "unsafe-file")
        try spool.makeDirectory("cur/" + spool.names("cur")[0] + "/folder")
        #expect(spoolError { _ = try job.openFile("folder") }?.word == "unsafe-file")
    }

    @Test func anExpiredJobDies() throws {
        let spool = try TestSpool()
        try spool.submit("old", deadline: 1_000_000_000)
        try spool.submit("good")
        #expect(try spool.claim().id.text == "good")
        guard case .dead(let reason)? = try spool.queue.result(of: id("old")) else {
            Issue.record("not dead")
            return
        }
        #expect(reason.code == "deadline" && reason.deadline == 1_000_000_000 && reason.attempts == 0)
        #expect(spool.queue.drainIssues().contains { $0.place == "dead/old" && $0.code == "deadline" })
    }

    @Test func aJobWithoutAttemptsLeftDies() throws {
        let spool = try TestSpool()
        try spool.produce("j", entry: "5.9999999999.003.j")
        #expect(try spool.queue.claim() == nil)
        #expect(try deadCode(spool, "j") == "attempts-exhausted")
    }

    @Test func foreignEntriesGoAwayWithAReason() throws {
        let spool = try TestSpool()
        let manager = FileManager.default
        let bad = [
            "x", ".hidden", "5.1.0.short", "a.9999999999.000.j", "5.9999999999.000.a b", "5.9999999999.000.",
        ]
        for name in bad { try spool.write("new/" + name, "file") }
        try spool.makeDirectory("new/not a job")
        try spool.write("new/not a job/precious", "kept")
        try spool.write("new/5.9999999999.000.file", "a file where a directory belongs")
        try manager.createSymbolicLink(
            atPath: spool.path + "/new/5.9999999999.000.link", withDestinationPath: "../tmp")
        try spool.write("cur/nonsense", "file")
        try spool.makeDirectory("ids/good")
        try spool.produce("good")
        let job = try spool.claim()
        #expect(job.id.text == "good")
        try spool.queue.reap()
        #expect(try spool.queue.claim() == nil)
        #expect(try spool.names("new").isEmpty)
        let dead = try spool.names("dead")
        #expect(dead.count == bad.count + 5 && dead.allSatisfy { $0.hasPrefix("foreign.") })
        for place in dead {
            #expect(try spool.read("dead/\(place)/reason.json").contains("\"code\" : \"foreign\""))
            #expect(try spool.names("dead/" + place) == ["entry", "reason.json"])
        }
        #expect(dead.contains { (try? spool.read("dead/\($0)/entry/precious")) == "kept" })
        #expect(spool.queue.drainIssues().filter { $0.code == "foreign" }.count == dead.count)
        #expect(try spool.queue.status().foreign == dead.count)
        #expect(try spool.queue.purge(.dead, olderThan: -1) == dead.count)
        #expect(try job.publish(proof, verify: accept) == .published)
    }

    @Test func namesThatAreNotUTF8() throws {
        let spool = try TestSpool()
        let path = Array((spool.path + "/new/").utf8) + [0xff, 0xfe, 0]
        let made = path.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { mkdir($0.baseAddress!, 0o700) }
        }
        try #require(made == 0)
        try spool.submit("j")
        #expect(try spool.queue.status().foreign == 1)
        #expect(try spool.claim().id.text == "j")
        #expect(try spool.names("dead").count == 1)
    }

    enum Damage: CaseIterable {
        case noBody, bodyIsLink, bodyIsFolder, bodyTooLarge, leaseIsLink, pipe, folder, link
    }

    @Test(arguments: Damage.allCases)
    func damagedJobsDie(damage: Damage) throws {
        let spool = try TestSpool { $0.maximumBodyBytes = 1000 }
        try spool.produce("j")
        let entry = "new/5.9999999999.000.j"
        let manager = FileManager.default
        let remove = { (name: String) in try manager.removeItem(atPath: "\(spool.path)/\(entry)/\(name)") }
        let link = { (name: String) in
            try manager.createSymbolicLink(
                atPath: "\(spool.path)/\(entry)/\(name)", withDestinationPath: "witness.wtns")
        }
        switch damage {
        case .noBody: try remove("job.json")
        case .bodyIsLink:
            try remove("job.json")
            try link("job.json")
        case .bodyIsFolder:
            try remove("job.json")
            try spool.makeDirectory(entry + "/job.json")
        case .bodyTooLarge: try spool.write(entry + "/job.json", String(repeating: " ", count: 1001))
        case .leaseIsLink: try link("lease")
        case .pipe: #expect(mkfifo("\(spool.path)/\(entry)/pipe", 0o600) == 0)
        case .folder: try spool.makeDirectory(entry + "/reason.json")
        case .link: try link("other")
        }
        try spool.submit("good", priority: 9)
        #expect(try spool.claim().id.text == "good")
        #expect(try deadCode(spool, "j") == "damaged")
    }

    @Test func twoEntriesOfOneIdentifier() throws {
        let spool = try TestSpool()
        try spool.submit("same")
        try spool.submit("different")
        let jobs = [try spool.claim(), try spool.claim()]
        // Producers that do not go by ids/: one brings the same job again, the other one another job.
        try spool.produce("same", digest: "digest-same")
        try spool.produce("different", digest: "x")
        #expect(try spool.queue.claim() == nil)
        #expect(try spool.names("new").isEmpty && spool.names("dead").count == 1)
        for job in jobs { #expect(try job.publish(proof, verify: accept) == .published) }
        #expect(try spool.names("done") == ["different", "same"])
    }

    @Test func aJobWithoutARecordIsServed() throws {
        let spool = try TestSpool()
        try spool.produce("j")
        let job = try spool.claim()
        #expect(job.bodyDigest.isEmpty)
        #expect(spoolError { try spool.submit("j") } == .conflict(try id("j")))
        #expect(try job.publish(proof, verify: accept) == .published)
        #expect(try spool.queue.state(of: id("j")) == .done)
    }

    @Test func threadsClaimEveryJobOnce() async throws {
        let spool = try TestSpool()
        for number in 0..<50 { try spool.submit("job-\(number)") }
        let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<4 {
                let queue = try spool.another()
                group.addTask {
                    var result: [String] = []
                    while let job = try queue.claim() {
                        result.append(job.id.text)
                        _ = try job.publish(proof, verify: accept)
                    }
                    return result
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 50 && Set(claimed).count == 50)
        #expect(try spool.names("done").count == 50 && spool.names("cur").isEmpty)
    }
}

func deadCode(_ spool: TestSpool, _ job: String) throws -> String? {
    guard case .dead(let reason)? = try spool.queue.result(of: id(job)) else { return nil }
    #expect(reason.id == job && reason.version == 1)
    return reason.code
}
