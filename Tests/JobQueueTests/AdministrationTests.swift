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

@Suite struct AdministrationTests {
    @Test func statusTellsEverything() throws {
        let spool = try TestSpool()
        try spool.submit("done")
        _ = try spool.claim().publish(proof, verify: accept)
        try spool.submit("dead")
        try spool.claim().fail(code: "unsatisfied", message: "m", retryable: false)
        try spool.submit("running")
        let job = try spool.claim()
        try job.heartbeat(phase: "prove", fraction: 0.25)
        try spool.submit("stalled")
        let stalled = try spool.claim()
        try spool.setAge("cur/" + #require(try spool.names("cur").last) + "/lease", seconds: 1000)
        try spool.submit("queued-1")
        try spool.submit("queued-0", priority: 1)
        try spool.setAge("new/5.9999999999.000.queued-1/job.json", seconds: 500)

        let status = try spool.queue.status()
        #expect(status.queued == 2 && status.running == 2 && status.stalled == 1 && status.orphaned == 0)
        #expect(status.done == 1 && status.dead == 1 && status.foreign == 0)
        #expect((500...510).contains(try #require(status.oldestQueuedSeconds)))
        #expect(status.jobs.map(\.id) == ["queued-0", "queued-1", "running", "stalled", "done", "dead"])
        let running = status.jobs[2]
        #expect(running.progress?.phase == "prove" && running.progress?.fraction == 0.25)
        #expect(running.worker == spool.queue.identity && running.attempt == 1 && running.priority == 5)
        #expect(running.isWorkerAlive == true && running.isStalled == false)
        #expect(status.jobs[3].isStalled == true && status.jobs[3].heartbeatAgeSeconds! >= 1000)
        #expect(status.jobs[5].reason?.code == "unsatisfied")
        #expect(try JSONDecoder().decode(SpoolStatus.self, from: JSONEncoder().encode(status)) == status)
        // A heartbeat ends the stall.
        try stalled.heartbeat()
        let counts = try spool.queue.status(listingJobs: false)
        #expect(counts.jobs.isEmpty && counts.stalled == 0 && counts.done == 1 && counts.running == 2)
    }

    /// Wherever a job is by now, it is listed by when it came.
    @Test func jobsByAgeAreInTheOrderOfTheirSubmission() throws {
        let spool = try TestSpool()
        try spool.submit("done")
        _ = try spool.claim().publish(proof, verify: accept)
        try spool.submit("dead")
        try spool.claim().fail(code: "unsatisfied", message: "m", retryable: false)
        try spool.submit("running")
        let job = try spool.claim()
        for id in ["b", "a", "urgent"] { try spool.submit(id, priority: id == "urgent" ? 0 : 5) }
        let running = try #require(try spool.names("cur").first)
        try spool.setAge("new/0.9999999999.000.urgent/job.json", seconds: 100)
        for id in ["a", "b"] { try spool.setAge("new/5.9999999999.000.\(id)/job.json", seconds: 300) }
        try spool.setAge("dead/dead/job.json", seconds: 400)
        try spool.setAge("ids/done", seconds: 200)
        try spool.setAge("cur/\(running)/job.json", seconds: 500)
        let status = try spool.queue.status()
        #expect(status.jobsByAge.map(\.id) == ["running", "dead", "a", "b", "done", "urgent"])
        let done = try #require(status.jobs.first { $0.state == .done })
        let age = Date().timeIntervalSince1970 - (try #require(done.submitted))
        #expect((195...215).contains(age) && done.ageSeconds < 100)
        withExtendedLifetime(job) {}
    }

    /// What lies in `done/` and `dead/` and is no job is counted, and not listed as one.
    @Test func onlyJobsAreListed() throws {
        let spool = try TestSpool()
        try spool.submit("done")
        _ = try spool.claim().publish(proof, verify: accept)
        try spool.submit("dead")
        try spool.claim().fail(code: "unsatisfied", message: "m", retryable: false)
        for place in ["done", "dead"] {
            try spool.write("\(place)/README", "a file with a name that a job could have")
            try spool.write("\(place)/notes.txt", "x")
            try spool.makeDirectory("\(place)/not a job")
            try FileManager.default.createSymbolicLink(
                atPath: spool.path + "/\(place)/link", withDestinationPath: "../ids")
        }
        try spool.makeDirectory("new/nonsense")
        #expect(try spool.queue.claim() == nil)
        let status = try spool.queue.status()
        #expect(status.jobs.map(\.id) == ["done", "dead"])
        #expect(status.done == 1 && status.dead == 1 && status.foreign == 9)
        #expect(status.deadByCode == ["unsatisfied": 1])
        let counts = try spool.queue.status(listingJobs: false)
        #expect(counts.jobs.isEmpty && counts.done == 1 && counts.dead == 1 && counts.foreign == 9)
    }

    @Test func theProgressOfAnEarlierAttemptIsNotShown() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let first = try spool.claim()
        try first.heartbeat(phase: "msm")
        #expect(try spool.queue.status().jobs.first?.progress?.phase == "msm")
        try first.handBack()
        let second = try spool.claim()
        #expect(try spool.queue.status().jobs.first?.progress == nil)
        try second.heartbeat(phase: "ntt", fraction: .nan)
        let progress = try spool.queue.status().jobs.first?.progress
        #expect(progress?.phase == "ntt" && progress?.fraction == nil)
    }

    @Test func purgingFreesTheIdentifier() throws {
        let spool = try TestSpool { $0.wipesPayloadFiles = true }
        try spool.submit("old")
        _ = try spool.claim().publish(proof, verify: accept)
        try spool.submit("young")
        _ = try spool.claim().publish(proof, verify: accept)
        try spool.submit("dead")
        try spool.claim().fail(code: "x", message: "", retryable: false)
        try spool.setAge("done/old", seconds: 1000)
        #expect(try spool.queue.purge(.done, olderThan: 500) == 1)
        #expect(try spool.names("done") == ["young"] && spool.names("ids") == ["dead", "young"])
        #expect(try spool.submit("old", digest: "another") == .queued(id("old")))
        #expect(try spool.queue.purge(.dead, olderThan: 500) == 0)
        #expect(try spool.queue.purge(.dead, olderThan: -1) == 1)
        #expect(try spool.names("dead").isEmpty && spool.names("ids") == ["old", "young"])
        #expect(try spool.names("tmp").isEmpty && spool.names("new").count == 1)
    }

    @Test func purgingKeepsAResultWhoseRemainsAreStillRunning() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        do { _ = try spool.claim() }
        try spool.makeDirectory("done/j")
        try spool.write("done/j/proof.json", "first")
        #expect(try spool.queue.purge(.done, olderThan: -1) == 0)
        try spool.queue.reap()
        #expect(try spool.queue.purge(.done, olderThan: -1) == 1)
        #expect(try spool.queue.claim() == nil)
    }

