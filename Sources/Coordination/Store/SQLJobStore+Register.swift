// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON

extension SQLJobStore {
    /// A worker that was heard of so many milliseconds ago may be expected to ask for jobs.
    static let liveness: Int64 = 60_000
    /// A worker that was heard of so many milliseconds ago may come back.
    static let acquaintance: Int64 = 3_600_000
    /// Milliseconds after which a worker that gets jobs and was not heard of is forgotten.
    private static let memory: Int64 = 7 * 86_400_000
    /// Workers of one token at most: their names come from outside.
    private static let workersOfToken: Int64 = 10_000

    package func heard(_ wish: LeaseRequest, principal: String) async throws(StoreError) {
        try await database.write { (session) throws(StoreError) in
            let now = try session.now()
            let memory = SQLValue.integer(wish.freeBytes ?? .max)
            let (devices, unready) = (
                SQLValue.text(JobRow.json(wish.devices)),
                SQLValue(wish.unready.map { String($0.prefix(500)) })
            )
            // What is free varies with what the worker has in hand; the most that was seen is what it has.
            let known = try session.run(
                """
                UPDATE workers SET devices = ?, memory = CASE WHEN memory > ? THEN memory ELSE ? END, \
                seen_at = ?, unready = ? WHERE principal = ? AND name = ? RETURNING name
                """,
                [devices, memory, memory, .integer(now), unready, .text(principal), .text(wish.worker)])
            guard known.isEmpty else { return }
            let count = try session.run(
                "SELECT COUNT(*) FROM workers WHERE principal = ?", [.text(principal)])
            guard count.first?.integer(0) ?? 0 < Self.workersOfToken else {
                throw .quota("the token has as many names of workers as it may have")
            }
            _ = try session.run(
                """
                INSERT INTO workers (devices, memory, seen_at, unready, principal, name) \
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """, [devices, memory, .integer(now), unready, .text(principal), .text(wish.worker)])
        }
    }

    package func heard(_ worker: WorkerID) async throws(StoreError) {
        try await database.write { (session) throws(StoreError) in
            _ = try session.run(
                "UPDATE workers SET seen_at = ? WHERE principal = ? AND name = ?",
                [.integer(session.now()), .text(worker.token), .text(worker.name)])
        }
    }

    package func workers() async throws(StoreError) -> [WorkerRecord] {
        try await database.read { (session) throws(StoreError) in
            var leases: [WorkerID: Int] = [:]
            let held = try session.run(
                "SELECT principal, worker, COUNT(*) FROM jobs WHERE state = 'leased' GROUP BY principal, worker",
                [])
            for row in held {
                if let token = row.text(0), let name = row.text(1), let count = row.integer(2) {
                    leases[WorkerID(token: token, name: name)] = Int(count)
                }
            }
            let rows = try session.run(
                "SELECT \(Self.columns) FROM workers ORDER BY name, principal", [])
            return rows.compactMap(Self.record).map { worker in
                var worker = worker
                worker.leases = leases[WorkerID(token: worker.token, name: worker.name)] ?? 0
                return worker
            }
        }
    }

    package func workersKeptOut() async throws(StoreError) -> [WorkerRecord] {
        try await database.read { (session) throws(StoreError) in
            try session.run("SELECT \(Self.columns) FROM workers WHERE standing <> 'active'", [])
                .compactMap(Self.record)
        }
    }

    private static let columns =
        "principal, name, devices, seen_at, standing, reason, since, unready, attempts, recent"

    private static func record(_ row: SQLRow) -> WorkerRecord? {
        guard let token = row.text(0), let name = row.text(1), let seen = row.integer(3),
            let standing = row.text(4).flatMap(WorkerRecord.Standing.init)
        else { return nil }
        let history = AttemptHistory(attempts: Int(row.integer(8) ?? 0), recent: row.integer(9) ?? 0)
        let devices = row.text(2).flatMap {
            try? StrictJSONDecoder().decode([String].self, from: $0)
        }
        return WorkerRecord(
            name: name, token: token, devices: devices ?? [], lastSeen: seen, standing: standing,
            reason: row.text(5), since: row.integer(6), unready: row.text(7), attempts: history.counted,
            failures: history.failures)
    }

    package func cordon(_ name: String, token: String?, reason: String) async throws(StoreError) {
        try await set(.cordoned, name, token, reason)
    }

    package func uncordon(_ name: String, token: String?) async throws(StoreError) {
        try await set(.active, name, token, nil)
    }

