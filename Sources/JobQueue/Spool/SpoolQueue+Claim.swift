// SPDX-License-Identifier: Apache-2.0

import Foundations
import Outcomes

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
    /// Claims the first job in the order of service, or gives nil when no job waits.
    ///
    /// Does not wait for jobs to come. Entries that are no jobs, damaged jobs, jobs past their deadline and
    /// jobs without an attempt left go to `dead/` on the way; see `drainIssues()`. The attempt is counted on
    /// the disk before this returns. An entry that another process is changing is tried again for about a
    /// tenth of a second.
    ///
    /// - Throws: `SpoolError.noSpace` when nothing could be claimed and the disk is full; `system` when
    ///   `new/` cannot be read.
    package func claim() throws(SpoolError) -> ClaimedJob? {
        for _ in 0..<20 {
            var isBusy = false
            var full: SpoolError?
            for (name, entry) in try queuedEntries() {
                do {
                    switch try claim(name, entry) {
                    case .claimed(let job): return job
                    case .busy: isBusy = true
                    case .gone: break
                    }
                } catch {
                    note("new/" + name, error)
                    if case .noSpace = error { full = error }
                }
            }
            if let full { throw full }
            if !isBusy { return nil }
            pause(0.005)
        }
        return nil
    }

    /// The entries of `new/` in the order of service. What has no entry's name goes to `dead/`.
    private func queuedEntries() throws(SpoolError) -> [(String, QueuedName)] {
        var entries: [(String, QueuedName)] = []
        for raw in try new.names() {
            if let text = raw.text, let entry = QueuedName(text) {
                entries.append((text, entry))
            } else {
                tryQuarantine(raw, in: new, DeadReason.Code.foreign, "not a name of an entry of new/")
            }
        }
        return entries.sorted { $0.1 < $1.1 }
    }

    private enum Claim {
        case claimed(ClaimedJob)
        case busy
        case gone
    }

    private func claim(_ name: String, _ entry: QueuedName) throws(SpoolError) -> Claim {
        guard case .locked(let lock) = try tryLock(entry.id, creating: true) else { return .busy }
        defer { lock.release() }
        guard let directory = try openEntry(name, in: new) else {
            try removeIfEmpty(lock, entry.id)
            return .gone
        }
        var keep = false
        defer { if !keep { directory.close() } }

        if try isElsewhere(entry.id) {
            try resolveDuplicate(name, in: new, directory, lock)
            return .gone
        }
        let dead = { (code: String, message: String) throws(SpoolError) in
            try self.bury(
                Corpse(name: name, parent: self.new, directory: directory, queued: entry), code, message)
        }
        if let damage = try damage(in: directory) {
            try dead(DeadReason.Code.damaged, damage)
            return .gone
        }
        let lease = try directory.open("lease", O_RDWR | O_CREAT | O_NONBLOCK)
        defer { if !keep { lease.close() } }
        guard try lease.tryLock() else { return .busy }
        FaultInjection.reached(.claimLocked)

        if let deadline = entry.deadline, Double(deadline) < wallClock() {
            try dead(
                DeadReason.Code.deadline, "the deadline \(deadline) had passed before the job was claimed")
            return .gone
        }
        if entry.attempt >= options.maxAttempts {
            try dead(DeadReason.Code.attemptsExhausted, "\(entry.attempt) attempts are counted already")
            return .gone
        }
        guard let body = try directory.readIfPresent("job.json", limit: options.maximumBodyBytes) else {
            return .gone
        }
        let running = RunningName(
            queued: entry.withAttempt(entry.attempt + 1), worker: identity, epoch: nextEpoch())
        // The heartbeat first: the entry must not look stalled from its first moment, nor as far as an
        // earlier attempt.
        _ = futimens(lease.raw, nil)
        try directory.unlink("progress")
        do {
            try new.rename(name, to: current, running.text)
        } catch  where error.errnoCode == ENOENT {
            return .gone
        }
        try current.synchronize()
        try new.synchronize()
        FaultInjection.reached(.afterClaim)
        append(event("claimed", running), in: directory)
        keep = true
        return .claimed(
            ClaimedJob(
                queue: self, entry: running, body: body, directory: directory, facts: try directory.facts(),
                lease: lease))
    }

    /// Opens the directory of an entry; nil when it is gone or was no directory and went to `dead/`.
    func openEntry(_ name: String, in parent: Descriptor) throws(SpoolError) -> Descriptor? {
        do {
            return try parent.openDirectory(name)
        } catch {
            switch error.errnoCode {
            case ENOENT: return nil
            case ENOTDIR, ELOOP:
                try quarantine(RawName(name), in: parent, DeadReason.Code.foreign, "not a directory")
                return nil
            default: throw error
            }
        }
    }

    /// Says what makes the directory no job's; nil when nothing does.
    private func damage(in directory: Descriptor) throws(SpoolError) -> String? {
        guard let body = try directory.facts(of: "job.json") else { return "job.json is missing" }
        if body.size > options.maximumBodyBytes {
            return "job.json has \(body.size) bytes, at most \(options.maximumBodyBytes) are allowed"
        }
        for raw in try directory.names() {
            guard let text = raw.text else {
                return "a file's name is not UTF-8: \(quoted(raw.printable, limit: 200))"
            }
            if let facts = try directory.facts(of: text), !facts.isRegular {
                return "\(quoted(text, limit: 200)) is not a regular file"
            }
        }
        return nil
    }

    /// Whether the identifier has an entry outside `new/`. Exact under the lock of the record.
    private func isElsewhere(_ id: JobID) throws(SpoolError) -> Bool {
        if try done.has(id.text) { return true }
        if try dead.has(id.text) { return true }
        return try runningEntry(id) != nil
    }
}
