// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Coordination
import Failures
import Foundation

/// Why something did not succeed.
enum PostgresError: CodedError {
    /// The connection is gone, or the server has been silent for too long.
    case lost(String)
    /// The server refuses, with its SQLSTATE.
    case refused(code: String, message: String)

    var code: FailureCode { .infrastructure }

    var message: String {
        switch self {
        case .lost(let message): "postgres: \(message)"
        case .refused(let code, let message): "postgres: \(message) (\(code))"
        }
    }

    var storeError: StoreError { .unavailable(message) }

    /// Whether the same transaction may well succeed when it is run again.
    var isPassing: Bool {
        switch self {
        case .lost: true
        case .refused(let code, _): ["40001", "40P01"].contains(code)
        }
    }
}

/// One connection, for one thread.
final class PostgresConnection {
    private let address: PostgresAddress
    private let pq: martlet_libpq
    private let connection: OpaquePointer
    /// The names of prepared statements by their texts.
    private var prepared: [String: String] = [:]

    /// How long an answer may take; the server gives up a little earlier.
    private static let patience = Duration.seconds(30)
    /// How many statements are kept prepared.
    private static let maxPrepared = 200

    /// What the URL may override.
    private static let defaults = [
        // Seconds: a host that vanished is found out within about five.
        ("connect_timeout", "3"), ("keepalives_idle", "2"), ("keepalives_interval", "1"),
        ("keepalives_count", "3"), ("tcp_user_timeout", "5000"), ("application_name", "martlet"),
    ]

    /// The queue's statements read a few rows in the order of an index. With statistics of a time when little
    /// waited the planner would rather gather and sort all that waits, for each lease. What is off only costs
    /// a fortune in the planner's eyes, so that it would compile machine code, in a tenth of a second, for
    /// any statement that has to sort one row.
    private static let settings = """
        SET enable_bitmapscan = off; SET enable_sort = off; SET jit = off; \
        SET client_min_messages = error; SET bytea_output = hex; SET statement_timeout = '25s'; \
        SET lock_timeout = '4s'; SET idle_in_transaction_session_timeout = '10s'; \
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
        """

    /// Connects; takes a few seconds at most for each address that the host's name has.
    init(_ address: PostgresAddress) throws(PostgresError) {
        self.address = address
        pq = address.library.functions
        // Later ones override earlier ones.
        let parameters = Self.defaults + [("dbname", address.url), ("client_encoding", "UTF8")]
        let keywords = CStrings(parameters.map(\.0))
        let values = CStrings(parameters.map(\.1))
        guard let connection = pq.connectdbParams(keywords.pointers, values.pointers, 1) else {
            throw .lost("no memory for a connection")
        }
        self.connection = connection
        guard pq.status(connection) == CONNECTION_OK else {
            throw .lost(address.explained(text(pq.errorMessage(connection))))
        }
        withUnsafePointer(to: pq) { martlet_libpq_silence($0, connection) }
        guard pq.serverVersion(connection) >= 120_000 else {
            throw .lost("the server is older than PostgreSQL 12")
        }
        guard text(pq.parameterStatus(connection, "server_encoding")) == "UTF8" else {
            throw .lost("the database's encoding is not UTF8")
        }
        _ = try execute(Self.settings)
    }

    deinit { pq.finish(connection) }

    private var message: String { address.cleaned(text(pq.errorMessage(connection))) }

    private func text(_ string: UnsafePointer<CChar>?) -> String { string.map { String(cString: $0) } ?? "" }

    /// Runs statements without values. Gives the rows of the last query among them, or the last command's
    /// tag.
    func execute(_ sql: String) throws(PostgresError) -> (rows: [SQLRow], tag: String) {
        guard pq.sendQuery(connection, sql) == 1 else { throw .lost(message) }
        return try answer()
    }

    /// Runs one statement with `?` for each value.
    func execute(_ sql: String, _ values: [SQLValue]) throws(PostgresError) -> [SQLRow] {
        let name = try prepare(sql)
        let parameters = PostgresParameters(values)
        let isSent = parameters.withPointers { pointers, lengths, formats in
            pq.sendQueryPrepared(connection, name, Int32(values.count), pointers, lengths, formats, 0)
        }
        guard isSent == 1 else { throw .lost(message) }
        return try answer().rows
    }

