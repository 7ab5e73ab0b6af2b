// SPDX-License-Identifier: Apache-2.0

public import Outcomes

/// A proving job as the coordinator keeps it; what it tells of one is its `document`.
public struct Job: Sendable, Equatable {
    /// Where a job is, as everywhere else.
    public typealias State = ResultDocument.State
    /// Why a job ended without a proof, or why its last attempt did: `code` is one of `FailureCode`, or
    /// `worker-lost`, `deadline`, `not-received`.
    public typealias Reason = ResultDocument.Failure

    /// The job's name, unique in its tenant: the submitter's idempotency key.
    public var id: String
    /// Whose job it is.
    public var tenant: String
    /// What was asked for.
    public var specification: JobSpecification
    public var state: State
    /// Attempts that failed and count against the job: not those whose failure was the worker's own.
    public var failures: Int
    /// Workers that vanished with the job.
    public var lostWorkers: Int
    /// Counts leases; every lease has its own.
    public var epoch: Int
    /// Who has it, or had it last.
    public var worker: String?
    /// What the worker is doing, while it has the job.
    public var phase: String?
    /// From 0 to 1, where the worker knows.
    public var progress: Double?
    /// Unix milliseconds, by the store's clock, as all moments here.
    public var submittedAt: Int64
    public var startedAt: Int64?
    public var endedAt: Int64?
    public var reason: Reason?
    /// How the proof was made, once there is one.
    public var result: ProofReport?

    public init(
        id: String, tenant: String, specification: JobSpecification, state: State, failures: Int = 0,
        lostWorkers: Int = 0, epoch: Int = 0, worker: String? = nil, phase: String? = nil,
        progress: Double? = nil, submittedAt: Int64, startedAt: Int64? = nil, endedAt: Int64? = nil,
        reason: Reason? = nil, result: ProofReport? = nil
    ) {
        self.id = id
        self.tenant = tenant
        self.specification = specification
        self.state = state
        self.failures = failures
        self.lostWorkers = lostWorkers
        self.epoch = epoch
        self.worker = worker
        self.phase = phase
        self.progress = progress
        self.submittedAt = submittedAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.reason = reason
        self.result = result
    }
}
