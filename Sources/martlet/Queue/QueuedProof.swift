import Coordination
import Foundation
import JobQueue
import MartletClient
import Outcomes
import ProvingService

/// Brings a proof's files to a queue, for `martlet submit` and for commands that want one proof made there.
enum QueuedProof {
    /// A job of a spool: the witness is copied, the key is not.
    static func enqueue(
        zkey: String, witness: String, r1cs: String? = nil, id: JobID? = nil, priority: Int = 5,
        deadline: Deadline? = nil,
        in spool: SpoolQueue
    ) throws(JobFailure) -> SubmitOutcome {
        let zkeyPath = try InputFile.check(zkey, magic: "zkey", kind: "proving key")
        let witnessPath = try InputFile.check(witness, magic: "wtns", kind: "witness")
        let job = ProofJob(
            zkey: zkeyPath,
            r1cs: try r1cs.map { (path) throws(JobFailure) in
                try InputFile.check(path, magic: "r1cs", kind: "circuit")
            }, witnessSha256: try SHA256Digest.hex(ofFileAt: witnessPath))
        try job.validate()
        // The witness is in the digest by its own: job.json says it.
        let body = job.json
        return try mappingSpoolErrors { () throws(SpoolError) in
            try spool.submit(
                JobSubmission(
                    id: id, priority: priority, deadline: deadline?.moment, body: body,
                    bodyDigest: "sha256:" + SHA256Digest.hex(of: body),
                    files: [JobFile(name: job.witness, source: .copy(path: witnessPath))]))
        }
    }

    /// A job of a coordinator, with the files that it does not have.
    static func submit(
        zkey: String, witness: String, id: JobID? = nil, priority: Int = 5, deadline: Deadline? = nil,
        to client: MartletClient
    ) async throws(JobFailure) -> Submission {
        let zkeyPath = try InputFile.check(zkey, magic: "zkey", kind: "proving key")
        let witnessPath = try InputFile.check(witness, magic: "wtns", kind: "witness")
        return try await mappingClientErrors { () async throws(ClientError) in
            let circuit = try await client.provideCircuit(zkeyPath)
            let reference = try await MartletClient.reference(to: witnessPath)
            let specification = JobSpecification(
                id: (id ?? .generate()).text, circuit: circuit.digest, witness: reference, priority: priority,
                deadline: deadline.map { Int64($0.moment) * 1000 })
            // A small witness saves a request. One that cannot be read is found out by the upload.
            let data =
                reference.size <= MartletClient.inlineWitness
                ? try? Data(contentsOf: URL(filePath: witnessPath)) : nil
            let submission = try await client.submit(specification, witness: data)
            if submission.witnessUpload != nil {
                try await client.uploadWitness(specification.id, from: witnessPath)
            }
            return submission
        }
    }

    /// Has a proof made by a queue's workers and waits for it.
    ///
    /// - Returns: the text of proof.json.
    static func make(
        zkey: String, witness: String, on queue: QueueLocation, _ arguments: ClientArguments
    ) async throws -> String {
        switch queue {
        case .spool(let path):
            let spool = try openSpool(path, creating: true)
            let outcome = try enqueue(zkey: zkey, witness: witness, in: spool)
            let end = try await JobWatch(queue: spool, id: outcome.id, timeout: nil).wait()
            if let failure = ResultDocument(end, of: outcome.id, in: spool).failure { throw failure }
            let proof = try mappingSpoolErrors { () throws(SpoolError) in
                try spool.readResult("proof.json", of: outcome.id)
            }
            return String(decoding: proof, as: UTF8.self)
        case .coordinator(let address):
            let client = try arguments.client(address)
            let submission = try await submit(zkey: zkey, witness: witness, to: client)
            let job = CoordinatorJob(client: client, id: submission.id)
            if let failure = try await job.wait(timeout: nil).failure { throw failure }
            return try await mappingClientErrors { () async throws(ClientError) in
                try await client.proof(job.id)
            }
        }
    }
}