    private func prepare(_ sql: String) throws(PostgresError) -> String {
        if let name = prepared[sql] { return name }
        // Beyond what is kept: the statement without a name, which the next one replaces.
        let name = prepared.count < Self.maxPrepared ? "martlet\(prepared.count)" : ""
        guard pq.sendPrepare(connection, name, Self.numbered(sql), 0, nil) == 1 else { throw .lost(message) }
        _ = try answer()
        if !name.isEmpty { prepared[sql] = name }
        return name
    }

    /// `$1`, `$2` … for each `?`.
    static func numbered(_ sql: String) -> String {
        var count = 0
        return sql.reduce(into: "") { text, character in
            if character == "?" {
                count += 1
                text += "$\(count)"
            } else {
                text.append(character)
            }
        }
    }

    private func answer() throws(PostgresError) -> (rows: [SQLRow], tag: String) {
        let end = ContinuousClock.now + Self.patience
        var rows: [SQLRow] = []
        var tag = ""
        var failure: PostgresError?
        while true {
            while pq.isBusy(connection) != 0 {
                guard try wait(until: end) else { throw .lost("no answer for \(Self.patience)") }
            }
            guard let result = pq.getResult(connection) else { break }
            defer { pq.clear(result) }
            switch Int(pq.resultStatus(result)) {
            case PGRES_TUPLES_OK: rows = PostgresResult(pq: pq, result: result).rows
            case PGRES_COMMAND_OK: tag = text(pq.cmdStatus(result))
            case PGRES_EMPTY_QUERY: break
            default: failure = failure ?? self.failure(result)
            }
            // Else a broken connection could give errors for ever.
            guard pq.status(connection) == CONNECTION_OK else { break }
        }
        guard pq.status(connection) == CONNECTION_OK else {
            throw .lost(address.explained(text(pq.errorMessage(connection))))
        }
        if let failure { throw failure }
        return (rows, tag)
    }

    private func failure(_ result: OpaquePointer) -> PostgresError {
        func field(_ code: Int) -> String {
            text(pq.resultErrorField(result, Int32(code)))
        }
        let (code, message) = (field(PG_DIAG_SQLSTATE), address.cleaned(field(PG_DIAG_MESSAGE_PRIMARY)))
        // A server that only reads has been replaced by another one, which a new connection finds.
        return code == "25006" ? .lost(message) : .refused(code: code, message: message)
    }

    /// Waits for something from the server, and takes it; `false` when the time is up.
    private func wait(until end: ContinuousClock.Instant?) throws(PostgresError) -> Bool {
        var milliseconds: Int32 = -1
        if let end {
            let left = (end - .now) / .milliseconds(1)
            guard left > 0 else { return false }
            milliseconds = Int32(left.rounded(.up))
        }
        var entry = pollfd(fd: pq.socket(connection), events: Int16(POLLIN), revents: 0)
        let count = poll(&entry, 1, milliseconds)
        guard count > 0 else {
            if count < 0 && errno != EINTR { throw .lost("poll: error \(errno)") }
            return true
        }
        guard pq.consumeInput(connection) == 1 else { throw .lost(message) }
        return true
    }

    // MARK: Notifications

    /// The connection's socket, by which another thread may wake `nextNotifications`.
    var descriptor: Int32 { pq.socket(connection) }

    /// Waits for notifications and gives their texts.
    func nextNotifications() throws(PostgresError) -> [String] {
        var texts: [String] = []
        while texts.isEmpty {
            while let notification = pq.notifies(connection) {
                texts.append(String(cString: notification.pointee.extra))
                pq.freemem(notification)
            }
            if texts.isEmpty { _ = try wait(until: nil) }
        }
        return texts
    }
}

/// Strings for C, ended by a null pointer.
private final class CStrings {
    private var storage: [UnsafeMutablePointer<CChar>?]
    let pointers: UnsafePointer<UnsafePointer<CChar>?>

    init(_ strings: [String]) {
        storage = strings.map { strdup($0) }
        let pointers = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: strings.count + 1)
        for (index, string) in storage.enumerated() {
            (pointers + index).initialize(to: string.map { UnsafePointer($0) })
        }
        (pointers + strings.count).initialize(to: nil)
        self.pointers = UnsafePointer(pointers)
    }

    deinit {
        for string in storage { free(string) }
        pointers.deallocate()
    }
}
