// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import Outcomes
import Synchronization

extension SQLJobStore {
    package func acquire(
        _ request: LeaseRequest, principal: String, ttl: Double, limit: Double
    ) async throws(StoreError) -> LeasedJob? {
        let (lock, skip) = (database.lockClause, database.skipLockedClause)
        let nameLock = database.nameLock
        return try await database.write { [self] (session) throws(StoreError) in
            let now = try session.now()
            let until = now + Int64(ttl * 1000)
            let worker = WorkerID(token: principal, name: request.worker)
            // Two wishes of one slot at the same time get one lease.
            if let nameLock {
                _ = try session.run(
                    nameLock, [.text("\(principal)/\(request.incarnation)/\(request.slot)")])
            }
            // A wish that is repeated because its answer was lost.
            let held = try session.run(
                """
                SELECT \(JobRow.columns) FROM jobs WHERE incarnation = ? AND slot = ? AND state = 'leased' \
                AND principal = ? AND worker = ?\(lock)
                """,
                [
                    .text(request.incarnation), SQLValue(request.slot), .text(principal),
                    .text(request.worker),
                ])
            if let held = held.first {
                var row = try JobRow(held)
                row.leaseUntil = min(until, row.leaseEnd ?? .max)
                return try lease(row, session)
            }
            try Self.demandJobs(for: worker, session)
            let open = (
                sql: """
                state = 'queued' AND deadline > ? \
                AND (SELECT memory FROM circuits WHERE digest = jobs.circuit) <= ?
                """, values: [SQLValue.integer(now), .integer(request.freeBytes ?? .max)]
            )
            let untried = Self.untried(by: worker, at: now)
            let queued = """
                FROM jobs WHERE \(open.sql) AND \(untried.sql) \
                ORDER BY priority, deadline, queued_at, uid LIMIT ?
                """
            func values(_ limit: Int64) -> [SQLValue] {
                open.values + untried.values + [.integer(limit)]
            }
            var found: SQLRow?
            if !request.loadedCircuits.isEmpty {
                let loaded = Set(request.loadedCircuits)
                let head = try session.run("SELECT uid, circuit, priority \(queued)", values(Self.choice))
                for candidate in head where candidate.integer(2) == head.first?.integer(2) {
                    guard let uid = candidate.text(0), candidate.text(1).map(loaded.contains) == true else {
                        continue
                    }
                    // Missing where another coordinator has just taken it.
                    found = try session.run(
                        "SELECT \(JobRow.columns) FROM jobs WHERE uid = ? AND state = 'queued'\(skip)",
                        [.text(uid)]
                    ).first
                    if found != nil { break }
                }
            }
            // The first that nobody is about to take, however many others are about to take one.
            if found == nil {
                found = try session.run("SELECT \(JobRow.columns) \(queued)\(skip)", values(1)).first
            }
            let first = try found.map { (row) throws(StoreError) in try JobRow(row) }
            let again = try Self.secondTry(for: worker, open, session, at: now, skip: skip)
                .map { (row) throws(StoreError) in try JobRow(row) }
            // What came back from this worker stands in the queue like everything else.
            var next = first ?? again
            if let first, let again, again.precedes(first) { next = again }
            guard var row = next else { return nil }
            row.job.state = .leased
            row.job.epoch += 1
            row.job.worker = request.worker
            row.job.startedAt = now
            row.incarnation = request.incarnation
            row.slot = request.slot
            row.principal = principal
            let end = limit < 1e12 ? now + Int64(limit * 1000) : nil
            row.leaseEnd = end
            row.leaseUntil = min(until, end ?? .max)
            return try lease(row, session)
        }
    }

    /// - Throws: `.cordoned` where the worker gets none.
    private static func demandJobs(
        for worker: WorkerID, _ session: any SQLSession
    ) throws(StoreError) {
        let rows = try session.run(
            "SELECT standing, reason FROM workers WHERE principal = ? AND name = ?",
            [.text(worker.token), .text(worker.name)])
        guard let standing = rows.first?.text(0), standing != WorkerRecord.Standing.active.rawValue else {
            return
        }
        throw .cordoned("worker \(worker.name) is \(standing): \(rows.first?.text(1) ?? "by an operator")")
    }

    private func lease(_ row: JobRow, _ session: any SQLSession) throws(StoreError) -> LeasedJob {
        let job = try row.save(in: session)
        let digest = job.specification.circuit
        var circuit = knownCircuits.withLock { $0[digest] }
        if circuit == nil {
            circuit = try Self.circuit(digest, session).circuit
            knownCircuits.withLock { known in
                if known.count >= 1024 { known = [:] }
                known[digest] = circuit
            }
        }
        guard let circuit else { throw .unknown("circuit \(digest) is not registered") }
        return LeasedJob(
            uid: row.uid, job: job, circuit: circuit, traceparent: row.traceparent,
            witnessKey: row.witnessKey,
            attempt: row.troubles + 1)
    }

