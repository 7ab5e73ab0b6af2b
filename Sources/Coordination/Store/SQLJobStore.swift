// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import Foundations
import Outcomes
import Synchronization

/// The jobs in an SQL database.
///
/// What a job's row may become is written once, here; a database only runs transactions. A row is locked
/// before it is looked at (`lockClause`), so that of two coordinators one sees what the other has done.
package final class SQLJobStore: JobStore {
    let database: any SQLDatabase
    package let identity: StoreIdentity
    /// How many callbacks of a tenant may be under way: of jobs that are open, and of those that have ended,
    /// however they did.
    let callbackLimit: Int
    /// Circuits that were leased lately: what is registered never changes.
    let knownCircuits = Mutex<[String: Circuit]>([:])

    /// After how many workers that vanished with it a job is dead.
    static let maxLostWorkers = 3
    /// For how long a job whose witness does not come is kept, in milliseconds.
    static let receivingLimit: Int64 = 3_600_000
    /// How many jobs at the head of the queue a lease may choose from.
    static let choice: Int64 = 16

    /// Opens the store and makes its tables where they are missing.
    ///
    /// - Parameter callbackLimit: how many callbacks of a tenant may be under way, those of open jobs
    ///   included.
    /// - Throws: `.unavailable`.
    package init(_ database: any SQLDatabase, callbackLimit: Int = 10_000) async throws(StoreError) {
        self.database = database
        self.callbackLimit = callbackLimit
        let (lock, bytesType) = (database.schemaLock, database.bytesType)
        let id = try await database.write { (session) throws(StoreError) in
            if let lock { _ = try session.run(lock, []) }
            try Schema.create(session, bytesType: bytesType)
            return try Schema.identity(session)
        }
        identity = StoreIdentity(
            id: UInt64(bitPattern: id).hexadecimal(digits: 16), place: database.place)
    }

    package var hints: AsyncStream<String> { database.hints }
    package var isShared: Bool { database.isShared }
    package func close() async { await database.close() }

    /// Runs `body` on the job's row, locked.
    func change<R: Sendable>(
        _ uid: String,
        _ body: @escaping @Sendable (any SQLSession, JobRow) throws(StoreError) -> R
    ) async throws(StoreError) -> R {
        let lock = database.lockClause
        return try await database.write { (session) throws(StoreError) in
            let rows = try session.run(
                "SELECT \(JobRow.columns) FROM jobs WHERE uid = ?\(lock)", [.text(uid)])
            guard let row = rows.first else { throw .unknown("no such job") }
            return try body(session, try JobRow(row))
        }
    }

    // MARK: Submitters

    package func submit(
        _ specifications: [JobSpecification], tenant: String, traceparent: String?, maxOpenJobs: Int?
    ) async throws(StoreError) -> [Result<SubmittedJob, StoreError>] {
        try await database.write { [callbackLimit] (session) throws(StoreError) in
            let now = try session.now()
            var open = 0
            var deliveries = 0
            if specifications.contains(where: { $0.callback != nil }) {
                deliveries = try Delivery.count(of: tenant, in: session)
            }
            if maxOpenJobs != nil {
                // One submission of a tenant at a time counts: the row's lock is held until the commit.
                _ = try session.run(
                    """
                    INSERT INTO martlet_meta (name, value) VALUES (?, 0) \
                    ON CONFLICT (name) DO UPDATE SET value = martlet_meta.value + 1
                    """, [.text("submissions of " + tenant)])
                let count = try session.run(
                    "SELECT COUNT(*) FROM jobs WHERE tenant = ? AND state IN ('receiving', 'queued', 'leased')",
                    [.text(tenant)])
                open = Int(count.first?.integer(0) ?? 0)
            }
            var outcomes: [Result<SubmittedJob, StoreError>] = []
            for specification in specifications {
                do throws(StoreError) {
                    let hasCallback = specification.callback != nil
                    let submitted = try Self.submit(
                        specification, tenant, traceparent, isFull: maxOpenJobs.map { open >= $0 } ?? false,
                        hasTooManyCallbacks: hasCallback && deliveries >= callbackLimit, session, now)
                    if submitted.isNew {
                        open += 1
                        if hasCallback { deliveries += 1 }
                    }
                    outcomes.append(.success(submitted))
                } catch {
                    if case .unavailable = error { throw error }
                    outcomes.append(.failure(error))
                }
            }
            return outcomes
        }
    }

    private static func submit(
        _ specification: JobSpecification, _ tenant: String, _ traceparent: String?, isFull: Bool,
        hasTooManyCallbacks: Bool, _ session: any SQLSession, _ now: Int64
    ) throws(StoreError) -> SubmittedJob {
        try specification.validate()
        let text = JobRow.json(specification)
        func existing() throws(StoreError) -> SubmittedJob? {
            let rows = try session.run(
                "SELECT \(JobRow.columns) FROM jobs WHERE tenant = ? AND id = ?",
                [.text(tenant), .text(specification.id)])
            guard let found = rows.first else { return nil }
            let row = try JobRow(found)
            guard row.job.specification == specification else {
                throw .conflict("\(specification.id): a job of this name has another specification")
            }
            return SubmittedJob(uid: row.uid, job: row.job, isNew: false)
        }
        if let found = try existing() { return found }
        guard !isFull else {
            throw .quota("\(tenant) has as many open jobs as it may have")
        }
        guard !hasTooManyCallbacks else {
            throw .quota("\(tenant) has as many callbacks that are not delivered yet as it may have")
        }
        let circuits = try session.run(
            "SELECT digest FROM circuits WHERE digest = ?", [.text(specification.circuit)])
        guard !circuits.isEmpty else { throw .unknown("circuit \(specification.circuit) is not registered") }
        if let deadline = specification.deadline, deadline <= now {
            throw .invalid("deadline: has passed")
        }
        let uid = JobID.generate().text
        let made = try session.run(
            """
            INSERT INTO jobs (uid, tenant, id, specification, circuit, priority, deadline, state, submitted_at,
                traceparent, witness_key)
            VALUES (?, ?, ?, ?, ?, ?, ?, 'receiving', ?, ?, ?) ON CONFLICT DO NOTHING RETURNING uid
            """,
            [
                .text(uid), .text(tenant), .text(specification.id), .text(text), .text(specification.circuit),
                SQLValue(specification.priority), .integer(specification.deadline ?? .max), .integer(now),
                SQLValue(traceparent), .blob(WitnessUpload.newKey()),
            ])
        guard !made.isEmpty else {
            // Another coordinator was faster.
            guard let found = try existing() else { throw .unavailable("a job came and went; try again") }
            return found
        }
        try Delivery.isAnnounced(uid, tenant, specification.callback, in: session)
        let job = Job(
            id: specification.id, tenant: tenant, specification: specification, state: .receiving,
            submittedAt: now)
        return SubmittedJob(uid: uid, job: job, isNew: true)
    }

    package func upload(_ uid: String) async throws(StoreError) -> WitnessUpload {
        try await database.read { (session) throws(StoreError) in
            let row = try Self.row(uid, session)
            guard let key = row.witnessKey else {
                throw .conflict("the job is \(row.job.state.rawValue): its witness is gone")
            }
            return WitnessUpload(
                circuit: row.job.specification.circuit, reference: row.job.specification.witness, key: key,
                state: row.job.state, epoch: row.job.epoch)
        }
    }

    package func witnessArrived(_ uid: String, publicInputs: String) async throws(StoreError) -> Job {
        try await change(uid) { (session, row) throws(StoreError) in
            guard row.job.state == .receiving else { return row.job }
            var row = row
            row.job.state = .queued
            row.queuedAt = try session.now()
            // That it was missing is over.
            if row.job.reason?.code == FailureCode.notReceived.rawValue { row.job.reason = nil }
            _ = try session.run(
                "UPDATE jobs SET publics = ? WHERE uid = ?", [.text(publicInputs), .text(uid)])
            return try row.save(in: session)
        }
    }

    package func job(_ id: String, tenant: String?) async throws(StoreError) -> StoredJob {
        try await database.read { (session) throws(StoreError) in
            let clause = tenant == nil ? "" : " AND tenant = ?"
            let rows = try session.run(
                "SELECT \(JobRow.columns) FROM jobs WHERE id = ?\(clause) ORDER BY submitted_at LIMIT 1",
                [.text(id)] + (tenant.map { [.text($0)] } ?? []))
            guard let row = rows.first else { throw .unknown("no job \(id)") }
            return try JobRow(row).stored
        }
    }

    package func jobs(
        tenant: String?, states: [Job.State], after: String?, limit: Int
    ) async throws(StoreError) -> [StoredJob] {
        try await database.read { (session) throws(StoreError) in
            var clauses = ["uid > ?"]
            var values: [SQLValue] = [.text(after ?? "")]
            if let tenant {
                clauses.append("tenant = ?")
                values.append(.text(tenant))
            }
            if !states.isEmpty {
                let marks = states.map { _ in "?" }.joined(separator: ", ")
                clauses.append("state IN (\(marks))")
                values += states.map { .text($0.rawValue) }
            }
            let rows = try session.run(
                "SELECT \(JobRow.columns) FROM jobs WHERE \(clauses.joined(separator: " AND ")) ORDER BY uid LIMIT ?",
                values + [SQLValue(limit)])
            var jobs: [StoredJob] = []
            for row in rows { jobs.append(try JobRow(row).stored) }
            return jobs
        }
    }

    package func proof(_ uid: String) async throws(StoreError) -> (proof: String, publicInputs: String)? {
        let rows = try await database.read { (session) throws(StoreError) in
            try session.run(
                "SELECT proof, publics FROM jobs WHERE uid = ? AND state = 'succeeded'", [.text(uid)])
        }
        guard let row = rows.first, let proof = row.text(0), let publics = row.text(1) else { return nil }
        return (proof, publics)
    }

    package func cancel(_ uid: String) async throws(StoreError) -> Job {
        try await change(uid) { (session, row) throws(StoreError) in
            if row.job.state == .cancelled { return row.job }
            guard !row.job.state.isFinal else { throw .conflict("job \(row.job.id) \(row.job.state.phrase)") }
            var row = row
            try row.end(.cancelled, at: session.now())
            return try row.save(in: session)
        }
    }

    package func requeue(_ uid: String) async throws(StoreError) -> Job {
        try await change(uid) { (session, row) throws(StoreError) in
            guard row.job.state == .dead else {
                throw .conflict(
                    "job \(row.job.id) \(row.job.state.phrase), and this is for a job that is dead")
            }
            guard row.witnessKey != nil else { throw .conflict("the job's witness is gone") }
            var row = row
            let now = try session.now()
            if let deadline = row.job.specification.deadline, deadline <= now {
                throw .conflict("the job's deadline has passed")
            }
            row.job.state = .queued
            row.queuedAt = now
            try row.forgetFailures(in: session)
            row.troubles = 0
            row.job.failures = 0
            row.job.lostWorkers = 0
            row.memoryFailures = 0
            row.job.endedAt = nil
            return try row.save(in: session)
        }
    }
}

extension WitnessUpload {
    /// 32 bytes from the system's generator.
    static func newKey() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).flatMap { _ in
            withUnsafeBytes(of: generator.next() as UInt64) { Array($0) }
        }
    }
}
