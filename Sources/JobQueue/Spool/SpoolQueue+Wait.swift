// SPDX-License-Identifier: Apache-2.0

import Foundations
package import Outcomes

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

extension SpoolQueue {
    /// Where the job is now; nil when it is not in the spool.
    ///
    /// - Throws: `SpoolError.busy` when another process holds the job's record for too long; `system`.
    package func state(of id: JobID) throws(SpoolError) -> JobState? {
        if let lock = try lock(id, creating: false) {
            defer { lock.release() }
            return try locate(id)?.state
        }
        return try locate(id)?.state
    }

    /// How the job ended; nil when it has not. Costs two looks at the file system.
    ///
    /// - Throws: `SpoolError.system`.
    package func result(of id: JobID) throws(SpoolError) -> JobResult? {
        if try done.has(id.text) { return .done(directory: done.path(id.text)) }
        guard try dead.has(id.text) else { return nil }
        do {
            let directory = try dead.openDirectory(id.text)
            defer { directory.close() }
            return .dead(try reason(in: directory, id.text))
        } catch  where error.errnoCode == ENOENT {
            return nil
        }
    }

    /// Reads a file of a job's published result.
    ///
    /// - Throws: `SpoolError.unknownJob` when `done/` has no result of the job; `system` (with `ENOENT`) when
    ///   the result has no such file; `invalidFileName`; `unsafeFile` for a link, or for more than `limit`
    ///   bytes.
    package func readResult(_ name: String, of id: JobID, limit: Int = 1 << 28) throws(SpoolError) -> Data {
        try SpoolQueue.checkPlainName(name)
        let directory: Descriptor
        do {
            directory = try done.openDirectory(id.text)
        } catch  where error.errnoCode == ENOENT {
            throw .unknownJob(id)
        }
        defer { directory.close() }
        do {
            let file = try directory.open(name, O_RDONLY | O_NONBLOCK)
            defer { file.close() }
            return try file.readAll(limit: limit)
        } catch  where error.errnoCode == ELOOP {
            throw .unsafeFile(path: directory.path(name), reason: "a symbolic link")
        }
    }

    /// Blocks the calling thread until the job has ended; nil when `timeout` seconds pass before.
    ///
    /// Looks again after 10 ms, then at growing intervals of up to 250 ms.
    ///
    /// - Throws: `SpoolError.unknownJob` when the job is not, or no longer, in the spool; `system`.
    package func wait(for id: JobID, timeout: Double) throws(SpoolError) -> JobResult? {
        var watch = Watch(timeout)
        while true {
            if let result = try look(&watch, id) { return result }
            guard let delay = watch.next() else { return nil }
            pause(delay)
        }
    }

    /// Suspends until the job has ended; nil when `timeout` seconds pass before or the task is cancelled.
    ///
    /// - Throws: `SpoolError.unknownJob` when the job is not, or no longer, in the spool; `system`.
    package func waitAsync(for id: JobID, timeout: Double) async throws(SpoolError) -> JobResult? {
        var watch = Watch(timeout)
        while true {
            if let result = try look(&watch, id) { return result }
            guard !Task.isCancelled, let delay = watch.next() else { return nil }
            try? await Task.sleep(for: .seconds(delay))
        }
    }

    private func look(_ watch: inout Watch, _ id: JobID) throws(SpoolError) -> JobResult? {
        if let result = try result(of: id) { return result }
        // Looking for a job everywhere is dear, so that is done first and then every two seconds.
        if watch.isSearchDue, try state(of: id) == nil {
            if let result = try result(of: id) { return result }
            throw .unknownJob(id)
        }
        return nil
    }
}

/// The intervals of a wait.
private struct Watch {
    private let end: Double
    private var delay = 0.01
    private var nextSearch = -Double.infinity

    init(_ timeout: Double) { end = steadyClock() + timeout }

    var isSearchDue: Bool {
        mutating get {
            guard steadyClock() >= nextSearch else { return false }
            nextSearch = steadyClock() + 2
            return true
        }
    }

    /// How long to sleep now; nil when the time is up.
    mutating func next() -> Double? {
        let left = end - steadyClock()
        guard left > 0 else { return nil }
        defer { delay = min(delay * 1.5, 0.25) }
        return min(delay, left)
    }
}
