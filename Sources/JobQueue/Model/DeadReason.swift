// SPDX-License-Identifier: Apache-2.0

/// What is in `reason.json` of a job in `dead/`.
package struct DeadReason: Sendable, Equatable, Codable {
    /// The version of the file's form: 1.
    package var version: Int
    /// The job, or the name of a foreign entry with everything but printable ASCII escaped.
    package var id: String
    /// The reason for programs: one of `Code`'s or the code given by the worker.
    package var code: String
    /// The reason for people.
    package var message: String
    /// How many attempts were counted.
    package var attempts: Int
    /// When the job was given up, in unix seconds.
    package var time: Double
    /// The job's priority, which a requeue keeps; nil for a foreign entry.
    package var priority: Int?
    /// The job's deadline in unix seconds; nil for none.
    package var deadline: UInt64?
    /// What happened to the job, oldest first; at most the last 100 events, and missing where the disk was
    /// full.
    package var history: [AttemptEvent]

    /// The reasons that the queue itself gives.
    package enum Code {
        /// The deadline had passed when a worker would have claimed the job.
        package static let deadline = "deadline"
        /// The last permitted attempt ended with the death of its worker.
        package static let workerLost = "worker-lost"
        /// The job came back to `new/` with no attempt left.
        package static let attemptsExhausted = "attempts-exhausted"
        /// The job's directory has something in it that no job may have, or lacks `job.json`.
        package static let damaged = "damaged"
        /// An entry whose name is no entry name, or that is no directory.
        package static let foreign = "foreign"
        /// A second entry for an identifier that is already in the spool with another, or with no, body
        /// digest.
        package static let duplicate = "duplicate"
        /// `reason.json` is missing or cannot be read.
        package static let unknown = "unknown"
    }
}

/// One line of a job's `attempts.log`.
package struct AttemptEvent: Sendable, Equatable, Codable {
    /// `claimed`, `failed`, `handed-back`, `worker-lost` or `requeued`.
    package var event: String
    /// The number of the attempt.
    package var attempt: Int
    /// When, in unix seconds by the writer's clock.
    package var time: Double
    /// The host of the worker.
    package var host: String?
    /// The process of the worker.
    package var pid: Int32?
    /// The start of the worker's machine, see `WorkerIdentity`.
    package var boot: String?
    /// The code of a failure.
    package var code: String?
    /// The text of a failure, cut after 1000 characters.
    package var message: String?
}
