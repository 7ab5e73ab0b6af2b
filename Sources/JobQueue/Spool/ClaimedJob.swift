// SPDX-License-Identifier: Apache-2.0

import Foundations
package import Outcomes
import StrictJSON
import Synchronization

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    package import Musl
#endif

/// A job that this process has claimed.
///
/// The object holds the lock that tells others that the worker lives. It ends with `publish`, `fail` or
/// `handBack`; when the last reference goes, or the process dies, before one of them succeeded, the next reap
/// of any worker returns the job to `new/` with this attempt counted. Every function may be called from any
/// thread.
package final class ClaimedJob: Sendable {
    /// The job.
    package let id: JobID
    /// 0 (first) to 9 (last).
    package let priority: Int
    /// Unix seconds; nil for none. Checked when the job was claimed and not again.
    package let deadline: UInt64?
    /// The number of this attempt, 1 for the first.
    package let attempt: Int
    /// The content of `job.json`.
    package let body: Data
    /// The digest that the producer gave; empty when there was none.
    package let bodyDigest: String
    /// A number that is larger for each later claim of this process.
    package let epoch: UInt64

    let queue: SpoolQueue
    let entry: RunningName
    let directory: Descriptor
    let facts: FileFacts
    let lease: Descriptor

    enum Phase {
        case claimed
        case finishing
        case finished
    }
    let phase = Mutex<Phase>(.claimed)

    init(
        queue: SpoolQueue, entry: RunningName, body: Data, directory: Descriptor, facts: FileFacts,
        lease: Descriptor
    ) {
        id = entry.queued.id
        priority = entry.queued.priority
        deadline = entry.queued.deadline
        attempt = entry.queued.attempt
        epoch = entry.epoch
        self.body = body
        bodyDigest = queue.digest(ofJobIn: directory)
        self.queue = queue
        self.entry = entry
        self.directory = directory
        self.facts = facts
        self.lease = lease
    }

    /// The path of the job's directory while it is claimed. Use `openFile(_:)` for its files: it follows no
    /// links.
    package var directoryPath: String { queue.current.path(entry.text) }

    /// Opens a file of the job for reading.
    ///
    /// - Throws: `SpoolError.invalidFileName` when `name` is no plain name, `unsafeFile` when it is a
    ///   symbolic link or no regular file, `system` (with `ENOENT`) when there is no such file.
    package func openFile(_ name: String) throws(SpoolError) -> OpenedFile {
        try SpoolQueue.checkPlainName(name)
        let file: Descriptor
        do {
            file = try directory.open(name, O_RDONLY | O_NONBLOCK)
        } catch  where error.errnoCode == ELOOP {
            throw .unsafeFile(path: directory.path(name), reason: "a symbolic link")
        }
        let facts = try file.facts()
        guard facts.isRegular else { throw .unsafeFile(path: file.path, reason: "not a regular file") }
        return OpenedFile(file, size: facts.size)
    }

    /// Says that the worker lives and what it is doing.
    ///
    /// Call it every few seconds from a thread that does nothing else. Needs no space on the disk except for
    /// the first `phase`, which is left out when there is none.
    ///
    /// - Parameters:
    ///   - phase: a word for what is being done; cut after 64 characters. Nil leaves the last one as it is.
    ///   - fraction: how much of it is done, 0 to 1; dropped unless finite.
    /// - Returns: whether the entry is still this worker's.
    /// - Throws: `SpoolError.claimFinished` after the job was published, failed or handed back; `system`.
    @discardableResult
    package func heartbeat(phase: String? = nil, fraction: Double? = nil) throws(SpoolError)
        -> HeartbeatOutcome
    {
        try self.phase.withLock { current throws(SpoolError) -> HeartbeatOutcome in
            if current == .finished { throw .claimFinished(id) }
            guard futimens(lease.raw, nil) == 0 else { throw .from("touch", lease.path, errno) }
            if let phase { writeProgress(phase, fraction) }
            // Where it is being published, failed or handed back, the entry goes away by our own doing: what
            // became of it that call tells.
            if current == .finishing { return .owned }
            return try isOwner() ? .owned : .lost
        }
    }

    /// Whether the entry in `cur/` is still the directory that was claimed.
    func isOwner() throws(SpoolError) -> Bool {
        guard let now = try queue.current.facts(of: entry.text) else { return false }
        return now.isSame(as: facts)
    }

    /// Writes the whole record in one call and always with the same length, so that a reader sees all or
    /// nothing but for a rare mixture, which does not parse.
    private func writeProgress(_ phase: String, _ fraction: Double?) {
        let value = fraction.flatMap { $0.isFinite ? min(max($0, 0), 1) : nil }
        let word = String(
            phase.unicodeScalars.prefix(64).filter { $0.isASCII && $0.value >= 0x20 }.map(Character.init))
        var text = jsonData(JobProgress(phase: word, fraction: value, time: wallClock()))
        text.append(Data(repeating: UInt8(ascii: " "), count: max(0, 255 - text.count)))
        text.append(UInt8(ascii: "\n"))
        guard let file = try? directory.open("progress", O_WRONLY | O_CREAT | O_NONBLOCK) else { return }
        defer { file.close() }
        try? file.writeAll(text)
    }
}

/// A regular file of a job, open for reading.
package final class OpenedFile: Sendable {
    private let file: Descriptor
    /// The size in bytes when it was opened.
    package let size: Int

    init(_ file: Descriptor, size: Int) {
        self.file = file
        self.size = size
    }

    /// The file descriptor; closed with the last reference to this object.
    package var descriptor: Int32 { file.raw }

    /// A path that opens exactly this file again while this object lives, for functions that want a path.
    package var descriptorPath: String { "/proc/self/fd/\(file.raw)" }

    /// The path for messages.
    package var path: String { file.path }

    /// Reads the whole file.
    ///
    /// - Throws: `SpoolError.unsafeFile` when it has more than `limit` bytes; `system`.
    package func read(limit: Int) throws(SpoolError) -> Data { try file.readAll(limit: limit) }
}
