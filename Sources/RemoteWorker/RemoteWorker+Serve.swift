// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import Foundations
import Logging
import MartletClient
import Outcomes
import Synchronization

/// Does something when a proof takes too long.
private final class ProofLimit: Sendable {
    private enum State { case waiting, over, ended }
    private let state = Mutex(State.waiting)
    private let timer = Mutex<Task<Void, Never>?>(nil)

    init(_ seconds: Double, _ body: @escaping @Sendable () -> Void) {
        let task = Task {
            try? await Task.sleep(for: .seconds(seconds))
            let isOver = state.withLock { state in
                guard case .waiting = state, !Task.isCancelled else { return false }
                state = .over
                return true
            }
            if isOver { body() }
        }
        timer.withLock { $0 = task }
    }

    /// Ends the wait; whether the time was up.
    func end() -> Bool {
        timer.withLock { $0?.cancel() }
        return state.withLock { state in
            if case .over = state { return true }
            state = .ended
            return false
        }
    }
}

extension FailureCode {
    /// Whether a bit that was flipped in a key or a witness looks like this.
    fileprivate var mayComeFromDamage: Bool { isCausedByInput || self == .invalidProof }
}

extension RemoteWorker {
    /// How the work at a job ended.
    private enum Ending {
        case proved(ProofJournal.Entry)
        case failed(JobFailure)
        /// The coordinator gives no witness for the lease, for this reason.
        case gone(String)
    }

    /// Serves one leased job to its end.
    func serve(_ job: HeldLease) async {
        job.logger.info("leased", metadata: ["circuit": .string(job.lease.circuit.digest)])
        FaultInjection.reached("remote-leased")
        let work = Task { await self.attempt(job) }
        job.attach(
            Task {
                await withTaskCancellationHandler {
                    _ = await work.value
                } onCancel: {
                    work.cancel()
                }
            })
        let ending = await work.value
        // What is left of an attempt is gone before the job can come again; a proof does not wait for that.
        if case .proved(let entry) = ending {
            async let isTidy: Void = tidy(job)
            let refusal = await report(entry, of: job)
            await isTidy
            // Something happened to it on the way: others shall try.
            if let refusal {
                await fail(job, JobFailure(code: .invalidProof, message: refusal), isKnown: true)
            } else {
                fitness.succeeded()
            }
        } else {
            await tidy(job)
        }
        switch (ending, job.stop) {
        case (.proved, _): break
        case (_, .cancelled): job.logger.info("dropped", metadata: ["phase": .string(job.phase.rawValue)])
        case (_, .handedBack): await release(job)
        case (.gone(let reason), nil): await drop(job, reason)
        case (.failed(let failure), nil): await fail(job, failure)
        }
        roster.remove(job)
    }

    // MARK: Proving

    private func attempt(_ job: HeldLease) async -> Ending {
        do {
            job.enter(.fetch)
            let path: String
            do { path = try await keys.take(job.lease.circuit) } catch {
                // Whatever the coordinator says of the key, it says nothing of the lease.
                return .failed(JobFailure(remote: error))
            }
            job.takesKey()
            let (scratch, name) = (self.scratch, fileName(job.lease.lease))
            let folder = try await onBlockingThread { try scratch.folder(name).path }
            // It has no name, so that nothing of it is left wherever this process, or the one that proves, is
            // killed.
            let witness = try await client.downloadWitness(job.lease, in: folder)
            let fetching = ProofFacts.Phase(phase: JobPhase.fetch.rawValue, seconds: job.age)
            FaultInjection.reached("remote-fetched")
            let made: (Completion, ProofJournal.Entry)
            do {
                made = try await prove(job, key: path, witness: witness, in: folder)
            } catch {
                try? await witness.wipe()
                throw error
            }
            try? await witness.wipe()
            witness.close()
            var (completion, entry) = made
            completion.report.precede(by: [fetching], total: job.age)
            entry.completion = completion
            return .proved(entry)
        } catch {
            if let error = error as? ClientError, [404, 409].contains(error.status) {
                return .gone(error.message)
            }
            return .failed(JobFailure(remote: error))
        }
    }

