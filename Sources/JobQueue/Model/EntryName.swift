// SPDX-License-Identifier: Apache-2.0

import Foundations
import Outcomes

/// The name of an entry in `new/`: `PRIORITY.DEADLINE.ATTEMPT.ID`, all numbers of a fixed width.
///
/// The order of the names, byte by byte, is the order of service.
struct QueuedName: Hashable, Comparable {
    static let noDeadline: UInt64 = 9_999_999_999
    static let priorities = 0...9
    static let maximumAttempts = 999

    var priority: Int
    /// Unix seconds; nil for none.
    var deadline: UInt64?
    var attempt: Int
    var id: JobID

    init(priority: Int, deadline: UInt64?, attempt: Int, id: JobID) {
        self.priority = priority
        self.deadline = deadline
        self.attempt = min(max(0, attempt), QueuedName.maximumAttempts)
        self.id = id
    }

    /// Nil unless every part has exactly its width. A deadline of ten zeros or ten nines is none.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4,
            let priority = number(parts[0], digits: 1), let deadline = number(parts[1], digits: 10),
            let attempt = number(parts[2], digits: 3), let id = try? JobID(String(parts[3]))
        else { return nil }
        self.priority = Int(priority)
        self.deadline = deadline == 0 || deadline == QueuedName.noDeadline ? nil : deadline
        self.attempt = Int(attempt)
        self.id = id
    }

    var text: String {
        "\(priority).\((deadline ?? QueuedName.noDeadline).decimal(digits: 10))"
            + ".\(attempt.decimal(digits: 3)).\(id)"
    }

    func withAttempt(_ attempt: Int) -> QueuedName {
        QueuedName(priority: priority, deadline: deadline, attempt: attempt, id: id)
    }

    static func < (a: QueuedName, b: QueuedName) -> Bool {
        (a.priority, a.deadline ?? noDeadline, a.attempt, a.id)
            < (b.priority, b.deadline ?? noDeadline, b.attempt, b.id)
    }
}

/// The name of an entry in `cur/`: that of `new/` with the attempt counted, then `@host.pid.boot.epoch`.
struct RunningName: Hashable {
    var queued: QueuedName
    var worker: WorkerIdentity
    /// When it was claimed, in unix milliseconds; grows with every claim of one process.
    var epoch: UInt64

    init(queued: QueuedName, worker: WorkerIdentity, epoch: UInt64) {
        self.queued = queued
        self.worker = worker
        self.epoch = epoch
    }

    init?(_ text: String) {
        let halves = text.split(separator: "@", omittingEmptySubsequences: false)
        guard halves.count == 2, let queued = QueuedName(halves[0]) else { return nil }
        let parts = halves[1].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let host = WorkerIdentity.unescape(parts[0]), let pid = Int32(parts[1]),
            pid > 0,
            (1...16).contains(parts[2].utf8.count), parts[2].utf8.allSatisfy(\.isAlphanumeric),
            let epoch = UInt64(parts[3])
        else { return nil }
        self.queued = queued
        worker = WorkerIdentity(host: host, pid: pid, boot: String(parts[2]))
        self.epoch = epoch
    }

    var text: String { "\(queued.text)@\(worker).\(epoch)" }
}

private func number(_ text: some StringProtocol, digits: Int) -> UInt64? {
    let bytes = text.utf8
    guard bytes.count == digits, bytes.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return UInt64(text)
}
