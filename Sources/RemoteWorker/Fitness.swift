// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import Foundations
import MartletClient
import Synchronization

/// Whether a worker is fit for jobs, by the failures that were its own.
///
/// After each one it asks for the next job a little later. After several in a row, each at another job, it is
/// unready: it asks no more until the pause is over and its own check of itself has found nothing. A proof
/// ends all doubts.
package final class Fitness: Sendable {
    private struct State {
        /// The jobs, by their leases, at which it failed since the last proof.
        var failed: Set<String> = []
        var last = ""
        /// Seconds of the last pause.
        var pause = 0.0
        /// Until when nothing is asked for.
        var until: ContinuousClock.Instant?
        var unready: String?
        /// Why the coordinator gives it no jobs.
        var keptOut: String?
    }

    private let limit: Int
    private let pauses: (first: Double, longest: Double, unready: Double)
    private let state = Mutex(State())

    /// Seconds of the longest pause of a worker that is unready.
    private static let longestUnready = 600.0

    /// - Parameters:
    ///   - limit: after failures at so many jobs in a row the worker is unready.
    ///   - pauses: seconds: after the first failure, after many, and at first when it is unready.
    package init(limit: Int, pauses: (first: Double, longest: Double, unready: Double)) {
        self.limit = limit
        self.pauses = pauses
    }

    /// Why the worker takes no jobs; nil while it does.
    package var unready: String? { state.withLock { $0.unready ?? $0.keptOut } }

    /// Why it takes none by its own judgement.
    var ownDoubt: String? { state.withLock { $0.unready } }

    /// Seconds until it may ask for a job.
    package var wait: Double {
        state.withLock { state in
            guard let until = state.until else { return 0 }
            return max(0, ContinuousClock.now.duration(to: until).inSeconds)
        }
    }

    /// A job failed by this worker's own fault. Whether the worker has become unready by that.
    @discardableResult
    package func failed(at lease: String, _ reason: String) -> Bool {
        state.withLock { state in
            let wasReady = state.unready == nil
            state.failed.insert(lease)
            state.last = reason
            if state.failed.count >= limit {
                Self.pauseUnready(&state, pauses)
                return wasReady
            }
            state.pause = min(max(pauses.first, state.pause * 2), pauses.longest)
            state.until = .now + .seconds(state.pause)
            return false
        }
    }

    /// A lease came to nothing, and the worker is not to blame. It asks for the next job a little later;
    /// where the same lease may come again, later each time.
    package func dropped(mayComeAgain: Bool) {
        state.withLock { state in
            var pause = pauses.first
            if mayComeAgain {
                pause = max(pause, min(state.pause * 2, pauses.longest))
                state.pause = max(state.pause, pause)
            }
            state.until = max(state.until ?? .now, .now + .seconds(pause))
        }
    }

    /// The worker's check of itself found something: it stays unready.
    package func foundUnfit(_ reason: String) {
        state.withLock { state in
            state.last = reason
            Self.pauseUnready(&state, pauses)
        }
    }

    /// The check found nothing: one job shows whether that is true. The next failure makes it unready again,
    /// for longer.
    package func foundFit() {
        state.withLock { state in
            state.unready = nil
            state.until = nil
        }
    }

    /// A job went well as far as this machine is concerned.
    package func succeeded() {
        state.withLock { state in
            let keptOut = state.keptOut
            state = State()
            state.keptOut = keptOut
        }
    }

    /// The coordinator gives this worker no jobs. Whether that is news.
    func keptOut(_ reason: String) -> Bool {
        state.withLock { state in
            defer { state.keptOut = reason }
            return state.keptOut != reason
        }
    }

    /// The coordinator has answered as it does to workers that may have jobs.
    func letIn() { state.withLock { $0.keptOut = nil } }

    private static func pauseUnready(
        _ state: inout State, _ pauses: (first: Double, longest: Double, unready: Double)
    ) {
        state.pause = min(max(pauses.unready, state.pause * 2), max(longestUnready, pauses.unready))
        state.until = .now + .seconds(state.pause)
        state.unready =
            state.failed.isEmpty
            ? state.last : "\(Count.text(state.failed.count, "job")) in a row failed here: \(state.last)"
    }
}
