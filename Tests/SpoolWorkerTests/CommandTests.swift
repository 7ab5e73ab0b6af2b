// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Outcomes
import ProvingEngine
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `martlet submit` and `martlet spool` as people and programs use them.
@Suite(.serialized) struct CommandTests {
    let spool: Sandbox

    init() throws { spool = try Sandbox() }

    private func submit(_ options: [String], witness: String = Multiplier.witness) throws
        -> MartletProcess.Ending
    {
        try MartletProcess.run(
            ["submit", "--queue", "spool:" + spool.path, "--zkey", Multiplier.zkey, "--witness", witness]
                + options)
    }

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func submitWaitsForTheProof() throws {
        let worker = try MartletProcess(["worker", "--queue", "spool:" + spool.path, "--threads", "1"])
        let good = try submit(["--id", "a", "--wait"])
        #expect(good.status == 0 && good.output == spool.path + "/done/a\n", "\(good.errors)")
        // Standard error is no terminal here: no progress.
        #expect(good.errors.isEmpty)
        let again = try submit(["--id", "a", "--wait", "--json"])
        let report = try json(again.output)
        #expect(report["outcome"] as? String == "existing" && report["state"] as? String == "succeeded")
        let bad = try submit(["--id", "b", "--wait"], witness: Multiplier.unsatisfied)
        #expect(bad.status == 2 && bad.output.isEmpty && bad.errors.contains("unsatisfied"))
        let conflict = try submit(["--id", "a"], witness: Multiplier.unsatisfied)
        #expect(conflict.status == 2 && conflict.errors.contains("another body"))
        worker.send(SIGTERM)
        #expect(worker.finish().status == 0)
        let late = try submit(["--id", "c", "--wait", "--timeout", "0.3"])
        #expect(late.status == 3 && late.errors.contains("stays queued"))
        #expect(try MartletProcess.drain(spool.path).status == 0)
        try spool.expectEnded(done: ["a", "c"], dead: ["b"])
    }

