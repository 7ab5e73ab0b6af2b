// SPDX-License-Identifier: Apache-2.0

package import Foundations

extension FaultInjection {
    /// The points inside the queue, in the order in which a job meets them.
    package enum Point: String, CaseIterable, Sendable {
        /// A submission is complete in `tmp/`; `ids/` has no record yet.
        case submitStaged = "submit-staged"
        /// `ids/` has the record; the job is not yet in `new/`.
        case submitLinked = "submit-linked"
        /// The job is in `new/`; the caller has no answer yet.
        case submitCommitted = "submit-committed"
        /// The lease is locked; the entry is still in `new/`.
        case claimLocked = "claim-locked"
        /// The entry is in `cur/`; no work was done yet.
        case afterClaim = "after-claim"
        /// The result is in `tmp/` and was not verified yet.
        case publishStaged = "publish-staged"
        /// The result was verified; it is still in `tmp/`.
        case beforePublish = "before-publish"
        /// The result is in `done/`; the entry is still in `cur/`.
        case betweenPublishAndCleanup = "between-publish-and-cleanup"
        /// The payload files are gone; the entry is still in `cur/`.
        case betweenWipeAndCleanup = "between-wipe-and-cleanup"
        /// `reason.json` is written; the job is not yet in `dead/`.
        case beforeDead = "before-dead"
        /// The job is in `dead/`.
        case afterDead = "after-dead"
    }

    static func reached(_ point: Point) { reached(point.rawValue) }
}
