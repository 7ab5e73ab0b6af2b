// SPDX-License-Identifier: Apache-2.0

import Curves
import Digests
import Failures
import Foundation
import Foundations
import Glibc
import JobQueue
import Logging
import Outcomes
import ProvingEngine

extension ProofWorker {
    /// How a job left this worker.
    enum Outcome {
        /// With a result, or dead by its own fault, or handed back.
        case settled
        /// Because of the machine: the worker should take breath before the next job.
        case machineFailed
    }

    /// Serves one claimed job to its end. Blocks the thread for the time of a proof.
    func serve(_ job: RunningJob) -> Outcome {
        job.logger.info("claimed", metadata: ["priority": .stringConvertible(job.claim.priority)])
        do throws(JobFailure) {
            let made = try prove(job)
            return publish(made, of: job)
        } catch {
            return fail(job, error)
        }
    }

    // MARK: Proving

    /// A proof that waits for its publication.
    private struct Made {
        var key: LoadedKey
        var output: ProofOutput
        var result: ResultDocument
    }

    private func prove(_ job: RunningJob) throws(JobFailure) -> Made {
        var phases: [ProofFacts.Phase] = []
        func timed<T>(_ phase: JobPhase, _ body: () throws(JobFailure) -> T) throws(JobFailure) -> T {
            job.enter(phase)
            let start = ContinuousClock.now
            let value = try body()
            // A phase may be taken up again.
            if let index = phases.firstIndex(where: { $0.phase == phase.rawValue }) {
                phases[index].seconds += start.secondsAgo
            } else {
                phases.append(.init(phase: phase.rawValue, seconds: start.secondsAgo))
            }
            return value
        }
        let wanted = try ProofJob(parsing: job.claim.body)
        let witness = try timed(.fetch) { () throws(JobFailure) in try open(wanted.witness, of: job) }
        let circuit: CircuitFiles? =
            if let path = wanted.r1cs { CircuitFiles(r1cs: try keyRoots.check(path)) } else { nil }
        let key = try timed(.key) { () throws(JobFailure) in try self.key(wanted, job) }
        try timed(.fetch) { () throws(JobFailure) in try check(witness, wanted, key) }

        let midProof = OneTime()
        // The descriptor's path means nothing to people.
        let output = try engine.prove(
            key: key, witnessPath: witness.descriptorPath, named: wanted.witness, circuit: circuit
        ) { phase in
            job.enter(phase)
            guard phase != .witness, midProof.isFirst() else { return }
            FaultInjection.reached("mid-proof")
            FaultInjection.reached("mid-proof-" + job.claim.id.text)
        }
        var result = ResultDocument(output.facts)
        result.facts.precede(by: phases, total: job.age)
        // Where others prove meanwhile, the processor's time is not this proof's.
        if options.jobs != 1 { result.facts.timings?.cpu = nil }
        result.id = job.claim.id.text
        result.facts.digests?.zkey = key.sha256
        result.worker = .init(
            name: queue.identity.host, pid: queue.identity.pid, boot: queue.identity.boot)
        result.attempt = job.claim.attempt
        result.priority = job.claim.priority
        result.startedAt = ResultDocument.milliseconds(job.started)
        return Made(key: key, output: output, result: result)
    }

    /// Opens a file of the job without following links; a wrong one is the producer's fault.
    private func open(_ name: String, of job: RunningJob) throws(JobFailure) -> OpenedFile {
        do {
            return try job.claim.openFile(name)
        } catch {
            if error.errnoCode == ENOENT {
                throw JobFailure(code: .badInput, message: "\(name): the job has no such file")
            }
            throw JobFailure(error)
        }
    }

    /// That the witness is no larger than the circuit's, and then, what takes as long as the file is large,
    /// that it is the one that was submitted.
    private func check(_ file: OpenedFile, _ wanted: ProofJob, _ key: LoadedKey) throws(JobFailure) {
        let size = CircuitVerifier.witnessBytes(variableCount: key.variableCount)
        guard file.size <= size else {
            throw JobFailure(
                code: .badInput,
                message:
                    "\(wanted.witness): has \(file.size) bytes, and a witness of this circuit has \(size)")
        }
        guard let tag = wanted.witnessTag else { return }
        guard try self.tag(of: file, wanted.witness) == tag else {
            throw JobFailure(
                code: .badInput, message: "\(wanted.witness): not the file that the job was submitted with")
        }
    }

    private func tag(of file: OpenedFile, _ name: String) throws(JobFailure) -> String {
        let secret: [UInt8]
        do throws(SpoolError) { secret = try queue.secret() } catch { throw JobFailure(error) }
        return SHA256Digest.tag(
            ofDigest: try SHA256Digest.hex(ofFile: file.descriptor, name: name), key: secret)
    }

    private func key(_ wanted: ProofJob, _ job: RunningJob) throws(JobFailure) -> LoadedKey {
        let lookup = try keys.key(at: try keyRoots.check(wanted.zkey))
        if !lookup.isHit {
            job.logger.info(
                "key loaded",
                metadata: [
                    "zkey": .string(wanted.zkey), "bytes": .stringConvertible(lookup.key.fileSize),
                    "kept": .stringConvertible(lookup.isKept),
                ])
        }
        // Computed once for each loaded key.
        try compare(lookup.key.sha256, with: wanted.zkeySha256, wanted.zkey)
        return lookup.key
    }

