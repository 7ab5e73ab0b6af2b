// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation

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
///
/// Unchecked: `condition` guards what changes.
final class RequestQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [Request] = []
    private var connections = 0
    private var trouble = "not connected"
    private var isStopped = false

    /// How many transactions share a commit at most.
    private static let group = 64
    /// How long one waits at most: while there is a connection, and while there is none.
    private static let patience = (connected: Duration.seconds(30), lost: Duration.seconds(4))

    func add(_ request: Request) {
        condition.lock()
        let refused = isStopped
        if !refused { waiting.append(request) }
        condition.signal()
        condition.unlock()
        if refused { request.refuse(.unavailable("the store is closed")) }
    }

    /// Puts back what is to run again, before all others and each for itself.
    func putBack(_ requests: [Request]) {
        condition.withLock {
            waiting.insert(
                contentsOf: requests.map {
                    var request = $0
                    request.isAlone = true
                    return request
                }, at: 0)
            condition.broadcast()
        }
    }

    /// What is to run in one transaction; `nil` when the queue is stopped and empty.
    func next() -> [Request]? {
        condition.withLock {
            while waiting.isEmpty && !isStopped { condition.wait() }
            guard let first = waiting.first else { return nil }
            let count = first.isAlone ? 1 : waiting.prefix(Self.group).prefix { !$0.isAlone }.count
            let requests = Array(waiting.prefix(count))
            waiting.removeFirst(count)
            return requests
        }
    }

    /// Refuses what has waited for too long.
    func refuseOverdue() {
        let (overdue, reason) = condition.withLock {
            let isLost = connections == 0
            let limit = ContinuousClock.now - (isLost ? Self.patience.lost : Self.patience.connected)
            let overdue = waiting.filter { $0.since < limit }
            if !overdue.isEmpty { waiting.removeAll { $0.since < limit } }
            return (overdue, isLost ? trouble : "too many requests wait")
        }
        for request in overdue { request.refuse(.unavailable("postgres: \(reason)")) }
    }

    func connected() { condition.withLock { connections += 1 } }

    func disconnected() { condition.withLock { connections -= 1 } }

    /// Waits before the next attempt to connect; `false` when there shall be none.
    func pause(_ seconds: Double, after failure: PostgresError) -> Bool {
        condition.withLock {
            if case .unavailable(let text) = failure.storeError { trouble = text }
            let end = Date(timeIntervalSinceNow: seconds)
            while !isStopped && condition.wait(until: end) {}
            return !isStopped
        }
    }

    /// Takes nothing any more; what waits is run still, where there is a connection.
    func stop() {
        condition.withLock {
            isStopped = true
            condition.broadcast()
        }
    }

    /// Refuses what is left when nobody takes it any more.
    func refuseAll() {
        let left = condition.withLock {
            defer { waiting = [] }
            return waiting
        }
        for request in left { request.refuse(.unavailable("the store is closed")) }
    }
}
