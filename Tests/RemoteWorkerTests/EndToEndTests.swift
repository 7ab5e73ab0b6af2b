// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import Testing

/// Real coordinators, workers and commands.
@Suite(.serialized) struct EndToEndTests {
    @Test(arguments: [false, true])
    func aJobIsProved(overTCP: Bool) throws {
        let service = try Service(overTCP: overTCP)
        let worker = try service.worker()
        let output = service.folder.path("out")
        let done = try service.submit("a", ["--wait", "--timeout", "60s", "--output", output])
        #expect(done.status == 0 && done.output == output + "\n", "\(done.errors) \(worker.log)")
        #expect(try Multiplier.verifies(output))
        #expect(FileManager.default.fileExists(atPath: output + "/result.json"))
        // The same once more is the same job.
        let again = try service.submit("a", ["--wait"])
        #expect(again.status == 0 && again.output == "\(service.address)/v1/jobs/a\n", "\(again.errors)")
        let bad = try service.submit("bad", ["--wait", "--timeout", "60s"], witness: Multiplier.unsatisfied)
        #expect(bad.status == 2 && bad.errors.contains("unsatisfied"), "\(bad.errors)")
        #expect(try service.states() == ["a": "succeeded", "bad": "rejected"])
        #expect(try service.run("wait", ["bad"]).status == 2)
        #expect(try service.run("job", ["nobody"]).status == 2)

        worker.send(SIGTERM)
        #expect(try worker.end() == 0)
        // Nothing of a witness stays on the worker's disk.
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: service.folder.path("worker/tmp")).isEmpty)
        #expect(try service.submit("b", ["--wait", "--timeout", "1s"]).status == 3)
        let cancelled = try service.run("cancel", ["b"])
        #expect(cancelled.status == 0 && cancelled.output == "cancelled\n")
        #expect(try service.run("wait", ["b"]).status == 3)
        service.coordinator.send(SIGTERM)
        #expect(try service.coordinator.end() == 0)
        #expect(try service.submit("c").status == 3)
    }

    @Test(arguments: ["remote-leased", "remote-journaled", "remote-reported"])
    func aWorkerIsKilled(at point: String) throws {
        let service = try Service()
        for id in ["a", "b", "c"] { #expect(try service.submit(id).status == 0) }
        // In the second job, so that a worker is killed that has reported something.
        let killed = try service.worker(fault: point + ":2")
        #expect(try killed.end() == -SIGKILL, "\(killed.log)")
        let journal = service.folder.path("worker/journal")
        let kept = try FileManager.default.contentsOfDirectory(atPath: journal)
        #expect(kept.count == (point == "remote-leased" ? 0 : 1))

        let next = try service.worker()
        for id in ["a", "b", "c"] { try service.expectProof(id) }
        if point == "remote-journaled" { #expect(next.says("a finished proof of before is reported")) }
        #expect(try eventually { try FileManager.default.contentsOfDirectory(atPath: journal).isEmpty })
        next.send(SIGTERM)
        #expect(try next.end() == 0, "\(next.log)")
    }

    /// Neither a worker that is killed nor its prover leaves a witness, or a way to it, on the disk.
    @Test(arguments: ["remote-fetched", "remote-mid-proof"])
    func nothingOfAWitnessIsLeft(at point: String) throws {
        let service = try Service()
        #expect(try service.submit("a").status == 0)
        let worker = try service.worker(fault: point)
        if point == "remote-fetched" {
            #expect(try worker.end() == -SIGKILL, "\(worker.log)")
        } else {
            // The prover died; now the worker, at any time.
            #expect(worker.says("killed by signal"), "\(worker.log)")
            worker.send(SIGKILL)
            _ = try worker.end()
        }
        let folder = service.folder.path("worker")
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            let data = FileManager.default.contents(atPath: folder + "/" + path) ?? Data()
            #expect(data.range(of: Data("wtns".utf8)) == nil, "\(path)")
        }
        let next = try service.worker()
        try service.expectProof("a")
        next.send(SIGTERM)
        #expect(try next.end() == 0)
    }

    /// What was committed is not lost though nobody was told of it.
    @Test(arguments: [
        "coordinator-submitted", "coordinator-received", "coordinator-uploaded", "coordinator-leased",
        "coordinator-completed",
    ])
    func aCoordinatorIsKilled(at point: String) throws {
        let service = try Service(fault: point)
        let worker = try service.worker()
        // Killed under the command or after it, it is the same: whoever does not know asks again.
        _ = try service.submit("a")
        #expect(try service.coordinator.end() == -SIGKILL, "\(service.coordinator.log)")
        try service.restart()
        let again = try service.submit("a")
        #expect(again.status == 0, "\(again.errors)")
        try service.expectProof("a")
        #expect(try service.states() == ["a": "succeeded"])
        worker.send(SIGTERM)
        #expect(try worker.end() == 0, "\(worker.log)")
    }

    @Test func aDeadJobIsBroughtBack() throws {
        let service = try Service()
        #expect(try service.submit("a").status == 0)
        #expect(try service.run("requeue", ["a"]).status == 2)
        let broken = try service.worker(fault: "remote-mid-proof")
        #expect(try service.run("wait", ["a", "--timeout", "60s"]).output == "dead\n")
        broken.send(SIGTERM)
        #expect(try broken.end() == 0)
        let requeued = try service.run("requeue", ["a"])
        #expect(requeued.status == 0 && requeued.output == "queued\n", "\(requeued.errors)")
        let worker = try service.worker()
        try service.expectProof("a")
        worker.send(SIGTERM)
        #expect(try worker.end() == 0)
    }

    @Test func aProverIsKilledAndItsWorkerGoesOn() throws {
        let service = try Service()
        #expect(try service.submit("a").status == 0)
        // Each prover of this worker dies, also the one of the second and the third attempt.
        let worker = try service.worker(fault: "remote-mid-proof")
        let wait = try service.run("wait", ["a", "--timeout", "60s"])
        #expect(wait.status == 3 && wait.output == "dead\n", "\(wait.output) \(worker.log)")
        #expect(wait.errors.contains("internal"))
        worker.send(SIGTERM)
        #expect(try worker.end() == 0)
    }

    /// A prover that stands still is noticed, and its job proved by another one.
    @Test func aProverThatHangsIsKilled() throws {
        let service = try Service()
        let worker = try service.worker(["--proof-timeout", "2s"])
        try worker.stopProver()
        #expect(try service.submit("a").status == 0)
        try service.expectProof("a")
        #expect(worker.log.contains("the prover stood still and was killed"), "\(worker.log)")
        // Not the job that is at fault, and not its only attempt.
        let job = try service.run("job", ["a", "--json"])
        #expect(job.output.contains("\"failures\" : 1"), "\(job.output)")
    }

    @Test func aJobIsCancelledInTheMiddleOfItsProof() throws {
        let service = try Service()
        let worker = try service.worker()
        try worker.stopProver()
        #expect(try service.submit("a").status == 0)
        #expect(try eventually { try service.states()["a"] == "leased" })
        #expect(try service.run("cancel", ["a"]).output == "cancelled\n")
        #expect(worker.says("the job was cancelled") && worker.says("dropped"), "\(worker.log)")
        // The prover went with the job; another one takes its place.
        #expect(try service.submit("b").status == 0)
        try service.expectProof("b")
        #expect(try service.states() == ["a": "cancelled", "b": "succeeded"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: service.folder.path("worker/tmp")).isEmpty)
    }

    @Test func aSecondTermSignalHandsJobsBack() throws {
        let service = try Service()
        let worker = try service.worker()
        try worker.stopProver()
        #expect(try service.submit("a").status == 0)
        #expect(try eventually { try service.states()["a"] == "leased" })
        worker.send(SIGTERM)
        #expect(worker.says("finishing the running jobs"))
        #expect(try service.states()["a"] == "leased")
        worker.send(SIGTERM)
        #expect(try worker.end() == 0, "\(worker.log)")
        // At once, not when its lease has run out, and with no attempt counted.
        #expect(worker.log.contains("handed back"), "\(worker.log)")
        let job = try service.run("job", ["a", "--json"]).output
        #expect(job.contains("\"state\" : \"queued\"") && job.contains("\"failures\" : 0"), "\(job)")
        #expect(job.contains("\"lostWorkers\" : 0"), "\(job)")
    }

    /// While one job is proved the next one's files are fetched, but only where that is asked for.
    @Test(arguments: [0, 1, 2]) func jobsAreFetchedAhead(prefetch: Int) throws {
        let service = try Service()
        let worker = try service.worker(["--prefetch", "\(prefetch)"])
        try worker.stopProver()
        let ids = ["a", "b", "c", "d"]
        for id in ids { #expect(try service.submit(id).status == 0) }
        let provers = worker.children
        func leased() throws -> Int { try service.states().values.count { $0 == "leased" } }
        #expect(try eventually { try leased() == 1 + prefetch })
        // No more come, for as long as a lease lasts.
        #expect(try !eventually(3) { try leased() != 1 + prefetch })
        for prover in provers { kill(prover, SIGCONT) }
        for id in ids { try service.expectProof(id) }
    }

    /// A job whose circuit needs more memory than a worker has is left for others.
    @Test func memoryIsReserved() throws {
        let service = try Service()
        let small = try service.worker(["--memory", "1K"])
        #expect(small.says("worker starts"))
        #expect(try service.submit("a").status == 0)
        #expect(try !eventually(3) { try service.states()["a"] != "queued" })
        small.send(SIGTERM)
        #expect(try small.end() == 0, "\(small.log)")
        let worker = try service.worker()
        try service.expectProof("a")
        worker.send(SIGTERM)
        #expect(try worker.end() == 0, "\(worker.log)")
    }

    @Test func aTermSignalFinishesWhatRuns() throws {
        let service = try Service()
        let ids = (0..<12).map { "j\($0)" }
        for id in ids { #expect(try service.submit(id).status == 0) }
        let worker = try service.worker(["--jobs", "2", "--prefetch", "1"])
        #expect(worker.says("the proof was accepted"))
        worker.send(SIGTERM)
        #expect(try worker.end() == 0, "\(worker.log)")
        // Each job has ended or waits; none is in the hands of a worker that is gone.
        #expect(try Set(service.states().values).isSubset(of: ["succeeded", "queued"]), "\(worker.log)")

        let drain = try service.worker(["--drain"])
        #expect(try drain.end() == 0, "\(drain.log)")
        for id in ids { try service.expectProof(id) }
    }

    @Test func aCoordinatorThatIsGoneIsWaitedFor() throws {
        let service = try Service()
        let killed = try service.worker(fault: "remote-journaled")
        try killed.stopProver()
        let provers = killed.children
        #expect(try service.submit("a").status == 0)
        #expect(try eventually { try service.states()["a"] == "leased" })
        // It hears of no proof any more.
        service.coordinator.send(SIGSTOP)
        for prover in provers { kill(prover, SIGCONT) }
        #expect(try killed.end() == -SIGKILL)
        service.coordinator.send(SIGKILL)
        _ = try service.coordinator.end()

        let worker = try service.worker()
        #expect(worker.says("a finished proof cannot be reported"))
        try service.restart()
        #expect(worker.says("the proof was accepted"), "\(worker.log)")
        try service.expectProof("a")
    }
}