    /// Its past is forgotten with a change: who is let in again is not put out again for what was before.
    private func set(
        _ standing: WorkerRecord.Standing, _ name: String, _ token: String?, _ reason: String?
    ) async throws(StoreError) {
        let (clause, values): (String, [SQLValue]) =
            token.map { (" AND principal = ?", [.text($0)]) } ?? ("", [])
        try await database.write { (session) throws(StoreError) in
            let since: SQLValue = standing == .active ? .null : .integer(try session.now())
            let changed = try session.run(
                """
                UPDATE workers SET standing = ?, reason = ?, since = ?, attempts = 0, recent = 0 \
                WHERE name = ?\(clause) RETURNING name
                """,
                [
                    .text(standing.rawValue), SQLValue(reason.map { String($0.prefix(500)) }), since,
                    .text(name),
                ]
                    + values)
            guard !changed.isEmpty else { throw .unknown("no worker \(name) was heard of") }
        }
    }

    package func isServed() async throws(StoreError) -> Bool {
        try await database.read { (session) throws(StoreError) in
            try !session.run(
                """
                SELECT 1 FROM workers WHERE standing = 'active' AND unready IS NULL AND seen_at > ? LIMIT 1
                """, [.integer(session.now() - Self.liveness)]
            ).isEmpty
        }
    }

    /// Forgets workers that were not heard of for a week, but those that an operator, or their failures, keep
    /// from jobs.
    package func forgetWorkers() async throws(StoreError) {
        let condition = "standing = 'active' AND seen_at < ?"
        @Sendable func latest(_ session: any SQLSession) throws(StoreError) -> SQLValue {
            .integer(try session.now() - Self.memory)
        }
        // Mostly there is nothing to do, which costs no commit.
        let isDue = try await database.read { (session) throws(StoreError) in
            try !session.run("SELECT 1 FROM workers WHERE \(condition) LIMIT 1", [latest(session)]).isEmpty
        }
        guard isDue else { return }
        try await database.write { (session) throws(StoreError) in
            _ = try session.run("DELETE FROM workers WHERE \(condition)", [latest(session)])
        }
    }

    // MARK: Outcomes

    /// Writes outcomes of attempts down, in one order for all transactions, so that two of them do not wait
    /// for each other. A worker that fails much more than others is quarantined.
    static func record(
        succeeded: [WorkerID] = [], failed: [WorkerID] = [], _ session: any SQLSession
    ) throws(StoreError) {
        let outcomes =
            succeeded.map { (worker: $0, isFailure: false) } + failed.map { (worker: $0, isFailure: true) }
        let ordered = outcomes.sorted {
            ($0.worker.token, $0.worker.name) < ($1.worker.token, $1.worker.name)
        }
        for (worker, isFailure) in ordered {
            if isFailure {
                try recordFailure(worker, session)
            } else {
                // A worker that has never failed costs no write.
                _ = try session.run(
                    """
                    UPDATE workers SET attempts = attempts + 1, recent = (recent * 2) & \(AttemptHistory.mask) \
                    WHERE principal = ? AND name = ? AND (recent > 0 OR attempts < \(AttemptHistory.length))
                    """, [.text(worker.token), .text(worker.name)])
            }
        }
    }

    private static func recordFailure(_ worker: WorkerID, _ session: any SQLSession) throws(StoreError) {
        let now = try session.now()
        let found = try session.run(
            """
            INSERT INTO workers (principal, name, devices, memory, seen_at, attempts, recent) \
            VALUES (?, ?, '[]', 0, ?, 1, 1) ON CONFLICT (principal, name) DO UPDATE SET \
            attempts = workers.attempts + 1, recent = ((workers.recent * 2) & \(AttemptHistory.mask)) + 1 \
            RETURNING attempts, recent, standing
            """, [.text(worker.token), .text(worker.name), .integer(now)])
        guard let row = found.first, row.text(2) == WorkerRecord.Standing.active.rawValue else { return }
        let mine = AttemptHistory(attempts: Int(row.integer(0) ?? 0), recent: row.integer(1) ?? 0)
        guard mine.attempts >= AttemptHistory.length, mine.share > AttemptHistory.limit else { return }
        let others = try session.run(
            """
            SELECT attempts, recent FROM workers WHERE standing = 'active' AND seen_at > ? \
            AND NOT (principal = ? AND name = ?)
            """, [.integer(now - acquaintance), .text(worker.token), .text(worker.name)])
        let verdict = mine.verdict(
            among: others.map {
                AttemptHistory(attempts: Int($0.integer(0) ?? 0), recent: $0.integer(1) ?? 0)
            })
        guard let verdict else { return }
        _ = try session.run(
            """
            UPDATE workers SET standing = 'quarantined', reason = ?, since = ? WHERE principal = ? AND name = ?
            """, [.text(verdict), .integer(now), .text(worker.token), .text(worker.name)])
    }
}
