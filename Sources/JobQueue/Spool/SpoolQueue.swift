// SPDX-License-Identifier: Apache-2.0

import Foundations
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

/// A queue of jobs in one directory of a local file system, for any number of processes and threads.
///
/// A job is a directory that moves by renames: `new/` → `cur/` → `done/` or `dead/`. Every worker may die at
/// any moment without losing a job or giving it two results. `docs/spool.md` has the protocol and the
/// argument.
package final class SpoolQueue: Sendable {
    /// The path of the spool, as given.
    package let path: String
    /// What the queue was told.
    package let options: SpoolOptions
    /// The name of this process in entries of `cur/`.
    package let identity: WorkerIdentity

    let root: Descriptor
    let temporary: Descriptor
    let new: Descriptor
    let current: Descriptor
    let done: Descriptor
    let dead: Descriptor
    let records: Descriptor
    let issues = Mutex<[SpoolIssue]>([])
    private let lastEpoch = Atomic<UInt64>(0)

    /// The directories of a spool.
    static let directoryNames = ["tmp", "new", "cur", "done", "dead", "ids"]

    /// Opens the spool at `path`.
    ///
    /// - Parameters:
    ///   - path: a directory; relative to the working directory unless it starts with `/`.
    ///   - creating: whether what is missing is made, with mode 0700.
    ///   - options: see `SpoolOptions`.
    /// - Precondition: `options.maxAttempts` is one of 1 to 998.
    /// - Throws: `SpoolError.notASpool` when a part is missing and not to be made, is no directory, is on
    ///   another or on a network file system, or when the spool is of a later version; `system` and
    ///   `noSpace`.
    package init(path: String, creating: Bool = true, options: SpoolOptions = .init()) throws(SpoolError) {
        precondition(
            (1..<QueuedName.maximumAttempts).contains(options.maxAttempts), "maxAttempts is 1 to 998")
        self.path = path
        self.options = options
        identity = .current(host: options.hostName)
        root = try SpoolQueue.openRoot(path, creating: creating)
        try SpoolQueue.checkFileSystem(root)
        try SpoolQueue.checkVersion(root, creating: creating)
        var opened: [Descriptor] = []
        for name in SpoolQueue.directoryNames {
            opened.append(try SpoolQueue.openPart(name, of: root, creating: creating))
        }
        (temporary, new, current) = (opened[0], opened[1], opened[2])
        (done, dead, records) = (opened[3], opened[4], opened[5])
    }

    /// Checks the name of a file of a job or of a result.
    ///
    /// A name is 1 to 128 bytes of UTF-8 without `/` and control characters, does not start with a full stop,
    /// and is none that the queue uses itself (`job.json`, `lease`, `digest`, `progress`, `attempts.log`,
    /// `reason.json`).
    ///
    /// - Throws: `SpoolError.invalidFileName`.
    package static func checkFileName(_ name: String) throws(SpoolError) {
        try checkPlainName(name)
        if reservedNames.contains(name) {
            throw .invalidFileName(name, reason: "the queue uses this name itself")
        }
    }

    /// What calls on this object stepped over since the last call of this function, each thing once.
    ///
    /// At most 1000 issues are kept; worth a line in the worker's log.
    package func drainIssues() -> [SpoolIssue] {
        issues.withLock { list in
            defer { list = [] }
            return list
        }
    }

    /// The spool's secret, 32 bytes in `digest.key`, made on first use: what digests of witnesses, and of
    /// what says something of them, are keyed with, so that a digest that stays tells nothing to whoever has
    /// not the spool.
    package func secret() throws(SpoolError) -> [UInt8] {
        try root.secret("digest.key", by: temporary, temporaryName("key"))
    }

    func note(_ place: String, _ code: String, _ message: String) {
        let issue = SpoolIssue(place: place, code: code, message: message)
        issues.withLock { list in
            if list.count < 1000, !list.contains(issue) { list.append(issue) }
        }
    }

    func note(_ place: String, _ error: SpoolError) { note(place, error.word, error.message) }

    /// A number that grows with every call in this process and is about the time in milliseconds.
    func nextEpoch() -> UInt64 {
        let now = UInt64(max(0, wallClock()) * 1000)
        while true {
            let last = lastEpoch.load(ordering: .relaxed)
            let next = max(now, last + 1)
            let swap = lastEpoch.weakCompareExchange(expected: last, desired: next, ordering: .relaxed)
            if swap.exchanged { return next }
        }
    }

    /// A name in `tmp/` that nobody else uses. What starts with `martlet.` is guarded by a lock of its maker.
    func temporaryName(_ kind: String) -> String {
        "martlet.\(kind).\(identity.pid)-\(UInt64.random(in: 0 ... .max).hexadecimal(digits: 16))"
    }
}

extension SpoolQueue {
    static let reservedNames: Set<String> = [
        "job.json", "lease", "digest", "progress", "attempts.log", "reason.json", "reason.json.tmp",
    ]

    static func checkPlainName(_ name: String) throws(SpoolError) {
        let reason: String? =
            if name.isEmpty { "it is empty" } else if name.utf8.count > 128 {
                "it has more than 128 bytes"
            } else if name.utf8.first == UInt8(ascii: ".") {
                "it starts with a full stop"
            } else if name.utf8
                .contains(where: { $0 == UInt8(ascii: "/") || $0 < 0x20 || $0 == 0x7f })
            {
                "it contains '/' or a control character"
            } else { nil }
        if let reason { throw .invalidFileName(name, reason: reason) }
    }
}
