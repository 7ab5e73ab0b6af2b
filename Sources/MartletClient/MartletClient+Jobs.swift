// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
public import Coordination
public import Foundation
import NIOHTTP1
public import Outcomes

/// What became of a submission.
public struct Submission: Sendable, Equatable, Codable {
    /// The job as it is now.
    public var job: ResultDocument
    /// Whether the job is a new one.
    public var outcome: ResultDocument.Outcome
    /// Where the witness goes; nil when it is there or not needed any more.
    public var witnessUpload: String?

    /// The job's name.
    public var id: String { job.id ?? "" }
}

/// A page of a list of jobs.
public struct JobPage: Sendable, Equatable, Codable {
    /// Jobs in the order of their submission.
    public var jobs: [ResultDocument]
    /// What to give as `after` for the next page; nil on the last one.
    public var next: String?
}

extension MartletClient {
    // MARK: Submitting

    /// Submits a job; the same job again is no error. Its witness comes along, or follows with
    /// `uploadWitness(_:from:)`.
    ///
    /// - Parameters:
    ///   - specification: what is asked for.
    ///   - witness: the bytes of the witness file, up to 1 MiB: the job is queued at once.
    ///   - traceparent: the W3C trace context that the job belongs to.
    /// - Throws: `.refused`: 400 for a wrong value, 404 for an unknown circuit, 409 where another job has
    ///   this identifier, 422 where the witness is not the job's, 429 where the tenant has too many open
    ///   jobs.
    public func submit(
        _ specification: JobSpecification, witness: Data? = nil, traceparent: String? = nil
    ) async throws(ClientError) -> Submission {
        let body = try encoded(JobRequest(specification, witnessData: witness))
        return try await repeating { () async throws(ClientError) in
            var request = self.request(.POST, "/v1/jobs", json: body)
            if let traceparent { request.headers.add(name: "traceparent", value: traceparent) }
            let answer = try await self.once(request, timeout: self.options.requestTimeout)
            guard [200, 201].contains(answer.status) else { throw answer.refusal }
            return try answer.decoded()
        }
    }

    /// Submits up to 10,000 jobs in 16 MiB, each for itself, with their witnesses or without; results come in
    /// the order of the jobs.
    public func submit(
        _ jobs: [JobRequest]
    ) async throws(ClientError) -> [Result<Submission, ClientError>] {
        struct Batch: Encodable { var jobs: [JobRequest] }
        struct Answers: Decodable { var jobs: [BatchItem] }
        let answers: Answers = try await call(
            .POST, "/v1/jobs/batch", json: encoded(Batch(jobs: jobs)), wait: 60, success: [200]
        ).decoded()
        guard answers.jobs.count == jobs.count else {
            throw .invalidAnswer("\(answers.jobs.count) answers to \(jobs.count) jobs")
        }
        return answers.jobs.map(\.result)
    }

    // MARK: Jobs

    /// A job.
    ///
    /// - Parameters:
    ///   - id: the job's name.
    ///   - wait: seconds, up to 60, for which the coordinator waits for the job's end before it
    ///     answers.
    public func job(_ id: String, wait: Double = 0) async throws(ClientError) -> ResultDocument {
        let query = wait > 0 ? "?wait=\(min(wait, 60))" : ""
        return try await call(.GET, jobPath(id) + query, wait: min(wait, 60)).decoded()
    }

    /// Jobs in the order of their submission, up to 1000 at a time.
    ///
    /// - Parameters:
    ///   - limit: the most jobs of a page.
    ///   - states: only those in one of these states; all when empty.
    ///   - after: the `next` of the page before.
    public func jobs(
        states: [ResultDocument.State] = [], after: String? = nil, limit: Int = 1000
    ) async throws(ClientError) -> JobPage {
        var query = states.map { "state=" + $0.rawValue } + ["limit=\(limit)"]
        if let after { query.append("after=" + escaped(after)) }
        return try await call(.GET, "/v1/jobs?" + query.joined(separator: "&")).decoded()
    }

    /// The text of `proof.json`; 404 until the job has succeeded.
    public func proof(_ id: String) async throws(ClientError) -> String {
        try await text(jobPath(id) + "/proof")
    }

    /// The text of `public.json`; 404 until the job has succeeded.
    public func publicInputs(_ id: String) async throws(ClientError) -> String {
        try await text(jobPath(id) + "/public")
    }

    /// Ends a job that nobody wants any more; 409 when it has ended already.
    public func cancel(_ id: String) async throws(ClientError) -> ResultDocument {
        try await call(.POST, jobPath(id) + "/cancel").decoded()
    }

    /// Queues a dead job again; for operators. 409 when the job is not dead or its witness is gone.
    public func requeue(_ id: String) async throws(ClientError) -> ResultDocument {
        try await call(.POST, jobPath(id) + "/requeue").decoded()
    }

    // MARK: Circuits

    /// Registers the circuit of a key that was uploaded; the same again is no error. 422 when the key is
    /// wrong.
    public func registerCircuit(zkey digest: String) async throws(ClientError) -> Circuit {
        // The coordinator checks every point of the key.
        try await call(.POST, "/v1/circuits", json: encoded(["zkey": digest]), wait: 600).decoded()
    }

    /// The circuits that jobs may be submitted for.
    public func circuits() async throws(ClientError) -> [Circuit] {
        struct List: Decodable { var circuits: [Circuit] }
        return try await call(.GET, "/v1/circuits").decoded(List.self).circuits
    }

    /// A circuit by the SHA-256 of its key; 404 when it is not registered.
    public func circuit(_ digest: String) async throws(ClientError) -> Circuit {
        try await call(.GET, "/v1/circuits/" + escaped(digest)).decoded()
    }

    /// The text of snarkjs' `verification_key.json` of a circuit.
    public func verificationKey(_ digest: String) async throws(ClientError) -> String {
        try await text("/v1/circuits/\(escaped(digest))/verification_key")
    }

    func jobPath(_ id: String) -> String { "/v1/jobs/" + escaped(id) }

    private func text(_ path: String) async throws(ClientError) -> String {
        String(decoding: try await call(.GET, path, success: [200]).body, as: UTF8.self)
    }
}

/// One answer of a batch: a submission, or an error.
private struct BatchItem: Decodable {
    private struct Reason: Decodable {
        var code: String
        var message: String
    }
    private enum CodingKeys: String, CodingKey { case error }

    let result: Result<Submission, ClientError>

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let reason = try container.decodeIfPresent(Reason.self, forKey: .error) {
            result = .failure(.refused(status: 200, code: reason.code, message: reason.message))
        } else {
            result = .success(try Submission(from: decoder))
        }
    }
}
