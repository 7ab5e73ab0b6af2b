// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Foundations
import Hummingbird
import Outcomes

extension Routes {
    private struct WorkerList: Encodable { var workers: [WorkerRecord] }

    private struct Service: Encodable { var isServed: Bool }

    /// Which of the workers of a name are meant, and why.
    private struct Choice: Decodable, Sendable {
        var token: String?
        var reason: String?
    }

    func addWorkers(to doors: Doors) {
        doors.operators.get("/v1/workers") { _, _ in
            return json(WorkerList(workers: try await store.workers()))
        }
        doors.operators.post("/v1/workers/:worker/cordon") { request, context in
            let (name, choice) = try await chosen(request, context)
            let reason = choice.reason?.bounded(bytes: 1000) ?? ""
            try await store.cordon(
                name, token: choice.token, reason: reason.isEmpty ? "by an operator" : reason)
            try await coordinator.watchStandings()
            return try await workers(of: name)
        }
        doors.operators.post("/v1/workers/:worker/uncordon") { request, context in
            let (name, choice) = try await chosen(request, context)
            try await store.uncordon(name, token: choice.token)
            try await coordinator.watchStandings()
            news.queued()
            return try await workers(of: name)
        }
        doors.submitters.get("/v1/queue") { _, _ in
            return json(Service(isServed: try await store.isServed()))
        }
    }

    private func chosen(
        _ request: Request, _ context: AdmittedContext
    ) async throws -> (String, Choice) {
        let name = try parameter("worker", context)
        guard (try? JobID(name)) != nil else {
            throw RequestError(.notFound, .unknown, "a worker's name is 1 to 64 of A-Z a-z 0-9 _ -")
        }
        let choice = try await body(Choice.self, of: request)
        guard choice.reason.map({ $0.utf8.count <= 1000 }) ?? true else {
            throw RequestError.invalid("reason: at most 1000 bytes")
        }
        guard choice.token.map({ (try? JobID($0)) != nil }) ?? true else {
            throw RequestError.invalid("token: 1 to 64 of A-Z a-z 0-9 _ -")
        }
        return (name, choice)
    }

    private func workers(of name: String) async throws -> Response {
        json(WorkerList(workers: try await store.workers().filter { $0.name == name }))
    }
}
