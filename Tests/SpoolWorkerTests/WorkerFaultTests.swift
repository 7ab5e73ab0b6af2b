// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import JobQueue
import Outcomes
import ProvingEngine
import SpoolWorker
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Real workers, killed with SIGKILL at chosen points. Each time every job ends exactly once.
@Suite(.serialized) struct WorkerFaultTests {
    @Test(arguments: [
        "claim-locked", "after-claim", "mid-proof", "publish-staged", "before-publish",
        "between-publish-and-cleanup", "between-wipe-and-cleanup",
    ])
    func aWorkerIsKilled(at point: String) throws {
        let spool = try Sandbox()
        for id in ["a", "b", "c"] { try spool.submit(id) }
        // In the second job, so that a worker is killed that has published something.
        let killed = try MartletProcess.drain(spool.path, fault: point + ":2")
        #expect(killed.signal == SIGKILL, "\(killed.errors)")
        let isPublished = point.hasPrefix("between")
        #expect(try spool.names("done") == (isPublished ? ["a", "b"] : ["a"]))
        let first = isPublished ? try spool.data("done/b/proof.json") : nil

        let other = try MartletProcess.drain(spool.path)
        #expect(other.status == 0 && other.signal == nil, "\(other.errors)")
        try spool.expectEnded(done: ["a", "b", "c"])
        // The first result stands; an attempt that began is counted.
        if let first { #expect(try spool.data("done/b/proof.json") == first) }
        #expect(try spool.result("b").attempt == (isPublished || point == "claim-locked" ? 1 : 2))
    }

    @Test func aWitnessThatNeverSatisfiesDiesAtOnce() throws {
        let spool = try Sandbox()
        try spool.submit("bad", witness: Multiplier.unsatisfied)
        try spool.submit("worse", witness: Multiplier.unsatisfied, r1cs: Multiplier.r1cs)
        try spool.submit("good", r1cs: Multiplier.r1cs)
        let worker = try MartletProcess.drain(spool.path)
        #expect(worker.status == 0, "\(worker.errors)")
        try spool.expectEnded(done: ["good"], dead: ["bad", "worse"])
        for id in ["bad", "worse"] {
            let reason = try spool.reason(id)
            #expect(reason.code == "unsatisfied" && reason.attempts == 1)
            #expect(reason.history.map(\.event) == ["claimed", "failed"])
            #expect(!reason.message.contains("/proc/"))
        }
        #expect(try spool.reason("worse").message.contains("constraint"))
    }

    @Test(arguments: [1, 3])
    func aJobThatKillsItsWorkersDiesAndHarmsNoOther(jobs: Int) throws {
        let spool = try Sandbox()
        let good = ["a", "b", "c", "d"]
        for id in good + ["poison"] { try spool.submit(id) }
        let options = ["--jobs", "\(jobs)"]
        for attempt in 1...3 {
            let killed = try MartletProcess.drain(spool.path, options, fault: "mid-proof-poison")
            #expect(killed.signal == SIGKILL, "attempt \(attempt): \(killed.errors)")
        }
        let last = try MartletProcess.drain(spool.path, options, fault: "mid-proof-poison")
        #expect(last.status == 0 && last.signal == nil, "\(last.errors)")
        try spool.expectEnded(done: good, dead: ["poison"])
        let reason = try spool.reason("poison")
        #expect(reason.code == DeadReason.Code.workerLost && reason.attempts == 3)
        // Beside the poison at most once; after that both run alone.
        for id in good { #expect(try #require(spool.result(id).attempt) <= 2) }

        // The operator finds the reason, removes it, and brings the job back.
        #expect(try MartletProcess.run(["spool", "requeue", spool.path, "poison"]).status == 0)
        #expect(try MartletProcess.drain(spool.path).status == 0)
        try spool.expectEnded(done: good + ["poison"])
    }

    @Test func maximumAttemptsAreTheOperators() throws {
        let spool = try Sandbox()
        try spool.submit("poison")
        let options = ["--max-attempts", "1"]
        #expect(try MartletProcess.drain(spool.path, options, fault: "mid-proof").signal == SIGKILL)
        #expect(try MartletProcess.drain(spool.path, options).status == 0)
        try spool.expectEnded(done: [], dead: ["poison"])
        #expect(try spool.reason("poison").attempts == 1)
    }

    @Test func aFailureOfTheMachineIsTriedAgainUntilTheAttemptsAreUsedUp() throws {
        let spool = try Sandbox()
        let worker = try MartletProcess(["worker", "--queue", "spool:" + spool.path, "--threads", "1"])
        #expect(eventually { worker.errors.contains("worker starts") })
        // The worker cannot stage a result any more, which is nobody's mistake in the job.
        try #require(rmdir(spool.path + "/tmp") == 0)
        try spool.produce("a", job: String(decoding: ProofJob(zkey: Multiplier.zkey).json, as: UTF8.self))
        let start = Date()
        #expect(try eventually { try spool.names("dead") == ["a"] }, "\(worker.errors)")
        // It takes breath between the attempts: half a second, then one.
        #expect(Date().timeIntervalSince(start) > 1.4)
        worker.send(SIGTERM)
        #expect(worker.finish().status == 0)
        let reason = try spool.reason("a")
        #expect(reason.code == "infrastructure" && reason.attempts == 3, "\(reason)")
        #expect(
            reason.history.map(\.event) == ["claimed", "failed", "claimed", "failed", "claimed", "failed"])
        try FileManager.default.createDirectory(
            atPath: spool.path + "/tmp", withIntermediateDirectories: false)
        #expect(try MartletProcess.run(["spool", "requeue", spool.path, "a"]).status == 0)
        #expect(try MartletProcess.drain(spool.path).status == 0)
        try spool.expectEnded(done: ["a"])
    }

    @Test func digestsThatDoNotMatchAreRefused() throws {
        let spool = try Sandbox()
        try spool.submit("a", zkeySha256: String(repeating: "0", count: 64))
        try spool.submit("b", witnessTag: String(repeating: "0", count: 64))
        #expect(try MartletProcess.drain(spool.path).status == 0)
        try spool.expectEnded(done: [], dead: ["a", "b"])
        for (id, text) in [("a", "SHA-256"), ("b", "not the file")] {
            let reason = try spool.reason(id)
            #expect(reason.code == "bad-input" && reason.message.contains(text) && reason.attempts == 1)
        }
    }

    /// The SHA-256 of a witness would tell a small one to whoever tries: it is nowhere, neither while the job
    /// waits nor when it has ended.
    @Test func noPlainDigestOfAWitnessStays() throws {
        let spool = try Sandbox()
        let witness = try Data(contentsOf: URL(filePath: Multiplier.witness))
        let digits = Array(SHA256Digest.hex(of: witness))
        let hash = Data(
            stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0..<($0 + 2)]), radix: 16) })
        let needles = [hash, Data(String(digits).utf8), Data(hash.base64EncodedString().utf8)]
        var files = 0
        func search(_ log: String) throws {
            let paths = try FileManager.default.subpathsOfDirectory(atPath: spool.path)
            for path in paths {
                guard let data = FileManager.default.contents(atPath: spool.path + "/" + path) else {
                    continue
                }
                files += 1
                for needle in needles { #expect(data.range(of: needle) == nil, "\(path)") }
            }
            for needle in needles { #expect(Data(log.utf8).range(of: needle) == nil) }
        }
        let submit = { (id: String, witness: String) in
            try MartletProcess.run([
                "submit", "--queue", "spool:" + spool.path, "--zkey", Multiplier.zkey, "--witness", witness,
                "--id", id,
            ])
        }
        for (id, file) in [("a", Multiplier.witness), ("b", Multiplier.unsatisfied)] {
            #expect(try submit(id, file).status == 0)
            // The same again is the same job, another is not.
            #expect(try submit(id, file).status == 0)
        }
        #expect(try submit("b", Multiplier.witness).status == 2)
        try search("")
        // What lies in the spool was changed on the way.
        #expect(try submit("c", Multiplier.witness).status == 0)
        let entry = try #require(try spool.names("new").first { $0.hasSuffix(".c") })
        try Data(contentsOf: URL(filePath: Multiplier.unsatisfied)).write(
            to: URL(filePath: "\(spool.path)/new/\(entry)/witness.wtns"))
        // A file without end that takes no room: its size is looked at before it is hashed.
        #expect(try submit("d", Multiplier.witness).status == 0)
        let sparse = try #require(try spool.names("new").first { $0.hasSuffix(".d") })
        let file = try FileHandle(
            forUpdating: URL(filePath: "\(spool.path)/new/\(sparse)/witness.wtns"))
        try file.truncate(atOffset: 1 << 43)
        try file.close()
        let drained = try MartletProcess.run(
            ["worker", "--queue", "spool:" + spool.path, "--drain", "--threads", "1", "--log-level", "trace"])
        #expect(drained.status == 0)
        try spool.expectEnded(done: ["a"], dead: ["b", "c", "d"])
        #expect(try spool.reason("d").message.contains("has 8796093022208 bytes"))
        #expect(try spool.reason("c").message.contains("not the file that the job was submitted with"))
        try search(drained.output + drained.errors)
        #expect(files > 20)
    }

    @Test(.timeLimit(.minutes(1)))
    func twoWorkersShareTwoHundredJobs() throws {
        let spool = try Sandbox()
        let ids = (0..<200).map { "job-\($0)" }
        for id in ids { try spool.submit(id) }
        let arguments = ["worker", "--queue", "spool:" + spool.path, "--drain", "--threads", "1"]
        let workers = try [
            MartletProcess(arguments + ["--log-format", "json"]),
            MartletProcess(arguments + ["--log-format", "json", "--jobs", "2"]),
        ]
        let endings = workers.map { $0.finish() }
        for ending in endings {
            #expect(ending.status == 0 && ending.signal == nil, "\(ending.errors.suffix(2000))")
        }
        try spool.expectEnded(done: ids)
        // Nobody claimed a job twice, and both took part.
        let claims = endings.map {
            $0.errors.split(separator: "\n").count { $0.contains(#""message":"claimed""#) }
        }
        #expect(claims.reduce(0, +) == 200 && claims.allSatisfy { $0 > 0 }, "\(claims)")
        for id in ids { #expect(try spool.result(id).attempt == 1) }
    }
}
