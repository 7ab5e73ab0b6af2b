// SPDX-License-Identifier: Apache-2.0

public import Outcomes

/// What is in a spool at one moment.
///
/// The directories are read one after the other, so a job that moves meanwhile may be missing or seen twice.
public struct SpoolStatus: Sendable, Equatable, Codable {
    /// Jobs in `new/`.
    public var queued = 0
    /// Jobs in `cur/`, with `stalled` and `orphaned` among them.
    public var running = 0
    /// Jobs in `cur/` whose worker lives but has sent no heartbeat for a while.
    public var stalled = 0
    /// Jobs in `cur/` whose worker is dead and which the next reap takes care of.
    public var orphaned = 0
    /// Jobs in `done/`.
    public var done = 0
    /// Jobs in `dead/`.
    public var dead = 0
    /// The same by the codes in their `reason.json`.
    public var deadByCode: [String: Int] = [:]
    /// Foreign or doubled entries that were moved to `dead/`, and entries of `new/` and `cur/` that are no
    /// jobs.
    public var foreign = 0
    /// How long the oldest job in `new/` has been in the spool; nil when `new/` is empty.
    public var oldestQueuedSeconds: Double?
    /// The jobs, in order of service, then running, done and dead; empty when only counts were asked for.
    public var jobs: [JobSummary] = []

    /// An empty spool.
    public init() {}
}

/// One job in a `SpoolStatus`.
public struct JobSummary: Sendable, Equatable, Codable {
    /// The job; for a foreign entry in `dead/` its name there.
    public var id: String
    /// Where it is.
    public var state: JobState
    /// How many attempts were counted; nil where that is not known any more.
    public var attempt: Int?
    /// 0 (first) to 9 (last); nil where that is not known any more.
    public var priority: Int?
    /// Unix seconds; nil for none.
    public var deadline: UInt64?
    /// Seconds since the submission, or since the end of the job when it is done or dead.
    public var ageSeconds: Double
    /// Who has claimed it.
    public var worker: WorkerIdentity?
    /// Whether the worker lives; nil unless the job is running.
    public var isWorkerAlive: Bool?
    /// Whether the worker lives but its heartbeat is old; nil unless the job is running.
    public var isStalled: Bool?
    /// Seconds since the last heartbeat; nil unless the job is running.
    public var heartbeatAgeSeconds: Double?
    /// What the worker last said it was doing.
    public var progress: JobProgress?
    /// Why it is dead.
    public var reason: DeadReason?
}

/// What a worker last said about a job, kept in the job's `progress` file.
public struct JobProgress: Sendable, Equatable, Codable {
    /// A word such as `prove`; at most 64 characters are kept.
    public var phase: String
    /// 0 to 1; nil when unknown.
    public var fraction: Double?
    /// When, in unix seconds by the worker's clock.
    public var time: Double
}

/// What one reap did.
public struct ReapReport: Sendable, Equatable {
    /// Jobs of dead workers that are back in `new/`.
    public var requeued: [JobID] = []
    /// Jobs of dead workers that had no attempt left and are in `dead/` now.
    public var dead: [JobID] = []
    /// Jobs whose result was already in `done/`, and whose remains were removed.
    public var cleaned: [JobID] = []
    /// How many stale entries of `tmp/` were removed.
    public var removedTemporaries = 0

    /// Nothing done.
    public init() {}
}

/// Something that a call stepped over and that an operator may want to know.
public struct SpoolIssue: Sendable, Hashable {
    /// The entry, as a path below the spool.
    public var place: String
    /// For programs: a code of `DeadReason.Code` or of `SpoolError`.
    public var code: String
    /// For people.
    public var message: String
}
