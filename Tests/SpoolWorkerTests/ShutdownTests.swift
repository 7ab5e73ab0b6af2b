// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Outcomes
import ProvingEngine
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a worker does when it is told to stop.
@Suite(.serialized) struct ShutdownTests {
    private func worker(_ spool: Sandbox, _ options: [String] = []) throws -> MartletProcess {
        try MartletProcess(["worker", "--queue", "spool:" + spool.path, "--threads", "1"] + options)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalInMidQueueLosesNothing(signal: Int32) throws {
        let spool = try Sandbox()
        let ids = (0..<60).map { "job-\($0)" }
        for id in ids { try spool.submit(id) }
        let first = try worker(spool, ["--jobs", "2"])
        #expect(try eventually { try spool.names("done").count >= 5 }, "\(first.errors)")
        first.send(signal)
        let ending = first.finish()
        #expect(ending.status == 0 && ending.signal == nil, "\(ending.errors)")
        let (done, waiting) = (try spool.names("done"), try spool.names("new"))
        #expect(try spool.names("cur").isEmpty && spool.names("dead").isEmpty)
        #expect(done.count + waiting.count == 60 && !waiting.isEmpty)
        #expect(waiting.allSatisfy { $0.hasPrefix("5.9999999999.000.") })
        #expect(try MartletProcess.drain(spool.path).status == 0)
        try spool.expectEnded(done: ids)
    }

    @Test(arguments: [1, 4])
    func anIdleWorkerWaitsCheaplyWakesAtOnceAndEnds(jobs: Int) throws {
        let spool = try Sandbox()
        let process = try worker(spool, ["--jobs", "\(jobs)"])
        #expect(eventually { process.errors.contains("worker starts") })
        usleep(1_500_000)
        let ticks = try cpuTicks(process.process.processIdentifier)
        usleep(1_000_000)
        // A hundredth of a second each: at most a twentieth of a core.
        #expect(try cpuTicks(process.process.processIdentifier) - ticks <= 5)
        try spool.submit("a")
        let start = Date()
        #expect(try eventually(10) { try spool.names("done") == ["a"] })
        // The look at the queue without a notification comes after a second at the latest; a loaded machine
        // may be slow.
        #expect(Date().timeIntervalSince(start) < 5)
        process.send(SIGTERM)
        #expect(process.finish(within: 10).status == 0)
        try spool.expectEnded(done: ["a"])
    }

    private func cpuTicks(_ process: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        return (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
    }

    @Test(.enabled(if: Fixtures.arePresent, "needs a proof that takes seconds: MARTLET_FIXTURES"))
    func aSecondSignalHandsBackAndAnotherWorkerFinishes() throws {
        let fixture = try #require(Fixtures.directory).appending(path: "groth16-bn128-sha256").path
        // On a busy machine the proof can be ready before the signals are: then once more.
        for attempt in 1...5 {
            let spool = try Sandbox()
            try spool.submit(
                "long", witness: fixture + "/witness.wtns", zkey: fixture + "/circuit_final.zkey")
            let first = try worker(spool, ["--backend", "cpu-portable", "--log-level", "debug"])
            #expect(eventually { first.errors.contains("phase=quotient") }, "\(first.errors)")
            first.send(SIGTERM)
            first.send(SIGINT)
            let ending = first.finish(within: 20)
            #expect(ending.status == 0 && ending.signal == nil, "\(ending.errors)")
            if try spool.names("done") == ["long"], attempt < 5 { continue }
            #expect(ending.errors.contains("handed back"), "\(ending.errors)")
            #expect(try spool.names("new") == ["5.9999999999.000.long"])
            #expect(try MartletProcess.drain(spool.path).status == 0)
            let result = try spool.result("long")
            #expect(result.attempt == 1 && result.facts.circuit?.domainSize == 1 << 16)
            #expect(
                try spool.names("new").isEmpty && spool.names("cur").isEmpty && spool.names("dead").isEmpty)
            return
        }
    }

    @Test(.enabled(if: Fixtures.arePresent, "needs a proof that takes seconds: MARTLET_FIXTURES"))
    func aDrainTimeoutHandsBack() throws {
        let spool = try Sandbox()
        let fixture = try #require(Fixtures.directory).appending(path: "groth16-bn128-sha256").path
        try spool.submit(
            "long", witness: fixture + "/witness.wtns", zkey: fixture + "/circuit_final.zkey")
        let first = try worker(
            spool, ["--backend", "cpu-portable", "--log-level", "debug", "--drain-timeout", "0.05s"])
        #expect(eventually { first.errors.contains("phase=msm") || first.errors.contains("phase=quotient") })
        first.send(SIGTERM)
        let ending = first.finish(within: 20)
        #expect(ending.status == 0 && ending.signal == nil, "\(ending.errors)")
        // Unless the proof came in time after all, the job waits with no attempt counted.
        if try spool.names("done").isEmpty { #expect(try spool.names("new") == ["5.9999999999.000.long"]) }
    }
}
