// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import JobQueue
import Outcomes
import ProvingEngine
import SpoolWorker
import SystemTestSupport
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The circuit that all tests prove: small enough for a proof in milliseconds.
enum Multiplier {
    static let zkey = Vectors.url("snarkjs/groth16-bn128-multiplier/circuit_final.zkey").path
    static let r1cs = Vectors.url("snarkjs/groth16-bn128-multiplier/circuit.r1cs").path
    static let witness = Vectors.url("snarkjs/groth16-bn128-multiplier/witness.wtns").path
    static let unsatisfied = malformed("w04_unsatisfied_private.wtns")

    static func malformed(_ name: String) -> String { Vectors.url("snarkjs/malformed/" + name).path }

    static let engine = Result { try ProvingEngine(backend: .auto, threads: 1) }
    static let key = Result { try engine.get().loadKey(path: zkey) }
}

/// A spool in a temporary directory that goes with the object.
final class Sandbox: Sendable {
    let folder: String
    let path: String
    let queue: SpoolQueue

    init(in parent: String? = nil) throws {
        folder = try parent ?? makeTemporaryDirectory()
        path = folder + "/spool"
        queue = try SpoolQueue(path: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    @discardableResult
    func submit(
        _ id: String, witness: String = Multiplier.witness, zkey: String = Multiplier.zkey,
        r1cs: String? = nil,
        zkeySha256: String? = nil, witnessTag: String? = nil
    ) throws -> SubmitOutcome {
        let job = ProofJob(zkey: zkey, r1cs: r1cs, zkeySha256: zkeySha256, witnessTag: witnessTag)
        return try queue.submit(
            JobSubmission(
                id: try JobID(id), body: job.json, bodyDigest: "digest-" + id,
                files: [JobFile(name: job.witness, source: .copy(path: witness))]))
    }

    /// Writes a job directly into `new/`, as a producer with mistakes may.
    func produce(_ id: String, job: String, files: [String: String] = ["witness.wtns": Multiplier.witness])
        throws
    {
        let stage = "\(folder)/stage-\(id)"
        try FileManager.default.createDirectory(atPath: stage, withIntermediateDirectories: false)
        try Data(job.utf8).write(to: URL(fileURLWithPath: stage + "/job.json"))
        for (name, source) in files {
            try FileManager.default.copyItem(atPath: source, toPath: stage + "/" + name)
        }
        try FileManager.default.moveItem(atPath: stage, toPath: "\(path)/new/5.9999999999.000.\(id)")
    }

    func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + directory).sorted()
    }

    func data(_ file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path + "/" + file)) }

    func result(_ id: String) throws -> ResultDocument {
        try JSONDecoder().decode(ResultDocument.self, from: data("done/\(id)/result.json"))
    }

    func reason(_ id: String) throws -> DeadReason {
        try JSONDecoder().decode(DeadReason.self, from: data("dead/\(id)/reason.json"))
    }

    /// Demands that each job is exactly once in `done/` or `dead/`, that every proof verifies, and that
    /// nothing is left elsewhere.
    func expectEnded(done: [String], dead: [String] = []) throws {
        #expect(try names("done") == done.sorted())
        #expect(try names("dead").filter { !$0.hasPrefix("foreign.") } == dead.sorted())
        #expect(try names("new").isEmpty && names("cur").isEmpty)
        for id in done { try expectVerifies(id) }
        for id in dead { #expect(try names("dead/" + id).allSatisfy { $0 != "proof.json" }) }
    }

    /// Demands a complete result whose proof verifies and whose digests are right.
    func expectVerifies(_ id: String) throws {
        #expect(try names("done/" + id) == ["proof.json", "public.json", "result.json"])
        let (proof, publics) = (try data("done/\(id)/proof.json"), try data("done/\(id)/public.json"))
        let (engine, key) = (try Multiplier.engine.get(), try Multiplier.key.get())
        #expect(try engine.verify(key: key, proofJSON: proof, publicJSON: publics), "\(id)")
        let result = try result(id)
        #expect(result.id == id)
        #expect(result.facts.digests?.proof == SHA256Digest.hex(of: proof))
        #expect(result.facts.digests?.public == SHA256Digest.hex(of: publics))
        #expect(result.facts.digests?.zkey == key.sha256)
    }
}

/// Looks every few milliseconds whether `condition` holds, for up to `seconds`.
func eventually(_ seconds: Double = 30, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = Date(timeIntervalSinceNow: seconds)
    while Date() < end {
        if try condition() { return true }
        usleep(10_000)
    }
    return try condition()
}