    package func renew(
        _ uid: String, _ renewal: Renewal, principal: String, ttl: Double
    ) async throws(StoreError) -> RenewedLease {
        try await change(uid) { (session, row) throws(StoreError) in
            if row.job.state == .cancelled { return RenewedLease(order: .cancel) }
            guard row.isHeld(epoch: renewal.epoch, principal) else { return RenewedLease(order: .lost) }
            var row = row
            let now = try session.now()
            let worker = row.job.worker.map { WorkerID(token: principal, name: $0) }
            row.job.phase = renewal.phase.map { String($0.prefix(64)) } ?? row.job.phase
            row.job.progress = renewal.progress.map { min(1, max(0, $0)) } ?? row.job.progress
            if let deadline = row.job.specification.deadline, deadline <= now,
                row.job.phase.flatMap(JobPhase.init)?.isBeforeProof == true
            {
                let reason = Job.Reason(
                    .deadline, "the deadline passed before the proof was begun")
                row.end(.expired, reason, at: now)
                return RenewedLease(order: .cancel, worker: worker, ended: try row.save(in: session))
            }
            let end = row.leaseEnd ?? .max
            // It has had all the time that a proof may take: others shall try. The next sweep takes it away.
            guard now < end else { return RenewedLease(order: .lost, worker: worker) }
            let until = min(now + Int64(ttl * 1000), end)
            row.leaseUntil = until
            _ = try row.save(in: session)
            return RenewedLease(order: .continue, ttl: Double(until - now) / 1000, worker: worker)
        }
    }

    package func release(
        _ uid: String, epoch: Int, principal: String
    ) async throws(StoreError) -> Job {
        try await change(uid) { (session, row) throws(StoreError) in
            guard row.isHeld(epoch: epoch, principal) else { throw Self.stale(row) }
            var row = row
            try row.retry(nil, isLast: false, at: session.now())
            return try row.save(in: session)
        }
    }

    package func complete(
        _ uid: String, _ completion: Completion
    ) async throws(StoreError) -> CompletionAnswer {
        try await change(uid) { (session, row) throws(StoreError) in
            // A worker that was given up may still be the first to prove, even a job that is dead for that
            // reason.
            guard !row.job.state.isFinal || row.job.state == .dead else {
                return CompletionAnswer(outcome: .ended, state: row.job.state)
            }
            guard completion.epoch > 0, completion.epoch <= row.job.epoch else {
                throw .staleEpoch("epoch \(completion.epoch) was never given out")
            }
            var row = row
            // Who has it now has made it, unless an earlier lease's proof comes late.
            var maker: WorkerID?
            if row.job.state == .leased, completion.epoch == row.job.epoch, let token = row.principal {
                maker = row.job.worker.map { WorkerID(token: token, name: $0) }
            }
            // Who said that there is none need not have lied: the proof may be of another witness with the
            // same public inputs, made by a submitter's own worker to have honest ones put out. So that
            // counts against nobody.
            row.job.reason = nil
            try row.end(.succeeded, at: session.now())
            row.job.result = completion.report
            _ = try row.save(in: session, proof: completion.proof)
            try Self.record(succeeded: maker.map { [$0] } ?? [], failed: [], session)
            return CompletionAnswer(outcome: .accepted, state: .succeeded)
        }
    }

    package func witness(
        _ uid: String, principal: String
    ) async throws(StoreError) -> WitnessUpload {
        try await database.read { (session) throws(StoreError) in
            let row = try Self.row(uid, session)
            guard row.job.state == .leased, row.principal == principal, let key = row.witnessKey else {
                throw .unknown("the caller holds no such lease")
            }
            return WitnessUpload(
                circuit: row.job.specification.circuit, reference: row.job.specification.witness, key: key,
                state: row.job.state, epoch: row.job.epoch)
        }
    }

    package func witnessLost(_ uid: String, epoch: Int) async throws(StoreError) -> Job {
        try await change(uid) { (session, row) throws(StoreError) in
            guard row.job.state == .leased, row.job.epoch == epoch else { throw Self.stale(row) }
            var row = row
            try row.awaitWitness(
                .init(.notReceived, "the coordinator has lost the witness: submit the job again with it"),
                at: session.now())
            return try row.save(in: session)
        }
    }

    package func expectation(_ uid: String) async throws(StoreError) -> ProofExpectation {
        try await database.read { (session) throws(StoreError) in
            let row = try Self.row(uid, session)
            let publics = try session.run("SELECT publics FROM jobs WHERE uid = ?", [.text(uid)])
            guard let text = publics.first?.text(0) else { throw .unknown("no such lease") }
            return ProofExpectation(circuit: row.job.specification.circuit, publicInputs: text)
        }
    }

    static func row(_ uid: String, _ session: any SQLSession) throws(StoreError) -> JobRow {
        let rows = try session.run("SELECT \(JobRow.columns) FROM jobs WHERE uid = ?", [.text(uid)])
        guard let row = rows.first else { throw .unknown("no such lease") }
        return try JobRow(row)
    }

    static func stale(_ row: JobRow) -> StoreError {
        .staleEpoch("the lease is over: the job is \(row.job.state.rawValue), epoch \(row.job.epoch)")
    }
}
