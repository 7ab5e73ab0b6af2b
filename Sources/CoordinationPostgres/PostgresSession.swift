// SPDX-License-Identifier: Apache-2.0

import Coordination

/// Transactions that share one of the database, for the thread of their connection.
final class PostgresSession: SQLSession {
    private let connection: PostgresConnection
    /// The database's clock, and when it was read.
    private var clock: (time: Int64, at: ContinuousClock.Instant)?
    private var moment: Int64?
    private var hinted: [String] = []
    private(set) var hasWritten = false
    /// What the database had against a statement: nothing can be done in this transaction any more.
    private(set) var failure: PostgresError?

    init(_ connection: PostgresConnection) { self.connection = connection }

    /// The next of the transactions begins.
    func begin() {
        moment = nil
        hasWritten = false
    }

    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        if let failure { throw failure.storeError }
        for case .text(let text) in values where text.utf8.contains(0) {
            throw .invalid("a text with a NUL character cannot be stored")
        }
        if !sql.hasPrefix("SELECT") { hasWritten = true }
        do throws(PostgresError) {
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
    func tellHints() throws(PostgresError) {
        // A notification has less than 8000 bytes.
        var payload = ""
        func send() throws(PostgresError) {
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
