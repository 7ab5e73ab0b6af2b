// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Says in the log that nothing can be written: once a minute at most, however many requests are refused.
final class DiskLog: Sendable {
    private struct State {
        var lastWarning: ContinuousClock.Instant?
        var lastNotice: ContinuousClock.Instant?
        /// Whether it was said that nothing can be written, and not yet that this is over.
        var isSaid = false

        static func isDue(_ last: ContinuousClock.Instant?) -> Bool {
            last.map { $0.duration(to: .now) >= .seconds(60) } ?? true
        }
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(_ logger: Logger) { self.logger = logger }

    /// A request was refused; whether for the disk is looked at here.
    func refused(_ error: ServiceError) {
        guard error.kind == .noSpace || error.kind == .noFolder else { return }
        let isDue = state.withLock { state in
            guard State.isDue(state.lastWarning) else { return false }
            state.lastWarning = .now
            return true
        }
        guard isDue else { return }
        logger.warning(
            "uploads and jobs are refused for want of disk", metadata: ["reason": .string(error.message)])
    }

    /// Looks whether anything can be written to the folder.
    func look(at folder: DataFolder) async {
        let problem: ServiceError? = await {
            do throws(ServiceError) {
                try await offPool { () throws(ServiceError) in try folder.demand(1) }
                return nil
            } catch {
                return error
            }
        }()
        if let problem {
            refused(problem)
            state.withLock { $0.isSaid = true }
            return
        }
        let isOver = state.withLock { state in
            guard state.isSaid, State.isDue(state.lastNotice) else { return false }
            state.isSaid = false
            state.lastNotice = .now
            return true
        }
        if isOver { logger.notice("the data folder can be written again") }
    }
}
