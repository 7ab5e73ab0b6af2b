// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import Outcomes
import StrictJSON

/// A row of the table of jobs.
struct JobRow: Sendable {
    var uid: String
    var job: Job
    /// Since when the job is queued; for one that is `receiving`, since when its witness is lost.
    var queuedAt: Int64?
    var incarnation: String?
    var slot: Int?
    var principal: String?
    var leaseUntil: Int64?
    var memoryFailures = 0
    /// The moment beyond which the lease is not renewed.
    var leaseEnd: Int64?
    /// Attempts that ended without a proof, whether or not they count against the job: with any there are
    /// rows of `failed_attempts`.
    var troubles = 0
    var traceparent: String?
    var witnessKey: [UInt8]?
    /// The worker that has just been given up; not in the table.
    var lostWorker: WorkerID?

    static let columns = """
        uid, tenant, id, specification, state, failures, lost, memory_failures, epoch, worker, incarnation, slot, \
        principal, lease_until, lease_end, troubles, phase, progress, submitted_at, queued_at, started_at, ended_at, \
        code, message, report, traceparent, witness_key
        """

    /// - Throws: `.unavailable` for a row that this program cannot have written.
    init(_ row: SQLRow) throws(StoreError) {
        func damaged(_ column: String) -> StoreError { .unavailable("a job's \(column) cannot be read") }
        guard let uid = row.text(0), let tenant = row.text(1), let id = row.text(2) else {
            throw damaged("name")
        }
        guard let state = row.text(4).flatMap(Job.State.init), let submitted = row.integer(18) else {
            throw damaged("state")
        }
        guard
            let specification = row.text(3).flatMap({
                try? StrictJSONDecoder().decode(JobSpecification.self, from: $0)
            })
        else { throw damaged("specification") }
        self.uid = uid
        job = Job(
            id: id, tenant: tenant, specification: specification, state: state,
            failures: Int(row.integer(5) ?? 0), lostWorkers: Int(row.integer(6) ?? 0),
            epoch: Int(row.integer(8) ?? 0), worker: row.text(9), phase: row.text(16),
            progress: row.double(17), submittedAt: submitted, startedAt: row.integer(20),
            endedAt: row.integer(21),
            reason: row.text(22).map { Job.Reason(code: $0, message: row.text(23) ?? "") },
            result: row.text(24).flatMap {
                try? StrictJSONDecoder().decode(ProofFacts.self, from: $0)
            })
        memoryFailures = Int(row.integer(7) ?? 0)
        incarnation = row.text(10)
        slot = row.integer(11).map { Int($0) }
        principal = row.text(12)
        leaseUntil = row.integer(13)
        leaseEnd = row.integer(14)
        troubles = Int(row.integer(15) ?? 0)
        queuedAt = row.integer(19)
        traceparent = row.text(25)
        witnessKey = row.blob(26)
    }

    var stored: StoredJob { StoredJob(uid: uid, job: job, lostWorker: lostWorker) }

    /// The job has ended: the key of its witness goes with the lease. A dead job's stays: it may be queued
    /// again.
    mutating func end(_ state: Job.State, _ reason: Job.Reason? = nil, at now: Int64) {
        job.state = state
        job.endedAt = now
        if let reason { job.reason = reason }
        if state != .dead { witnessKey = nil }
        clearLease()
    }

    /// Back to the queue, or dead with `reason` when `isLast`.
    mutating func retry(_ reason: Job.Reason?, isLast: Bool, at now: Int64) {
        if let reason { job.reason = reason }
        if isLast { return end(.dead, at: now) }
        if let deadline = job.specification.deadline, deadline <= now {
            return end(
                .expired, .init(.deadline, "the deadline passed after a failed attempt"),
                at: now)
        }
        job.state = .queued
        queuedAt = now
        clearLease()
    }

    /// The witness has to come once more, within the usual time from now on.
    mutating func awaitWitness(_ reason: Job.Reason, at now: Int64) {
        job.state = .receiving
        job.reason = reason
        queuedAt = now
        clearLease()
    }

    private mutating func clearLease() {
        incarnation = nil
        slot = nil
        principal = nil
        leaseUntil = nil
        leaseEnd = nil
        job.phase = nil
        job.progress = nil
    }

    /// Writes everything that may have changed, with the proof where there is one, and tells it: to the other
    /// coordinators, and by a callback to whoever wanted to know of the end.
    func save(in session: any SQLSession, proof: String? = nil) throws(StoreError) -> Job {
        _ = try session.run(
            """
            UPDATE jobs SET state = ?, failures = ?, lost = ?, memory_failures = ?, epoch = ?, worker = ?, \
            incarnation = ?, slot = ?, principal = ?, lease_until = ?, lease_end = ?, troubles = ?, phase = ?, \
            progress = ?, queued_at = ?, started_at = ?, ended_at = ?, code = ?, message = ?, witness_key = ?, \
            proof = COALESCE(?, proof), report = COALESCE(?, report) \
            WHERE uid = ?
            """,
            [
                .text(job.state.rawValue), SQLValue(job.failures), SQLValue(job.lostWorkers),
                SQLValue(memoryFailures), SQLValue(job.epoch), SQLValue(job.worker), SQLValue(incarnation),
                SQLValue(slot.map { Int64($0) }), SQLValue(principal), SQLValue(leaseUntil),
                SQLValue(leaseEnd), SQLValue(troubles), SQLValue(job.phase), SQLValue(job.progress),
                SQLValue(queuedAt),
                SQLValue(job.startedAt), SQLValue(job.endedAt), SQLValue(job.reason?.code),
                SQLValue(job.reason?.message), witnessKey.map { .blob($0) } ?? .null,
                SQLValue(proof), SQLValue(job.result.map(Self.json)), .text(uid),
            ])
        try session.hint(uid)
        if job.state.isFinal, job.state != .dead { try forgetFailures(in: session) }
        if job.state.isFinal { try Delivery.isDue(uid, job.tenant, job.specification.callback, in: session) }
        return job
    }

    /// Equal values have equal texts.
    static func json(_ value: some Encodable) -> String {
        String(decoding: jsonData(value), as: UTF8.self)
    }
}
