// SPDX-License-Identifier: Apache-2.0

import Curves
import Digests
import FiniteFields
import Foundation
import Foundations
import JobQueue
import Logging
import Outcomes
import ProvingEngine
import SpoolWorker
import Synchronization
import TestSupport
import Testing

/// The worker inside the test's process.
@Suite(.serialized) struct ProofWorkerTests {
    final class Log: Sendable {
        let text = Mutex("")
        var logger: Logger {
            var logger = Logger(label: "test") { label in
                JSONLogHandler(
                    label: label,
                    output: LogOutput { line in
                        self.text.withLock { $0 += String(decoding: line, as: UTF8.self) }
                    })
            }
            logger.logLevel = .trace
            return logger
        }
    }

    private func drain(_ spool: Sandbox, _ change: (inout WorkerOptions) -> Void = { _ in }) async throws
        -> String
    {
        var options = WorkerOptions()
        options.drains = true
        change(&options)
        let log = Log()
        let worker = try ProofWorker(
            queue: spool.queue, engine: Multiplier.engine.get(), options: options, logger: log.logger)
        await worker.run()
        return log.text.withLock { $0 }
    }

    @Test func theResultSaysHowItWasMade() async throws {
        let spool = try Sandbox()
        try spool.submit("a")
        let before = Date()
        _ = try await drain(spool)
        try spool.expectEnded(done: ["a"])
        let result = try spool.result("a")
        #expect(result.schema == .v1 && result.state == .succeeded && result.facts.system == "groth16")
        #expect(result.facts.curve == "bn254" && result.attempt == 1 && result.error == nil)
        // Which kernels it ran on another test may change at any time.
        #expect(result.facts.backend?.hasPrefix("cpu-") == true)
        #expect(
            try result.facts.circuit?.domainSize == 8
                && result.facts.circuit?.zkeyBytes == Int64(Multiplier.key.get().fileSize))
        #expect(result.facts.martlet == MartletVersion.current)
        #expect(result.facts.platform?.hasPrefix("swift-") == true)
        #expect(result.worker?.pid == ProcessInfo.processInfo.processIdentifier)
        #expect(result.facts.digests?.zkey == (try SHA256Digest.hex(ofFileAt: Multiplier.zkey)))
        // Not even its digest: a small witness can be found by trying.
        let text = String(decoding: try spool.data("done/a/result.json"), as: UTF8.self)
        #expect(!text.contains(try SHA256Digest.hex(ofFileAt: Multiplier.witness)))
        let timings = try #require(result.facts.timings)
        let phases = timings.phases.map(\.phase)
        #expect(phases.prefix(3) == ["fetch", "key", "witness"] && phases.last == "verify")
        #expect(timings.phases.allSatisfy { $0.seconds >= 0 })
        #expect(timings.total >= timings.phases.reduce(0) { $0 + $1.seconds } * 0.99)
        #expect(try #require(timings.cpu) > 0)
        let (start, end) = (try #require(result.startedAt), try #require(result.endedAt))
        #expect(start >= ResultDocument.milliseconds(before) - 10 && end >= start)
    }

