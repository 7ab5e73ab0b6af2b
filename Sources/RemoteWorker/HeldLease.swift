// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Foundations
import Logging
import Outcomes
import Synchronization

/// A job that this worker has leased, with what it is doing at the moment.
final class HeldLease: Sendable {
    /// Why the work at a job ends before its proof.
    enum Stop: Equatable {
        /// Nobody wants it any more.
        case cancelled
        /// The worker ends: others shall have it.
        case handedBack
    }

    private struct State {
        var phase = JobPhase.leased
        var isReported = false
        var lastRenewal = ContinuousClock.now
        var nextRenewal: ContinuousClock.Instant
        var isRenewing = false
        var isLost = false
        var holdsKey = false
        var stop: Stop?
        var prover: ProverChild?
        var work: Task<Void, Never>?
    }

    let lease: Lease
    let slot: Int
    /// Adds the job, the lease and the attempt to each line.
    let logger: Logger
    private let startedAt = ContinuousClock.now
    private let state: Mutex<State>

    init(_ lease: Lease, slot: Int, logger: Logger) {
        self.lease = lease
        self.slot = slot
        var logger = logger
        logger[metadataKey: "job"] = .string(lease.job)
        logger[metadataKey: "lease"] = .string(lease.lease)
        logger[metadataKey: "attempt"] = .stringConvertible(lease.attempt)
        if let traceparent = lease.traceparent { logger[metadataKey: "traceparent"] = .string(traceparent) }
        self.logger = logger
        state = Mutex(State(nextRenewal: .now + .seconds(max(0.05, lease.renewEvery))))
    }

    /// Seconds since the lease.
    var age: Double { startedAt.secondsAgo }

    var phase: JobPhase { state.withLock { $0.phase } }

    func enter(_ phase: JobPhase) {
        state.withLock { state in
            state.phase = phase
            state.isReported = false
        }
        logger.debug("phase begins", metadata: ["phase": .string(phase.rawValue)])
    }

    /// The circuit's key is kept on the disk for this job.
    func takesKey() { state.withLock { $0.holdsKey = true } }

    var holdsKey: Bool { state.withLock { $0.holdsKey } }

    var stop: Stop? { state.withLock { $0.stop } }

    // MARK: Stopping

    /// The work at the job, which a stop cancels.
    func attach(_ work: Task<Void, Never>) {
        let isStopped = state.withLock { state in
            state.work = work
            return state.stop != nil
        }
        if isStopped { work.cancel() }
    }

    /// The process that proves the job, which a stop kills; nil once the proof is made.
    func attach(_ prover: ProverChild?) {
        let isStopped = state.withLock { state in
            state.prover = prover
            return state.stop != nil
        }
        if isStopped { prover?.kill() }
    }

    /// Ends the work at the job; the first reason counts.
    func stop(_ reason: Stop) {
        let (work, prover) = state.withLock { state in
            if state.stop == nil { state.stop = reason }
            return (state.work, state.prover)
        }
        prover?.kill()
        work?.cancel()
    }

    // MARK: Signs of life

    /// A phase that lasts shorter is not told of.
    private static let leastTold = Duration.milliseconds(500)

    /// What to say now, when it is time: at the interval, and soon after a phase began. The caller says when
    /// it is done.
    func dueRenewal() -> Renewal? {
        state.withLock { state in
            guard !state.isRenewing, state.stop == nil, !state.isLost,
                state.nextRenewal <= .now
                    || (!state.isReported && state.lastRenewal + Self.leastTold <= .now)
            else { return nil }
            state.isRenewing = true
            state.isReported = true
            state.lastRenewal = .now
            state.nextRenewal = .now + .seconds(max(0.05, lease.renewEvery))
            return Renewal(epoch: lease.epoch, phase: state.phase.rawValue)
        }
    }

    /// A renewal has ended. After a failure the next one comes soon.
    func renewalEnded(failed: Bool) {
        state.withLock { state in
            state.isRenewing = false
            if failed { state.nextRenewal = .now + .seconds(max(0.05, min(1, lease.renewEvery / 3))) }
        }
    }

    /// Another worker has the job; the proof still counts if it comes first. True the first time only.
    func becomesLost() -> Bool {
        state.withLock { state in
            defer { state.isLost = true }
            return !state.isLost
        }
    }
}
