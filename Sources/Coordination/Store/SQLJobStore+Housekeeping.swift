// SPDX-License-Identifier: Apache-2.0

import Failures
import Outcomes

extension SQLJobStore {
    /// A job whose witness did not come in time, counted from the submission or the loss of the first one.
    private static let isWaitingLong = "state = 'receiving' AND COALESCE(queued_at, submitted_at) < ?"

    package func sweep(ttl: Double) async throws(StoreError) -> [StoredJob] {
        let skip = database.skipLockedClause
        let longest = Int64(10 * ttl * 1000)
        // Mostly there is nothing to do, which costs no commit.
        let isDue = try await database.read { (session) throws(StoreError) in
            let now = try session.now()
            let due = try session.run(
                """
                SELECT 1 WHERE EXISTS (SELECT 1 FROM jobs WHERE state = 'leased' AND lease_until < ?) \
                OR EXISTS (SELECT 1 FROM jobs WHERE state = 'leased' AND lease_until > ?) \
                OR EXISTS (SELECT 1 FROM jobs WHERE state IN ('receiving', 'queued') AND deadline <= ?) \
                OR EXISTS (SELECT 1 FROM jobs WHERE \(Self.isWaitingLong))
                """,
                [
                    .integer(now), .integer(now + longest), .integer(now),
                    .integer(now - Self.receivingLimit),
                ])
            return !due.isEmpty
        }
        guard isDue else { return [] }
        return try await database.write { (session) throws(StoreError) in
            let now = try session.now()
            var changed: [StoredJob] = []
            var lost: [WorkerID] = []
            func each(
                _ condition: String, _ values: [SQLValue], _ body: (inout JobRow) throws(StoreError) -> Void
            ) throws(StoreError) {
                let rows = try session.run(
                    "SELECT \(JobRow.columns) FROM jobs WHERE \(condition) LIMIT 1000\(skip)", values)
                for row in rows {
                    var row = try JobRow(row)
                    try body(&row)
                    _ = try row.save(in: session)
                    changed.append(row.stored)
                }
            }
            _ = try session.run(
                "UPDATE jobs SET lease_until = ? WHERE state = 'leased' AND lease_until > ?",
                [.integer(now + longest), .integer(now + longest)])
            try each("state = 'leased' AND lease_until < ?", [.integer(now)]) { (row) throws(StoreError) in
                let worker = WorkerID(token: row.principal ?? "", name: row.job.worker ?? "")
                let isOverdue = row.leaseEnd.map { $0 <= row.leaseUntil ?? 0 } ?? false
                let reason = Job.Reason(
                    .workerLost,
                    isOverdue
                        ? "worker \(worker.name) had no proof within the time that one may take"
                        : "worker \(worker.name) was not heard of any more")
                row.job.lostWorkers += 1
                row.troubles += 1
                try Self.note(worker, reason, of: row, isWide: true, again: now, session, now)
                row.retry(reason, isLast: row.job.lostWorkers >= Self.maxLostWorkers, at: now)
                lost.append(worker)
                row.lostWorker = worker
            }
            try each("state IN ('receiving', 'queued') AND deadline <= ?", [.integer(now)]) { row in
                row.end(
                    .expired,
                    .init(.deadline, "the deadline passed before a worker could begin"),
                    at: now)
            }
            try each(
                Self.isWaitingLong, [.integer(now - Self.receivingLimit)]
            ) { row in
                let reason =
                    row.queuedAt == nil
                    ? "the witness never came" : "the witness was lost, and did not come again"
                row.end(.expired, .init(.notReceived, reason), at: now)
            }
            try Self.record(failed: lost, session)
            return changed
        }
    }

