// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Logging
import Outcomes

/// What is told of attempts that failed, and of the workers that failed them.
extension Coordinator {
    /// An attempt has failed by the worker's own word.
    func failed(_ uid: String, _ code: FailureCode, _ message: String, _ attempt: FailedAttempt) {
        metrics.attemptFailed(code.rawValue, worker: attempt.worker.name)
        logger.warning(
            "an attempt failed",
            metadata: [
                "job": .string(attempt.job.id), "lease": .string(uid), "code": .string(code.rawValue),
                "worker": .string(attempt.worker.name), "token": .string(attempt.worker.token),
                "state": .string(attempt.job.state.rawValue), "reason": .string(String(message.prefix(500))),
            ])
        leaseEnded(uid, attempt.job)
    }

    /// A sweep has changed a job.
    func swept(_ stored: StoredJob) {
        if let worker = stored.lostWorker {
            metrics.attemptFailed(FailureCode.workerLost.rawValue, worker: worker.name)
            logger.warning(
                "a worker lost its job",
                metadata: [
                    "job": .string(stored.job.id), "lease": .string(stored.uid),
                    "worker": .string(worker.name), "token": .string(worker.token),
                    "state": .string(stored.job.state.rawValue),
                    "reason": .string(stored.job.reason?.message ?? ""),
                ])
        } else {
            logger.warning(
                "a job missed its deadline",
                metadata: ["job": .string(stored.job.id), "state": .string(stored.job.state.rawValue)])
        }
        leaseEnded(stored.uid, stored.job)
    }

    /// A worker gave a sign of life.
    func renewed(_ uid: String, _ renewal: RenewedLease) async {
        if let job = renewal.ended { leaseEnded(uid, job) }
        guard renewal.order == .continue, let worker = renewal.worker, workers.renewed(uid, by: worker)
        else { return }
        do throws(StoreError) {
            try await store.heard(worker)
        } catch {
            // The lease is renewed; the next sign of life says it again.
            logger.warning("a sign of life was not kept", metadata: ["reason": .string(error.message)])
        }
    }

    /// Looks which workers get no jobs, and tells of those that it was not known of.
    func watchStandings() async throws(StoreError) {
        let kept = try await store.workersKeptOut()
        let news = metrics.standings(
            Dictionary(
                kept.map { (WorkerID(token: $0.token, name: $0.name), $0.standing) },
                uniquingKeysWith: { $1 }))
        for worker in kept where news.contains(WorkerID(token: worker.token, name: worker.name)) {
            logger.error(
                "a worker gets no jobs",
                metadata: [
                    "worker": .string(worker.name), "token": .string(worker.token),
                    "standing": .string(worker.standing.rawValue), "reason": .string(worker.reason ?? ""),
                ])
        }
    }

    /// What follows when a job is in no worker's hands any more: others may have it, or its witness goes.
    func leaseEnded(_ uid: String, _ job: Job) {
        workers.ended(uid, report: nil)
        if job.state == .queued { news.queued() }
        guard job.state.isFinal else { return }
        metrics.finished(circuits.system(job.specification.circuit), job.state, nil)
        if job.state != .dead { vault.remove(uid) }
    }
}