    private func prove(
        _ job: HeldLease, key: String, witness: LocalFile, in folder: String
    ) async throws -> (Completion, ProofJournal.Entry) {
        let request = ProverRequest(
            id: job.lease.lease, zkey: key, digest: job.lease.circuit.digest, witness: witness.path,
            proof: folder + "/proof.json", public: folder + "/public.json")
        job.enter(.waiting)
        var prover = try await provers.take(job.lease.circuit.digest)
        // Where others failed, or this worker has, nothing that was loaded before is trusted.
        if job.lease.attempt > 1, prover.circuits.contains(job.lease.circuit.digest) {
            prover = try await provers.replace(prover)
        }
        roster.proving(1)
        job.attach(prover)
        let seconds = min(options.proofSeconds, max(0, (job.lease.limit ?? .infinity) - job.age))
        let limit = ProofLimit(seconds) { [prover] in prover.kill() }
        let result: Result<ProofFacts, JobFailure>
        do throws(JobFailure) {
            result = .success(
                try await prover.prove(request, circuit: job.lease.circuit.digest) { job.enter($0) })
        } catch {
            result = .failure(error)
        }
        let isOverdue = limit.end()
        let phase = job.phase
        job.attach(nil as ProverChild?)
        roster.proving(-1)
        if !isOverdue, case .failure(let failure) = result, failure.code.mayComeFromDamage || phase == .key {
            try await doubt(explained(failure, request), in: phase, job, witness, prover)
        }
        await provers.give(prover)
        if isOverdue, case .failure = result {
            throw JobFailure(
                code: .internal,
                message: "no proof within \(Int(seconds)) s: the prover stood still and was killed")
        }
        let report = try result.mapError { explained($0, request) }.get()
        return try await written(job, request, report)
    }

    /// A file that is gone here is not the job's fault.
    private func explained(_ failure: JobFailure, _ request: ProverRequest) -> JobFailure {
        let areThere = [request.witness, request.zkey].allSatisfy {
            FileManager.default.fileExists(atPath: $0)
        }
        let code = failure.code.isCausedByInput && !areThere ? .infrastructure : failure.code
        return JobFailure(code: code, message: failure.message)
    }

    /// A failure that damaged files explain as well as a wrong input. The files are read through again, and a
    /// key that the coordinator has checked is never the job's fault.
    private func doubt(
        _ failure: JobFailure, in phase: JobPhase, _ job: HeldLease, _ witness: LocalFile,
        _ prover: ProverChild
    ) async throws -> Never {
        let isIntact = await keys.isIntact(job.lease.circuit.digest)
        // It may have mapped what is damaged.
        if isIntact { await provers.give(prover) } else { await provers.discard(prover) }
        guard isIntact else {
            throw JobFailure(
                code: .infrastructure,
                message:
                    "the proving key on this worker's disk was damaged, and is fetched again; \(failure.message)"
            )
        }
        guard failure.code.mayComeFromDamage else { throw failure }
        guard (try? await witness.holds(job.lease.witness)) == true else {
            throw JobFailure(
                code: .infrastructure, message: "the witness was damaged on this worker's disk")
        }
        guard phase != .key else {
            throw JobFailure(
                code: .infrastructure,
                message:
                    "this worker refuses a proving key that the coordinator has checked: \(failure.message)")
        }
        throw failure
    }

    /// What the prover wrote after it had verified it. The coordinator verifies it again: it takes nobody's
    /// word.
    private func written(
        _ job: HeldLease, _ request: ProverRequest, _ facts: ProofFacts
    ) async throws -> (Completion, ProofJournal.Entry) {
        let (proof, publics) = try await onBlockingThread {
            (
                try Data(contentsOf: URL(fileURLWithPath: request.proof)),
                try Data(contentsOf: URL(fileURLWithPath: request.public))
            )
        }
        let completion = Completion(
            epoch: job.lease.epoch, proof: String(decoding: proof, as: UTF8.self),
            publicInputs: String(decoding: publics, as: UTF8.self), report: facts.reported)
        return (completion, ProofJournal.Entry(lease: job.lease.lease, completion: completion))
    }

    /// Overwrites and removes the files of an attempt, and lets go of the key.
    private func tidy(_ job: HeldLease) async {
        let (scratch, name) = (self.scratch, fileName(job.lease.lease))
        do {
            try await onBlockingThread { try scratch.destroy(name) }
        } catch {
            job.logger.error(
                "the witness cannot be destroyed",
                metadata: ["reason": .string(JobFailure(remote: error).message)])
        }
        if job.holdsKey { await keys.give(job.lease.circuit.digest) }
    }

    // MARK: Reporting

    /// Offers a finished proof until the coordinator has answered, or the worker has no more time. It is
    /// brought to the disk while it is offered for the first time; nothing is done about the answer before it
    /// is there.
    ///
    /// - Returns: why the coordinator refuses the proof, where it does.
    private func report(_ entry: ProofJournal.Entry, of job: HeldLease) async -> String? {
        job.enter(.report)
        async let isKept: Void = keep(entry, job)
        var answer = await proposed(entry, logger: job.logger)
        await isKept
        var pause = options.firstPause
        var patience = 30.0
        while case .none = answer {
            if roster.stop == .finish { patience -= pause }
            guard roster.stop != .handBack, patience > 0 else {
                job.logger.warning("the proof stays on the disk, for the next run to report")
                return nil
            }
            try? await Task.sleep(for: .seconds(pause))
            pause = min(pause * 2, options.longestPause)
            answer = await proposed(entry, logger: job.logger)
        }
        FaultInjection.reached("remote-reported")
        await forget(entry, logger: job.logger)
        if case .refused(let reason) = answer { return reason }
        return nil
    }