    package func forgetEnded(olderThan seconds: Double) async throws(StoreError) -> Int {
        let (skip, limit) = (database.skipLockedClause, 1000)
        let condition = """
            state IN ('succeeded', 'rejected', 'cancelled', 'expired') AND ended_at < ? \
            AND uid NOT IN (SELECT uid FROM deliveries)
            """
        @Sendable func latest(_ session: any SQLSession) throws(StoreError) -> SQLValue {
            .integer(try session.now() - Int64(seconds * 1000))
        }
        // Mostly there is nothing to do, which costs no commit.
        let isDue = try await database.read { (session) throws(StoreError) in
            try !session.run("SELECT 1 FROM jobs WHERE \(condition) LIMIT 1", [latest(session)]).isEmpty
        }
        guard isDue else { return 0 }
        return try await database.write { (session) throws(StoreError) in
            try session.run(
                """
                DELETE FROM jobs WHERE uid IN \
                (SELECT uid FROM jobs WHERE \(condition) LIMIT \(limit)\(skip)) RETURNING uid
                """, [latest(session)]
            ).count
        }
    }

    package func ended(_ uids: [String]) async throws(StoreError) -> Set<String> {
        try await self.uids(
            among: uids, "AND state IN ('succeeded', 'rejected', 'cancelled', 'expired')")
    }

    package func known(_ uids: [String]) async throws(StoreError) -> Set<String> {
        try await self.uids(among: uids)
    }

    private func uids(
        among uids: [String], _ condition: String = ""
    ) async throws(StoreError) -> Set<String> {
        var found: Set<String> = []
        // So many parameters every database takes.
        for start in stride(from: 0, to: uids.count, by: 500) {
            let part = uids[start..<min(start + 500, uids.count)]
            let rows = try await database.read { (session) throws(StoreError) in
                let marks = part.map { _ in "?" }.joined(separator: ", ")
                return try session.run(
                    "SELECT uid FROM jobs WHERE uid IN (\(marks)) \(condition)", part.map { .text($0) })
            }
            found.formUnion(rows.compactMap { $0.text(0) })
        }
        return found
    }

    package func counts() async throws(StoreError) -> JobCounts {
        try await database.read { (session) throws(StoreError) in
            var counts = Dictionary(uniqueKeysWithValues: Job.State.allCases.map { ($0.rawValue, 0) })
            for row in try session.run("SELECT state, COUNT(*) FROM jobs GROUP BY state", []) {
                if let state = row.text(0) { counts[state] = Int(row.integer(1) ?? 0) }
            }
            let oldest = try session.run("SELECT MIN(queued_at) FROM jobs WHERE state = 'queued'", [])
            let since = oldest.first?.integer(0)
            let age = try since.map { (since) throws(StoreError) in
                Double(max(0, try session.now() - since)) / 1000
            }
            return JobCounts(byState: counts, oldestQueuedSeconds: age ?? 0)
        }
    }

    // MARK: Circuits

    package func register(_ circuit: Circuit, verificationKey: String) async throws(StoreError) {
        try await database.write { (session) throws(StoreError) in
            _ = try session.run(
                """
                INSERT INTO circuits (digest, zkey_bytes, system, curve, variables, publics, domain_size, memory,
                    verification_key, registered_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """,
                [
                    .text(circuit.digest), .integer(circuit.zkeyBytes), .text(circuit.system),
                    .text(circuit.curve), SQLValue(circuit.variables), SQLValue(circuit.publics),
                    SQLValue(circuit.domainSize), .integer(circuit.memory), .text(verificationKey),
                    .integer(try session.now()),
                ])
        }
    }

    package func circuit(_ digest: String) async throws(StoreError) -> (
        circuit: Circuit, verificationKey: String
    ) {
        try await database.read { (session) throws(StoreError) in try Self.circuit(digest, session) }
    }

    package func circuits() async throws(StoreError) -> [Circuit] {
        try await database.read { (session) throws(StoreError) in
            var circuits: [Circuit] = []
            let rows = try session.run(
                "SELECT \(Self.circuitColumns) FROM circuits ORDER BY registered_at, digest", [])
            for row in rows { circuits.append(try Self.circuit(row).circuit) }
            return circuits
        }
    }