    /// Jobs of a key with commitments are as others; its key is kept as others are.
    @Test func keysWithCommitments() async throws {
        let folder = Vectors.url("committed").path
        let (zkey, r1cs) = (folder + "/circuit.zkey", folder + "/circuit.r1cs")
        let spool = try Sandbox()
        for (id, witness, circuit) in [
            ("a", "witness", nil), ("b", "witness", r1cs), ("c", "challenge", nil),
            ("d", "unsatisfied", r1cs),
            ("e", "unsatisfied", nil),
        ] {
            try spool.submit(id, witness: "\(folder)/\(witness).wtns", zkey: zkey, r1cs: circuit)
        }
        let log = try await drain(spool)
        #expect(log.components(separatedBy: "key loaded").count == 2, "\(log)")
        let engine = try Multiplier.engine.get()
        let key = try engine.loadKey(path: zkey)
        for id in ["a", "b"] {
            #expect(
                try engine.verify(
                    key: key, proofJSON: spool.data("done/\(id)/proof.json"),
                    publicJSON: spool.data("done/\(id)/public.json")))
            #expect(try spool.result(id).facts.system == "groth16-commitments")
        }
        for (id, words) in [
            ("c", "wire 5 is not the challenge of commitment 0"), ("d", "violates constraint 4"),
            ("e", "does not verify"),
        ] {
            let reason = try spool.reason(id)
            #expect(reason.code == "unsatisfied" && reason.message.contains(words), "\(reason)")
        }
    }

    @Test func theLogHasNoValuesOfTheWitness() async throws {
        var generator = SeededGenerator.fresh()
        let spool = try Sandbox()
        // d = a·b·c + a over random values, which are long enough not to stand anywhere by accident.
        let (a, b, c) = (
            BN254.Fr.random(using: &generator), BN254.Fr.random(using: &generator),
            BN254.Fr.random(using: &generator)
        )
        let good = [.one, a * b * c + a, a, b, c, a * b]
        let bad = [.one, a * b * c, a, b, c, a * b]
        let template = try Data(contentsOf: URL(fileURLWithPath: Multiplier.witness))
        for (id, values) in [("a", good), ("b", bad)] {
            let file = "\(spool.folder)/\(id).wtns"
            let bytes = template.dropLast(32 * values.count) + Data(values.flatMap(\.littleEndianBytes))
            try bytes.write(to: URL(fileURLWithPath: file))
            try spool.submit(id, witness: file, r1cs: Multiplier.r1cs)
        }
        let log = try await drain(spool)
        #expect(
            log.contains(#""message":"published""#)
                && log.contains(#""message":"failed; the job is rejected""#))
        let reason = String(decoding: try spool.data("dead/b/reason.json"), as: UTF8.self)
        let result = String(decoding: try spool.data("done/a/result.json"), as: UTF8.self)
        for value in good.dropFirst() + bad.dropFirst() {
            let hexadecimal = value.bigEndianBytes.map {
                String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
            }
            for text in [value.decimal, hexadecimal.joined()] {
                #expect(!log.contains(text) && !reason.contains(text) && !result.contains(text))
            }
        }
        for line in log.split(separator: "\n") {
            #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "\(line)")
        }
    }

    @Test func aKeyIsLoadedOnceForManyJobs() async throws {
        let spool = try Sandbox()
        let ids = (0..<8).map { "j\($0)" }
        for id in ids { try spool.submit(id) }
        let log = try await drain(spool) { $0.jobs = 3 }
        try spool.expectEnded(done: ids)
        #expect(log.components(separatedBy: "key loaded").count == 2)
        // Other jobs ran beside it: its processor time is not known.
        #expect(try spool.result("j0").facts.timings?.cpu == nil)
    }

    @Test func withoutMemoryForKeysEachJobLoadsItsOwn() async throws {
        let spool = try Sandbox()
        for id in ["a", "b"] { try spool.submit(id) }
        let log = try await drain(spool) { $0.keyMemory = 0 }
        try spool.expectEnded(done: ["a", "b"])
        #expect(log.components(separatedBy: "key loaded").count == 3 && log.contains(#""kept":false"#))
    }

    @Test func aCancelledWorkerEnds() async throws {
        let spool = try Sandbox()
        let log = Log()
        let worker = try ProofWorker(
            queue: spool.queue, engine: Multiplier.engine.get(), options: WorkerOptions(), logger: log.logger)
        let task = Task { await worker.run() }
        try await Task.sleep(for: .milliseconds(100))
        try spool.submit("a")
        while try spool.queue.state(of: JobID("a")) != .done { try await Task.sleep(for: .milliseconds(20)) }
        task.cancel()
        await task.value
        try spool.expectEnded(done: ["a"])
    }

    @Test(
        .enabled(if: Fixtures.arePresent, "needs MARTLET_FIXTURES"),
        arguments: [
            "groth16-bn128-poseidon30", "groth16-bls12381-multiplier",
        ])
    func largerCircuitsAreServed(name: String) async throws {
        let spool = try Sandbox()
        let folder = try #require(Fixtures.directory).appending(path: name).path
        try spool.submit("a", witness: folder + "/witness.wtns", zkey: folder + "/circuit_final.zkey")
        _ = try await drain(spool)
        let engine = try Multiplier.engine.get()
        let key = try engine.loadKey(path: folder + "/circuit_final.zkey")
        #expect(
            try engine.verify(
                key: key, proofJSON: spool.data("done/a/proof.json"),
                publicJSON: spool.data("done/a/public.json")))
        #expect(try spool.result("a").facts.curve == (name.contains("bls") ? "bls12381" : "bn254"))
    }
}
