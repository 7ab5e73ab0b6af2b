// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// Lets a test kill this very process at a chosen point. For tests only.
///
/// Nothing happens unless the environment variable `MARTLET_FAULT` was set to the name of a point, or to
/// `NAME:N` for the N-th time that it is reached, when the process reached its first point. Then the process
/// writes one line to standard error and sends itself SIGKILL.
public enum FaultInjection {
    /// The points inside the queue, in the order in which a job meets them.
    public enum Point: String, CaseIterable, Sendable {
        /// A submission is complete in `tmp/`; `ids/` has no record yet.
        case submitStaged = "submit-staged"
        /// `ids/` has the record; the job is not yet in `new/`.
        case submitLinked = "submit-linked"
        /// The job is in `new/`; the caller has no answer yet.
        case submitCommitted = "submit-committed"
        /// The lease is locked; the entry is still in `new/`.
        case claimLocked = "claim-locked"
        /// The entry is in `cur/`; no work was done yet.
        case afterClaim = "after-claim"
        /// The result is in `tmp/` and was not verified yet.
        case publishStaged = "publish-staged"
        /// The result was verified; it is still in `tmp/`.
        case beforePublish = "before-publish"
        /// The result is in `done/`; the entry is still in `cur/`.
        case betweenPublishAndCleanup = "between-publish-and-cleanup"
        /// The payload files are gone; the entry is still in `cur/`.
        case betweenWipeAndCleanup = "between-wipe-and-cleanup"
        /// `reason.json` is written; the job is not yet in `dead/`.
        case beforeDead = "before-dead"
        /// The job is in `dead/`.
        case afterDead = "after-dead"
    }

    private static let chosen: (name: String, count: Int)? = {
        guard let value = getenv("MARTLET_FAULT") else { return nil }
        let parts = String(cString: value).split(separator: ":", maxSplits: 1)
        guard let name = parts.first else { return nil }
        return (String(name), parts.count == 2 ? Int(parts[1]) ?? 1 : 1)
    }()
    private static let hits = Atomic<Int>(0)

    /// Says that the process is at the point `name`, which may be one of the caller's own, `mid-proof` say.
    public static func reached(_ name: String) {
        guard let chosen, chosen.name == name,
            hits.add(1, ordering: .relaxed).newValue == chosen.count
        else { return }
        let line = "MARTLET_FAULT=\(name): this process kills itself now\n"
        _ = line.utf8.withContiguousStorageIfAvailable { write(2, $0.baseAddress, $0.count) }
        kill(getpid(), SIGKILL)
        // The signal ends the process before kill() returns to more than this thread's next instruction.
        while true { usleep(100_000) }
    }

    static func reached(_ point: Point) { reached(point.rawValue) }
}
