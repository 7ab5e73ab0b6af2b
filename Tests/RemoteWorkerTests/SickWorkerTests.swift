// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import Foundations
import ProvingEngine
import RemoteWorker
import SystemTestSupport
import Testing

struct FitnessTests {
    private func fitness(limit: Int = 3) -> Fitness {
        Fitness(limit: limit, pauses: (first: 10, longest: 30, unready: 60))
    }

    @Test func failuresInARowMakeUnready() {
        let fitness = fitness()
        #expect(fitness.wait == 0 && fitness.unready == nil)
        #expect(!fitness.failed(at: "a", "disk"))
        #expect(fitness.unready == nil && (9...10).contains(fitness.wait))
        // The same job once more says nothing new of the machine.
        #expect(!fitness.failed(at: "a", "disk"))
        #expect((19...20).contains(fitness.wait))
        #expect(!fitness.failed(at: "b", "disk"))
        #expect((29...30).contains(fitness.wait))
        #expect(fitness.failed(at: "c", "disk"))
        #expect(fitness.unready == "3 jobs in a row failed here: disk")
        #expect((59...60).contains(fitness.wait))
        // Said once.
        #expect(!fitness.failed(at: "d", "disk"))
        #expect((119...120).contains(fitness.wait))
        fitness.foundFit()
        #expect(fitness.unready == nil && fitness.wait == 0)
        #expect(fitness.failed(at: "e", "still"))
        #expect(fitness.unready?.contains("still") == true && fitness.wait > 200)
        for _ in 0..<10 { fitness.foundUnfit("worse") }
        #expect(fitness.unready?.contains("worse") == true && (599...600).contains(fitness.wait))
    }

    /// The machine is not to blame; but the same lease does not come again at once.
    @Test func leasesThatComeToNothingMakeAPause() {
        let fitness = fitness(limit: 1)
        for _ in 0..<3 {
            fitness.dropped(mayComeAgain: false)
            #expect((9...10).contains(fitness.wait))
        }
        for pause in [10.0, 20, 30, 30] {
            fitness.dropped(mayComeAgain: true)
            #expect((pause - 1...pause).contains(fitness.wait))
        }
        // A shorter pause ends no longer one.
        fitness.dropped(mayComeAgain: false)
        #expect((29...30).contains(fitness.wait) && fitness.unready == nil)
        fitness.succeeded()
        #expect(fitness.wait == 0)
    }

    @Test func aProofEndsTheRow() {
        let fitness = fitness()
        for round in 0..<3 {
            #expect(!fitness.failed(at: "a\(round)", "disk"))
            #expect(!fitness.failed(at: "b\(round)", "disk"))
            fitness.succeeded()
            #expect(fitness.unready == nil && fitness.wait == 0)
        }
    }
}

/// Real workers whose machine fails them, and one that is well.
@Suite(.serialized) struct SickWorkerTests {
    /// Work files cannot be made: as on a disk that is full.
    private func spoilDisk(_ service: Service, _ folder: String) throws {
        let tmp = service.folder.path(folder + "/tmp")
        try FileManager.default.removeItem(atPath: tmp)
        try Data().write(to: URL(filePath: tmp))
    }

    /// The status of an answer over HTTP, a line break and the body.
    private func answer(to url: String) throws -> String {
        let program = """
            import sys, urllib.error, urllib.request
            try:
                answer = urllib.request.urlopen(sys.argv[1], timeout=30)
            except urllib.error.HTTPError as error:
                answer = error
            print(answer.getcode())
            print(answer.read().decode(), end="")
            """
        let outcome = try MartletCommand.run(
            URL(filePath: "/usr/bin/env"), ["python3", "-c", program, url], limit: 60)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return outcome.output
    }

    /// One worker with a full disk once emptied the queue into `dead`.
    @Test func aFullDiskKillsNoJob() throws {
        let service = try Service()
        let ids = (0..<10).map { "j\($0)" }
        let health = "127.0.0.1:0"
        let sick = try service.worker([
            "--data", service.folder.path("sick"), "--name", "sick", "--health", health,
        ])
        #expect(sick.says("the coordinator answers"))
        try spoilDisk(service, "sick")
        for id in ids { #expect(try service.submit(id).status == 0) }
        #expect(sick.says("the worker is unready"), "\(sick.log)")
        #expect(try Set(service.states().values) == ["queued"])
        let list = try service.run("workers", ["--json"])
        #expect(list.output.contains("5 jobs in a row failed here"), "\(list.output) \(list.errors)")
        let address = try #require(
            sick.log.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("address=127.") })
        let server = "http://\(address.dropFirst("address=".count))"
        let metrics = try answer(to: "\(server)/metrics")
        #expect(metrics.hasPrefix("200\n"))
        let (version, platform) = (MartletVersion.current, MartletVersion.platform)
        let build = "martlet_build_info{version=\"\(version)\",platform=\"\(platform)\"} 1"
        #expect(metrics.contains("\n\(build)\n"), "\(metrics)")
        #expect(metrics.contains("\nmartlet_worker_ready 0\n"), "\(metrics)")
        let ready = try answer(to: "\(server)/readyz")
        #expect(ready.hasPrefix("503\n"), "\(ready)")

