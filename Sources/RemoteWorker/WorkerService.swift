// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import Foundations
import Logging
import MartletClient
import Outcomes
import ServiceLifecycle
import Synchronization

extension RemoteWorker: Service, CustomStringConvertible {
    /// The name of the service in logs.
    package var description: String { "RemoteWorker" }

    /// Serves jobs until a shutdown, or in a drain until no job waits.
    ///
    /// - Throws: `JobFailure` when no prover can be started, or the coordinator does not let this worker in.
    package func run() async throws {
        // Not a child task: a cancellation has to leave time for giving jobs back.
        let work = Task { await self.serveAll() }
        let failure = await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await work.value
            } onGracefulShutdown: {
                self.finish()
            }
        } onCancel: {
            self.handBackNow()
        }
        if let failure { throw failure }
    }

    private func serveAll() async -> JobFailure? {
        let claimer: LeaseClaimer
        do throws(JobFailure) {
            let ready = try await firstProver()
            logger.info(
                "worker starts",
                metadata: [
                    "queue": .string(client.address.description), "worker": .string(options.name),
                    "backend": .string(ready.backend), "jobs": .stringConvertible(options.jobs),
                    "threads": .stringConvertible(ready.threads), "version": .string(MartletVersion.current),
                    "memory": .stringConvertible(options.memory),
                ])
            claimer = LeaseClaimer(worker: self, devices: ready.backend.components(separatedBy: ", "))
        } catch {
            return error
        }
        startPulse()
        await withDiscardingTaskGroup { group in
            while let job = await claimer.next() {
                group.addTask { await self.serve(job) }
            }
        }
        isBeating.store(false, ordering: .relaxed)
        await provers.close()
        await pulse.close()
        logger.info("worker ends", metadata: ["queue": .string(client.address.description)])
        return claimer.failure
    }

    /// Starts the first prover, so that one that cannot work is found out before a job is leased.
    private func firstProver() async throws(JobFailure) -> ProverMessage.Ready {
        let prover = try await provers.take("")
        do throws(JobFailure) {
            let ready = try await prover.ready()
            await provers.give(prover)
            return ready
        } catch {
            await provers.give(prover)
            throw JobFailure(code: .infrastructure, message: "no prover can be started: \(error.message)")
        }
    }

    // MARK: Signs of life

    private func startPulse() {
        let thread = Thread {
            while self.isBeating.load(ordering: .relaxed) {
                for job in self.roster.held {
                    guard let renewal = job.dueRenewal() else { continue }
                    Task { await self.renew(job, renewal) }
                }
                usleep(50_000)
            }
        }
        thread.name = "martlet-beat"
        thread.start()
    }

    private func renew(_ job: HeldLease, _ renewal: Renewal) async {
        do throws(ClientError) {
            let answer = try await pulse.renew(job.lease.lease, renewal)
            job.renewalEnded(failed: false)
            switch answer.order {
            case .continue: break
            case .cancel:
                job.logger.notice("the job was cancelled")
                job.stop(.cancelled)
            case .lost: lost(job)
            }
        } catch {
            if [404, 409].contains(error.status) { lost(job) }
            job.renewalEnded(failed: true)
            job.logger.warning("the sign of life failed", metadata: ["reason": .string(error.message)])
        }
    }

    private func lost(_ job: HeldLease) {
        // Who has just reported its proof has no lease any more.
        guard job.becomesLost(), job.phase != .report else { return }
        job.logger.warning("the lease was lost; the proof still counts if it is the first")
    }
}
