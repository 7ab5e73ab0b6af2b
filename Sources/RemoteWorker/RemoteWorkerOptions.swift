// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a `RemoteWorker` is told.
package struct RemoteWorkerOptions: Sendable {
    /// The worker's name, for people and metrics: 1 to 64 of `A-Z a-z 0-9 _ -`.
    package var name = RemoteWorkerOptions.defaultName
    /// The directory for keys, finished proofs and witnesses at work. One worker at a time uses it.
    package var directory: String
    /// How many jobs are proved at the same time, each in a process of its own.
    package var jobs = 1
    /// How many further jobs may be leased while all processes prove, to have their files at hand.
    package var prefetch = 0
    /// Whether the worker ends once no job waits.
    package var drains = false
    /// How many bytes of memory the jobs under way may take together.
    package var memory = Int64(clamping: ProcessInfo.processInfo.physicalMemory / 4 * 3)
    /// How many bytes of proving keys are kept on the disk for later jobs.
    package var keyDisk: Int64 = 64 << 30
    /// Seconds that one proof may take. A process that takes longer is killed, and the attempt has failed: a
    /// driver that hangs must not keep a job for ever.
    package var proofSeconds: Double = 3600
    /// After failures of its own at so many jobs in a row the worker takes no more until its check of itself
    /// finds nothing.
    package var failuresInARow = 5
    /// Seconds until that check, at first; doubled with each further failure.
    package var unreadyPause: Double = 60
    /// The program, and its arguments, that answers the prover's protocol.
    package var prover: [String]
    /// Seconds that a request for a job may wait at the coordinator, up to 60.
    package var pollSeconds: Double = 30
    /// The first pause, in seconds, after a failure of the machine or the coordinator; doubled with each
    /// further one.
    package var firstPause: Double = 0.5
    /// The longest such pause, in seconds.
    package var longestPause: Double = 30

    /// The defaults.
    package init(directory: String, prover: [String]) {
        self.directory = directory
        self.prover = prover
    }

    /// The machine's name, as far as a worker's name may have its characters.
    package static var defaultName: String {
        let name = ProcessInfo.processInfo.hostName.utf8.prefix(64).map { byte -> Character in
            let character = Character(Unicode.Scalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber || character == "_")
                ? character : "-"
        }
        return name.isEmpty ? "worker" : String(name)
    }
}
