// SPDX-License-Identifier: Apache-2.0

package import Failures
import Foundation
import Foundations
package import JobQueue
package import Logging
import Outcomes
package import ProvingEngine
import ServiceLifecycle

/// Serves the jobs of a spool: claims, proves, verifies, publishes.
///
/// A service of swift-service-lifecycle: a graceful shutdown finishes the jobs that run and claims no others;
/// a cancellation, or `handBackNow()`, returns them to the queue. Proofs run on threads of their own,
/// `options.jobs` of them, never on the cooperative pool; signs of life come from another thread, so that a
/// busy machine does not look like a dead one; a third thread watches the queue and takes over the jobs of
/// dead workers.
///
/// Any number of workers may serve one spool. Run each worker once.
package final class ProofWorker: Service, CustomStringConvertible {
    let queue: SpoolQueue
    let engine: ProvingEngine
    let options: WorkerOptions
    let logger: Logger
    let keys: KeyCache<LoadedKey>
    let keyRoots: KeyRoots
    let dispatcher: Dispatcher
    private let watch: SpoolWatch

    /// A worker that has not begun yet.
    ///
    /// - Parameter engine: its threads are those of one job.
    /// - Throws: `JobFailure` with the code `badInput` for options that cannot be followed.
    package init(
        queue: SpoolQueue, engine: ProvingEngine, options: WorkerOptions, logger: Logger
    ) throws(JobFailure) {
        guard options.jobs > 0 else {
            throw JobFailure(code: .badInput, message: "a worker runs at least one job at a time")
        }
        keyRoots = try KeyRoots(options.keyRoots)
        self.queue = queue
        self.engine = engine
        self.options = options
        self.logger = logger
        keys = KeyCache(budget: options.keyMemory) { (path: String) throws(JobFailure) in
            let key = try engine.loadKey(path: path, multiples: options.keyMultiples)
            return KeyCache.Loaded(key: key, bytes: key.estimatedMemory)
        }
        dispatcher = Dispatcher(queue: queue, options: options, logger: logger)
        watch = SpoolWatch(directory: queue.path + "/new")
    }

    /// The name of the service in logs.
    package var description: String { "ProofWorker" }

    /// Serves jobs until a shutdown, or in a drain until no job waits.
    ///
    /// Returns normally in each case; what became of a job is in the spool. After a cancellation threads may
    /// still be at work on jobs that were handed back: the process should end.
    package func run() async {
        logger.info(
            "worker starts",
            metadata: [
                "queue": .string(queue.path), "worker": .string(queue.identity.description),
                "backend": .string(engine.backendName), "jobs": .stringConvertible(options.jobs),
                "threads": .stringConvertible(engine.threads), "version": .string(MartletVersion.current),
                "keyMemory": .stringConvertible(options.keyMemory),
            ])
        if !watch.isNotified { logger.notice("no inotify here: the queue is looked at ten times a second") }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await withCheckedContinuation { (ended: CheckedContinuation<Void, Never>) in
                    dispatcher.onEnd { ended.resume() }
                    startThreads()
                }
            } onGracefulShutdown: {
                self.finish()
            }
        } onCancel: {
            self.handBackNow()
        }
        logIssues()
        logger.info("worker ends", metadata: ["queue": .string(queue.path)])
    }

    /// Claims no more jobs; `run()` returns when those that run have ended.
    package func finish() {
        logger.notice("finishing the running jobs", metadata: running)
        dispatcher.finish()
    }

    /// Returns the running jobs to the queue with the attempt not counted; `run()` returns at once.
    package func handBackNow() {
        logger.notice("handing the running jobs back", metadata: running)
        // Not on the caller's thread: a publication that is going on is waited for.
        Thread.detachNewThread { self.dispatcher.handBackAll() }
    }

    private var running: Logger.Metadata { ["running": .stringConvertible(dispatcher.jobs.count)] }

    // MARK: Threads

    private func startThreads() {
        reap()
        start("martlet-beat") { self.beat() }
        start("martlet-watch") { self.observe() }
        for slot in 0..<options.jobs {
            start("martlet-job-\(slot)") {
                while let job = self.dispatcher.next() {
                    let outcome = autoreleased { self.serve(job) }
                    self.dispatcher.ended(job, machineFailed: outcome == .machineFailed)
                }
                self.dispatcher.slotEnded()
            }
        }
    }

    private func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        // The default of glibc, whatever limit the process was started with.
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Signs of life: at the interval, and soon after a job enters another phase.
    private func beat() {
        var lastRound = ContinuousClock.now
        while dispatcher.isAlive {
            usleep(200_000)
            let isDue = lastRound.duration(to: .now) >= .seconds(options.heartbeatInterval)
            if isDue { lastRound = .now }
            for job in dispatcher.jobs where isDue || job.isUnreported { job.beat() }
        }
    }

    /// Watches `new/` and takes over the jobs of dead workers.
    private func observe() {
        var lastReap = ContinuousClock.now
        while dispatcher.isAlive {
            if watch.wait(options.reapInterval) { dispatcher.signalNews() }
            if lastReap.duration(to: .now) >= .seconds(options.reapInterval) {
                lastReap = .now
                reap()
                logIssues()
            }
        }
    }

    private func reap() {
        do {
            let report = try queue.reap()
            for id in report.requeued {
                logger.warning("the worker of a job died; the job is queued again", metadata: job(id))
            }
            for id in report.dead {
                logger.error(
                    "the worker of a job died in its last attempt; the job is dead", metadata: job(id))
            }
            for id in report.cleaned {
                logger.notice("remains of a finished job were removed", metadata: job(id))
            }
        } catch {
            logger.error(
                "the spool cannot be looked through", metadata: ["reason": .string(error.message)])
        }
    }

    private func job(_ id: JobID) -> Logger.Metadata { ["job": .string(id.text)] }

    private func logIssues() {
        // Deaths that `fail` and `reap` have logged with more to say.
        let known = FailureCode.ofErrors.map(\.rawValue) + [DeadReason.Code.workerLost]
        for issue in queue.drainIssues() where !known.contains(issue.code) {
            logger.warning(
                "something in the spool was stepped over",
                metadata: [
                    "place": .string(issue.place), "code": .string(issue.code),
                    "reason": .string(issue.message),
                ])
        }
    }
}

/// Runs `body` and lets go of what Foundation would keep until the thread ends.
private func autoreleased<T>(_ body: () -> T) -> T {
    #if canImport(ObjectiveC)
        return autoreleasepool(invoking: body)
    #else
        return body()
    #endif
}
