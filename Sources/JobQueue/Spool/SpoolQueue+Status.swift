// SPDX-License-Identifier: Apache-2.0

import Foundations
package import Outcomes
import StrictJSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    package import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    package import Musl
#endif

extension SpoolQueue {
    /// Looks at everything in the spool. Changes nothing.
    ///
    /// `listingJobs` also lists the jobs; what is no job is counted as foreign, and not listed.
    ///
    /// - Throws: `SpoolError.system` when a directory cannot be read.
    package func status(listingJobs: Bool = true) throws(SpoolError) -> SpoolStatus {
        var status = SpoolStatus()
        let now = wallClock()
        try addQueued(&status, now)
        try addRunning(&status, now)
        try addEnded(&status, now, done, .done, listingJobs)
        try addEnded(&status, now, dead, .dead, listingJobs)
        if !listingJobs { status.jobs = [] }
        return status
    }

    private func addQueued(_ status: inout SpoolStatus, _ now: Double) throws(SpoolError) {
        var entries: [(name: QueuedName, time: Double)] = []
        for raw in try new.names() {
            guard let text = raw.text, let name = QueuedName(text) else {
                status.foreign += 1
                continue
            }
            guard let time = submissionTime(text, in: new) else { continue }
            entries.append((name, time))
        }
        entries.sort { $0.name < $1.name }
        status.queued = entries.count
        status.oldestQueuedSeconds = entries.map { max(0, now - $0.time) }.max()
        status.jobs += entries.map { entry in
            JobSummary(
                id: entry.name.id.text, state: .queued, attempt: entry.name.attempt,
                priority: entry.name.priority, deadline: entry.name.deadline,
                ageSeconds: max(0, now - entry.time), submitted: entry.time)
        }
    }

    private func addRunning(_ status: inout SpoolStatus, _ now: Double) throws(SpoolError) {
        var names: [(text: String, name: RunningName)] = []
        for raw in try current.names() {
            if let text = raw.text, let name = RunningName(text) {
                names.append((text, name))
            } else {
                status.foreign += 1
            }
        }
        for (text, name) in names.sorted(by: { $0.name.queued < $1.name.queued }) {
            guard let time = submissionTime(text, in: current),
                let directory = try? current.openDirectory(text)
            else { continue }
            defer { directory.close() }
            var summary = JobSummary(
                id: name.queued.id.text, state: .running, attempt: name.queued.attempt,
                priority: name.queued.priority, deadline: name.queued.deadline,
                ageSeconds: max(0, now - time), submitted: time, worker: name.worker)
            let (isAlive, beat) = lease(in: directory)
            summary.isWorkerAlive = isAlive
            summary.heartbeatAgeSeconds = beat.map { max(0, now - $0) }
            summary.isStalled =
                isAlive && summary.heartbeatAgeSeconds.map { $0 > options.stalledAfter } ?? true
            if let data = try? directory.readIfPresent("progress", limit: 4096) {
                summary.progress = jsonValue(JobProgress.self, data)
            }
            status.running += 1
            if summary.isStalled == true { status.stalled += 1 }
            if !isAlive { status.orphaned += 1 }
            status.jobs.append(summary)
        }
    }

    /// Whether somebody holds the lease, and when it was touched. The probe holds the lock for a moment.
    private func lease(in directory: Descriptor) -> (isAlive: Bool, beat: Double?) {
        guard let lease = try? directory.open("lease", O_RDONLY | O_NONBLOCK) else { return (false, nil) }
        defer { lease.close() }
        let beat = try? lease.facts().modified
        return (((try? lease.tryLock()) ?? true) == false, beat)
    }

    private func addEnded(
        _ status: inout SpoolStatus, _ now: Double, _ parent: Descriptor, _ state: JobState, _ details: Bool
    ) throws(SpoolError) {
        var summaries: [JobSummary] = []
        for raw in try parent.names() {
            guard let name = raw.text, (try? JobID(name)) != nil else {
                status.foreign += 1
                continue
            }
            // It may have been purged since the listing.
            guard let facts = try? parent.facts(of: name) else { continue }
            guard facts.isDirectory else {
                status.foreign += 1
                continue
            }
            if state == .done { status.done += 1 } else { status.dead += 1 }
            // A reason is small: also who only counts may know why jobs are dead.
            guard details || state == .dead else { continue }
            var summary = JobSummary(id: name, state: state, ageSeconds: max(0, now - facts.modified))
            summary.submitted = submissionTime(ofEnded: name, in: state == .dead ? parent : nil)
            if state == .dead, let directory = try? parent.openDirectory(name) {
                defer { directory.close() }
                let reason = try? reason(in: directory, name)
                status.deadByCode[reason?.code ?? DeadReason.Code.unknown, default: 0] += 1
                summary.reason = reason
                summary.attempt = reason?.attempts
                summary.priority = reason?.priority
                summary.deadline = reason?.deadline
            }
            summaries.append(summary)
        }
        status.jobs += summaries.sorted { ($0.ageSeconds, $0.id) < ($1.ageSeconds, $1.id) }
    }

    /// When a job was submitted, in unix seconds, as a status says it; nil where that is not known any more.
    package func submitted(_ id: JobID) -> Double? {
        guard let found = (try? locate(id)) ?? nil else { return nil }
        switch found.state {
        case .queued: return submissionTime(found.name, in: new)
        case .running: return submissionTime(found.name, in: current)
        case .dead: return submissionTime(ofEnded: id.text, in: dead)
        case .done: return submissionTime(ofEnded: id.text, in: nil)
        }
    }

    /// A result has no job.json beside it; the record is made with the job, and nobody writes to it.
    private func submissionTime(ofEnded name: String, in parent: Descriptor?) -> Double? {
        parent.flatMap { submissionTime(name, in: $0, orEntry: false) }
            ?? ((try? records.facts(of: name)) ?? nil)?.modified
    }

    /// When `job.json` was written, in unix seconds; where that is missing the entry's time, or nil.
    private func submissionTime(
        _ name: String, in parent: Descriptor, orEntry takesEntry: Bool = true
    ) -> Double? {
        var facts = stat()
        guard fstatat(parent.raw, name + "/job.json", &facts, AT_SYMLINK_NOFOLLOW) == 0 else {
            return takesEntry ? ((try? parent.facts(of: name)) ?? nil)?.modified : nil
        }
        return FileFacts(facts).modified
    }

    /// What `reason.json` says, with the code `unknown` where it says nothing.
    func reason(in directory: Descriptor, _ id: String) throws(SpoolError) -> DeadReason {
        let unknown = DeadReason(
            version: 1, id: id, code: DeadReason.Code.unknown, message: "reason.json is missing or damaged",
            attempts: 0, time: (try? directory.facts().modified) ?? 0, priority: nil, deadline: nil,
            history: [])
        do {
            guard let data = try directory.readIfPresent("reason.json", limit: 1 << 20) else {
                return unknown
            }
            return jsonValue(DeadReason.self, data) ?? unknown
        } catch {
            if error.isInfrastructure && error.errnoCode != ELOOP { throw error }
            return unknown
        }
    }
}
