// SPDX-License-Identifier: Apache-2.0

import Foundation
import Foundations
import JobQueue
import Logging
import Outcomes
import Synchronization

/// A job that this worker has claimed, with what it is doing at the moment.
final class RunningJob: Sendable {
    let claim: ClaimedJob
    /// Adds the job's identifier and attempt to each line.
    let logger: Logger
    let started = Date()
    let startedAt = ContinuousClock.now
    /// Whether no other job of this process may run beside it.
    let isAlone: Bool

    fileprivate struct State {
        var phase = JobPhase.claimed
        var isReported = false
        var isLost = false
    }
    private let state = Mutex(State())

    init(_ claim: ClaimedJob, logger: Logger, isAlone: Bool) {
        self.claim = claim
        self.isAlone = isAlone
        var logger = logger
        logger[metadataKey: "job"] = .string(claim.id.text)
        logger[metadataKey: "attempt"] = .stringConvertible(claim.attempt)
        self.logger = logger
    }

    var phase: JobPhase { state.withLock { $0.phase } }

    func enter(_ phase: JobPhase) {
        state.withLock { state in
            state.phase = phase
            state.isReported = false
        }
        logger.debug("phase begins", metadata: ["phase": .string(phase.rawValue)])
    }

    /// Whether the phase was not written to the spool yet.
    var isUnreported: Bool { state.withLock { !$0.isReported } }

    /// Writes the sign of life and the phase to the spool.
    func beat() {
        let phase = state.withLock { state in
            state.isReported = true
            return state.phase
        }
        do {
            if try claim.heartbeat(phase: phase.rawValue) == .lost, state.withLock({ $0.becomesLost() }) {
                logger.warning("the job was taken away; its result still counts if it is the first")
            }
        } catch .claimFinished {
            // Published, failed or handed back since the list was made.
        } catch {
            logger.warning("the sign of life failed", metadata: ["reason": .string(error.message)])
        }
    }

    /// Seconds since the claim.
    var age: Double { startedAt.secondsAgo }
}

extension RunningJob.State {
    /// True the first time only.
    fileprivate mutating func becomesLost() -> Bool {
        defer { isLost = true }
        return !isLost
    }
}
