// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct Refused: Error {}

@Suite struct FinishTests {
    @Test func aPublishedResult() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let job = try spool.claim()
        let files = [
            "proof.json": Data("p".utf8), "public.json": Data("q".utf8), "result.json": Data("r".utf8),
        ]
        let outcome = try job.publish(files) { (staged) throws in
            for (name, data) in files { #expect(try staged.read(name) == data) }
            #expect(throws: SpoolError.self) { try staged.read("missing") }
            #expect(try job.heartbeat(phase: "verify") == .owned)
            #expect(try spool.names("done").isEmpty)
        }
        #expect(outcome == .published)
        #expect(try spool.names("done/j") == ["proof.json", "public.json", "result.json"])
        #expect(try spool.queue.readResult("public.json", of: id("j")) == Data("q".utf8))
        #expect(spoolError { _ = try spool.queue.readResult("x", of: try id("j")) }?.errnoCode == 2)
        for place in ["new", "cur", "tmp", "dead"] { #expect(try spool.names(place).isEmpty, "\(place)") }
        #expect(spoolError { try job.heartbeat() } == .claimFinished(try id("j")))
        #expect(spoolError { try job.handBack() } == .claimFinished(try id("j")))
        #expect(spoolError { _ = try job.publish(proof, verify: accept) } == .claimFinished(try id("j")))
    }

    @Test func aRefusedResultIsNotPublished() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let job = try spool.claim()
        let error = spoolError { _ = try job.publish(proof) { _ in throw Refused() } }
        #expect(error == .verificationFailed(try id("j"), reason: "Refused()"))
        #expect(try spool.names("done").isEmpty && spool.names("tmp").isEmpty)
        #expect(try job.openFile("witness.wtns").size == 16)
        #expect(spoolError { _ = try job.publish([:], verify: accept) }?.word == "invalid-submission")
        #expect(
            spoolError { _ = try job.publish(["a/b": Data()], verify: accept) }?.word == "invalid-file-name")
        #expect(try job.publish(proof, verify: accept) == .published)
    }

    @Test func failuresAreCounted() throws {
        let spool = try TestSpool()
        try spool.submit("j", priority: 3)
        for attempt in 1...2 {
            let job = try spool.claim()
            #expect(job.attempt == attempt)
            #expect(
                try job.fail(code: "internal", message: "m\(attempt)", retryable: true)
                    == .requeued(attempts: attempt))
        }
        #expect(try spool.claim().fail(code: "Bad Code", message: "m3", retryable: true) == .dead)
        guard case .dead(let reason)? = try spool.queue.wait(for: id("j"), timeout: 1) else {
            Issue.record("not dead")
            return
        }
        #expect(
            reason.code == "-ad--ode" && reason.message == "m3" && reason.attempts == 3
                && reason.priority == 3)
        let events = reason.history.map { "\($0.event) \($0.attempt)" }
        #expect(events == (1...3).flatMap { ["claimed \($0)", "failed \($0)"] })
        #expect(reason.history.allSatisfy { $0.pid == ProcessInfo.processInfo.processIdentifier })
        #expect(reason.history.compactMap(\.message) == ["m1", "m2", "m3"])
        // The files are kept.
        #expect(try spool.names("dead/j").contains("witness.wtns"))
    }

    @Test func aHopelessJobDiesAtOnceAndCanComeBack() throws {
        let spool = try TestSpool()
        try spool.submit("j", priority: 2, deadline: 4_000_000_000)
        #expect(try spool.claim().fail(code: "unsatisfied", message: "", retryable: false) == .dead)
        #expect(try spool.submit("j") == .existing(id("j"), .dead))
        try spool.queue.requeue(id("j"))
        #expect(
            spoolError { try spool.queue.requeue(try id("j")) }
                == .wrongState(try id("j"), found: .queued, needed: .dead))
        #expect(try spool.names("new") == ["2.4000000000.000.j"] && spool.names("dead").isEmpty)
        let job = try spool.claim()
        #expect(job.attempt == 1 && job.priority == 2)
        #expect(try job.publish(proof, verify: accept) == .published)
        #expect(spoolError { try spool.queue.requeue(try id("none")) } == .unknownJob(try id("none")))
        #expect(try spool.names("ids") == ["j"])
    }

    @Test func anExpiredJobComesBackWithoutItsDeadline() throws {
        let spool = try TestSpool()
        try spool.submit("j", deadline: 1_000_000_000)
        #expect(try spool.queue.claim() == nil)
        try spool.queue.requeue(id("j"))
        #expect(try spool.claim().deadline == nil)
    }

    @Test func handingBackCountsNothing() throws {
        let spool = try TestSpool()
        try spool.submit("j")
        for _ in 0..<5 {
            let job = try spool.claim()
            #expect(job.attempt == 1)
            try job.handBack()
        }
        #expect(try spool.names("new") == ["5.9999999999.000.j"])
    }

    @Test(arguments: [true, false])
    func theWitnessIsGoneAfterwards(wiping: Bool) throws {
        let spool = try TestSpool { $0.wipesPayloadFiles = wiping }
        try spool.submit("j", witness: 2_500_000)
        let job = try spool.claim()
        let open = try job.openFile("witness.wtns")
        let kept = spool.path + ".kept"
        #expect(try job.publish(proof, verify: accept) == .published)
        // The open descriptor still sees the blocks that the name stood for.
        let zeros = Data(count: 2_500_000)
        #expect(try (open.read(limit: 1 << 30) == zeros) == wiping)
        // A witness that somebody else has under another name is not overwritten.
        try spool.submit("k")
        let second = try spool.claim()
        #expect(link(second.directoryPath + "/witness.wtns", kept) == 0)
        #expect(try second.publish(proof, verify: accept) == .published)
        #expect(try Data(contentsOf: URL(fileURLWithPath: kept)) == Data(repeating: 7, count: 16))
        #expect(try spool.read("done/j/proof.json") == "proof")
    }

    @Test func concurrentFinishesOfOneClaim() async throws {
        let spool = try TestSpool()
        try spool.submit("j")
        let job = try spool.claim()
        let good = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (try? job.publish(proof, verify: { _ in usleep(1000) })) == .published }
                group.addTask { (try? job.heartbeat(phase: "p")) == .lost }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(good <= 2 && good >= 1)
        #expect(try spool.names("done") == ["j"] && spool.names("cur").isEmpty)
    }
}
