// SPDX-License-Identifier: Apache-2.0

package import Outcomes

/// A proving job as the coordinator keeps it; what it tells of one is its `document`.
package struct Job: Sendable, Equatable {
    /// Where a job is, as everywhere else.
    package typealias State = ResultDocument.State
    /// Why a job ended without a proof, or why its last attempt did: `code` is one of `FailureCode`, or
    /// `worker-lost`, `deadline`, `not-received`.
    package typealias Reason = ResultDocument.Failure

    /// The job's name, unique in its tenant: the submitter's idempotency key.
    package var id: String
    /// Whose job it is.
    package var tenant: String
    /// What was asked for.
    package var specification: JobSpecification
    package var state: State
    /// Attempts that failed and count against the job: not those whose failure was the worker's own.
    package var failures: Int
    /// Workers that vanished with the job.
    package var lostWorkers: Int
    /// Counts leases; every lease has its own.
    package var epoch: Int
    /// Who has it, or had it last.
    package var worker: String?
    /// What the worker is doing, while it has the job.
    package var phase: String?
    /// From 0 to 1, where the worker knows.
    package var progress: Double?
    /// Unix milliseconds, by the store's clock, as all moments here.
    package var submittedAt: Int64
    package var startedAt: Int64?
    package var endedAt: Int64?
    package var reason: Reason?
    /// How the proof was made, once there is one.
    package var result: ProofFacts?

    package init(
        id: String, tenant: String, specification: JobSpecification, state: State, failures: Int = 0,
        lostWorkers: Int = 0, epoch: Int = 0, worker: String? = nil, phase: String? = nil,
        progress: Double? = nil, submittedAt: Int64, startedAt: Int64? = nil, endedAt: Int64? = nil,
        reason: Reason? = nil, result: ProofFacts? = nil
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
