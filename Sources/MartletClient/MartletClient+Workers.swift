// SPDX-License-Identifier: Apache-2.0

public import Coordination
import NIOHTTP1

extension MartletClient {
    /// The workers that the service has heard of within a week; for operators.
    public func workers() async throws(ClientError) -> [WorkerRecord] {
        try await call(.GET, "/v1/workers").decoded(WorkerList.self).workers
    }

    /// Workers of this name get no more jobs; what they have they finish. For operators; 404 where none was
    /// heard of.
    ///
    /// - Parameters:
    ///   - worker: the workers' name.
    ///   - token: the public part of a token: only that one's worker.
    ///   - reason: for people.
    /// - Returns: all workers of this name.
    public func cordon(
        _ worker: String, token: String? = nil, reason: String? = nil
    ) async throws(ClientError) -> [WorkerRecord] {
        try await change(worker, "cordon", WorkerChoice(token: token, reason: reason))
    }

    /// Workers of this name get jobs again, also after a quarantine; for operators. 404 where none was heard
    /// of.
    public func uncordon(_ worker: String, token: String? = nil) async throws(ClientError) -> [WorkerRecord] {
        try await change(worker, "uncordon", WorkerChoice(token: token))
    }

    /// Whether any worker that takes jobs was heard of in the last minute.
    public func isServed() async throws(ClientError) -> Bool {
        struct Service: Decodable { var isServed: Bool }
        return try await call(.GET, "/v1/queue").decoded(Service.self).isServed
    }

    private func change(
        _ worker: String, _ action: String, _ choice: WorkerChoice
    ) async throws(ClientError) -> [WorkerRecord] {
        try await call(.POST, "/v1/workers/\(escaped(worker))/\(action)", json: encoded(choice))
            .decoded(WorkerList.self).workers
    }
}

private struct WorkerList: Decodable { var workers: [WorkerRecord] }

private struct WorkerChoice: Encodable {
    var token: String?
    var reason: String?
}
