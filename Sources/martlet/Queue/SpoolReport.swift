// SPDX-License-Identifier: Apache-2.0

import JobQueue
import Outcomes

/// A spool's counts and jobs, as `spool status --json` prints them.
struct SpoolReport: Encodable {
    var queued: Int
    var leased: Int
    var succeeded: Int
    var rejected: Int
    var expired: Int
    var dead: Int
    /// Of the leased ones those whose worker is silent, or gone.
    var stalled: Int
    var orphaned: Int
    /// Entries that are no jobs.
    var foreign: Int
    var oldestQueuedSeconds: Double?
    /// None where only counts were asked for.
    var jobs: [ResultDocument]?

    init(_ status: SpoolStatus, jobs: [ResultDocument]?) {
        func ended(as state: ResultDocument.State) -> Int {
            status.deadByCode.reduce(0) { $0 + (.ended(by: $1.key) == state ? $1.value : 0) }
        }
        queued = status.queued
        leased = status.running
        succeeded = status.done
        rejected = ended(as: .rejected)
        expired = ended(as: .expired)
        dead = ended(as: .dead)
        stalled = status.stalled
        orphaned = status.orphaned
        foreign = status.foreign
        oldestQueuedSeconds = status.oldestQueuedSeconds
        self.jobs = jobs
    }
}
