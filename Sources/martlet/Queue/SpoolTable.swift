// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Outcomes

/// A spool's status for people.
enum SpoolTable {
    /// Prints the counts, then a line for each job that the status lists.
    static func print(_ status: SpoolStatus) {
        let report = SpoolReport(status, jobs: nil)
        var counts = [
            "queued \(report.queued)", "leased \(report.leased)", "succeeded \(report.succeeded)",
            "rejected \(report.rejected)", "expired \(report.expired)", "dead \(report.dead)",
        ]
        if status.stalled > 0 { counts.append("stalled \(status.stalled)") }
        if status.orphaned > 0 { counts.append("orphaned \(status.orphaned)") }
        if status.foreign > 0 { counts.append("foreign \(status.foreign)") }
        if let oldest = status.oldestQueuedSeconds { counts.append("oldest queued \(TimeSpan.text(oldest))") }
        Swift.print(counts.joined(separator: ", "))
        guard !status.jobs.isEmpty else { return }
        Swift.print()
        let rows = status.jobs.map { job in
            [
                ForeignText.plain(job.id), state(of: job), job.attempt.map(String.init) ?? "-",
                job.priority.map(String.init) ?? "-", TimeSpan.text(job.ageSeconds), detail(of: job),
            ]
        }
        Console.printTable([["JOB", "STATE", "ATTEMPT", "PRIORITY", "AGE", "DETAIL"]] + rows)
    }

    private static func state(of job: JobSummary) -> String {
        if job.isWorkerAlive == false { return "orphaned" }
        if job.isStalled == true { return "stalled" }
        return ResultDocument.State(job.state, reason: job.reason?.code).rawValue
    }

    private static func detail(of job: JobSummary) -> String {
        switch job.state {
        case .running:
            let phase = job.progress.map { "\($0.phase), " } ?? ""
            return ForeignText.plain(phase + (job.worker.map { "\($0.host) pid \($0.pid)" } ?? ""))
        case .dead: return job.reason.map(ForeignText.text) ?? ""
        case .queued:
            guard let deadline = job.deadline else { return "" }
            let left = Double(deadline) - Date().timeIntervalSince1970
            return left < 0 ? "deadline passed" : "deadline in \(TimeSpan.text(left))"
        case .done: return ""
        }
    }
}