    @Test func purgingRemovesRecordsWithoutAJob() throws {
        let spool = try TestSpool()
        try spool.write("ids/orphan", "d\n")
        try spool.write("ids/young", "d\n")
        try spool.setAge("ids/orphan", seconds: 1000)
        try spool.submit("queued")
        try spool.setAge("ids/queued", seconds: 1000)
        try spool.queue.purge(.done, olderThan: 500)
        #expect(try spool.names("ids") == ["queued", "young"])
    }

    @Test func waiting() async throws {
        let spool = try TestSpool()
        #expect(
            spoolError { _ = try spool.queue.wait(for: try id("j"), timeout: 1) } == .unknownJob(try id("j")))
        try spool.submit("j")
        #expect(try spool.queue.wait(for: id("j"), timeout: 0.05) == nil)
        #expect(try await spool.queue.waitAsync(for: id("j"), timeout: 0.05) == nil)
        let job = try spool.claim()
        async let first = spool.queue.waitAsync(for: try id("j"), timeout: 20)
        try await Task.sleep(for: .milliseconds(50))
        _ = try job.publish(proof, verify: accept)
        let result = try await first
        #expect(result == .done(directory: spool.path + "/done/j"))
        #expect(try spool.queue.wait(for: id("j"), timeout: 0) == result)
        #expect(try spool.queue.state(of: id("none")) == nil)
    }

    @Test func aCancelledWaitEnds() async throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let task = Task { try await spool.queue.waitAsync(for: try id("j"), timeout: 1000) }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(try await task.value == nil)
    }

    @Test func aRecordThatAnotherProcessHolds() throws {
        let spool = try TestSpool { $0.lockTimeout = 0.1 }
        try spool.submit("j")
        let held = open(spool.path + "/ids/j", O_RDWR)
        try #require(flock(held, LOCK_EX) == 0)
        #expect(spoolError { try spool.submit("j") } == .busy(try id("j")))
        #expect(try spool.queue.claim() == nil)
        #expect(spoolError { _ = try spool.queue.state(of: try id("j")) }?.isInfrastructure == true)
        close(held)
        #expect(try spool.claim().id.text == "j")
    }

    @Test func errorsReadWell() throws {
        let error = SpoolError.system(operation: "open", path: "q/new/x", errno: 2)
        #expect(error.message == "open q/new/x: No such file or directory")
        #expect(InvalidJobID("a\u{1b}[31m").message.contains("\"a\\u{1B}[31m\""))
        #expect(SpoolError.noSpace(operation: "write", path: "p").isInfrastructure)
        #expect(!SpoolError.conflict(try id("j")).isInfrastructure)
    }
}
