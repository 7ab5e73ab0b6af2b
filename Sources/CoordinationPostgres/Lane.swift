// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation

/// A thread with a connection, which runs what waits in a queue.
///
/// Transactions that wait at the same time share one of the database: its commit costs a flush of the disk,
/// and their statements need no others around each of them. Where one of them fails after it has written, or
/// the database refuses, all is undone and each runs again in a transaction of its own.
final class Lane: Sendable {
    enum Kind {
        case reading, writing

        var begin: String {
            switch self {
            case .reading: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            case .writing: "BEGIN ISOLATION LEVEL READ COMMITTED"
            }
        }
    }

    private let kind: Kind
    private let address: PostgresAddress
    private let queue: RequestQueue
    private let ended = DispatchSemaphore(value: 0)

    private static let maxAttempts = 5

    init(_ kind: Kind, _ address: PostgresAddress, _ queue: RequestQueue) {
        self.kind = kind
        self.address = address
        self.queue = queue
    }

    func start() {
        let thread = Thread { [self] in
            work()
            ended.signal()
        }
        thread.name = "martlet-postgres"
        thread.start()
    }

    /// Returns when the thread has ended, after the queue was stopped.
    func join() { ended.wait() }

    private func work() {
        var pause = 0.05
        while true {
            do throws(PostgresError) {
                let connection = try PostgresConnection(address)
                pause = 0.05
                queue.connected()
                defer { queue.disconnected() }
                while true {
                    guard let requests = queue.next() else { return }
                    try run(requests, connection)
                }
            } catch {
                guard queue.pause(pause, after: error) else { return }
                pause = min(pause * 2, 1)
            }
        }
    }

    /// - Throws: when the connection is of no more use; the requests are seen to.
    private func run(_ requests: [Request], _ connection: PostgresConnection) throws(PostgresError) {
        var answers: [@Sendable () -> Void] = []
        do throws(PostgresError) {
            _ = try connection.execute(kind.begin)
            let session = PostgresSession(connection)
            for request in requests {
                session.begin()
                let (failure, tell) = request.run(session)
                if let broken = session.failure { throw broken }
                answers.append(tell)
                guard failure == nil || !session.hasWritten else {
                    _ = try connection.execute("ROLLBACK")
                    if requests.count == 1 { tell() } else { queue.putBack(requests) }
                    return
                }
            }
            try session.tellHints()
        } catch {
            try undo(requests, error, connection)
            return
        }
        do throws(PostgresError) {
            guard try connection.execute("COMMIT").tag == "COMMIT" else {
                throw .refused(code: "25P02", message: "the transaction was not committed")
            }
        } catch .lost(let message) where kind == .writing {
            for request in requests {
                request.refuse(
                    .unavailable("postgres: \(message); whether the change was made is not known"))
            }
            throw .lost(message)
        } catch {
            try undo(requests, error, connection)
            return
        }
        for tell in answers { tell() }
    }

    private func undo(
        _ requests: [Request], _ failure: PostgresError, _ connection: PostgresConnection
    ) throws(PostgresError) {
        var again = requests
        if failure.isPassing || requests.count == 1 {
            again = []
            for var request in requests {
                request.attempts += 1
                if failure.isPassing && request.attempts < Self.maxAttempts {
                    again.append(request)
                } else {
                    request.refuse(failure.storeError)
                }
            }
        }
        queue.putBack(again)
        if case .lost = failure { throw failure }
        _ = try connection.execute("ROLLBACK")
    }
}
