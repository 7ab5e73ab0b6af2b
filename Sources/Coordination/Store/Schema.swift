// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The tables, in what SQLite and PostgreSQL have in common. `BYTES` stands for each one's type for bytes.
enum Schema {
    /// Raised with every change of the tables.
    static let version: Int64 = 2

    static let statements = [
        "CREATE TABLE IF NOT EXISTS martlet_meta (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
        """
        CREATE TABLE IF NOT EXISTS jobs (
            uid TEXT PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, specification TEXT NOT NULL,
            circuit TEXT NOT NULL, priority BIGINT NOT NULL, deadline BIGINT NOT NULL, state TEXT NOT NULL,
            failures BIGINT NOT NULL DEFAULT 0, lost BIGINT NOT NULL DEFAULT 0,
            memory_failures BIGINT NOT NULL DEFAULT 0, epoch BIGINT NOT NULL DEFAULT 0,
            worker TEXT, incarnation TEXT, slot BIGINT, principal TEXT, lease_until BIGINT,
            lease_end BIGINT, troubles BIGINT NOT NULL DEFAULT 0,
            phase TEXT, progress DOUBLE PRECISION,
            submitted_at BIGINT NOT NULL, queued_at BIGINT, started_at BIGINT, ended_at BIGINT,
            code TEXT, message TEXT, report TEXT, proof TEXT, publics TEXT, traceparent TEXT,
            witness_key BYTES, UNIQUE (tenant, id))
        """,
        // The queue is in this order; states are counted by it too.
        "CREATE INDEX IF NOT EXISTS jobs_queue ON jobs (state, priority, deadline, queued_at, uid)",
        "CREATE INDEX IF NOT EXISTS jobs_waiting ON jobs (deadline) WHERE state IN ('receiving', 'queued')",
        "CREATE INDEX IF NOT EXISTS jobs_leased ON jobs (lease_until) WHERE state = 'leased'",
        "CREATE INDEX IF NOT EXISTS jobs_open ON jobs (tenant) WHERE state IN ('receiving', 'queued', 'leased')",
        "CREATE INDEX IF NOT EXISTS jobs_ids ON jobs (id)",
        """
        CREATE INDEX IF NOT EXISTS jobs_ended ON jobs (ended_at)
            WHERE state IN ('succeeded', 'rejected', 'cancelled', 'expired')
        """,
        // There from the submission on, so that all of a tenant's are counted; due from the job's end on,
        // until then in the far future. `target` is the tenant and the origin of the address.
        """
        CREATE TABLE IF NOT EXISTS deliveries (
            uid TEXT PRIMARY KEY, tenant TEXT NOT NULL, target TEXT NOT NULL, url TEXT NOT NULL,
            next_at BIGINT NOT NULL, tries BIGINT NOT NULL, since BIGINT NOT NULL)
        """,
        "CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_at)",
        "CREATE INDEX IF NOT EXISTS deliveries_tenant ON deliveries (tenant)",
        "CREATE INDEX IF NOT EXISTS deliveries_target ON deliveries (target, next_at)",
        // Those that somebody has failed at, in the same order.
        """
        CREATE INDEX IF NOT EXISTS jobs_troubled ON jobs (priority, deadline, queued_at, uid)
            WHERE state = 'queued' AND troubles > 0
        """,
        // Who failed at jobs that are open or dead.
        """
        CREATE TABLE IF NOT EXISTS failed_attempts (
            uid TEXT NOT NULL, principal TEXT NOT NULL, worker TEXT NOT NULL, code TEXT NOT NULL,
            is_wide BIGINT NOT NULL, is_verdict BIGINT NOT NULL, again_at BIGINT NOT NULL,
            avoided_until BIGINT NOT NULL, PRIMARY KEY (uid, principal, worker))
        """,
        """
        CREATE TABLE IF NOT EXISTS workers (
            principal TEXT NOT NULL, name TEXT NOT NULL, devices TEXT NOT NULL, memory BIGINT NOT NULL,
            seen_at BIGINT NOT NULL, unready TEXT, standing TEXT NOT NULL DEFAULT 'active', reason TEXT,
            since BIGINT, attempts BIGINT NOT NULL DEFAULT 0, recent BIGINT NOT NULL DEFAULT 0,
            PRIMARY KEY (principal, name))
        """,
        "CREATE INDEX IF NOT EXISTS jobs_holders ON jobs (incarnation, slot) WHERE state = 'leased'",
        """
        CREATE TABLE IF NOT EXISTS circuits (
            digest TEXT PRIMARY KEY, zkey_bytes BIGINT NOT NULL, system TEXT NOT NULL, curve TEXT NOT NULL,
            variables BIGINT NOT NULL, publics BIGINT NOT NULL, domain_size BIGINT NOT NULL,
            memory BIGINT NOT NULL, verification_key TEXT NOT NULL, registered_at BIGINT NOT NULL)
        """,
        """
        CREATE TABLE IF NOT EXISTS tokens (
            id TEXT PRIMARY KEY, hash TEXT NOT NULL, role TEXT NOT NULL, tenant TEXT NOT NULL,
            max_open_jobs BIGINT, created_at BIGINT NOT NULL, expires_at BIGINT)
        """,
    ]

    /// Makes the tables where they are missing.
    ///
    /// - Parameter bytesType: what the database calls its type for bytes.
    /// - Throws: `.unavailable` also for a database that a later version has made.
    static func create(_ session: any SQLSession, bytesType: String) throws(StoreError) {
        for statement in statements {
            _ = try session.run(statement.replacingOccurrences(of: "BYTES", with: bytesType), [])
        }
        let found = try session.run("SELECT value FROM martlet_meta WHERE name = 'schema'", [])
        if let version = found.first?.integer(0) {
            guard version == Schema.version else {
                throw .unavailable(
                    "the database has schema \(version), this program knows \(Schema.version) only")
            }
        } else {
            _ = try session.run(
                "INSERT INTO martlet_meta (name, value) VALUES ('schema', ?) ON CONFLICT DO NOTHING",
                [.integer(Schema.version)])
        }
    }

    /// The number that tells the store from all others; made where there is none.
    static func identity(_ session: any SQLSession) throws(StoreError) -> Int64 {
        let found = try session.run("SELECT value FROM martlet_meta WHERE name = 'identity'", [])
        if let number = found.first?.integer(0) { return number }
        let number = Int64.random(in: 1 ... .max)
        _ = try session.run(
            "INSERT INTO martlet_meta (name, value) VALUES ('identity', ?)", [.integer(number)])
        return number
    }
}
