// SPDX-License-Identifier: Apache-2.0

import Outcomes

extension JobRow {
    func isHeld(epoch: Int, _ principal: String) -> Bool {
        job.state == .leased && job.epoch == epoch && self.principal == principal
    }

    var hasNoAttemptLeft: Bool { job.failures >= job.specification.maxAttempts }

    /// Whether the queue has this job before the other.
    func precedes(_ other: JobRow) -> Bool {
        let (mine, theirs) = (job.specification, other.job.specification)
        return (mine.priority, mine.deadline ?? .max, queuedAt ?? 0, uid)
            < (theirs.priority, theirs.deadline ?? .max, other.queuedAt ?? 0, other.uid)
    }

    /// Forgets who failed at the job.
    func forgetFailures(in session: any SQLSession) throws(StoreError) {
        guard troubles > 0 else { return }
        _ = try session.run("DELETE FROM failed_attempts WHERE uid = ?", [.text(uid)])
    }
}
