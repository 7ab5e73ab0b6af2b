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

@Suite struct ReapTests {
    /// The entry of a job in `cur/`.
    func entry(_ spool: TestSpool) throws -> String { try #require(try spool.names("cur").first) }

    @Test func theJobOfALivingWorkerStays() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let job = try spool.claim()
        #expect(try spool.another().reap() == ReapReport())
        #expect(try job.heartbeat() == .owned)
    }

    @Test func theJobOfADeadWorkerComesBackUntilItsAttemptsEnd() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        for attempt in 1...3 {
            // The last reference goes, and with it the lock, as when a process dies.
            do { #expect(try spool.claim().attempt == attempt) }
            #expect(try spool.queue.status().orphaned == 1)
            let report = try spool.queue.reap()
            #expect(report.requeued.map(\.text) == (attempt < 3 ? ["j"] : []))
            #expect(report.dead.map(\.text) == (attempt < 3 ? [] : ["j"]))
        }
        #expect(try deadCode(spool, "j") == "worker-lost")
        #expect(try spool.names("cur").isEmpty && spool.names("new").isEmpty)
        guard case .dead(let reason)? = try spool.queue.result(of: id("j")) else { return }
        #expect(reason.history.filter { $0.event == "worker-lost" }.count == 3)
    }

    @Test func reapersRace() async throws {
        let spool = try TestSpool()
        for number in 0..<20 { try spool.submit("j\(number)") }
        do {
            var jobs: [ClaimedJob] = []
            while let job = try spool.queue.claim() { jobs.append(job) }
            #expect(jobs.count == 20)
        }
        let reaped = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                let queue = try spool.another()
                group.addTask { try (0..<3).reduce(0) { sum, _ in try sum + queue.reap().requeued.count } }
            }
            return try await group.reduce(0, +)
        }
        #expect(reaped == 20)
        #expect(
            try spool.names("new").count == 20 && spool.names("cur").isEmpty && spool.names("dead").isEmpty)
    }

    @Test func whatIsLeftOfADoneJobIsRemoved() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        do { _ = try spool.claim() }
        try spool.makeDirectory("done/j")
        try spool.write("done/j/proof.json", "first")
        #expect(try spool.queue.reap().cleaned.map(\.text) == ["j"])
        #expect(try spool.names("cur").isEmpty && spool.names("new").isEmpty && spool.names("tmp").isEmpty)
        #expect(try spool.read("done/j/proof.json") == "first")
    }

    /// Makes the spool as if somebody else had been given the job, lock and all, while its worker still runs.
    func takeAway(_ spool: TestSpool, to place: String) throws {
        let from = spool.path + "/cur/" + (try entry(spool))
        try FileManager.default.copyItem(atPath: from, toPath: spool.path + "/" + place)
        try FileManager.default.removeItem(atPath: from)
    }

    /// A sign of life beside a publication finds no entry where that has just removed it: nobody took the job
    /// away.
    @Test func aJobThatIsBeingFinishedIsNotLost() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let job = try spool.claim()
        let (path, aside) = (spool.path + "/cur/" + (try entry(spool)), spool.path + "/tmp/aside")
        let outcome = try job.publish(proof) { _ in
            try FileManager.default.moveItem(atPath: path, toPath: aside)
            #expect(try job.heartbeat(phase: "publish") == .owned)
            try FileManager.default.moveItem(atPath: aside, toPath: path)
        }
        #expect(outcome == .published)
        #expect(spoolError { try job.heartbeat() } == .claimFinished(job.id))
    }

    @Test func aLateResultCountsWhileTheJobWaits() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let late = try spool.claim()
        try takeAway(spool, to: "new/5.9999999999.001.j")
        #expect(try late.heartbeat() == .lost)
        #expect(try late.publish(proof, verify: accept) == .published)
        #expect(try spool.names("new").isEmpty && spool.names("done") == ["j"])
        #expect(try spool.queue.claim() == nil)
    }

    @Test func aLateResultCountsWhileAnotherWorkerProves() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let late = try spool.claim()
        try takeAway(spool, to: "new/5.9999999999.001.j")
        let second = try spool.claim()
        #expect(try late.publish(["proof.json": Data("late".utf8)], verify: accept) == .published)
        #expect(try second.publish(proof, verify: accept) == .alreadyPublished)
        #expect(try spool.read("done/j/proof.json") == "late")
        #expect(try spool.names("cur").isEmpty && spool.names("new").isEmpty)
    }

    @Test(arguments: [true, false])
    func aFailureAfterALateResultLeavesItAlone(failing: Bool) throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let late = try spool.claim()
        try takeAway(spool, to: "new/5.9999999999.001.j")
        let second = try spool.claim()
        #expect(try late.publish(proof, verify: accept) == .published)
        if failing {
            #expect(try second.fail(code: "x", message: "", retryable: false) == .alreadyPublished)
        } else {
            try second.handBack()
        }
        #expect(try spool.names("dead").isEmpty && spool.names("cur").isEmpty && spool.names("new").isEmpty)
    }

    @Test func aDeadJobTakesNoLateResult() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let late = try spool.claim()
        try takeAway(spool, to: "dead/j")
        #expect(spoolError { _ = try late.publish(proof, verify: accept) } == .leaseLost(try id("j")))
        #expect(try spool.names("done").isEmpty && spool.names("dead") == ["j"] && spool.names("tmp").isEmpty)
        // Without reason.json there is still an answer.
        #expect(try deadCode(spool, "j") == "unknown")
        try spool.queue.requeue(id("j"))
        #expect(try spool.names("new") == ["5.9999999999.000.j"])
    }

    @Test func aDeadJobTakesNoLateResultEvenWithASecondEntry() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let late = try spool.claim()
        try takeAway(spool, to: "dead/j")
        try spool.produce("j")
        #expect(spoolError { _ = try late.publish(proof, verify: accept) } == .leaseLost(try id("j")))
        #expect(try spool.names("done").isEmpty && spool.names("dead") == ["j"])
    }

    @Test func whoLostTheJobCannotEndIt() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let late = try spool.claim()
        try takeAway(spool, to: "new/5.9999999999.001.j")
        #expect(
            spoolError { try late.fail(code: "x", message: "", retryable: false) } == .leaseLost(try id("j")))
        #expect(spoolError { try late.handBack() } == .claimFinished(try id("j")))
        #expect(try spool.names("new") == ["5.9999999999.001.j"])
    }

    @Test func aPurgedJobTakesNoLateResult() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let late = try spool.claim()
        try takeAway(spool, to: "dead/j")
        #expect(try spool.queue.purge(.dead, olderThan: -1) == 1)
        #expect(spoolError { _ = try late.publish(proof, verify: accept) } == .leaseLost(try id("j")))
        for place in ["new", "cur", "done", "dead", "ids", "tmp"] { #expect(try spool.names(place).isEmpty) }
    }

    @Test func onlyStaleTemporariesGo() throws {
        let spool = try TestSpool { $0.staleTemporaryAge = 1000 }
        try spool.makeDirectory("tmp/old")
        try spool.write("tmp/old/job.json", "{}")
        try spool.write("tmp/old-file", "x")
        try spool.makeDirectory("tmp/young")
        try spool.makeDirectory("tmp/martlet.submit.1-old")
        try spool.makeDirectory("tmp/martlet.submit.1-young")
        try spool.makeDirectory("tmp/martlet.submit.1-held")
        let held = open(spool.path + "/tmp/martlet.submit.1-held", O_RDONLY)
        defer { close(held) }
        try #require(flock(held, LOCK_EX) == 0)
        for name in ["old", "old-file"] { try spool.setAge("tmp/" + name, seconds: 1100) }
        for name in ["young", "martlet.submit.1-old", "martlet.submit.1-held"] {
            try spool.setAge("tmp/" + name, seconds: 900)
        }
        #expect(try spool.queue.reap().removedTemporaries == 3)
        #expect(try spool.names("tmp") == ["martlet.submit.1-held", "martlet.submit.1-young", "young"])
    }
}
