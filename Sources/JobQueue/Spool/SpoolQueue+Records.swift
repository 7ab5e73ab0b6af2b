// SPDX-License-Identifier: Apache-2.0

import Foundations
import Outcomes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// Every change of a job's state, except that a producer brings a new job, is made under the lock of the job's
// record in ids/. The lock is an flock, so it ends with the process that holds it.

/// The lock of one job's record, with the record's content.
struct RecordLock {
    let file: Descriptor
    /// The digest of the job's body; empty when the producer gave none.
    let digest: String

    func release() { file.close() }
}

/// What became of an attempt to lock a record without waiting.
enum LockAttempt {
    case locked(RecordLock)
    case busy
    case absent
}

extension SpoolQueue {
    private static let digestLimit = 4096

    /// Tries once to lock the record of `id`; with `creating` an empty record is made where there is none.
    func tryLock(_ id: JobID, creating: Bool) throws(SpoolError) -> LockAttempt {
        while true {
            let file: Descriptor
            do {
                let flags = O_RDWR | O_NONBLOCK | (creating ? O_CREAT : 0)
                guard let opened = try records.openIfPresent(id.text, flags) else { return .absent }
                file = opened
            } catch  where [EISDIR, ELOOP, ENXIO].contains(error.errnoCode) {
                try quarantine(
                    RawName(id.text), in: records, DeadReason.Code.foreign, "not a record of an identifier")
                continue
            }
            var keep = false
            defer { if !keep { file.close() } }
            let facts = try file.facts()
            guard facts.isRegular else {
                try quarantine(
                    RawName(id.text), in: records, DeadReason.Code.foreign, "not a record of an identifier")
                continue
            }
            guard try file.tryLock() else { return .busy }
            // A purge may have removed the record between the opening and the locking.
            guard let named = try records.facts(of: id.text), named.isSame(as: facts) else { continue }
            let data = try file.readAll(limit: SpoolQueue.digestLimit)
            keep = true
            return .locked(RecordLock(file: file, digest: SpoolQueue.digest(in: data)))
        }
    }

    /// Locks the record of `id`, waiting for other holders; nil where there is no record and none is to be
    /// made.
    ///
    /// - Throws: `SpoolError.busy` after the options' `lockTimeout`.
    func lock(_ id: JobID, creating: Bool) throws(SpoolError) -> RecordLock? {
        let end = steadyClock() + options.lockTimeout
        var delay = 0.001
        while true {
            switch try tryLock(id, creating: creating) {
            case .locked(let lock): return lock
            case .absent: return nil
            case .busy:
                guard steadyClock() < end else { throw .busy(id) }
                pause(delay)
                delay = min(delay * 1.5, 0.05)
            }
        }
    }

    /// Removes a record that was made for the lock's sake when nothing has the identifier any more.
    func removeIfEmpty(_ lock: RecordLock, _ id: JobID) throws(SpoolError) {
        guard lock.digest.isEmpty, try locate(id) == nil else { return }
        try records.unlink(id.text)
    }

    /// The first line of a digest file.
    static func digest(in data: Data) -> String {
        String(decoding: data.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }

    /// The digest in a job's directory; empty when there is none that can be read.
    func digest(ofJobIn directory: Descriptor) -> String {
        guard let data = try? directory.readIfPresent("digest", limit: SpoolQueue.digestLimit) else {
            return ""
        }
        return SpoolQueue.digest(in: data)
    }
}

/// Where a job was found.
struct Location {
    var state: JobState
    /// The entry's name in its directory.
    var name: String
}

extension SpoolQueue {
    /// Finds the job. Exact under the lock of the job's record; otherwise it may miss a job that moves
    /// meanwhile.
    func locate(_ id: JobID) throws(SpoolError) -> Location? {
        if try done.has(id.text) { return Location(state: .done, name: id.text) }
        if try dead.has(id.text) { return Location(state: .dead, name: id.text) }
        if let name = try queuedEntry(id) { return Location(state: .queued, name: name) }
        if let name = try runningEntry(id) { return Location(state: .running, name: name) }
        return nil
    }

    func queuedEntry(_ id: JobID) throws(SpoolError) -> String? {
        let suffix = "." + id.text
        for name in try new.names() {
            if let text = name.text, text.hasSuffix(suffix), QueuedName(text) != nil { return text }
        }
        return nil
    }

    func runningEntry(_ id: JobID) throws(SpoolError) -> String? {
        for name in try current.names() {
            if let text = name.text, RunningName(text)?.queued.id == id { return text }
        }
        return nil
    }
}
