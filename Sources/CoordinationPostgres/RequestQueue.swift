// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Foundations

/// A transaction that waits, without its type.
struct Request: Sendable {
    /// Runs it, and gives back what it failed with, and how to tell its outcome once that is durable.
    let run: @Sendable (PostgresSession) -> (failure: StoreError?, tell: @Sendable () -> Void)
    let refuse: @Sendable (StoreError) -> Void
    let since = ContinuousClock.now
    /// Whether it is to have a transaction of its own, after one with others went wrong.
    var isAlone = false
    /// How often it has met with a failure that passes.
    var attempts = 0

    init<R: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> R,
        _ tell: @escaping @Sendable (Result<R, StoreError>) -> Void
    ) {
        refuse = { tell(.failure($0)) }
        run = { session in
            do throws(StoreError) {
                let value = try body(session)
                return (nil, { tell(.success(value)) })
            } catch {
                return (error, { tell(.failure(error)) })
            }
        }
    }
}

/// Transactions that wait for a connection.
///
/// None waits for long: one that a lost database, or too many others, keep waiting is refused.
final class RequestQueue: Sendable {
    private struct State {
        var waiting: [Request] = []
        var connections = 0
        var trouble = "not connected"
        var isStopped = false
    }

    private let state = Monitor(State())

    /// How many transactions share a commit at most.
    private static let group = 64
    /// How long one waits at most: while there is a connection, and while there is none.
    private static let patience = (connected: Duration.seconds(30), lost: Duration.seconds(4))

    func add(_ request: Request) {
        let refused = state.change { state in
            if !state.isStopped { state.waiting.append(request) }
            return state.isStopped
        }
        if refused { request.refuse(.unavailable("the store is closed")) }
    }

    /// Puts back what is to run again, before all others and each for itself.
    func putBack(_ requests: [Request]) {
        state.change { state in
            state.waiting.insert(
                contentsOf: requests.map {
                    var request = $0
                    request.isAlone = true
                    return request
                }, at: 0)
        }
    }

    /// What is to run in one transaction; `nil` when the queue is stopped and empty.
    func next() -> [Request]? {
        state.wait { state -> [Request]?? in
            guard let first = state.waiting.first else { return state.isStopped ? .some(nil) : nil }
            let count =
                first.isAlone ? 1 : state.waiting.prefix(Self.group).prefix { !$0.isAlone }.count
            let requests = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return .some(requests)
        }
    }

    /// Refuses what has waited for too long.
    func refuseOverdue() {
        let (overdue, reason) = state.withLock { state in
            let isLost = state.connections == 0
            let limit = ContinuousClock.now - (isLost ? Self.patience.lost : Self.patience.connected)
            let overdue = state.waiting.filter { $0.since < limit }
            if !overdue.isEmpty { state.waiting.removeAll { $0.since < limit } }
            return (overdue, isLost ? state.trouble : "too many requests wait")
        }
        for request in overdue { request.refuse(.unavailable("postgres: \(reason)")) }
    }

    func connected() { state.withLock { $0.connections += 1 } }

    func disconnected() { state.withLock { $0.connections -= 1 } }

    /// Waits before the next attempt to connect; `false` when there shall be none.
    func pause(_ seconds: Double, after failure: PostgresError) -> Bool {
        if case .unavailable(let text) = failure.storeError { state.withLock { $0.trouble = text } }
        return state.wait(until: Date(timeIntervalSinceNow: seconds)) { $0.isStopped ? false : nil } ?? true
    }

    /// Takes nothing any more; what waits is run still, where there is a connection.
    func stop() {
        state.change { $0.isStopped = true }
    }

    /// Refuses what is left when nobody takes it any more.
    func refuseAll() {
        let left = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for request in left { request.refuse(.unavailable("the store is closed")) }
    }
}
