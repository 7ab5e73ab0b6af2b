// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Logging
import Outcomes

/// Hands claimed jobs to the worker's threads and knows when the worker is done.
///
/// One thread claims at a time. A job that was tried before may be one that kills its worker: it waits until
/// the jobs beside it have ended and then runs alone, so that a poisonous job cannot use up the attempts of
/// its neighbours.
///
/// Unchecked: `condition` guards what changes.
final class Dispatcher: @unchecked Sendable {
    enum Stop: Int, Comparable {
        case no
        /// Claim nothing more, finish what runs.
        case finish
        /// Return what runs to the queue.
        case handBack

        static func < (a: Stop, b: Stop) -> Bool { a.rawValue < b.rawValue }
    }

    private let queue: SpoolQueue
    private let options: WorkerOptions
    private let logger: Logger

    // Guards all of the following; its signal says that something has changed.
    private let condition = NSCondition()
    private var stop = Stop.no
    private var isClaiming = false
    private var running: [ObjectIdentifier: RunningJob] = [:]
    /// Grows whenever jobs may have come.
    private var news: UInt64 = 0
    private var pauseEnd = Date.distantPast
    private var pauseLength: Double
    private var emptyClaims = 0
    private var slots: Int
    private var whenEnded: (@Sendable () -> Void)?

    init(queue: SpoolQueue, options: WorkerOptions, logger: Logger) {
        self.queue = queue
        self.options = options
        self.logger = logger
        slots = options.jobs
        pauseLength = options.firstPause
    }

    /// Calls `action` once, when the last thread has ended or all jobs were handed back.
    func onEnd(_ action: @escaping @Sendable () -> Void) {
        condition.withLock { whenEnded = action }
    }

    /// The next job, when there is one; nil when the calling thread is to end. Blocks.
    func next() -> RunningJob? {
        condition.lock()
        defer { condition.unlock() }
        while stop == .no {
            if isClaiming {
                condition.wait()
            } else if pauseEnd > Date() {
                _ = condition.wait(until: pauseEnd)
            } else if let job = claimOne() {
                return job
            }
        }
        return nil
    }

    /// Claims a job or waits for news; under the lock, which is released meanwhile.
    private func claimOne() -> RunningJob? {
        isClaiming = true
        let seen = news
        condition.unlock()
        let claimed: Result<ClaimedJob?, SpoolError>
        do throws(SpoolError) { claimed = .success(try queue.claim()) } catch { claimed = .failure(error) }
        condition.lock()
        defer { condition.broadcast() }
        switch claimed {
        case .failure(let error):
            isClaiming = false
            logger.error("no job can be claimed", metadata: ["reason": .string(error.message)])
            pause()
            return nil
        case .success(nil):
            isClaiming = false
            condition.broadcast()
            waitForNews(since: seen)
            return nil
        case .success(let claim?):
            emptyClaims = 0
            return admit(claim)
        }
    }

    /// Lets a claimed job run, after the others when it has to be alone; nil when it was handed back.
    private func admit(_ claim: ClaimedJob) -> RunningJob? {
        let job = RunningJob(claim, logger: logger, isAlone: claim.attempt > 1)
        if job.isAlone {
            // Known to the heartbeat while it waits. Nobody claims until it has ended.
            running[ObjectIdentifier(job)] = job
            while running.count > 1 && stop == .no { condition.wait() }
        }
        if stop != .no {
            running[ObjectIdentifier(job)] = nil
            isClaiming = false
            condition.unlock()
            handBack(job)
            condition.lock()
            return nil
        }
        running[ObjectIdentifier(job)] = job
        if !job.isAlone { isClaiming = false }
        return job
    }

    /// Sleeps until jobs may have come; in a drain finds out that none will.
    private func waitForNews(since seen: UInt64) {
        guard stop == .no, news == seen else { return }
        if options.drains, running.isEmpty {
            emptyClaims += 1
            condition.unlock()
            let isEmpty = isDrained()
            condition.lock()
            // An entry that nobody can claim, because its files are another user's, must not keep a drain for
            // ever.
            if stop == .no, running.isEmpty, !isClaiming, isEmpty || emptyClaims > 20 {
                if !isEmpty { logger.warning("entries are left that cannot be claimed") }
                stop = .finish
                return
            }
        }
        // The other threads' signals are no news: without this loop idle threads would keep each other awake.
        let end = Date(timeIntervalSinceNow: options.drains ? 0.1 : 1)
        while stop == .no, news == seen, condition.wait(until: end) {}
    }

    private func isDrained() -> Bool {
        do throws(SpoolError) {
            let report = try queue.reap()
            let status = try queue.status(listingJobs: false)
            return report.requeued.isEmpty && status.queued == 0
        } catch {
            logger.error("the queue cannot be read", metadata: ["reason": .string(error.message)])
            return true
        }
    }

    /// Says that a job has left this worker.
    func ended(_ job: RunningJob, machineFailed: Bool) {
        condition.withLock {
            running[ObjectIdentifier(job)] = nil
            if job.isAlone { isClaiming = false }
            if machineFailed { pause() } else { pauseLength = options.firstPause }
            condition.broadcast()
        }
    }

    /// Claims nothing for a while, longer each time; under the lock.
    private func pause() {
        pauseEnd = Date(timeIntervalSinceNow: pauseLength)
        pauseLength = min(pauseLength * 2, options.longestPause)
    }

    /// Says that jobs may have come.
    func signalNews() {
        condition.withLock {
            news += 1
            condition.broadcast()
        }
    }

    /// Says that a thread has ended.
    func slotEnded() {
        let action = condition.withLock { () -> (@Sendable () -> Void)? in
            slots -= 1
            guard slots == 0 else { return nil }
            defer { whenEnded = nil }
            return whenEnded
        }
        action?()
    }

    /// Whether threads of the worker may still hold jobs.
    var isAlive: Bool { condition.withLock { slots > 0 && stop != .handBack } }

    /// What runs now, for signs of life.
    var jobs: [RunningJob] { condition.withLock { Array(running.values) } }

    /// Whether and how the worker is to end.
    var stopping: Stop { condition.withLock { stop } }

    /// Waits up to `seconds`, or until the worker is told to stop; for a job that waits for the machine.
    func sleep(_ seconds: Double) {
        let end = Date(timeIntervalSinceNow: seconds)
        condition.withLock {
            while stop == .no, condition.wait(until: end) {}
        }
    }

    /// Stops claiming; what runs is finished.
    func finish() {
        condition.withLock {
            stop = max(stop, .finish)
            condition.broadcast()
        }
    }

    /// Returns what runs to the queue and ends, without waiting for the proofs under way.
    ///
    /// Blocks for as long as a publication takes that is just going on.
    func handBackAll() {
        let (jobs, isFirst) = condition.withLock {
            defer {
                stop = .handBack
                condition.broadcast()
            }
            return (Array(running.values), stop != .handBack)
        }
        guard isFirst else { return }
        for job in jobs { handBack(job) }
        let action = condition.withLock {
            defer { whenEnded = nil }
            return whenEnded
        }
        action?()
    }

    private func handBack(_ job: RunningJob) {
        for _ in 0..<100 {
            do {
                try job.claim.handBack()
                job.logger.notice("handed back", metadata: ["phase": .string(job.phase.rawValue)])
                return
            } catch .busy {
                // Its thread is publishing it at this moment.
                usleep(50_000)
            } catch .claimFinished {
                return
            } catch {
                job.logger.error("cannot be handed back", metadata: ["reason": .string(error.message)])
                return
            }
        }
        job.logger.error("cannot be handed back; the next reap returns it")
    }
}
