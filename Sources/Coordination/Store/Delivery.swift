// SPDX-License-Identifier: Apache-2.0

/// The rows of callbacks.
enum Delivery {
    /// A job with a callback was submitted.
    static func isAnnounced(
        _ uid: String, _ tenant: String, _ callback: String?, in session: any SQLSession
    ) throws(StoreError) {
        guard let callback else { return }
        _ = try session.run(
            """
            INSERT INTO deliveries (uid, tenant, target, url, next_at, tries, since) VALUES (?, ?, ?, ?, ?, 0, 0) \
            ON CONFLICT (uid) DO NOTHING
            """,
            [
                .text(uid), .text(tenant), .text(target(tenant, callback)), .text(callback), .integer(.max),
            ])
    }

    /// The job has ended.
    static func isDue(
        _ uid: String, _ tenant: String, _ callback: String?, in session: any SQLSession
    ) throws(StoreError) {
        guard let callback else { return }
        let now = try session.now()
        _ = try session.run(
            """
            INSERT INTO deliveries (uid, tenant, target, url, next_at, tries, since) VALUES (?, ?, ?, ?, ?, 0, ?) \
            ON CONFLICT (uid) DO UPDATE SET next_at = excluded.next_at, tries = 0, since = excluded.since
            """,
            [
                .text(uid), .text(tenant), .text(target(tenant, callback)), .text(callback), .integer(now),
                .integer(now),
            ])
    }

    /// How many callbacks of a tenant are under way.
    static func count(of tenant: String, in session: any SQLSession) throws(StoreError) -> Int {
        let rows = try session.run("SELECT COUNT(*) FROM deliveries WHERE tenant = ?", [.text(tenant)])
        return Int(rows.first?.integer(0) ?? 0)
    }

    /// What shares a queue: nothing of two tenants, lest one's callbacks wait for the other's.
    private static func target(_ tenant: String, _ callback: String) -> String {
        "\(tenant) \((try? WebAddress(callback))?.origin ?? "?")"
    }
}