    private func compare(_ found: String, with wanted: String?, _ name: String) throws(JobFailure) {
        guard let wanted, wanted != found else { return }
        throw JobFailure(
            code: .badInput, message: "\(name): its SHA-256 is \(found), but the job says \(wanted)")
    }

    // MARK: Publishing

    /// Publishes the proof, and waits for room on the disk when there is none: finished work is not thrown
    /// away.
    private func publish(_ made: Made, of job: RunningJob) -> Outcome {
        let files = [
            "proof.json": made.output.proofJSON, "public.json": made.output.publicJSON,
            "result.json": made.result.json,
        ]
        var pause = options.firstPause
        while true {
            job.enter(.publish)
            do throws(SpoolError) {
                let outcome = try job.claim.publish(files) { staged in try check(staged, made, files) }
                let isFirst = outcome == .published
                job.logger.info(
                    isFirst ? "published" : "another worker had published a result already",
                    metadata: [
                        "seconds": .stringConvertible(ProofFacts.rounded(job.age)),
                        "phases": .dictionary(
                            Dictionary(
                                made.result.facts.timings?.phases.map {
                                    ($0.phase, .stringConvertible($0.seconds))
                                } ?? [], uniquingKeysWith: { first, _ in first })),
                    ])
                return .settled
            } catch {
                guard case .noSpace = error else { return settle(job, error) }
                job.logger.error(
                    "no room to publish a finished proof; it is kept and tried again",
                    metadata: ["reason": .string(error.message), "seconds": .stringConvertible(pause)])
            }
            job.enter(.waitingForSpace)
            dispatcher.sleep(pause)
            pause = min(pause * 2, options.longestPause)
            if dispatcher.stopping != .no { return giveBack(job) }
        }
    }

    /// Verifies the staged files as read back from the disk.
    private func check(_ staged: StagedResult, _ made: Made, _ files: [String: Data]) throws {
        for (name, data) in files where try staged.read(name, limit: data.count) != data {
            throw JobFailure(code: .invalidProof, message: "\(name) is not what was written")
        }
        let proof = try staged.read("proof.json")
        let publics = try staged.read("public.json")
        guard try engine.verify(key: made.key, proofJSON: proof, publicJSON: publics) else {
            throw JobFailure(code: .invalidProof, message: "the proof as read back does not verify")
        }
    }

    // MARK: Failing

    /// Deals with an error of the queue at the end of a job.
    private func settle(_ job: RunningJob, _ error: SpoolError) -> Outcome {
        switch error {
        case .claimFinished:
            job.logger.debug("the job was handed back meanwhile")
            return .settled
        case .leaseLost:
            job.logger.warning("the job was taken away and has ended; the result is dropped")
            return .settled
        default: return fail(job, JobFailure(error))
        }
    }

    /// Gives the job up for this attempt, or for good when another one cannot do better.
    private func fail(_ job: RunningJob, _ failure: JobFailure) -> Outcome {
        var metadata: Logger.Metadata = [
            "phase": .string(job.phase.rawValue), "code": .string(failure.code.rawValue),
            "reason": .string(failure.message),
            "seconds": .stringConvertible(ProofFacts.rounded(job.age)),
        ]
        let outcome: Outcome = failure.code.isCausedByInput ? .settled : .machineFailed
        var pause = options.firstPause
        while true {
            do throws(SpoolError) {
                // A job may name any file that the worker can read, and whoever submits it reads the reason.
                switch try job.claim.fail(
                    code: failure.code.rawValue, message: failure.messageWithoutContent,
                    retryable: failure.isRetryable)
                {
                case .requeued:
                    job.logger.warning("failed; will be tried again", metadata: metadata)
                    return outcome
                case .dead:
                    let end = failure.code.isCausedByInput ? "rejected" : "dead"
                    job.logger.error("failed; the job is \(end)", metadata: metadata)
                    return outcome
                case .alreadyPublished:
                    job.logger.notice("failed, but another worker has published a result")
                    return outcome
                }
            } catch {
                guard error.isInfrastructure else { return settled(job, error) }
                metadata["queue"] = .string(error.message)
                job.logger.error("failed, and the queue cannot be told; tried again", metadata: metadata)
            }
            dispatcher.sleep(pause)
            pause = min(pause * 2, options.longestPause)
            if dispatcher.stopping != .no { return giveBack(job) }
        }
    }

    private func settled(_ job: RunningJob, _ error: SpoolError) -> Outcome {
        job.logger.debug(
            "the job had left this worker already", metadata: ["reason": .string(error.message)])
        return .settled
    }

    /// Returns the job to the queue with the attempt not counted; needs no room on the disk.
    private func giveBack(_ job: RunningJob) -> Outcome {
        do {
            try job.claim.handBack()
            job.logger.notice("handed back", metadata: ["phase": .string(job.phase.rawValue)])
        } catch .claimFinished {
            return .settled
        } catch {
            job.logger.error(
                "cannot be handed back; the next reap returns it", metadata: ["reason": .string("\(error)")])
        }
        return .machineFailed
    }
}
