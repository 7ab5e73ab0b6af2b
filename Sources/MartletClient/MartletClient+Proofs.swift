// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
public import Outcomes
import SnarkFormats

/// A proof that a coordinator's workers made and this client has verified.
public struct ReceivedProof: Sendable, Equatable {
    /// The job at its end: what computed, and where the time went.
    public let job: ResultDocument
    /// The text of snarkjs' `proof.json`.
    public let proof: String
    /// The text of snarkjs' `public.json`.
    public let publicInputs: String

    package init(job: ResultDocument, proof: String, publicInputs: String) {
        self.job = job
        self.proof = proof
        self.publicInputs = publicInputs
    }
}

extension MartletClient {
    /// Has a witness proved, and verifies the proof: uploads the key where the coordinator lacks it, submits,
    /// waits for the job's end and fetches the proof.
    ///
    /// Nothing that comes is taken on trust: the public inputs must be the witness's, and the proof must
    /// verify under the verifying key that is in `zkey` on this machine.
    ///
    /// - Parameters:
    ///   - zkey: the path of the circuit's proving key.
    ///   - witness: the path of the witness file.
    ///   - id: the job's name, with which the same call again gets the same proof; a new one where it is left
    ///     out.
    /// - Throws: `.refused` where the coordinator refuses, `.noProof` where the job ends without one,
    ///   `.wrongContent` for a proof that does not verify, `.file` for files that cannot be read.
    public func prove(
        zkey: String, witness: String, id: String? = nil
    ) async throws(ClientError) -> ReceivedProof {
        let name = try await submit(zkey: zkey, witness: witness, id: id).id
        var job = try await job(name, wait: 30)
        while !job.state.isFinal { job = try await self.job(name, wait: 30) }
        guard job.state == .succeeded else {
            let message = job.error?.message ?? "job \(name) \(job.state.phrase)"
            throw .noProof(job.error?.knownCode ?? .unknown, message)
        }
        let received = ReceivedProof(
            job: job, proof: try await proof(name), publicInputs: try await publicInputs(name))
        try await Self.verify(received, zkey: zkey, witness: witness)
        return received
    }

    /// Submits a job for a key and a witness that are files on this machine, and brings what the coordinator
    /// does not have of them.
    ///
    /// - Parameters:
    ///   - zkey: the path of the circuit's proving key.
    ///   - witness: the path of the witness file.
    ///   - id: the job's name; a new one where it is left out.
    ///   - priority: 0 (served first) to 9 (served last).
    ///   - deadline: unix milliseconds until which a worker may begin; nil for ever.
    /// - Throws: as `submit(_:witness:traceparent:)`, `provideCircuit(_:)` and `uploadWitness(_:from:)`.
    public func submit(
        zkey: String, witness: String, id: String? = nil, priority: Int = 5, deadline: Int64? = nil
    ) async throws(ClientError) -> Submission {
        let circuit = try await provideCircuit(zkey)
        let reference = try await Self.reference(to: witness)
        let specification = JobSpecification(
            id: id ?? JobID.generate().text, circuit: circuit.digest, witness: reference, priority: priority,
            deadline: deadline)
        // A small witness saves a request. One that cannot be read is found out by the upload.
        let data =
            reference.size <= Self.inlineWitness ? try? Data(contentsOf: URL(filePath: witness)) : nil
        let submission = try await submit(specification, witness: data)
        if submission.witnessUpload != nil { try await uploadWitness(specification.id, from: witness) }
        return submission
    }

    /// - Throws: `.wrongContent` unless the proof is one of this witness under this key.
    package static func verify(
        _ received: ReceivedProof, zkey: String, witness: String
    ) async throws(ClientError) {
        let verdict: String?
        do {
            verdict = try await onBlockingThread {
                try ProofCheck(zkey: zkey, witness: witness).objection(
                    proof: received.proof, publicInputs: received.publicInputs)
            }
        } catch let error as FormatError {
            let isOurs = error.file == zkey || error.file == witness
            throw isOurs
                ? .file(path: error.file, reason: error.reason.description)
                : .wrongContent("what the coordinator sent is no proof: \(error)")
        } catch {
            throw .cancelled
        }
        if let verdict { throw .wrongContent(verdict) }
    }
}
