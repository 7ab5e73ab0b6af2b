import Coordination
import Foundation
import JobQueue
import Logging
import MartletClient
import ProvingService

extension RemoteWorker {
    /// How the work at a job ended.
    private enum Ending {
        case proved(ProofJournal.Entry)
        case failed(JobFailure)
        /// The coordinator has no such lease any more.
        case gone
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
        switch (ending, job.stop) {
        case (.proved(let entry), _): await report(entry, of: job)
        case (_, .cancelled): job.logger.info("dropped", metadata: ["phase": .string(job.phase)])
        case (_, .handedBack): await release(job)
        case (.gone, nil): job.logger.warning("the coordinator does not know the lease any more; dropped")
        case (.failed(let failure), nil): await fail(job, failure)
        }
        roster.remove(job)
    }

    // MARK: Proving

    private func attempt(_ job: HeldLease) async -> Ending {
        let name = fileName(job.lease.lease)
        var key: String?
        let ending: Ending
        do {
            job.enter("fetch")
            let path = try await keys.take(job.lease.circuit)
            key = path
            let scratch = self.scratch
            let folder = try await onBlockingThread { try scratch.folder(name).path }
            try await client.downloadWitness(job.lease, to: folder + "/witness.wtns")
            let fetching = ProofReport.Phase(phase: "fetch", seconds: job.age)
            var (completion, entry) = try await prove(job, key: path, in: folder)
            completion.report.phases.insert(fetching, at: 0)
            completion.report.seconds = job.age
            entry.completion = completion
            ending = .proved(entry)
        } catch {
            let status = (error as? ClientError)?.status
            ending = status == 404 || status == 409 ? .gone : .failed(JobFailure(remote: error))
        }
        await destroy(name, job)
        if key != nil { await keys.give(job.lease.circuit.digest) }
        return ending
    }

    private func prove(
        _ job: HeldLease, key: String, in folder: String
    ) async throws -> (Completion, ProofJournal.Entry) {
        let request = ProverRequest(
            id: job.lease.lease, zkey: key, witness: folder + "/witness.wtns", proof: folder + "/proof.json",
            public: folder + "/public.json")
        job.enter("waiting")
        let prover = try await provers.take(job.lease.circuit.digest)
        roster.proving(1)
        job.attach(prover)
        let result: Result<ProofReport, JobFailure>
        do throws(JobFailure) {
            result = .success(
                try await prover.prove(request, circuit: job.lease.circuit.digest) { job.enter($0) })
        } catch {
            result = .failure(error)
        }
        job.attach(nil as ProverChild?)
        roster.proving(-1)
        await provers.give(prover)
        let report = try result.mapError { explained($0, request) }.get()
        job.enter("verify")
        return try await verified(job, request, report)
    }

    /// Paths on this machine mean nothing to others, and a file that is gone here is not the job's fault.
    private func explained(_ failure: JobFailure, _ request: ProverRequest) -> JobFailure {
        let message = failure.message.replacingOccurrences(of: request.witness, with: "the witness")
            .replacingOccurrences(of: request.zkey, with: "the proving key")
        let areThere = [request.witness, request.zkey].allSatisfy {
            FileManager.default.fileExists(atPath: $0)
        }
        let code = failure.code.isCausedByInput && !areThere ? .infrastructure : failure.code
        return JobFailure(code: code, message: message)
    }

    /// Verifies what the prover wrote, as read back, against the circuit's verification key.
    private func verified(
        _ job: HeldLease, _ request: ProverRequest, _ report: ProofReport
    ) async throws -> (Completion, ProofJournal.Entry) {
        let digest = job.lease.circuit.digest
        let verifier = try await checks.verifier(digest) {
            Data(try await self.client.verificationKey(digest).utf8)
        }
        let (proof, publics) = try await onBlockingThread { () -> (Data, Data) in
            let proof = try Data(contentsOf: URL(fileURLWithPath: request.proof))
            let publics = try Data(contentsOf: URL(fileURLWithPath: request.public))
            guard (try? verifier.verify(proofJSON: proof, publicJSON: publics)) == true else {
                throw JobFailure(code: .invalidProof, message: "the proof as read back does not verify")
            }
            return (proof, publics)
        }
        let completion = Completion(
            epoch: job.lease.epoch, proof: String(decoding: proof, as: UTF8.self),
            publicInputs: String(decoding: publics, as: UTF8.self), report: report)
        return (completion, ProofJournal.Entry(lease: job.lease.lease, completion: completion))
    }