    @Test func submitRefusesWhatCannotBeProved() throws {
        let missing = try submit([], witness: spool.folder + "/none.wtns")
        #expect(missing.status == 2 && missing.errors.contains("none.wtns: cannot be read: No such file"))
        let wrong = try submit([], witness: Multiplier.zkey)
        #expect(wrong.status == 2 && wrong.errors.contains("where a witness (wtns) is wanted"))
        let folder = try submit([], witness: spool.folder)
        #expect(folder.status == 2 && folder.errors.contains("it is a directory"))
        #expect(try submit(["--id", "no/id"]).status == 2)
        #expect(try submit(["--priority", "10"]).status == 2)
        #expect(try submit(["--deadline", "tomorrow"]).status == 2)
        #expect(try submit(["--timeout", "1"]).status == 2)
        #expect(
            try MartletProcess.run(["submit", "--queue", "http://x", "--zkey", "k", "--witness", "w"]).status
                == 2)
        #expect(try spool.names("new").isEmpty && spool.names("ids").isEmpty)
    }

    @Test func priorityAndDeadlineAreInTheName() throws {
        #expect(
            try submit(["--id", "a", "--priority", "2", "--deadline", "2030-01-01T00:00:00Z"]).status == 0)
        #expect(try spool.names("new") == ["2.1893456000.000.a"])
        #expect(try submit(["--id", "b", "--deadline", "1h"]).status == 0)
        let entry = try #require(try spool.names("new").last)
        let deadline = try #require(Double(entry.split(separator: ".")[1]))
        #expect(abs(deadline - Date().timeIntervalSince1970 - 3600) < 60)
        // The submitter may delete the witness at once: the spool has a copy.
        #expect(
            try spool.data("new/\(entry)/witness.wtns")
                == Data(contentsOf: URL(fileURLWithPath: Multiplier.witness)))
    }

    @Test func aPassedDeadlineEndsTheJobUnproved() throws {
        #expect(try submit(["--id", "a", "--deadline", "1"]).status == 0)
        sleep(3)
        #expect(try MartletProcess.drain(spool.path).status == 0)
        try spool.expectEnded(done: [], dead: ["a"])
        #expect(try spool.reason("a").code == DeadReason.Code.deadline)
    }

    @Test func aJobWithoutAProofIsNoUnknownJob() throws {
        try spool.submit("good")
        let queue = "spool:" + spool.path
        let out = spool.folder + "/out"
        let queued = try MartletProcess.run(["job", "--queue", queue, "good", "--output", out])
        #expect(queued.status == 2, "\(queued.errors)")
        #expect(queued.errors == "martlet: job good is queued: it has no proof\n")
        #expect(!FileManager.default.fileExists(atPath: out))
        try spool.submit("bad", witness: Multiplier.unsatisfied)
        #expect(try MartletProcess.drain(spool.path).status == 0)
        let rejected = try MartletProcess.run(["job", "--queue", queue, "bad", "--output", out])
        #expect(rejected.errors == "martlet: job bad was rejected: it has no proof\n")
        #expect(try MartletProcess.run(["job", "--queue", queue, "good", "--output", out]).status == 0)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: out + "/proof.json"))
                == spool.data("done/good/proof.json"))
    }

    /// Whichever command tells of a job, it has the same times.
    @Test func timesOfAJobAreTheSameEverywhere() throws {
        try spool.submit("good")
        try spool.submit("bad", witness: Multiplier.unsatisfied)
        #expect(try MartletProcess.drain(spool.path).status == 0)
        let queue = ["--queue", "spool:" + spool.path, "--json"]
        let all = try JSONSerialization.jsonObject(
            with: Data(try MartletProcess.run(["jobs"] + queue).output.utf8))
        let listed = try #require(all as? [[String: Any]])
        let status = try json(
            try MartletProcess.run(["spool", "status", spool.path, "--all", "--json"]).output)
        let shown = try #require(status["jobs"] as? [[String: Any]])
        #expect(listed.count == 2 && shown.count == 2)
        for id in ["good", "bad"] {
            let told = [
                try json(try MartletProcess.run(["job", id] + queue).output),
                try json(try MartletProcess.run(["wait", id] + queue).output),
                try #require(listed.first { $0["id"] as? String == id }),
                try #require(shown.first { $0["id"] as? String == id }),
            ]
            for name in ["submittedAt", "endedAt"] {
                let times = told.map { $0[name] as? Int64 }
                #expect(times[0] != nil && Set(times).count == 1, "\(id) \(name): \(times)")
            }
        }
        #expect(
            try spool.result("good").endedAt == listed.first { $0["id"] as? String == "good" }?["endedAt"]
                as? Int64)
    }

    @Test func theSpoolIsShownAndLookedAfter() throws {
        try spool.submit("good")
        try spool.submit("bad", witness: Multiplier.unsatisfied)
        let before = try json(try MartletProcess.run(["spool", "status", spool.path, "--json"]).output)
        #expect(before["queued"] as? Int == 2 && (before["jobs"] as? [Any])?.count == 2)
        #expect(try MartletProcess.drain(spool.path).status == 0)
        let table = try MartletProcess.run(["spool", "status", "spool:" + spool.path])
        #expect(
            table.status == 0
                && table.output.hasPrefix("queued 0, leased 0, succeeded 1, rejected 1, expired 0, dead 0\n"))
        #expect(table.output.contains("bad  rejected") && table.output.contains("unsatisfied: "))
        #expect(!table.output.contains("good"))
        // The older one first, by when they came.
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -100)], ofItemAtPath: spool.path + "/ids/good")
        let listed = try MartletProcess.run(["jobs", "--queue", "spool:" + spool.path]).output
        #expect(listed.split(separator: "\n").map { $0.prefix(4) } == ["JOB ", "good", "bad "], "\(listed)")
        #expect(try MartletProcess.run(["spool", "status", spool.path, "--all"]).output.contains("good"))

        let proved = try MartletProcess.run(["spool", "requeue", spool.path, "good"])
        #expect(proved.status == 2 && proved.errors.contains("job good has succeeded"), "\(proved.errors)")
        #expect(try MartletProcess.run(["spool", "requeue", spool.path]).status == 2)
        let back = try MartletProcess.run(["spool", "requeue", spool.path, "--all", "--code", "unsatisfied"])
        #expect(back.status == 0 && back.output == "bad\n")
        #expect(try MartletProcess.drain(spool.path).status == 0)

        #expect(try MartletProcess.run(["spool", "purge", spool.path]).status == 2)
        let none = try MartletProcess.run([
            "spool", "purge", spool.path, "--done", "--older-than", "1d", "--json",
        ])
        #expect(try json(none.output)["done"] as? Int == 0)
        let all = try MartletProcess.run(["spool", "purge", spool.path, "--done", "--dead"])
        #expect(all.status == 0 && all.output == "deleted 1 done, 1 dead\n")
        for place in ["done", "dead", "ids", "tmp"] { #expect(try spool.names(place).isEmpty, "\(place)") }
        let nowhere = try MartletProcess.run(["spool", "status", spool.folder + "/none"])
        #expect(nowhere.status == 2 && nowhere.errors.contains("no such directory"))
    }
}
