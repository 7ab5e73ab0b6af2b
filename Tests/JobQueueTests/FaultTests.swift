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

/// Real processes, killed with SIGKILL at chosen points. Each time every job must end exactly once.
@Suite(.serialized) struct FaultTests {
    /// Checks that each job is exactly once in `done/` or `dead/` and that nothing else is left.
    func expectEnded(_ spool: TestSpool, done: [String], dead: [String] = []) throws {
        #expect(try spool.names("done") == done.sorted())
        #expect(try spool.names("dead") == dead.sorted())
        for place in ["new", "cur"] { #expect(try spool.names(place).isEmpty, "\(place)") }
        #expect(try spool.names("ids") == (done + dead).sorted())
        for name in done {
            #expect(try spool.names("done/" + name) == ["proof.json"])
            #expect(try spool.read("done/\(name)/proof.json").hasPrefix("\(name) 16 "))
        }
        // What a dead process left in tmp/ is removed once it is old enough.
        for name in try spool.names("tmp") { try spool.setAge("tmp/" + name, seconds: 61) }
        try spool.queue.reap()
        #expect(try spool.names("tmp").isEmpty)
    }

    @Test(arguments: [
        "claim-locked", "after-claim", "mid-proof", "publish-staged", "before-publish",
        "between-publish-and-cleanup", "between-wipe-and-cleanup",
    ])
    func aWorkerIsKilled(at point: String) throws {
        let spool = try TestSpool()
        for name in ["a", "b", "c"] { try spool.submit(name) }
        // The second job, so that a worker is killed that has already published something.
        let killed = try Helper.run(["work", spool.path], fault: point + ":2")
        #expect(killed.signal == SIGKILL)
        #expect(killed.errors.contains("MARTLET_FAULT=\(point)"))
        let isPublished = point.hasPrefix("between")
        #expect(try spool.names("done") == (isPublished ? ["a", "b"] : ["a"]))
        #expect(try spool.names("cur").count == (point == "claim-locked" ? 0 : 1))
        let first = isPublished ? try spool.read("done/b/proof.json") : nil

        let other = try Helper.run(["work", spool.path])
        #expect(other.status == 0, "\(other.errors)")
        try expectEnded(spool, done: ["a", "b", "c"])
        if let first { #expect(try spool.read("done/b/proof.json") == first) }
        let claims = other.output.split(separator: "\n").filter { $0.hasPrefix("claimed b") }
        let expected = isPublished ? [] : point == "claim-locked" ? ["claimed b 1"] : ["claimed b 2"]
        #expect(claims.map(String.init) == expected)
    }

    @Test(arguments: ["before-dead", "after-dead"])
    func aWorkerIsKilledWhileAJobDies(at point: String) throws {
        let spool = try TestSpool()
        try spool.submit("a")
        #expect(try Helper.run(["work", spool.path, "0", "reject"], fault: point).signal == SIGKILL)
        #expect(try Helper.run(["work", spool.path, "0", "reject"]).status == 0)
        try expectEnded(spool, done: [], dead: ["a"])
        #expect(try deadCode(spool, "a") == "unsatisfied")
    }

    @Test func aJobThatKillsItsWorkersDies() throws {
        let spool = try TestSpool()
        try spool.submit("poison", priority: 0)
        try spool.submit("good")
        for _ in 1...3 {
            #expect(try Helper.run(["work", spool.path], fault: "mid-proof").signal == SIGKILL)
        }
        #expect(try Helper.run(["work", spool.path]).status == 0)
        try expectEnded(spool, done: ["good"], dead: ["poison"])
        #expect(try deadCode(spool, "poison") == "worker-lost")
    }

    @Test func failuresOfWorkersAreRetried() throws {
        let spool = try TestSpool()
        try spool.submit("a")
        let worker = try Helper.run(["work", spool.path, "0", "flaky"])
        #expect(worker.output.contains("claimed a 2") && !worker.output.contains("claimed a 3"))
        try expectEnded(spool, done: ["a"])
    }

    @Test(arguments: ["submit-staged", "submit-linked", "submit-committed"])
    func aProducerIsKilled(at point: String) throws {
        let spool = try TestSpool()
        #expect(try Helper.run(["submit", spool.path, "a"], fault: point).signal == SIGKILL)
        #expect(try spool.names("new").count == (point == "submit-committed" ? 1 : 0))
        #expect(try spool.names("ids").count == (point == "submit-staged" ? 0 : 1))
        // Somebody else's job of that name is a conflict as soon as the record is there.
        if point != "submit-staged" {
            #expect(spoolError { try spool.submit("a", digest: "x") } == .conflict(try id("a")))
        }
        let again = try Helper.run(["submit", spool.path, "a"])
        #expect(again.status == 0)
        #expect(again.output.hasPrefix(point == "submit-committed" ? "existing" : "queued"))
        #expect(try Helper.run(["work", spool.path]).status == 0)
        try expectEnded(spool, done: ["a"])
    }

    @Test func aStoppedWorkerIsStalledAndAKilledOneIsReaped() throws {
        let spool = try TestSpool { $0.stalledAfter = 0.2 }
        try spool.submit("a")
        let worker = try Helper(["work", spool.path, "0", "hang"])
        var text = ""
        while !text.contains("hanging") { text += worker.waitForOutput() }
        usleep(400_000)
        let status = try spool.queue.status()
        #expect(status.running == 1 && status.stalled == 1 && status.orphaned == 0)
        #expect(status.jobs.first?.worker?.pid == worker.process.processIdentifier)
        #expect(try spool.queue.reap().requeued.isEmpty)
        worker.kill()
        #expect(worker.finish().signal == SIGKILL)
        #expect(try spool.queue.status().orphaned == 1)
        #expect(try spool.queue.reap().requeued.map(\.text) == ["a"])
        #expect(try Helper.run(["work", spool.path]).status == 0)
        try expectEnded(spool, done: ["a"])
    }

    @Test(.timeLimit(.minutes(1)))
    func workersRaceForTwoHundredJobs() throws {
        let spool = try TestSpool()
        let names = (0..<200).map { "job-\($0)" }
        for name in names { try spool.submit(name) }
        // Two workers of five are killed somewhere in the middle, another one in the middle of a publication.
        let faults = [nil, nil, "mid-proof:17", "between-publish-and-cleanup:9", "after-claim:23"]
        let workers = try faults.map { try Helper(["work", spool.path, "1"], fault: $0) }
        let results = workers.map { $0.finish() }
        for (fault, result) in zip(faults, results) where fault == nil {
            #expect(result.status == 0 && result.signal == nil, "\(result.errors)")
        }
        #expect(results.contains { $0.signal == SIGKILL })
        try expectEnded(spool, done: names)
        // Nobody claimed a job that another one was working on: every claim but the killed ones' was
        // published.
        let claims = results.flatMap { $0.output.split(separator: "\n") }.filter { $0.hasPrefix("claimed") }
        let killed = results.filter { $0.signal == SIGKILL }.count
        #expect((200...200 + killed).contains(claims.count))
    }

    @Test func producersRaceForOneIdentifier() throws {
        let spool = try TestSpool()
        let producers = try (0..<6).map { _ in try Helper(["submit", spool.path, "a", "200000"]) }
        let outputs = producers.map { $0.finish().output }
        #expect(outputs.filter { $0.hasPrefix("queued") }.count == 1)
        #expect(outputs.filter { $0.hasPrefix("existing") }.count == 5)
        #expect(try spool.names("new").count == 1 && spool.names("tmp").isEmpty)
    }
}