    private func destroy(_ name: String, _ job: HeldLease) async {
        let scratch = self.scratch
        // A task of its own, since this one may be cancelled.
        let work = Task { try await onBlockingThread { try scratch.destroy(name) } }
        do {
            try await work.value
        } catch {
            job.logger.error("the witness cannot be destroyed", metadata: ["reason": .string("\(error)")])
        }
    }

    // MARK: Reporting

    /// Keeps a finished proof and offers it until the coordinator has answered, or the worker has no more time.
    private func report(_ entry: ProofJournal.Entry, of job: HeldLease) async {
        job.enter("report")
        do {
            let journal = self.journal
            try await onBlockingThread { try journal.write(entry) }
        } catch {
            job.logger.error("a finished proof cannot be kept", metadata: ["reason": .string("\(error)")])
        }
        FaultInjection.reached("remote-journaled")
        var pause = options.firstPause
        var patience = 30.0
        while await !offer(entry, logger: job.logger) {
            if roster.stop == .finish { patience -= pause }
            guard roster.stop != .handBack, patience > 0 else {
                job.logger.warning("the proof stays on the disk, for the next run to report")
                return
            }
            try? await Task.sleep(for: .seconds(pause))
            pause = min(pause * 2, options.longestPause)
        }
    }

    /// Offers a finished proof and forgets it when the coordinator has decided; false when it has not.
    func offer(_ entry: ProofJournal.Entry, logger: Logger) async -> Bool {
        do throws(ClientError) {
            let answer = try await client.complete(entry.lease, entry.completion)
            FaultInjection.reached("remote-reported")
            logger.info(
                answer.outcome == .accepted ? "the proof was accepted" : "the job had ended already",
                metadata: [
                    "state": .string(answer.state.rawValue),
                    "seconds": .stringConvertible(entry.completion.report.seconds),
                ])
        } catch {
            guard let status = error.status, [404, 422].contains(status) else {
                logger.error(
                    "a finished proof cannot be reported", metadata: ["reason": .string(error.message)])
                return false
            }
            logger.error("a finished proof was refused", metadata: ["reason": .string(error.message)])
        }
        do {
            let journal = self.journal
            try await onBlockingThread { try journal.remove(entry.lease) }
        } catch {
            logger.warning("a reported proof stays on the disk", metadata: ["reason": .string("\(error)")])
        }
        return true
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
                if await !offer(entry, logger: logger) { areSettled = false }
            }
            return areSettled
        } catch {
            logger.error("the journal cannot be read", metadata: ["reason": .string("\(error)")])
            return true
        }
    }

    private func fail(_ job: HeldLease, _ failure: JobFailure) async {
        job.logger.warning(
            "failed",
            metadata: [
                "phase": .string(job.phase), "code": .string(failure.code.rawValue),
                "reason": .string(failure.message),
            ])
        let report = FailureReport(
            epoch: job.lease.epoch, code: failure.code.rawValue, message: failure.message)
        do {
            try await client.fail(job.lease.lease, report)
        } catch {
            job.logger.warning("the failure cannot be told", metadata: ["reason": .string(error.message)])
        }
    }

    private func release(_ job: HeldLease) async {
        do {
            try await client.release(job.lease.lease, epoch: job.lease.epoch)
            job.logger.notice("handed back", metadata: ["phase": .string(job.phase)])
        } catch {
            job.logger.warning(
                "cannot be handed back; the lease runs out", metadata: ["reason": .string(error.message)])
        }
    }
}
