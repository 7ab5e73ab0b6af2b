// SPDX-License-Identifier: Apache-2.0

package import Outcomes

/// Where a job is.
package enum JobState: String, Sendable, Hashable, Codable, CaseIterable {
    /// In `new/`: waits for a worker.
    case queued
    /// In `cur/`: a worker has claimed it.
    case running
    /// In `done/`: it has its one result. Final.
    case done
    /// In `dead/`: given up, with a reason. Stays until it is requeued or purged.
    case dead

    /// What a sentence says of a job in it, in the words that all queues have in common.
    var phrase: String {
        switch self {
        case .queued: "is queued"
        case .running: "is leased"
        case .done: "has succeeded"
        case .dead: "has ended without a proof"
        }
    }
}

/// What `SpoolQueue.submit(_:)` found or did.
package enum SubmitOutcome: Sendable, Equatable {
    /// The job is now in `new/`.
    case queued(JobID)
    /// The same job was submitted before; nothing was written.
    case existing(JobID, JobState)

    /// The job's identifier.
    package var id: JobID {
        switch self {
        case .queued(let id), .existing(let id, _): id
        }
    }
}

/// What became of a result given to `ClaimedJob.publish(_:verify:)`.
package enum PublishOutcome: Sendable, Equatable {
    /// The result is in `done/`.
    case published
    /// `done/` had a result of this job already; that one stays and this one was dropped.
    case alreadyPublished
}

/// What became of a job after `ClaimedJob.fail(code:message:retryable:)`.
package enum FailOutcome: Sendable, Equatable {
    /// The job is back in `new/` and `attempts` attempts are counted.
    case requeued(attempts: Int)
    /// The job is in `dead/`.
    case dead
    /// The job had a result already; the claim was cleaned up.
    case alreadyPublished
}

/// What the worker should do after a heartbeat.
package enum HeartbeatOutcome: Sendable, Equatable {
    /// The job is still this worker's.
    case owned
    /// The entry was taken away. A result can still be offered; it counts unless the job is finished.
    case lost
}

/// How a job ended.
package enum JobResult: Sendable, Equatable {
    /// It has a result; `directory` is the absolute or relative path of `done/ID`, below the spool's path as
    /// given.
    case done(directory: String)
    /// It was given up.
    case dead(DeadReason)
}
