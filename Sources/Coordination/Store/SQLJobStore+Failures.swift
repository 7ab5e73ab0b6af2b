// SPDX-License-Identifier: Apache-2.0

import Failures
import Outcomes

/// Whose fault an attempt that failed was.
enum Blame {
    /// The worker's alone: nothing counts against the job.
    case worker
    /// The input's, by the word of one worker.
    case input
    /// Not known: it counts against the job.
    case unknown

    init(_ code: FailureCode?) {
        switch code {
        case .infrastructure: self = .worker
        case .badInput, .unsatisfied: self = .input
        case .invalidProof, .outOfMemory, .internal, .usage, .workerLost, .deadline, .notReceived,
            .attemptsExhausted, .damaged, .foreign, .duplicate, .unknown, nil:
            self = .unknown
        }
    }
}

/// Who failed at a job, as the table of failed attempts has it: a row for each worker, as long as the job is
/// open.
///
/// Until `avoided_until` the job is not given to that worker, or to any of its token where `is_wide`, as long
/// as another one lives that has not failed at it; and before `again_at` not in any case.
extension SQLJobStore {
    /// For how long a job waits for others than those that failed at it, in milliseconds: long enough for a
    /// proof under way to end.
    static let avoidance: Int64 = 3_600_000
    /// For how long a worker without the memory does not get the job again, in milliseconds.
    static let memoryPause: Int64 = 60_000

    package func fail(
        _ uid: String, _ report: FailureReport, principal: String
    ) async throws(StoreError) -> FailedAttempt {
        try await change(uid) { (session, row) throws(StoreError) in
            guard row.isHeld(epoch: report.epoch, principal) else { throw Self.stale(row) }
            var row = row
            let now = try session.now()
            let worker = WorkerID(token: principal, name: row.job.worker ?? "")
            let reason = Job.Reason(
                code: String(report.code.prefix(64)), message: String(report.message.prefix(2000)))
            let code = FailureCode(rawValue: report.code)
            let blame = Blame(code)
            row.troubles += 1
            switch blame {
            case .input:
                try Self.judge(&row, reason, by: worker, session, now)
            case .worker:
                // Where nobody else is there it comes again, less and less often.
                let pause = min(60_000, (1000 as Int64) << min(row.troubles - 1, 6))
                try Self.note(worker, reason, of: row, again: now + pause, session, now)
                row.retry(reason, isLast: false, at: now)
            case .unknown:
                let isMemory = code == .outOfMemory
                row.job.failures += 1
                if isMemory { row.memoryFailures += 1 }
                try Self.note(
                    worker, reason, of: row, isWide: true, again: isMemory ? now + Self.memoryPause : now,
                    session, now)
                row.retry(
                    reason, isLast: (isMemory && row.memoryFailures > 1) || row.hasNoAttemptLeft, at: now)
            }
            let job = try row.save(in: session)
            if blame != .input { try Self.record(failed: [worker], session) }
            return FailedAttempt(job: job, worker: worker)
        }
    }

    /// A worker says that the input is wrong. The end is near, but one worker's word does not bring it: a key
    /// may be damaged, or a device lie.
    ///
    /// Workers count as different when their tokens are; where no other token's worker was heard of for an
    /// hour, when their names are. Those that are kept out count as well: else whoever has them quarantined
    /// would be alone with its word.
    private static func judge(
        _ row: inout JobRow, _ reason: Job.Reason, by worker: WorkerID, _ session: any SQLSession,
        _ now: Int64
    ) throws(StoreError) {
        let others = try session.run(
            """
            SELECT principal, name FROM workers WHERE seen_at > ? \
            AND NOT (principal = ? AND name = ?)
            """, [.integer(now - acquaintance), .text(worker.token), .text(worker.name)])
        let earlier = try objectors(to: row.uid, session)
        let known = others.compactMap { row in
            row.text(0).flatMap { token in row.text(1).map { WorkerID(token: token, name: $0) } }
        }
        let hasOtherTokens = (known + earlier).contains { $0.token != worker.token }
        func isSame(_ other: WorkerID) -> Bool {
            other.token == worker.token && (hasOtherTokens || other.name == worker.name)
        }
        if earlier.isEmpty {
            try note(worker, reason, of: row, isWide: true, isVerdict: true, again: now, session, now)
            var waiting = reason
            waiting.message =
                "worker \(worker.name) says: \(reason.message.prefix(1800)); it is looked at once more"
            row.retry(waiting, isLast: false, at: now)
        } else if !earlier.allSatisfy(isSame) || known.allSatisfy(isSame) {
            row.end(.rejected, reason, at: now)
        } else {
            // The others had an hour, or are gone. An operator can still queue it again.
            var open = reason
            open.message =
                "\(reason.message.prefix(1800)); said twice by worker \(worker.name), and no other one has looked at it"
            row.retry(open, isLast: true, at: now)
        }
    }

