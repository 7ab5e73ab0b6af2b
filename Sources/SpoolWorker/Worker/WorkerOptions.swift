// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a `ProofWorker` is told.
package struct WorkerOptions: Sendable {
    /// How many jobs run at the same time.
    package var jobs = 1
    /// Whether the worker ends once no job waits any more.
    package var drains = false
    /// How many bytes of proving keys are kept for later jobs.
    package var keyMemory = WorkerOptions.defaultKeyMemory
    /// How many bytes precomputed multiples of each key's points may take; 0 for none.
    package var keyMultiples = 0
    /// The directories, absolute, below which proving keys and circuits must lie; empty to allow all.
    package var keyRoots: [String] = []
    /// Seconds between two signs of life of a job. A twelfth of the time after which the spool calls a job
    /// stalled.
    package var heartbeatInterval: Double = 5
    /// Seconds between two looks for jobs of dead workers: each is a listing of `cur/` and a try at each
    /// lock.
    package var reapInterval: Double = 2
    /// The first pause, in seconds, after a failure of the machine; doubled with each further one.
    package var firstPause: Double = 0.5
    /// The longest pause, in seconds, after a failure of the machine.
    package var longestPause: Double = 30

    /// The defaults.
    package init() {}

    /// A quarter of the machine's memory: the rest is for proofs, which take several times their key's size.
    package static let defaultKeyMemory = Int(clamping: ProcessInfo.processInfo.physicalMemory / 4)
}
