// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation

/// A thread with a connection, which runs what waits in a queue.
///
/// Transactions that wait at the same time share one of the database: its commit costs a flush of the disk,
/// and their statements need no others around each of them. Where one of them fails after it has written, or
/// the database refuses, all is undone and each runs again in a transaction of its own.
final class Lane: @unchecked Sendable {
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
            do throws(PostgresFailure) {
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
    private func run(_ requests: [Request], _ connection: PostgresConnection) throws(PostgresFailure) {
        var answers: [@Sendable () -> Void] = []
        do throws(PostgresFailure) {
            _ = try connection.execute(kind.begin)
            let session = PostgresSession(connection)
            for request in requests {
                let (failure, tell) = session.attempt(request)
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
        do throws(PostgresFailure) {
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
        _ requests: [Request], _ failure: PostgresFailure, _ connection: PostgresConnection
    ) throws(PostgresFailure) {
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

/// Transactions that share one of the database, for the thread of their connection.
final class PostgresSession: SQLSession {
    private let connection: PostgresConnection
    /// The database's clock, and when it was read.
    private var clock: (time: Int64, at: ContinuousClock.Instant)?
    private var moment: Int64?
    private var hinted: [String] = []
    private(set) var hasWritten = false
    /// What the database had against a statement: nothing can be done in this transaction any more.
    private(set) var failure: PostgresFailure?

    init(_ connection: PostgresConnection) { self.connection = connection }

    /// Runs the next of the transactions.
    func attempt(_ request: Request) -> (failure: StoreError?, tell: @Sendable () -> Void) {
        moment = nil
        hasWritten = false
        return request.run(self)
    }

    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        if let failure { throw failure.storeError }
        for case .text(let text) in values where text.utf8.contains(0) {
            throw .invalid("a text with a NUL character cannot be stored")
        }
        if !sql.hasPrefix("SELECT") { hasWritten = true }
        do throws(PostgresFailure) {
            return try connection.execute(sql, values)
        } catch {
            failure = error
            throw error.storeError
        }
    }

    func now() throws(StoreError) -> Int64 {
        if let moment { return moment }
        let time: Int64
        if let clock {
            time = clock.time + Int64((ContinuousClock.now - clock.at) / .milliseconds(1))
        } else {
            let rows = try run("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint", [])
            guard let value = rows.first?.integer(0) else { throw .unavailable("postgres: no clock") }
            clock = (value, .now)
            time = value
        }
        moment = time
        return time
    }

    func hint(_ uid: String) throws(StoreError) { hinted.append(uid) }

    /// Notifies all coordinators of what was hinted at, once the transaction is committed.
    func tellHints() throws(PostgresFailure) {
        // A notification has less than 8000 bytes.
        var payload = ""
        func send() throws(PostgresFailure) {
            if !payload.isEmpty {
                _ = try connection.execute("SELECT pg_notify('\(HintListener.channel)', ?)", [.text(payload)])
            }
            payload = ""
        }
        for uid in Set(hinted) {
            if payload.utf8.count + uid.utf8.count > 7900 { try send() }
            payload += payload.isEmpty ? uid : " \(uid)"
        }
        try send()
    }
}
