// SPDX-License-Identifier: Apache-2.0

import Foundations
import Outcomes
import Synchronization

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

extension ClaimedJob {
    /// Makes `operation` the one that may finish the claim. The claim is finished when it gives true.
    func finishing<T>(_ operation: () throws(SpoolError) -> (T, isFinished: Bool)) throws(SpoolError) -> T {
        try phase.withLock { current throws(SpoolError) in
            switch current {
            case .claimed: current = .finishing
            case .finishing: throw .busy(id)
            case .finished: throw .claimFinished(id)
            }
        }
        do {
            let (value, isFinished) = try operation()
            end(isFinished)
            return value
        } catch {
            if case .leaseLost = error { end(true) } else { end(false) }
            throw error
        }
    }

    private func end(_ isFinished: Bool) {
        phase.withLock { current in
            current = isFinished ? .finished : .claimed
            // Under the lock, so that no heartbeat uses a descriptor that is closed.
            if isFinished { lease.close() }
        }
    }

    /// Runs `change` under the lock of the job's record, as every change of a job's state does.
    func locked<T>(_ change: (RecordLock) throws(SpoolError) -> T) throws(SpoolError) -> T {
        guard let lock = try queue.lock(id, creating: isOwner()) else { throw .leaseLost(id) }
        defer { lock.release() }
        return try change(lock)
    }

    /// Gives the job up for this attempt.
    ///
    /// A retryable failure returns the job to `new/` while attempts are left, otherwise the job goes to
    /// `dead/` with `code` and `message` as its reason and with its files.
    ///
    /// - Parameters:
    ///   - code: for programs; 1 to 64 of `a-z 0-9 . _ -`, anything else is written as `-`.
    ///   - message: for people; cut after 4000 characters.
    ///   - retryable: whether another attempt can do better.
    /// - Throws: `SpoolError.leaseLost` when the entry was taken away, `claimFinished`, `busy`, `noSpace` and
    ///   `system`. After the last three the job is still claimed.
    @discardableResult
    package func fail(code: String, message: String, retryable: Bool) throws(SpoolError) -> FailOutcome {
        let code = cleaned(code)
        let message = String(message.prefix(4000))
        return try finishing { () throws(SpoolError) in
            try locked { (_) throws(SpoolError) in
                guard try isOwner() else { throw .leaseLost(id) }
                if try queue.done.has(id.text) {
                    try queue.discard(entry.text, in: queue.current, directory)
                    return (.alreadyPublished, true)
                }
                var event = queue.event("failed", entry)
                event.code = code
                event.message = String(message.prefix(1000))
                queue.append(event, in: directory)
                if retryable && attempt < queue.options.maxAttempts {
                    try returnToQueue(attempts: attempt)
                    return (.requeued(attempts: attempt), true)
                }
                try queue.bury(
                    Corpse(
                        name: entry.text, parent: queue.current, directory: directory, queued: entry.queued),
                    code, message)
                return (.dead, true)
            }
        }
    }

    /// Returns the job to `new/` as if this attempt had not been, for a worker that is told to stop.
    ///
    /// - Throws: as `fail(code:message:retryable:)`.
    package func handBack() throws(SpoolError) {
        try finishing { () throws(SpoolError) in
            try locked { (_) throws(SpoolError) in
                guard try isOwner() else { throw .leaseLost(id) }
                if try queue.done.has(id.text) {
                    try queue.discard(entry.text, in: queue.current, directory)
                    return ((), true)
                }
                queue.append(queue.event("handed-back", entry), in: directory)
                try returnToQueue(attempts: attempt - 1)
                return ((), true)
            }
        }
    }

    private func returnToQueue(attempts: Int) throws(SpoolError) {
        try queue.current.rename(entry.text, to: queue.new, entry.queued.withAttempt(attempts).text)
        try queue.new.synchronize()
        try queue.current.synchronize()
        // Before the record's lock goes, so that the next worker finds the lease free.
        lease.unlock()
    }

    private func cleaned(_ code: String) -> String {
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789._-")
        let text = String(code.prefix(64).map { allowed.contains($0) ? $0 : "-" })
        return text.isEmpty ? "unknown" : text
    }
}
