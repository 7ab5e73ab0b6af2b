// SPDX-License-Identifier: Apache-2.0

package import Outcomes

/// What is in a spool at one moment.
///
/// The directories are read one after the other, so a job that moves meanwhile may be missing or seen twice.
package struct SpoolStatus: Sendable, Equatable, Codable {
    /// Jobs in `new/`.
    package var queued = 0
    /// Jobs in `cur/`, with `stalled` and `orphaned` among them.
    package var running = 0
    /// Jobs in `cur/` whose worker lives but has sent no heartbeat for a while.
    package var stalled = 0
    /// Jobs in `cur/` whose worker is dead and which the next reap takes care of.
    package var orphaned = 0
    /// Jobs in `done/`.
    package var done = 0
    /// Jobs in `dead/`.
    package var dead = 0
    /// The same by the codes in their `reason.json`.
    package var deadByCode: [String: Int] = [:]
    /// Foreign or doubled entries that were moved to `dead/`, and entries of `new/` and `cur/` that are no
    /// jobs.
    package var foreign = 0
    /// How long the oldest job in `new/` has been in the spool; nil when `new/` is empty.
    package var oldestQueuedSeconds: Double?
    /// The jobs, in order of service, then running, done and dead; empty when only counts were asked for.
    package var jobs: [JobSummary] = []

    /// An empty spool.
    package init() {}

    /// The jobs by the time of their submission, then by identifier: those of one producer of ours, who
    /// begins identifiers with the time, are in their order even where the disk's clock is coarse. Those of
    /// which no time is known come first.
    package var jobsByAge: [JobSummary] {
        jobs.sorted { ($0.submitted ?? 0, $0.id) < ($1.submitted ?? 0, $1.id) }
    }
}

/// One job in a `SpoolStatus`.
package struct JobSummary: Sendable, Equatable, Codable {
    /// The job.
    package var id: String
    /// Where it is.
    package var state: JobState
    /// How many attempts were counted; nil where that is not known any more.
    package var attempt: Int?
    /// 0 (first) to 9 (last); nil where that is not known any more.
    package var priority: Int?
    /// Unix seconds; nil for none.
    package var deadline: UInt64?
    /// Seconds since the submission, or since the end of the job when it is done or dead.
    package var ageSeconds: Double
    /// When it was submitted, in unix seconds by the disk's clock; nil where that is not known any more.
    package var submitted: Double?
    /// Who has claimed it.
    package var worker: WorkerIdentity?
    /// Whether the worker lives; nil unless the job is running.
    package var isWorkerAlive: Bool?
    /// Whether the worker lives but its heartbeat is old; nil unless the job is running.
    package var isStalled: Bool?
    /// Seconds since the last heartbeat; nil unless the job is running.
    package var heartbeatAgeSeconds: Double?
    /// What the worker last said it was doing.
    package var progress: JobProgress?
    /// Why it is dead.
    package var reason: DeadReason?
}

/// What a worker last said about a job, kept in the job's `progress` file.
package struct JobProgress: Sendable, Equatable, Codable {
    /// A word such as `prove`; at most 64 characters are kept.
    package var phase: String
    /// 0 to 1; nil when unknown.
    package var fraction: Double?
    /// When, in unix seconds by the worker's clock.
    package var time: Double
}

/// What one reap did.
package struct ReapReport: Sendable, Equatable {
    /// Jobs of dead workers that are back in `new/`.
    package var requeued: [JobID] = []
    /// Jobs of dead workers that had no attempt left and are in `dead/` now.
    package var dead: [JobID] = []
    /// Jobs whose result was already in `done/`, and whose remains were removed.
    package var cleaned: [JobID] = []
    /// How many stale entries of `tmp/` were removed.
    package var removedTemporaries = 0

    /// Nothing done.
    package init() {}
}

/// Something that a call stepped over and that an operator may want to know.
package struct SpoolIssue: Sendable, Hashable {
    /// The entry, as a path below the spool.
    package var place: String
    /// For programs: a code of `DeadReason.Code` or of `SpoolError`.
    package var code: String
    /// For people.
    package var message: String
}
