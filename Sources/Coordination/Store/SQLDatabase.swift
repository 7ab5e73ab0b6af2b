// SPDX-License-Identifier: Apache-2.0

/// A value of a database.
package enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])

    package init(_ value: String?) { self = value.map { .text($0) } ?? .null }
    package init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }
    package init(_ value: Int) { self = .integer(Int64(value)) }
    package init(_ value: Double?) { self = value.map { .double($0) } ?? .null }
}

/// One row of an answer, its columns in the order of the query.
package struct SQLRow: Sendable, Equatable {
    package var values: [SQLValue]

    package init(_ values: [SQLValue]) { self.values = values }

    package func text(_ column: Int) -> String? {
        if case .text(let value) = values[column] { value } else { nil }
    }

    package func integer(_ column: Int) -> Int64? {
        if case .integer(let value) = values[column] { value } else { nil }
    }

    package func double(_ column: Int) -> Double? {
        switch values[column] {
        case .double(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    package func blob(_ column: Int) -> [UInt8]? {
        if case .blob(let value) = values[column] { value } else { nil }
    }
}

/// A transaction under way. For the thread that it was given to only.
package protocol SQLSession {
    /// Runs one statement, with `?` for each value, in the order of the array.
    ///
    /// The statements of this module are within what SQLite 3.35 and PostgreSQL 12 have in common.
    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow]

    /// Unix milliseconds by the clock that decides for all coordinators of this database.
    func now() throws(StoreError) -> Int64

    /// Tells all coordinators, once the transaction is committed, that something about the job has changed: a
    /// hint, which may be lost.
    func hint(_ uid: String) throws(StoreError)
}

/// A database that runs transactions.
package protocol SQLDatabase: Sendable {
    /// What it calls its type for bytes: `BLOB`, say.
    var bytesType: String { get }

    /// What is appended to a `SELECT` of rows that the transaction is going to change: ` FOR UPDATE`, or
    /// nothing where transactions that write run one after the other anyway.
    var lockClause: String { get }

    /// The same, for rows that are left out where another transaction has them: ` FOR UPDATE SKIP LOCKED`, or
    /// nothing.
    var skipLockedClause: String { get }

    /// A statement after which the transaction is the only one that makes tables; `nil` where no other
    /// process may.
    var schemaLock: String? { get }

    /// A statement with one value, a text, that waits for all transactions that have run it with that text;
    /// `nil` where one transaction runs at a time.
    var nameLock: String? { get }

    /// Where it is, for messages: the address without a password.
    var place: String { get }

    /// Whether other processes may change the database at the same time.
    var isShared: Bool { get }

    /// Runs `body` in a transaction that writes: durable when this returns, undone when it throws. `body` may
    /// run more than once.
    func write<R: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> R
    ) async throws(StoreError) -> R

    /// Runs `body` in a transaction that only reads.
    func read<R: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> R
    ) async throws(StoreError) -> R

    /// Hints of all coordinators, this one included. One reader.
    var hints: AsyncStream<String> { get }

    func close() async
}