        let well = try service.worker(["--name", "well"])
        for id in ids { try service.expectProof(id) }
        let jobs = try service.run("jobs", ["--json"]).output
        #expect(!jobs.contains("\"failures\" : 1") && !jobs.contains("\"lostWorkers\" : 1"))
        for worker in [sick, well] {
            worker.send(SIGTERM)
            #expect(try worker.end() == 0, "\(worker.log)")
        }
    }

    /// A drain does not wait for a machine to get well. Here the key arrives other than it should be.
    @Test func aDrainEndsWhereTheMachineIsUnfit() throws {
        let service = try Service()
        let ids = (0..<6).map { "j\($0)" }
        for id in ids { #expect(try service.submit(id).status == 0) }
        try flip(key(below: service.folder.path("data")))
        let drain = try service.worker(["--drain"])
        #expect(try drain.end() == 3, "\(drain.log)")
        #expect(drain.log.contains("5 jobs in a row failed here"), "\(drain.log)")
        #expect(try Set(service.states().values) == ["queued"])
    }

    /// The proving key's file in a folder.
    private func key(below folder: String) throws -> String {
        let digest = SHA256Digest.hex(of: try Data(contentsOf: URL(filePath: Multiplier.zkey)))
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return folder + "/" + (try #require(names.first { $0.hasSuffix(digest) }))
    }

    /// Changes one bit of a file in its place; says which byte it was.
    @discardableResult
    private func flip(_ path: String) throws -> UInt64 {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let place = UInt64.random(in: 0..<(try file.seekToEnd()))
        try file.seek(toOffset: place)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: place)
        try file.write(contentsOf: Data([byte ^ 1 << UInt8.random(in: 0..<8)]))
        try file.close()
        return place
    }

    /// A bit of a key flips on a worker's disk, under a prover that has it mapped.
    @Test func aDamagedKeyRejectsNoJob() throws {
        let service = try Service()
        let worker = try service.worker()
        #expect(try service.submit("a", ["--wait", "--timeout", "60s"]).status == 0)
        let place = try flip(key(below: service.folder.path("worker/keys")))
        for id in ["b", "c"] { #expect(try service.submit(id).status == 0) }
        for id in ["b", "c"] { try service.expectProof(id) }
        let jobs = try service.run("jobs", ["--json"]).output
        #expect(!jobs.contains("\"failures\" : 1"), "byte \(place): \(jobs)")
        worker.send(SIGTERM)
        #expect(try worker.end() == 0, "\(worker.log)")
    }

    /// Once this made a worker ask hundreds of times a second, and all other jobs wait.
    @Test func aWitnessThatIsGoneIsAskedForAgain() throws {
        let service = try Service()
        #expect(try service.submit("lost").status == 0)
        let witnesses = service.folder.path("data/witnesses")
        let names = try FileManager.default.contentsOfDirectory(atPath: witnesses)
        #expect(names.count == 1)
        for name in names { try FileManager.default.removeItem(atPath: witnesses + "/" + name) }
        #expect(try service.submit("other").status == 0)
        let worker = try service.worker()
        try service.expectProof("other")
        #expect(try service.states()["lost"] == "receiving")
        let warnings = service.coordinator.log.components(separatedBy: "a job's witness is lost").count - 1
        #expect(warnings == 1, "\(service.coordinator.log)")
        let dropped = worker.log.components(separatedBy: "gives no witness for the lease").count - 1
        #expect(dropped == 1, "\(worker.log)")
        // The same submission goes on.
        #expect(try service.submit("lost").status == 0)
        try service.expectProof("lost")
        worker.send(SIGTERM)
        #expect(try worker.end() == 0, "\(worker.log)")
    }

    /// Nor does one without the key of its job.
    @Test func aKeyThatIsGoneIsReported() throws {
        let service = try Service()
        #expect(try service.submit("a").status == 0)
        try FileManager.default.removeItem(atPath: key(below: service.folder.path("data")))
        let worker = try service.worker()
        #expect(worker.says("code=infrastructure"), "\(worker.log)")
        usleep(2_000_000)
        #expect(worker.log.components(separatedBy: "code=infrastructure").count < 6, "\(worker.log)")
        #expect(try service.states() == ["a": "queued"])
        worker.send(SIGTERM)
        #expect(try worker.end() == 0, "\(worker.log)")
    }

    @Test func aCordonedWorkerSaysSo() throws {
        let service = try Service()
        let worker = try service.worker(["--name", "w"])
        #expect(worker.says("the coordinator answers"))
        let cordon = try MartletCommand.run([
            "worker", "cordon", "w", "--queue", service.queue, "--reason", "its fan",
        ])
        #expect(cordon.status == 0 && cordon.output.contains("cordoned"), "\(cordon.output) \(cordon.errors)")
        let late = try service.submit("a", ["--wait", "--timeout", "5s"])
        #expect(late.status == 3 && late.errors.contains("no worker serves this queue"), "\(late.errors)")
        #expect(worker.says("the coordinator gives this worker no jobs"))
        #expect(worker.log.contains("its fan"))
        #expect(try service.run("workers", []).output.contains("its fan"))
        let back = try MartletCommand.run(["worker", "uncordon", "w", "--queue", service.queue])
        #expect(back.status == 0 && back.output.contains("active"), "\(back.errors)")
        try service.expectProof("a")
        worker.send(SIGTERM)
        #expect(try worker.end() == 0, "\(worker.log)")
    }
}
