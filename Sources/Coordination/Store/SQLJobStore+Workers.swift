import Foundation

extension SQLJobStore {
    public func acquire(
        _ request: LeaseRequest, principal: String, ttl: Double
    ) async throws(StoreError) -> LeasedJob? {
        let (lock, skip) = (database.lockClause, database.skipLockedClause)
        let nameLock = database.nameLock
        return try await database.write { [self] (session) throws(StoreError) in
            let now = try session.now()
            let until = now + Int64(ttl * 1000)
            // Two wishes of one slot at the same time get one lease.
            if let nameLock {
                _ = try session.run(
                    nameLock, [.text("\(principal)/\(request.incarnation)/\(request.slot)")])
            }
            // A wish that is repeated because its answer was lost.
            let held = try session.run(
                """
                SELECT \(JobRow.columns) FROM jobs WHERE incarnation = ? AND slot = ? AND state = 'leased' \
                AND principal = ?\(lock)
                """, [.text(request.incarnation), SQLValue(request.slot), .text(principal)])
            if let held = held.first {
                var row = try JobRow(held)
                row.leaseUntil = until
                return try lease(row, session)
            }
            let queued = """
                FROM jobs WHERE state = 'queued' AND deadline > ? \
                AND (SELECT memory FROM circuits WHERE digest = jobs.circuit) <= ? \
                AND (avoided IS NULL OR avoided <> ? OR avoided_until < ?) \
                ORDER BY priority, deadline, queued_at, uid LIMIT ?
                """
            func values(_ limit: Int64) -> [SQLValue] {
                [
                    .integer(now), .integer(request.freeBytes ?? .max), .text(request.incarnation),
                    .integer(now), .integer(limit),
                ]
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
            guard let found else { return nil }
            var row = try JobRow(found)
            row.job.state = .leased
            row.job.epoch += 1
            row.job.worker = request.worker
            row.job.startedAt = now
            row.incarnation = request.incarnation
            row.slot = request.slot
            row.principal = principal
            row.leaseUntil = until
            return try lease(row, session)
        }
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
            uid: row.uid, job: job, circuit: circuit, traceparent: row.traceparent, witnessKey: row.witnessKey
        )
    }

    public func renew(
        _ uid: String, _ renewal: Renewal, principal: String, ttl: Double
    ) async throws(StoreError) -> LeaseOrder {
        try await change(uid) { (session, row) throws(StoreError) in
            if row.job.state == .cancelled { return .cancel }
            guard row.isHeld(epoch: renewal.epoch, principal) else { return .lost }
            var row = row
            row.leaseUntil = try session.now() + Int64(ttl * 1000)
            row.job.phase = renewal.phase.map { String($0.prefix(64)) } ?? row.job.phase
            row.job.progress = renewal.progress.map { min(1, max(0, $0)) } ?? row.job.progress
            _ = try row.save(in: session)
            return .continue
        }
    }

    public func fail(
        _ uid: String, _ report: FailureReport, principal: String
    ) async throws(StoreError) -> Job {
        try await change(uid) { (session, row) throws(StoreError) in
            guard row.isHeld(epoch: report.epoch, principal) else { throw Self.stale(row) }
            var row = row
            let now = try session.now()
            let reason = Job.Reason(
                code: String(report.code.prefix(64)), message: String(report.message.prefix(2000)))
            switch report.code {
            case "bad-input", "unsatisfied":
                row.end(.rejected, reason, at: now)
            case "out-of-memory":
                // Another worker may have more, but not every one has to try.
                row.memoryFailures += 1
                row.job.failures += 1
                row.avoided = row.incarnation
                row.avoidedUntil = now + Self.avoidance
                row.retry(reason, isLast: row.memoryFailures > 1 || row.hasNoAttemptLeft, at: now)
            default:
                row.job.failures += 1
                row.retry(reason, isLast: row.hasNoAttemptLeft, at: now)
            }
            return try row.save(in: session)
        }
    }

    public func release(
        _ uid: String, epoch: Int, principal: String
    ) async throws(StoreError) -> Job {
        try await change(uid) { (session, row) throws(StoreError) in
            guard row.isHeld(epoch: epoch, principal) else { throw Self.stale(row) }
            var row = row
            try row.retry(nil, isLast: false, at: session.now())
            return try row.save(in: session)
        }
    }

    public func complete(
        _ uid: String, _ completion: Completion
    ) async throws(StoreError) -> CompletionAnswer {
        try await change(uid) { (session, row) throws(StoreError) in
            // A worker that was given up may still be the first to prove, even a job that is dead for that reason.
            guard !row.job.state.isFinal || row.job.state == .dead else {
                return CompletionAnswer(outcome: .ended, state: row.job.state)
            }
            guard completion.epoch > 0, completion.epoch <= row.job.epoch else {
                throw .staleEpoch("epoch \(completion.epoch) was never given out")
            }
            var row = row
            row.job.reason = nil
            try row.end(.succeeded, at: session.now())
            row.job.result = completion.report
            _ = try row.save(in: session, proof: completion.proof)
            return CompletionAnswer(outcome: .accepted, state: .succeeded)
        }
    }

    public func witness(
        _ uid: String, principal: String
    ) async throws(StoreError) -> WitnessUpload {
        try await database.read { (session) throws(StoreError) in
            let row = try Self.row(uid, session)
            guard row.job.state == .leased, row.principal == principal, let key = row.witnessKey else {
                throw .unknown("the caller holds no such lease")
            }
            return WitnessUpload(
                circuit: row.job.specification.circuit, reference: row.job.specification.witness, key: key,
                state: row.job.state)
        }
    }

    public func expectation(_ uid: String) async throws(StoreError) -> ProofExpectation {
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

    private static func stale(_ row: JobRow) -> StoreError {
        .staleEpoch("the lease is over: the job is \(row.job.state.rawValue), epoch \(row.job.epoch)")
    }
}

extension JobRow {
    fileprivate func isHeld(epoch: Int, _ principal: String) -> Bool {
        job.state == .leased && job.epoch == epoch && self.principal == principal
    }

    fileprivate var hasNoAttemptLeft: Bool { job.failures >= job.specification.maxAttempts }
}