    private static let circuitColumns =
        "digest, zkey_bytes, system, curve, variables, publics, domain_size, memory, verification_key"

    static func circuit(
        _ digest: String, _ session: any SQLSession
    ) throws(StoreError) -> (circuit: Circuit, verificationKey: String) {
        let rows = try session.run(
            "SELECT \(circuitColumns) FROM circuits WHERE digest = ?", [.text(digest)])
        guard let row = rows.first else { throw .unknown("circuit \(digest) is not registered") }
        return try circuit(row)
    }

    private static func circuit(
        _ row: SQLRow
    ) throws(StoreError) -> (circuit: Circuit, verificationKey: String) {
        guard let digest = row.text(0), let bytes = row.integer(1), let system = row.text(2),
            let curve = row.text(3), let variables = row.integer(4), let publics = row.integer(5),
            let domainSize = row.integer(6), let memory = row.integer(7), let key = row.text(8)
        else { throw .unavailable("a circuit cannot be read") }
        return (
            Circuit(
                digest: digest, zkeyBytes: bytes, system: system, curve: curve, variables: Int(variables),
                publics: Int(publics), domainSize: Int(domainSize), memory: memory), key
        )
    }

    // MARK: Tokens

    package func add(_ token: AccessToken) async throws(StoreError) {
        try await database.write { (session) throws(StoreError) in
            let made = try session.run(
                """
                INSERT INTO tokens (id, hash, role, tenant, max_open_jobs, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id
                """,
                [
                    .text(token.id), .text(token.hash), .text(token.role.rawValue), .text(token.tenant),
                    SQLValue(token.maxOpenJobs.map { Int64($0) }), .integer(token.createdAt),
                    SQLValue(token.expiresAt),
                ])
            guard !made.isEmpty else { throw .conflict("a token \(token.id) exists already") }
            try Self.rememberTokens(session)
        }
    }

    /// From now on the store has had tokens, whatever becomes of them.
    private static func rememberTokens(_ session: any SQLSession) throws(StoreError) {
        _ = try session.run(
            "INSERT INTO martlet_meta (name, value) VALUES ('tokens', 1) ON CONFLICT DO NOTHING", [])
    }

    package func hasHadTokens() async throws(StoreError) -> Bool {
        try await database.read { (session) throws(StoreError) in
            try !session.run(
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM martlet_meta WHERE name = 'tokens') OR EXISTS (SELECT 1 FROM tokens)",
                []
            ).isEmpty
        }
    }

    private static let tokenColumns = "id, hash, role, tenant, max_open_jobs, created_at, expires_at"

    package func token(_ id: String) async throws(StoreError) -> AccessToken? {
        try await database.read { (session) throws(StoreError) in
            let rows = try session.run(
                "SELECT \(Self.tokenColumns) FROM tokens WHERE id = ?", [.text(id)])
            return rows.first.flatMap(Self.token)
        }
    }

    package func tokens() async throws(StoreError) -> [AccessToken] {
        try await database.read { (session) throws(StoreError) in
            try session.run("SELECT \(Self.tokenColumns) FROM tokens ORDER BY created_at, id", [])
                .compactMap(Self.token)
        }
    }

    package func removeToken(_ id: String) async throws(StoreError) {
        try await database.write { (session) throws(StoreError) in
            // Made by a version that did not remember.
            try Self.rememberTokens(session)
            let gone = try session.run("DELETE FROM tokens WHERE id = ? RETURNING id", [.text(id)])
            guard !gone.isEmpty else { throw .unknown("no token \(id)") }
        }
    }

    private static func token(_ row: SQLRow) -> AccessToken? {
        guard let id = row.text(0), let hash = row.text(1), let role = row.text(2).flatMap(Role.init),
            let tenant = row.text(3), let created = row.integer(5)
        else { return nil }
        return AccessToken(
            id: id, hash: hash, role: role, tenant: tenant, maxOpenJobs: row.integer(4).map { Int($0) },
            createdAt: created, expiresAt: row.integer(6))
    }
}
