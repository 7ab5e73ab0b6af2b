// SPDX-License-Identifier: Apache-2.0

package import Coordination
import Foundation
import Foundations
import GRDB
import Synchronization

/// A database in one file of this machine, for one coordinator.
///
/// WAL with `synchronous=FULL`: what was committed survives the machine's loss of power. Commits cost a flush
/// of the disk each, so transactions that wait at the same time share one: each has a savepoint of its own,
/// and none is reported before the common commit. What is deleted is overwritten (`secure_delete`): keys of
/// witnesses are among it.
package final class SQLiteDatabase: SQLDatabase {
    package var bytesType: String { "BLOB" }
    package var lockClause: String { "" }
    package var skipLockedClause: String { "" }
    package var schemaLock: String? { nil }
    package var nameLock: String? { nil }
    package var isShared: Bool { false }
    package var place: String { "sqlite:" + URL(filePath: path).standardizedFileURL.path }
    package let hints: AsyncStream<String>

    private let path: String
    private let hinting: AsyncStream<String>.Continuation
    private let pool: DatabasePool
    private let writer: Writer

    /// Opens or makes the file at `path`.
    ///
    /// - Throws: `.unavailable` with the path and what is wrong.
    package init(path: String) throws(StoreError) {
        var configuration = Configuration()
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(10)
        configuration.label = "martlet"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA secure_delete = ON")
        }
        try SQLiteReason.prepare(path)
        self.path = path
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
        } catch {
            throw .unavailable("\(path): \(SQLiteReason.text(error))")
        }
        (hints, hinting) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(65_536))
        writer = Writer(pool, hinting)
        writer.start()
    }

    /// Makes this process the only coordinator on the file for as long as it lives: two would not tell each
    /// other of jobs and leases.
    ///
    /// The lock (`flock`, which SQLite's own do not meet) is on the file itself, whatever names it has. Its
    /// descriptor stays open on purpose: closing one would end all locks of SQLite in this process.
    ///
    /// - Throws: `.unavailable` where another process has it.
    package func keepOthersFromServing() throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unavailable("\(path): cannot be opened: \(SystemReason.text(errno))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
        let code = errno
        throw .unavailable(
            code == EWOULDBLOCK
                ? "\(path): another coordinator serves from it; several together need PostgreSQL"
                : "\(path): cannot be locked: \(SystemReason.text(code))")
    }

    package func write<R: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> R
    ) async throws(StoreError) -> R {
        let outcome: Result<R, StoreError> = await withCheckedContinuation { continuation in
            writer.add(Writer.Entry(body) { continuation.resume(returning: $0) })
        }
        return try outcome.get()
    }

    package func read<R: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> R
    ) async throws(StoreError) -> R {
        do {
            return try await pool.read { database in
                try body(SQLiteSession(database: database))
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unavailable("the database cannot be read: \(SQLiteReason.text(error))")
        }
    }

    package func close() async {
        writer.stop()
        hinting.finish()
        try? pool.close()
    }
}

/// A transaction of SQLite.
private final class SQLiteSession: SQLSession {
    private let database: Database
    private(set) var hinted: [String] = []

    init(database: Database) { self.database = database }

    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        do {
            let statement = try database.cachedStatement(sql: sql)
            let arguments = StatementArguments(values.map(\.databaseValue))
            let columns = statement.columnCount
            guard columns > 0 else {
                try statement.execute(arguments: arguments)
                return []
            }
            let cursor = try Row.fetchCursor(statement, arguments: arguments)
            var rows: [SQLRow] = []
            while let row = try cursor.next() {
                rows.append(SQLRow((0..<columns).map { SQLValue(row[$0] as DatabaseValue) }))
            }
            return rows
        } catch {
            throw .unavailable("the database: \(SQLiteReason.text(error))")
        }
    }

    func now() throws(StoreError) -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    func hint(_ uid: String) throws(StoreError) { hinted.append(uid) }
}

/// The one thread that writes.
private final class Writer: Sendable {
    /// A transaction that waits, without its type.
    struct Entry: Sendable {
        /// Runs it, and gives back how to tell its outcome once that is durable, or that it never will be; or
        /// throws when it is to be undone.
        let run: @Sendable (SQLiteSession) -> (isDone: Bool, tell: @Sendable (StoreError?) -> Void)
        let refuse: @Sendable (StoreError) -> Void

