// SPDX-License-Identifier: Apache-2.0

import Foundations
import Outcomes
import StrictJSON

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

/// An entry of `new/` or `cur/` that is to go to `dead/`.
struct Corpse {
    var name: String
    var parent: Descriptor
    var directory: Descriptor
    var queued: QueuedName
}

extension SpoolQueue {
    private static let historyBytes = 1 << 16

    /// Moves a job to `dead/ID` with its reason. Only under the lock of the job's record.
    ///
    /// The files stay as they are, so that a requeue can bring the job back.
    func bury(_ corpse: Corpse, _ code: String, _ message: String) throws(SpoolError) {
        let id = corpse.queued.id
        guard try !done.has(id.text) else { throw .wrongState(id, found: .done, needed: .running) }
        guard try !dead.has(id.text) else {
            return try quarantine(RawName(corpse.name), in: corpse.parent, DeadReason.Code.duplicate, message)
        }
        let reason = DeadReason(
            version: 1, id: id.text, code: code, message: message, attempts: corpse.queued.attempt,
            time: wallClock(), priority: corpse.queued.priority, deadline: corpse.queued.deadline,
            history: history(in: corpse.directory))
        try write(reason, in: corpse.directory)
        FaultInjection.reached(.beforeDead)
        try corpse.parent.rename(corpse.name, to: dead, id.text)
        try dead.synchronize()
        try corpse.parent.synchronize()
        FaultInjection.reached(.afterDead)
        note("dead/" + id.text, code, message)
    }

    private func write(_ reason: DeadReason, in directory: Descriptor) throws(SpoolError) {
        let name = "reason.json.tmp"
        try directory.removeTree(RawName(name))
        do {
            try directory.writeNewFile(name, jsonData(reason, pretty: true) + Data("\n".utf8))
            if let old = try directory.facts(of: "reason.json"), old.isDirectory {
                try directory.removeTree(RawName("reason.json"))
            }
            try directory.rename(name, to: directory, "reason.json")
            try directory.synchronize()
        } catch {
            try? directory.unlink(name)
            throw error
        }
    }

    /// Moves what cannot be a job's entry to `dead/foreign.UNIQUE/entry`, with a reason beside it.
    ///
    /// Does nothing when the entry is gone. The reason is left out when there is no room for it.
    func quarantine(
        _ name: RawName, in parent: Descriptor, _ code: String, _ message: String
    ) throws(SpoolError) {
        let place =
            "foreign.\(nextEpoch().hexadecimal(digits: 12))-\(UInt64.random(in: 0 ... .max).hexadecimal(digits: 16))"
        try dead.makeDirectory(place)
        let directory = try dead.openDirectory(place)
        defer { directory.close() }
        do {
            try parent.rename(name, to: directory, "entry")
        } catch {
            try? dead.removeTree(RawName(place))
            if error.errnoCode == ENOENT { return }
            throw error
        }
        let escaped = String(quoted(name.printable, limit: 200).dropFirst().dropLast())
        let reason = DeadReason(
            version: 1, id: escaped, code: code, message: message, attempts: 0, time: wallClock(),
            priority: nil, deadline: nil, history: [])
        try? write(reason, in: directory)
        try dead.synchronize()
        try parent.synchronize()
        note("dead/" + place, code, "\(quoted(name.printable, limit: 200)): \(message)")
    }

    func tryQuarantine(_ name: RawName, in parent: Descriptor, _ code: String, _ message: String) {
        do {
            try quarantine(name, in: parent, code, message)
        } catch {
            note(parent.path(name.printable), error)
        }
    }

    /// Deals with a second entry of an identifier: the same job is dropped, another one goes to `dead/`.
    func resolveDuplicate(
        _ name: String, in parent: Descriptor, _ directory: Descriptor, _ lock: RecordLock
    ) throws(SpoolError) {
        let digest = digest(ofJobIn: directory)
        if !digest.isEmpty && digest == lock.digest {
            try discard(name, in: parent, directory)
        } else {
            try quarantine(
                RawName(name), in: parent, DeadReason.Code.duplicate, "the identifier is in the spool already"
            )
        }
    }

    /// Removes an entry: its payload first (overwritten, where the options say so), then all at once by a
    /// rename.
    func discard(_ name: String, in parent: Descriptor, _ directory: Descriptor) throws(SpoolError) {
        wipePayload(in: directory, removing: true)
        FaultInjection.reached(.betweenWipeAndCleanup)
        let trash = temporaryName("trash")
        try parent.rename(name, to: temporary, trash)
        try parent.synchronize()
        try temporary.removeTree(RawName(trash))
    }

    /// Overwrites the payload files where the options say so; removes their names where `removing`. Best
    /// effort.
    func wipePayload(in directory: Descriptor, removing: Bool = false) {
        guard options.wipesPayloadFiles || removing, let names = try? directory.names() else { return }
        for raw in names {
            guard let name = raw.text, !SpoolQueue.reservedNames.contains(name) else { continue }
            if options.wipesPayloadFiles { try? directory.wipe(name) }
            if removing { try? directory.unlink(name) }
        }
    }
}

extension SpoolQueue {
    func event(_ name: String, _ entry: RunningName) -> AttemptEvent {
        AttemptEvent(
            event: name, attempt: entry.queued.attempt, time: wallClock(), host: entry.worker.host,
            pid: entry.worker.pid, boot: entry.worker.boot)
    }

    /// Adds a line to the job's history. Best effort, and not when the history has 64 KiB already.
    func append(_ event: AttemptEvent, in directory: Descriptor) {
        guard let file = try? directory.open("attempts.log", O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK)
        else { return }
        defer { file.close() }
        guard let facts = try? file.facts(), facts.isRegular, facts.size < SpoolQueue.historyBytes else {
            return
        }
        try? file.writeAll(jsonData(event) + Data("\n".utf8))
    }

    func history(in directory: Descriptor) -> [AttemptEvent] {
        let limit = 2 * SpoolQueue.historyBytes
        guard let data = try? directory.readIfPresent("attempts.log", limit: limit) else { return [] }
        return data.split(separator: UInt8(ascii: "\n")).suffix(100).compactMap {
            jsonValue(AttemptEvent.self, Data($0))
        }
    }
}
