// SPDX-License-Identifier: Apache-2.0

/// What a `SpoolQueue` may be told. Every process on a spool should be told the same.
package struct SpoolOptions: Sendable {
    /// After how many attempts a job is given up: 1 to 998.
    package var maxAttempts = 3
    /// After how many seconds without a heartbeat a living worker's job is reported as stalled.
    ///
    /// Twelve heartbeats at one every five seconds: far more than a loaded machine delays a thread.
    package var stalledAfter: Double = 60
    /// After how many seconds an entry of `tmp/` that no living process of this library holds is removed.
    package var staleTemporaryAge: Double = 86_400
    /// Whether the files beside `job.json` are overwritten with zeros before they are removed.
    ///
    /// Best effort: a journal, a snapshot, a copy-on-write file system or a flash disk can keep the old
    /// bytes.
    package var wipesPayloadFiles = false
    /// The largest `job.json`.
    package var maximumBodyBytes = 1 << 20
    /// The host's name in entries of `cur/`; nil for the machine's own.
    package var hostName: String?
    /// How many seconds a call waits for another process that is changing the same job.
    package var lockTimeout: Double = 30

    /// The defaults.
    package init() {}
}
