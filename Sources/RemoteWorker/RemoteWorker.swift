// SPDX-License-Identifier: Apache-2.0

import Coordination
package import Failures
import Foundation
import Foundations
package import Logging
package import MartletClient
import Outcomes
import ServiceLifecycle
import Synchronization

/// Works for a coordinator: leases jobs, has them proved and the proofs verified by processes of its own, and
/// reports them.
///
/// A service of swift-service-lifecycle: a graceful shutdown finishes the jobs that run and leases no others;
/// a cancellation,
/// or `handBackNow()`, gives them back with the attempt not counted. It only makes connections, it takes
/// none. A finished
/// proof goes to the disk and to the coordinator at once, and is offered again, also by the next run, until
/// that has
/// answered. A thread of its own keeps the time of the signs of life.
package final class RemoteWorker: Sendable {
    let client: MartletClient
    /// Signs of life do not wait behind files, and are not repeated for long: the next one comes soon.
    let pulse: MartletClient
    let options: RemoteWorkerOptions
    let logger: Logger
    let roster: Roster
    let keys: KeyStore
    let provers: ProverPool
    let journal: ProofJournal
    let fitness: Fitness
    let scratch: PrivateFolder
    /// Made anew with each start, so that the coordinator knows this run's leases.
    let incarnation = UUID().uuidString
    /// Held, with its lock, as long as the worker lives.
    private let folder: PrivateFolder
    let isBeating = Atomic<Bool>(true)

    /// A worker that has not begun yet.
    ///
    /// - Throws: `JobFailure`: `badInput` for options that cannot be followed, `infrastructure` when its
    ///   directory cannot be used or another worker uses it.
    package init(
        client: MartletClient, options: RemoteWorkerOptions, logger: Logger
    ) throws(JobFailure) {
        guard options.jobs > 0, options.prefetch >= 0, options.proofSeconds > 0 else {
            throw JobFailure(
                code: .badInput,
                message: "a worker runs at least one job at a time, and gives a proof some time")
        }
        guard (try? JobID(options.name)) != nil else {
            throw JobFailure(code: .badInput, message: "a worker's name is 1 to 64 of A-Z a-z 0-9 _ -")
        }
        var brief = client.options
        brief.retries = 0
        brief.requestTimeout = 10
        self.client = client
        self.options = options
        self.logger = logger
        fitness = Fitness(
            limit: options.failuresInARow,
            pauses: (options.firstPause, options.longestPause, options.unreadyPause))
        roster = Roster(jobs: options.jobs, prefetch: options.prefetch, memory: options.memory)
        do {
            pulse = try MartletClient(client.address, options: brief)
            folder = try PrivateFolder(options.directory)
            guard try folder.lock() else {
                throw JobFailure(
                    code: .infrastructure, message: "\(options.directory): another worker uses this directory"
                )
            }
            journal = ProofJournal(try folder.folder("journal"))
            scratch = try folder.folder("tmp")
            // Witnesses of a run that was killed.
            for name in try scratch.names() { try scratch.destroy(name) }
            keys = try KeyStore(try folder.folder("keys"), budget: options.keyDisk) { blob, path in
                try await client.downloadBlob(blob, to: path)
            }
        } catch {
            throw JobFailure(remote: error)
        }
        let command = options.prover
        provers = ProverPool(size: options.jobs) { () throws(JobFailure) in try ProverChild(command) }
    }

    /// Leases no more jobs; `run()` returns when those that run have ended.
    package func finish() {
        logger.notice("finishing the running jobs", metadata: running)
        roster.raise(.finish)
    }

    /// Gives the running jobs back with the attempt not counted and ends. Proofs that are finished stay on
    /// the disk.
    package func handBackNow() {
        logger.notice("handing the running jobs back", metadata: running)
        roster.raise(.handBack)
        for job in roster.held { job.stop(.handedBack) }
    }

    /// What the worker is doing, for its health.
    package var condition: Condition {
        Condition(
            takesJobs: roster.stop == .no && fitness.unready == nil, unready: fitness.unready,
            leases: roster.held.count, busySeconds: roster.busySeconds,
            provers: options.jobs)
    }

    /// What a worker is doing.
    package struct Condition: Sendable, Equatable {
        /// False once it is to end, and while it is unready.
        package var takesJobs: Bool
        /// Why it takes no jobs: too many failures of its own, or the coordinator gives it none.
        package var unready: String?
        /// Jobs in hand.
        package var leases: Int
        /// Seconds for which provers were at work since the start, of all together.
        package var busySeconds: Double
        package var provers: Int
    }

    private var running: Logger.Metadata { ["running": .stringConvertible(roster.held.count)] }
}

extension JobFailure {
    /// The failure that an error on the way to or from a coordinator amounts to: never the job's fault.
    init(remote error: any Error) {
        switch error {
        case let failure as JobFailure: self = failure
        case let error as any CodedError: self.init(code: .infrastructure, message: error.message)
        default: self.init(code: .infrastructure, message: SystemReason.text(error))
        }
    }
}