    private func keep(_ entry: ProofJournal.Entry, _ job: HeldLease) async {
        do {
            let journal = self.journal
            try await onBlockingThread { try journal.write(entry) }
        } catch {
            job.logger.error(
                "a finished proof cannot be kept",
                metadata: ["reason": .string(JobFailure(remote: error).message)])
        }
        FaultInjection.reached("remote-journaled")
    }

    /// What a coordinator said about a proof.
    private enum Verdict {
        /// It is the job's result, or the job had one.
        case taken
        case refused(String)
    }

    /// Offers a finished proof; nil when the coordinator has not decided.
    private func proposed(_ entry: ProofJournal.Entry, logger: Logger) async -> Verdict? {
        do throws(ClientError) {
            let answer = try await client.complete(entry.lease, entry.completion)
            logger.info(
                answer.outcome == .accepted ? "the proof was accepted" : "the job had ended already",
                metadata: [
                    "state": .string(answer.state.rawValue),
                    "seconds": .stringConvertible(entry.completion.report.timings?.total ?? 0),
                ])
            return .taken
        } catch {
            guard let status = error.status, [404, 422].contains(status) else {
                logger.error(
                    "a finished proof cannot be reported", metadata: ["reason": .string(error.message)])
                return nil
            }
            logger.error("a finished proof was refused", metadata: ["reason": .string(error.message)])
            return .refused(error.message)
        }
    }

    private func forget(_ entry: ProofJournal.Entry, logger: Logger) async {
        do {
            let journal = self.journal
            try await onBlockingThread { try journal.remove(entry.lease) }
        } catch {
            logger.warning(
                "a reported proof stays on the disk",
                metadata: ["reason": .string(JobFailure(remote: error).message)])
        }
    }

    /// Offers the proofs of earlier runs; false when the coordinator has not decided about all of them.
    func offerOldProofs() async -> Bool {
        do {
            let journal = self.journal
            let mine = Set(roster.held.map(\.lease.lease))
            var areSettled = true
            for entry in try await onBlockingThread({ try journal.entries() })
            where !mine.contains(entry.lease) {
                var logger = self.logger
                logger[metadataKey: "lease"] = .string(entry.lease)
                logger.notice("a finished proof of before is reported")
                if await proposed(entry, logger: logger) == nil {
                    areSettled = false
                } else {
                    await forget(entry, logger: logger)
                }
            }
            return areSettled
        } catch {
            logger.error(
                "the journal cannot be read", metadata: ["reason": .string(JobFailure(remote: error).message)]
            )
            return true
        }
    }

    /// - Parameter isKnown: whether the coordinator may have ended the attempt already.
    private func fail(_ job: HeldLease, _ failure: JobFailure, isKnown: Bool = false) async {
        if failure.code == .infrastructure {
            if fitness.failed(at: job.lease.lease, failure.message) {
                logger.error("the worker is unready", metadata: ["reason": .string(fitness.unready ?? "")])
            }
        } else if failure.code.isCausedByInput {
            fitness.succeeded()
        }
        job.logger.warning(
            "failed",
            metadata: [
                "phase": .string(job.phase.rawValue), "code": .string(failure.code.rawValue),
                "reason": .string(failure.message),
            ])
        let report = FailureReport(
            epoch: job.lease.epoch, code: failure.code.rawValue, message: failure.message)
        do {
            try await client.fail(job.lease.lease, report)
        } catch  where isKnown && error.status == 409 {
            // An older coordinator leaves it to the worker.
        } catch {
            job.logger.warning("the failure cannot be told", metadata: ["reason": .string(error.message)])
        }
    }

    /// Lets go of a lease whose witness the coordinator does not give. It should be nobody's by now; where it
    /// is not, it is given back, and would come again at once but for a pause.
    private func drop(_ job: HeldLease, _ reason: String) async {
        job.logger.warning(
            "the coordinator gives no witness for the lease; dropped", metadata: ["reason": .string(reason)])
        var isOver = false
        do {
            try await client.release(job.lease.lease, epoch: job.lease.epoch)
        } catch {
            isOver = [404, 409].contains(error.status)
            if !isOver {
                job.logger.warning(
                    "cannot be handed back; the lease runs out", metadata: ["reason": .string(error.message)])
            }
        }
        fitness.dropped(mayComeAgain: !isOver)
    }

    private func release(_ job: HeldLease) async {
        do {
            try await client.release(job.lease.lease, epoch: job.lease.epoch)
            job.logger.notice("handed back", metadata: ["phase": .string(job.phase.rawValue)])
        } catch {
            job.logger.warning(
                "cannot be handed back; the lease runs out", metadata: ["reason": .string(error.message)])
        }
    }
}
