// SPDX-License-Identifier: Apache-2.0

import Coordination
import Digests
import Failures
import Foundation
import JobQueue
import MartletClient
import Outcomes
import ProvingEngine
import SnarkFormats
import SpoolWorker

/// Brings a proof's files to a queue, for `martlet submit` and for commands that want one proof made there.
enum QueuedProof {
    /// A job of a spool: the witness is copied, the key is not.
    static func enqueue(
        zkey: String, witness: QueuedWitness, r1cs: String? = nil, id: JobID? = nil, priority: Int = 5,
        deadline: Deadline? = nil,
        in spool: SpoolQueue
    ) throws -> SubmitOutcome {
        let zkeyPath = try InputFile.check(zkey, magic: "zkey", kind: "proving key")
        defer { withExtendedLifetime(witness) {} }
        try check(witness, with: zkeyPath, named: zkey)
        // A job that is there already stays, however late it is submitted again.
        if let deadline, deadline.hasPassed, try id.map({ (id) in try spool.state(of: id) == nil }) ?? true {
            throw Deadline.passed
        }
        let secret = try spool.secret()
        let job = ProofJob(
            zkey: zkeyPath,
            r1cs: try r1cs.map { path in
                try InputFile.check(path, magic: "r1cs", kind: "circuit")
            },
            witnessTag: SHA256Digest.tag(
                ofDigest: try SHA256Digest.hex(ofFileAt: witness.path), key: secret))
        try job.validate()
        // The witness is in the digest by its tag: job.json says it.
        let body = job.json
        return try spool.submit(
            JobSubmission(
                id: id, priority: priority, deadline: deadline?.moment, body: body,
                bodyDigest: "hmac:" + SHA256Digest.tag(ofDigest: SHA256Digest.hex(of: body), key: secret),
                files: [JobFile(name: job.witness, source: .copy(path: witness.path))]))
    }

    /// A job of a coordinator, with the files that it does not have.
    static func submit(
        zkey: String, witness: QueuedWitness, id: JobID? = nil, priority: Int = 5, deadline: Deadline? = nil,
        to client: MartletClient
    ) async throws -> Submission {
        let zkeyPath = try InputFile.check(zkey, magic: "zkey", kind: "proving key")
        defer { withExtendedLifetime(witness) {} }
        try check(witness, with: zkeyPath, named: zkey)
        let witnessPath = witness.path
        do throws(ClientError) {
            return try await client.submit(
                zkey: zkeyPath, witness: witnessPath, id: id?.text, priority: priority,
                deadline: deadline.map { Int64($0.moment) * 1000 })
        } catch {
            guard error.refusal == .invalid, deadline?.hasPassed == true else { throw error }
            throw Deadline.passed
        }
    }

    /// What the headers of key and witness say: here the files have names, on the way they lose them.
    ///
    /// - Throws: `.badInput`, naming the file, for a key of another proof system and for a witness of another
    ///   curve or circuit than the key's.
    private static func check(_ witness: QueuedWitness, with zkey: String, named name: String) throws {
        let key = try ZKeyFile(MappedFile(path: zkey, named: name, access: .onDemand))
        try Groth16Files.requireGroth16(key)
        try WitnessFile(MappedFile(path: witness.path, named: witness.name, access: .onDemand))
            .check(curve: key.header.curve, variableCount: key.header.variableCount)
    }

    /// Has a proof made by a queue's workers and waits for it.
    ///
    /// - Parameter timeout: the longest time to wait; nil to wait for ever.
    /// - Returns: the text of proof.json.
    /// - Throws: `.deadline` where the time is up; a coordinator's job is cancelled then.
    static func make(
        zkey: String, witness file: MemoryFile, on queue: QueueLocation, _ arguments: ClientArguments,
        timeout: TimeSpan? = nil
    ) async throws -> String {
        func timeIsUp(_ id: String, _ rest: String) -> JobFailure {
            JobFailure(
                code: .deadline,
                message:
                    "job \(id) of \(queue) has no proof after \(TimeSpan.text(timeout?.seconds ?? 0)), the --timeout\(rest)"
            )
        }
        let witness = QueuedWitness(file)
        switch queue {
        case .spool(let path):
            let spool = try openSpool(path, creating: true)
            let outcome = try enqueue(zkey: zkey, witness: witness, in: spool)
            let end = try await JobWatch(queue: spool, id: outcome.id, timeout: timeout?.seconds).wait()
            if end == nil { throw timeIsUp(outcome.id.text, "; it stays in the spool") }
            if let failure = ResultDocument(end, of: outcome.id, in: spool).failure { throw failure }
            let proof = try spool.readResult("proof.json", of: outcome.id)
            return String(decoding: proof, as: UTF8.self)
        case .coordinator(let address):
            let client = try arguments.client(address)
            let submission = try await submit(zkey: zkey, witness: witness, to: client)
            let job = CoordinatorJob(client: client, id: submission.id)
            let end = try await job.wait(timeout: timeout?.seconds)
            guard end.state.isFinal else {
                _ = try? await client.cancel(job.id)
                throw timeIsUp(job.id, "")
            }
            if let failure = end.failure { throw failure }
            return try await client.proof(job.id)
        }
    }
}

/// A witness to be queued: a file, or what came through a pipe or was made here, which is in memory only.
struct QueuedWitness {
    /// Leads to it while this value lives.
    let path: String
    /// What messages call it.
    let name: String
    private let memory: MemoryFile?

    /// The largest witness that a pipe may bring: one of 2^27 wires.
    private static let limit = 4 << 30 + 4096

    /// - Parameter named: a file, `-` or a pipe.
    /// - Throws: `.badInput` for what is no witness.
    init(_ named: String) throws {
        guard named == "-" || FileLocation(input: named)?.isReadThrough == true else {
            path = try InputFile.check(named, magic: "wtns", kind: "witness")
            name = named
            memory = nil
            return
        }
        let input = try MappedFile(input: named, limit: Self.limit)
        let memory = try MemoryFile(name: input.name)
        try input.withBytes { bytes throws(FormatError) in
            guard bytes.withUnsafeBytes({ $0.starts(with: "wtns".utf8) }) else {
                throw FormatError(.notThisFormat(expected: "wtns", found: "other bytes"), file: input.name)
            }
            try memory.append(bytes)
        }
        (self.memory, path, name) = (memory, memory.path, input.name)
    }

    init(_ file: MemoryFile) { (memory, path, name) = (file, file.path, ProvingEngine.unnamedWitness) }
}
