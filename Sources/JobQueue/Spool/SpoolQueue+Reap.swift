// SPDX-License-Identifier: Apache-2.0

import Foundations
import Outcomes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    package import Musl
#endif

extension SpoolQueue {
    /// After this many seconds an entry of `tmp/` that this library made and no process locks is a dead
    /// process's.
    ///
    /// The making and the locking are two calls; a minute is ample between them.
    private static let ownTemporaryAge: Double = 60

    /// Takes the jobs of dead workers out of `cur/` and removes stale entries of `tmp/`.
    ///
    /// Call it when a worker starts and every few seconds while it runs. Any number of processes may call it
    /// at the same time. Entries that cannot be dealt with are stepped over, see `drainIssues()`.
    ///
    /// - Throws: `SpoolError.system` when `cur/` or `tmp/` cannot be read.
    @discardableResult
    package func reap() throws(SpoolError) -> ReapReport {
        var report = ReapReport()
        for raw in try current.names() {
            guard let name = raw.text, let entry = RunningName(name) else {
                tryQuarantine(raw, in: current, DeadReason.Code.foreign, "not a name of an entry of cur/")
                continue
            }
            do {
                try reap(name, entry, &report)
            } catch {
                note("cur/" + name, error)
            }
        }
        try removeStaleTemporaries(&report)
        return report
    }

    private func reap(_ name: String, _ entry: RunningName, _ report: inout ReapReport) throws(SpoolError) {
        let id = entry.queued.id
        guard case .locked(let lock) = try tryLock(id, creating: true) else { return }
        defer { lock.release() }
        guard let directory = try openEntry(name, in: current) else {
            try removeIfEmpty(lock, id)
            return
        }
        defer { directory.close() }
        let lease = try directory.open("lease", O_RDWR | O_CREAT | O_NONBLOCK)
        defer { lease.close() }
        guard try lease.tryLock() else { return }

        // The worker is dead, and nobody else can change this job before the record's lock is released.
        if try done.has(id.text) {
            try discard(name, in: current, directory)
            report.cleaned.append(id)
        } else if try dead.has(id.text) {
            try resolveDuplicate(name, in: current, directory, lock)
            report.cleaned.append(id)
        } else {
            append(event("worker-lost", entry), in: directory)
            if entry.queued.attempt >= options.maxAttempts {
                try bury(
                    Corpse(name: name, parent: current, directory: directory, queued: entry.queued),
                    DeadReason.Code.workerLost,
                    "the worker \(entry.worker) died during attempt \(entry.queued.attempt), the last one allowed"
                )
                report.dead.append(id)
            } else {
                try current.rename(name, to: new, entry.queued.text)
                try new.synchronize()
                try current.synchronize()
                report.requeued.append(id)
            }
        }
    }

    private func removeStaleTemporaries(_ report: inout ReapReport) throws(SpoolError) {
        for raw in try temporary.names() {
            do {
                if try removeIfStale(raw) { report.removedTemporaries += 1 }
            } catch {
                note("tmp/" + raw.printable, error)
            }
        }
    }

    private func removeIfStale(_ raw: RawName) throws(SpoolError) -> Bool {
        let name = raw.text
        guard let name, let facts = try temporary.facts(of: name) else { return false }
        let isOwn = name.hasPrefix("martlet.")
        let age = wallClock() - facts.modified
        guard
            age
                > (isOwn
                    ? min(SpoolQueue.ownTemporaryAge, options.staleTemporaryAge) : options.staleTemporaryAge)
        else { return false }
        if facts.isDirectory {
            let directory = try temporary.openDirectory(name)
            defer { directory.close() }
            guard try directory.tryLock() else { return false }
            // A living process may have renamed it away before the lock was tried.
            guard let named = try temporary.facts(of: name), named.isSame(as: try directory.facts()) else {
                return false
            }
            wipePayload(in: directory)
            try temporary.removeTree(raw)
        } else {
            try temporary.unlink(name)
        }
        return true
    }
}