        init<R: Sendable>(
            _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> R,
            _ tell: @escaping @Sendable (Result<R, StoreError>) -> Void
        ) {
            refuse = { tell(.failure($0)) }
            run = { session in
                let outcome: Result<R, StoreError>
                do throws(StoreError) { outcome = .success(try body(session)) } catch {
                    outcome = .failure(error)
                }
                let isDone = if case .success = outcome { true } else { false }
                return (isDone, { failure in tell(failure.map { .failure($0) } ?? outcome) })
            }
        }
    }

    private let pool: DatabasePool
    private let hinting: AsyncStream<String>.Continuation
    private struct State {
        var waiting: [Entry] = []
        var isStopped = false
    }

    private let state = Monitor(State())
    private let ended = DispatchSemaphore(value: 0)

    /// Seconds of rest, or of work, after which the log of changes is written back and cut: it holds what was
    /// deleted since.
    private static let (rest, work) = (2.0, 30.0)

    /// How many transactions share a commit at most.
    private static let group = 256

    init(_ pool: DatabasePool, _ hinting: AsyncStream<String>.Continuation) {
        self.pool = pool
        self.hinting = hinting
    }

    func start() {
        let thread = Thread { [self] in
            // When the log of changes was last written back and cut; nil when it is empty.
            var logBegins: ContinuousClock.Instant?
            while let entries = next(rests: logBegins != nil) {
                if !entries.isEmpty {
                    commit(entries)
                    logBegins = logBegins ?? .now
                }
                if let begin = logBegins, entries.isEmpty || begin.duration(to: .now) > .seconds(Self.work),
                    cutLog()
                {
                    logBegins = nil
                }
            }
            cutLog()
            ended.signal()
        }
        thread.name = "martlet-sqlite"
        thread.start()
    }

    func add(_ entry: Entry) {
        let refused = state.change { state in
            if !state.isStopped { state.waiting.append(entry) }
            return state.isStopped
        }
        if refused { entry.refuse(.unavailable("the store is closed")) }
    }

    /// Runs what waits and returns when that is done.
    func stop() {
        let isFirst = state.change { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        if isFirst { ended.wait() }
    }

    /// What waits; nothing after a rest with a log that is to be cut; `nil` at the end.
    private func next(rests: Bool) -> [Entry]? {
        func take(_ state: inout State) -> [Entry]?? {
            guard !state.waiting.isEmpty else { return state.isStopped ? .some(nil) : nil }
            let entries = Array(state.waiting.prefix(Self.group))
            state.waiting.removeFirst(entries.count)
            return .some(entries)
        }
        guard rests else { return state.wait(for: take) }
        return state.wait(until: Date(timeIntervalSinceNow: Self.rest), for: take) ?? []
    }

    /// Whether the log could be cut: a reader that is at work makes it fail, and then the next one will do.
    @discardableResult
    private func cutLog() -> Bool {
        (try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }) != nil
    }

    private func commit(_ entries: [Entry]) {
        var tell: [@Sendable (StoreError?) -> Void] = []
        var hints: [String] = []
        var failure: StoreError?
        do {
            try pool.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    for entry in entries {
                        let session = SQLiteSession(database: database)
                        try database.cachedStatement(sql: "SAVEPOINT one").execute()
                        let (isDone, answer) = entry.run(session)
                        tell.append(answer)
                        if isDone {
                            hints += session.hinted
                        } else {
                            try database.cachedStatement(sql: "ROLLBACK TO one").execute()
                        }
                        try database.cachedStatement(sql: "RELEASE one").execute()
                    }
                    return .commit
                }
            }
        } catch {
            failure = .unavailable("the database did not commit: \(SQLiteReason.text(error))")
        }
        for tell in tell { tell(failure) }
        if let failure {
            for entry in entries.dropFirst(tell.count) { entry.refuse(failure) }
        } else {
            for uid in hints { hinting.yield(uid) }
        }
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .double(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let value): Data(value).databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .text(value)
        case .blob(let value): self = .blob([UInt8](value))
        }
    }
}
