// SPDX-License-Identifier: Apache-2.0

import Foundations
package import Outcomes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    package import Musl
#endif

extension SpoolQueue {
    /// Brings a dead job back to `new/`, with no attempt counted and its old priority.
    ///
    /// The deadline stays unless it has passed, in which case the job has none any more. The history stays.
    ///
    /// - Throws: `SpoolError.unknownJob`; `wrongState` when the job is not dead; `busy`, `noSpace`, `system`.
    package func requeue(_ id: JobID) throws(SpoolError) {
        guard let lock = try lock(id, creating: dead.has(id.text)) else { throw .unknownJob(id) }
        defer { lock.release() }
        guard let found = try locate(id) else { throw .unknownJob(id) }
        guard found.state == .dead else { throw .wrongState(id, found: found.state, needed: .dead) }
        let directory = try dead.openDirectory(id.text)
        defer { directory.close() }
        let reason = try reason(in: directory, id.text)
        let deadline = reason.deadline.flatMap { Double($0) < wallClock() ? nil : $0 }
        let priority = reason.priority.flatMap { QueuedName.priorities.contains($0) ? $0 : nil }
        append(event("requeued", RunningName(queued: zero(id), worker: identity, epoch: 0)), in: directory)
        let name = QueuedName(priority: priority ?? 5, deadline: deadline, attempt: 0, id: id)
        try dead.rename(id.text, to: new, name.text)
        try new.synchronize()
        try dead.synchronize()
        try? directory.unlink("reason.json")
    }

    private func zero(_ id: JobID) -> QueuedName {
        QueuedName(priority: 0, deadline: nil, attempt: 0, id: id)
    }

    /// Deletes what ended a while ago, together with the records in `ids/`: the identifiers are free again.
    ///
    /// Records that belong to no job and are as old (left by a submission that died half-way, or by hand) go
    /// as well. With `.dead` foreign entries go too. What is changed by another process meanwhile stays.
    ///
    /// - Parameters:
    ///   - state: `.done` or `.dead`.
    ///   - seconds: how long ago a job must have ended.
    /// - Returns: how many jobs and foreign entries were deleted.
    /// - Precondition: `state` is `.done` or `.dead`.
    /// - Throws: `SpoolError.system` when a directory cannot be read.
    @discardableResult
    package func purge(_ state: JobState, olderThan seconds: Double) throws(SpoolError) -> Int {
        precondition(state == .done || state == .dead, "only done and dead jobs can be purged")
        let parent = state == .done ? done : dead
        let limit = wallClock() - seconds
        var count = 0
        for raw in try parent.names() {
            do {
                if try purge(raw, in: parent, limit) { count += 1 }
            } catch {
                note(parent.path(raw.printable), error)
            }
        }
        try purgeRecords(limit)
        return count
    }

    private func purge(_ raw: RawName, in parent: Descriptor, _ limit: Double) throws(SpoolError) -> Bool {
        guard let name = raw.text, let facts = try parent.facts(of: name), facts.modified <= limit else {
            return false
        }
        guard let id = try? JobID(name) else {
            let trash = temporaryName("trash")
            try parent.rename(raw, to: temporary, trash)
            try temporary.removeTree(RawName(trash))
            return true
        }
        guard case .locked(let lock) = try tryLock(id, creating: true) else { return false }
        defer { lock.release() }
        // What is left in cur/ is known to be finished only as long as done/ID or dead/ID is there.
        guard try parent.has(name), try runningEntry(id) == nil else { return false }
        let trash = temporaryName("trash")
        if facts.isDirectory, parent === dead {
            let directory = try parent.openDirectory(name)
            defer { directory.close() }
            wipePayload(in: directory)
        }
        try parent.rename(name, to: temporary, trash)
        try parent.synchronize()
        try records.unlink(name)
        try records.synchronize()
        try temporary.removeTree(RawName(trash))
        return true
    }

    /// Removes old records of identifiers that are nowhere in the spool.
    private func purgeRecords(_ limit: Double) throws(SpoolError) {
        var known: Set<String> = []
        for parent in [done, dead] { for raw in try parent.names() { known.insert(raw.printable) } }
        for raw in try new.names() { if let id = QueuedName(raw.printable)?.id { known.insert(id.text) } }
        for raw in try current.names() {
            if let id = RunningName(raw.printable)?.queued.id { known.insert(id.text) }
        }
        for raw in try records.names() {
            guard let name = raw.text, let id = try? JobID(name), !known.contains(name) else { continue }
            do {
                guard let facts = try records.facts(of: name), facts.modified <= limit else { continue }
                guard case .locked(let lock) = try tryLock(id, creating: false) else { continue }
                defer { lock.release() }
                if try locate(id) == nil { try records.unlink(name) }
            } catch {
                note("ids/" + name, error)
            }
        }
    }
}