    /// Those who said that the job's input is wrong.
    static func objectors(
        to uid: String, _ session: any SQLSession
    ) throws(StoreError) -> [WorkerID] {
        try session.run(
            "SELECT principal, worker FROM failed_attempts WHERE uid = ? AND is_verdict = 1", [.text(uid)]
        ).compactMap { row in
            row.text(0).flatMap { token in row.text(1).map { WorkerID(token: token, name: $0) } }
        }
    }

    static func note(
        _ worker: WorkerID, _ reason: Job.Reason, of row: JobRow, isWide: Bool = false,
        isVerdict: Bool = false,
        again: Int64, _ session: any SQLSession, _ now: Int64
    ) throws(StoreError) {
        _ = try session.run(
            """
            INSERT INTO failed_attempts \
            (uid, principal, worker, code, is_wide, is_verdict, again_at, avoided_until) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uid, principal, worker) DO UPDATE SET \
            code = excluded.code, again_at = excluded.again_at, avoided_until = excluded.avoided_until, \
            is_wide = CASE WHEN excluded.is_wide = 1 THEN 1 ELSE failed_attempts.is_wide END, \
            is_verdict = CASE WHEN excluded.is_verdict = 1 THEN 1 ELSE failed_attempts.is_verdict END
            """,
            [
                .text(row.uid), .text(worker.token), .text(worker.name), .text(reason.code),
                SQLValue(isWide ? 1 : 0), SQLValue(isVerdict ? 1 : 0), .integer(again),
                .integer(now + avoidance),
            ])
    }

    // MARK: Who gets what others failed at

    /// A condition on `jobs`, with its values: the worker has not failed at it, nor has its token in a way
    /// that counts.
    static func untried(by worker: WorkerID, at now: Int64) -> (sql: String, values: [SQLValue]) {
        (
            """
            NOT EXISTS (SELECT 1 FROM failed_attempts AS mine WHERE mine.uid = jobs.uid AND mine.principal = ? \
            AND (mine.worker = ? OR mine.is_wide = 1) AND mine.avoided_until > ?)
            """, [.text(worker.token), .text(worker.name), .integer(now)]
        )
    }

    /// A job that this worker, or its token, has failed at, where nobody is left who has not.
    ///
    /// - Parameter queued: the condition that a job has to meet, with its values.
    static func secondTry(
        for worker: WorkerID, _ queued: (sql: String, values: [SQLValue]), _ session: any SQLSession,
        at now: Int64, skip: String
    ) throws(StoreError) -> SQLRow? {
        let untried = untried(by: worker, at: now)
        // Mostly the index of such jobs is empty.
        let candidates = try session.run(
            """
            SELECT uid, circuit FROM jobs WHERE \(queued.sql) AND troubles > 0 AND NOT (\(untried.sql)) \
            AND NOT EXISTS (SELECT 1 FROM failed_attempts AS paused WHERE paused.uid = jobs.uid \
            AND paused.principal = ? AND paused.worker = ? AND paused.again_at > ?) \
            ORDER BY priority, deadline, queued_at, uid LIMIT \(choice)
            """,
            queued.values + untried.values + [.text(worker.token), .text(worker.name), .integer(now)])
        for candidate in candidates {
            guard let uid = candidate.text(0), let circuit = candidate.text(1) else { continue }
            let own = try session.run(
                "SELECT 1 FROM failed_attempts WHERE uid = ? AND principal = ? AND worker = ?",
                [.text(uid), .text(worker.token), .text(worker.name)])
            // One that has failed itself goes after those whose token has.
            let scope =
                own.isEmpty
                ? "(theirs.worker = others.name OR theirs.is_wide = 1)" : "theirs.worker = others.name"
            let better = try session.run(
                """
                SELECT 1 FROM workers AS others WHERE others.standing = 'active' AND others.unready IS NULL \
                AND others.seen_at > ? AND NOT (others.principal = ? AND others.name = ?) \
                AND others.memory >= (SELECT memory FROM circuits WHERE digest = ?) \
                AND NOT EXISTS (SELECT 1 FROM failed_attempts AS theirs WHERE theirs.uid = ? \
                AND theirs.principal = others.principal AND \(scope) AND theirs.avoided_until > ?) LIMIT 1
                """,
                [
                    .integer(now - liveness), .text(worker.token), .text(worker.name), .text(circuit),
                    .text(uid), .integer(now),
                ])
            guard better.isEmpty else { continue }
            // Missing where another coordinator has just taken it.
            let found = try session.run(
                "SELECT \(JobRow.columns) FROM jobs WHERE uid = ? AND state = 'queued'\(skip)", [.text(uid)])
            if let row = found.first { return row }
        }
        return nil
    }
}
