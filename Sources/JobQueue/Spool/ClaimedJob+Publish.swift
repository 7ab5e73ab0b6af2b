// SPDX-License-Identifier: Apache-2.0

import Foundations
import Outcomes

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

/// The files of a result that is on the disk but not yet published.
package struct StagedResult: Sendable {
    private let directory: Descriptor

    init(_ directory: Descriptor) { self.directory = directory }

    /// Reads a file of the result, by way of a new descriptor, with the cached pages dropped where the kernel
    /// can.
    ///
    /// - Throws: `SpoolError.system` (with `ENOENT`) for a name that is none of the result's; `unsafeFile`
    ///   for a file of more than `limit` bytes.
    package func read(_ name: String, limit: Int = 1 << 28) throws(SpoolError) -> Data {
        try SpoolQueue.checkPlainName(name)
        let file = try directory.open(name, O_RDONLY | O_NONBLOCK)
        defer { file.close() }
        _ = posix_fadvise(file.raw, 0, 0, POSIX_FADV_DONTNEED)
        return try file.readAll(limit: limit)
    }
}

extension ClaimedJob {
    /// Publishes the job's result: stages the files, waits for the disk, has them verified as read back, and
    /// renames them to `done/ID/` in one step. Then the payload and the entry are removed.
    ///
    /// The first result of a job stands for ever. Where the entry was taken from this worker meanwhile, the
    /// result still counts provided that the job is neither done nor dead: good work is not thrown away.
    ///
    /// - Parameters:
    ///   - files: the content of `done/ID/` by name, at least one.
    ///   - verify: throws to refuse the staged result. Runs on the calling thread, with no lock held.
    /// - Throws: `SpoolError.verificationFailed` with what `verify` threw; `leaseLost` when the entry was
    ///   taken away and the job is dead or purged; `invalidFileName`, `invalidSubmission` (no files),
    ///   `claimFinished`; `busy`, `noSpace` and `system`. Except after `leaseLost` and `claimFinished` the
    ///   job is still claimed, with all its files, and can be published again, failed or handed back; where
    ///   `system` comes from the very last step on a failing disk the result may be in `done/` already, which
    ///   every later call finds out.
    package func publish(
        _ files: [String: Data], verify: (StagedResult) throws -> Void
    ) throws(SpoolError) -> PublishOutcome {
        guard !files.isEmpty else { throw .invalidSubmission("a result needs at least one file") }
        for name in files.keys { try SpoolQueue.checkPlainName(name) }
        return try finishing { () throws(SpoolError) in
            let staging = try queue.makeStaging("result")
            defer { queue.abandon(staging) }
            for (name, data) in files.sorted(by: { $0.key < $1.key }) {
                try staging.directory.writeNewFile(name, data)
            }
            try staging.directory.synchronize()
            FaultInjection.reached(.publishStaged)
            do {
                try verify(StagedResult(staging.directory))
            } catch {
                throw .verificationFailed(id, reason: String(String(describing: error).prefix(4000)))
            }
            FaultInjection.reached(.beforePublish)
            return (try locked { (_) throws(SpoolError) in try commit(staging) }, true)
        }
    }

    private func commit(_ staging: Staging) throws(SpoolError) -> PublishOutcome {
        let isOwner = try isOwner()
        if try queue.done.has(id.text) {
            if isOwner { removeEntry(entry.text, in: queue.current, directory) }
            return .alreadyPublished
        }
        if try queue.dead.has(id.text) { throw .leaseLost(id) }
        var waiting: String?
        if !isOwner {
            waiting = try queue.queuedEntry(id)
            if waiting == nil, try queue.runningEntry(id) == nil { throw .leaseLost(id) }
        }
        try queue.temporary.rename(staging.name, to: queue.done, id.text)
        try queue.done.synchronize()
        try queue.temporary.synchronize()
        FaultInjection.reached(.betweenPublishAndCleanup)
        if isOwner {
            removeEntry(entry.text, in: queue.current, directory)
        } else if let waiting, let other = try? queue.openEntry(waiting, in: queue.new) {
            defer { other.close() }
            removeEntry(waiting, in: queue.new, other)
        }
        return .published
    }

    /// Removes what is left of a finished job. What fails here is left to the next reap or claim.
    private func removeEntry(_ name: String, in parent: Descriptor, _ directory: Descriptor) {
        do {
            try queue.discard(name, in: parent, directory)
        } catch {
            queue.note(parent.path(name), error)
        }
    }
}
