// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import Logging
import MartletClient
import ProvingEngine
import Synchronization

/// Asks the coordinator for jobs, one wish at a time, as long as the worker has room and is not told to end.
final class LeaseClaimer: Sendable {
    private struct State {
        var hasBeenAnswered = false
        /// Seconds to wait before the next wish; 0 when nothing failed.
        var pause: Double = 0
        /// Seconds of the last pause since an answer came.
        var lastPause: Double = 0
        var failure: JobFailure?
        /// Whether proofs of earlier runs may be in the journal.
        var mayHaveOldProofs = true
    }

    private let worker: RemoteWorker
    private let devices: [String]
    private let state = Mutex(State())

    init(worker: RemoteWorker, devices: [String]) {
        self.worker = worker
        self.devices = devices
    }

    /// Why the worker ends by itself, where it should not.
    var failure: JobFailure? { state.withLock { $0.failure } }

    /// The next job; nil when the worker is to end.
    func next() async -> HeldLease? {
        let roster = worker.roster
        while roster.stop == .no {
            let pause = state.withLock { $0.pause }
            if pause > 0 {
                _ = await roster.interruptible { try? await Task.sleep(for: .seconds(pause)) }
                state.withLock { $0.pause = 0 }
                continue
            }
            guard await becomeFit() else {
                guard worker.options.drains, let reason = worker.fitness.ownDoubt else { continue }
                state.withLock { $0.failure = JobFailure(code: .infrastructure, message: reason) }
                return nil
            }
            guard await settleOldProofs() else { continue }
            guard let vacancy = roster.vacancy else {
                await roster.wait { roster.stop != .no || roster.vacancy != nil }
                continue
            }
            switch await ask(vacancy) {
            case .lease(let job): return job
            case .none where worker.options.drains && roster.isEmpty: return nil
            case .none, .failed: continue
            case .ended: return nil
            }
        }
        return nil
    }

    /// Waits where failures of this worker's own say so, and has it look at itself where it is unready; false
    /// when that has to be tried again.
    private func becomeFit() async -> Bool {
        let (fitness, roster) = (worker.fitness, worker.roster)
        let wait = fitness.wait
        if wait > 0 {
            if fitness.ownDoubt != nil {
                await tellUnready()
                if worker.options.drains { return false }
            }
            _ = await roster.interruptible { try? await Task.sleep(for: .seconds(wait)) }
            return false
        }
        guard fitness.ownDoubt != nil else { return true }
        if let reason = await worker.selfCheck() {
            worker.logger.error("the worker is unfit for jobs", metadata: ["reason": .string(reason)])
            fitness.foundUnfit(reason)
            return false
        }
        worker.logger.notice("the worker finds nothing wrong with itself any more, and takes a job")
        fitness.foundFit()
        return true
    }

    /// Tells the coordinator why this worker takes no jobs, for people to see. It does not matter where that
    /// fails.
    private func tellUnready() async {
        let request = LeaseRequest(
            worker: worker.options.name, incarnation: worker.incarnation, devices: devices,
            unready: worker.fitness.ownDoubt.map { String($0.prefix(300)) })
        _ = try? await worker.pulse.acquire(request)
    }

    private enum Answer {
        case lease(HeldLease)
        case none
        case failed
        case ended
    }

    private func ask(_ vacancy: Roster.Vacancy) async -> Answer {
        let options = worker.options
        var request = LeaseRequest(
            worker: options.name, incarnation: worker.incarnation, slot: vacancy.slot, devices: devices,
            loadedCircuits: await worker.provers.circuits, freeBytes: vacancy.freeBytes,
            wait: options.drains ? 0.5 : options.pollSeconds, inlineWitness: MartletClient.inlineWitness)
        let wish = request
        let answer = await worker.roster.interruptible { await self.result(wish) }
        // A stop may have come while the answer was on its way: then the coordinator thinks that this worker
        // has the job. The same wish finds out.
        if worker.roster.stop != .no {
            var lease: Lease?
            if case .success(let found)? = answer { lease = found }
            if lease == nil {
                request.wait = 0
                lease = try? await worker.pulse.acquire(request)
            }
            if let lease {
                do {
                    try await worker.pulse.release(lease.lease, epoch: lease.epoch)
                } catch {
                    worker.logger.warning(
                        "a lease cannot be given back; it runs out",
                        metadata: ["job": .string(lease.job), "reason": .string(error.message)])
                }
            }
            return .ended
        }
        switch answer {
        case .success(let lease?)?:
            answered()
            let job = HeldLease(lease, slot: vacancy.slot, logger: worker.logger)
            worker.roster.add(job)
            return .lease(job)
        case .success(nil)?:
            answered()
            return .none
        case .failure(let error)?: return failed(error)
        case nil: return .ended
        }
    }

    private func result(_ request: LeaseRequest) async -> Result<Lease?, ClientError> {
        do throws(ClientError) {
            return .success(try await worker.client.acquire(request))
        } catch {
            return .failure(error)
        }
    }

    private func answered() {
        worker.fitness.letIn()
        let isFirst = state.withLock { state in
            state.lastPause = 0
            defer { state.hasBeenAnswered = true }
            return !state.hasBeenAnswered
        }
        if isFirst { worker.logger.info("the coordinator answers") }
    }

    private func failed(_ error: ClientError) -> Answer {
        if error.refusal == .cordoned {
            if worker.fitness.keptOut(error.message) {
                worker.logger.error(
                    "the coordinator gives this worker no jobs", metadata: ["reason": .string(error.message)])
            }
            if worker.options.drains {
                state.withLock { $0.failure = JobFailure(code: .infrastructure, message: error.message) }
                return .ended
            }
            state.withLock { pauseLonger(&$0) }
            return .failed
        }
        worker.logger.error("no job can be leased", metadata: ["reason": .string(error.message)])
        let hasBeenAnswered = state.withLock { state in
            pauseLonger(&state)
            // Whoever answers next may be one that has lost what was reported.
            state.mayHaveOldProofs = true
            return state.hasBeenAnswered
        }
        guard !hasBeenAnswered, let status = error.status, [400, 401, 403, 404, 405].contains(status) else {
            return .failed
        }
        state.withLock { $0.failure = JobFailure(code: .badInput, message: error.message) }
        return .ended
    }

    private func pauseLonger(_ state: inout State) {
        state.lastPause = min(
            max(worker.options.firstPause, state.lastPause * 2), worker.options.longestPause)
        state.pause = state.lastPause
    }

    /// Offers what is in the journal and in nobody's hands; false when that has to be tried again.
    private func settleOldProofs() async -> Bool {
        guard state.withLock({ $0.mayHaveOldProofs }) else { return true }
        let isSettled = await worker.offerOldProofs()
        state.withLock { state in
            if isSettled { state.mayHaveOldProofs = false } else { pauseLonger(&state) }
        }
        return isSettled
    }
}
