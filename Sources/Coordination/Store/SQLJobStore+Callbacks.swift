// SPDX-License-Identifier: Apache-2.0

extension SQLJobStore {
    /// For how long a callback is tried, in milliseconds.
    private static let callbackLife: Int64 = 26 * 3_600_000
    /// For how long those who were given a callback may take to deliver it, in milliseconds.
    private static let callbackClaim: Int64 = 120_000
    /// How many parameters of a statement every database takes, with room to spare.
    private static let parameters = 400

    package func dueCallbacks(
        limit: Int, share: Int, butNotOf targets: [String], tenants: [String]
    ) async throws(StoreError) -> [DueCallback] {
        let (targets, tenants) = (targets.prefix(Self.parameters), tenants.prefix(Self.parameters))
        func marks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }
        var condition = "next_at <= ?"
        if !targets.isEmpty { condition += " AND target NOT IN (\(marks(targets.count)))" }
        if !tenants.isEmpty { condition += " AND tenant NOT IN (\(marks(tenants.count)))" }
        let others: [SQLValue] = targets.map { .text($0) } + tenants.map { .text($0) }
        // No target's and no tenant's callbacks crowd out the others', however many wait.
        let query = """
            SELECT uid FROM (SELECT uid, next_at, \
            ROW_NUMBER() OVER (PARTITION BY tenant ORDER BY next_at, uid) AS of_tenant \
            FROM (SELECT uid, tenant, next_at, \
            ROW_NUMBER() OVER (PARTITION BY target ORDER BY next_at, uid) AS of_target \
            FROM deliveries WHERE \(condition)) AS shares WHERE of_target <= ?) AS due \
            WHERE of_tenant <= ? ORDER BY next_at, uid LIMIT ?
            """
        let due = try await database.read { (session) throws(StoreError) in
            try session.run(
                query,
                [.integer(try session.now())] + others
                    + [SQLValue(share), SQLValue(4 * share), SQLValue(limit)]
            ).compactMap { $0.text(0) }
        }
        guard !due.isEmpty else { return [] }
        return try await database.write { (session) throws(StoreError) in
            let now = try session.now()
            _ = try session.run(
                "DELETE FROM deliveries WHERE next_at <= ? AND since < ?",
                [.integer(now), .integer(now - Self.callbackLife)])
            var callbacks: [DueCallback] = []
            for uid in due {
                // Another coordinator may have been faster.
                let rows = try session.run(
                    """
                    UPDATE deliveries SET tries = tries + 1, next_at = ? WHERE uid = ? AND next_at <= ? \
                    RETURNING target, url
                    """, [.integer(now + Self.callbackClaim), .text(uid), .integer(now)])
                guard let row = rows.first, let target = row.text(0), let url = row.text(1) else { continue }
                do throws(StoreError) {
                    let job = try Self.row(uid, session).job
                    callbacks.append(DueCallback(uid: uid, target: target, url: url, job: job))
                } catch {
                    guard case .unknown = error else { throw error }
                    // A job that was removed by hand must not hold up all others.
                    _ = try session.run("DELETE FROM deliveries WHERE uid = ?", [.text(uid)])
                }
            }
            return callbacks
        }
    }

    package func settleCallbacks(done: [String], refused: [String]) async throws(StoreError) {
        guard !(done.isEmpty && refused.isEmpty) else { return }
        try await database.write { (session) throws(StoreError) in
            let now = try session.now()
            for uid in done { _ = try session.run("DELETE FROM deliveries WHERE uid = ?", [.text(uid)]) }
            for uid in refused {
                let rows = try session.run("SELECT tries FROM deliveries WHERE uid = ?", [.text(uid)])
                guard let tries = rows.first?.integer(0) else { continue }
                let pause: Int64 = min(3600, (5 as Int64) << min(max(0, tries - 1), 20)) * 1000
                _ = try session.run(
                    "UPDATE deliveries SET next_at = ? WHERE uid = ?", [.integer(now + pause), .text(uid)])
            }
        }
    }

    package func postponeCallbacks(of target: String, seconds: Double) async throws(StoreError) {
        try await database.write { (session) throws(StoreError) in
            let now = try session.now()
            let until = now + Int64(seconds * 1000)
            // Also those that were given out, and not those of jobs that have not ended.
            _ = try session.run(
                "UPDATE deliveries SET next_at = ? WHERE target = ? AND next_at <= ?",
                [.integer(until), .text(target), .integer(max(until, now + Self.callbackClaim))])
        }
    }
}
