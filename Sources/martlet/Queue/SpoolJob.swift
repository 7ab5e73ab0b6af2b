// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Failures
import Foundation
import JobQueue
import Outcomes
import ProvingEngine
import StrictJSON

/// A spool's jobs in the words that all queues have in common.
extension ResultDocument.State {
    /// - Parameter reason: why the job is in `dead/`, where it is.
    init(_ state: JobState, reason: String?) {
        self =
            switch state {
            case .queued: .queued
            case .running: .leased
            case .done: .succeeded
            case .dead: Self.ended(by: reason ?? "")
            }
    }

    /// What a job in `dead/` is, by the code in its `reason.json`.
    static func ended(by code: String) -> Self {
        switch code {
        case DeadReason.Code.deadline: .expired
        case DeadReason.Code.damaged, DeadReason.Code.duplicate, DeadReason.Code.foreign: .rejected
        default: FailureCode(rawValue: code)?.isCausedByInput == true ? .rejected : .dead
        }
    }
}

extension ResultDocument.Failure {
    init(_ reason: DeadReason) {
        self.init(code: reason.code, message: reason.message)
    }
}

extension ResultDocument {
    /// A job as it is seen in the spool's directories.
    ///
    /// - Parameter spool: where to look up when a finished job ended, which only its result says to the
    ///   millisecond; without it that is when the result came to its place.
    init(_ job: JobSummary, in spool: SpoolQueue? = nil, now: Date = Date()) {
        self.init(id: job.id, state: State(job.state, reason: job.reason?.code))
        switch job.state {
        case .done:
            let told = (try? JobID(job.id)).flatMap { id in spool.flatMap { Self.result(of: id, in: $0) } }
            endedAt = told?.endedAt ?? Self.milliseconds(now.addingTimeInterval(-job.ageSeconds))
        case .dead:
            endedAt =
                job.reason.map { Self.milliseconds(since1970: $0.time) }
                ?? Self.milliseconds(now.addingTimeInterval(-job.ageSeconds))
        case .queued, .running: break
        }
        submittedAt = job.submitted.map { Self.milliseconds(since1970: $0) }
        attempt = job.attempt
        priority = job.priority
        deadline = job.deadline.map { Int64($0) * 1000 }
        worker = job.worker.map { Worker(name: $0.host, pid: $0.pid, boot: $0.boot) }
        phase = job.progress?.phase
        progress = job.progress?.fraction
        heartbeatAgeSeconds = job.heartbeatAgeSeconds.map(ProofFacts.rounded)
        stalled = job.isStalled
        orphaned = job.isWorkerAlive.map { !$0 }
        error = job.reason.map { Failure($0) }
    }

    /// A job of a spool at its end; `nil` is one that has not ended, in the state that it is in.
    ///
    /// Of a proof it is what the worker wrote beside it, with the files' places. Others may write what they
    /// like into `result.json`: what is no document of ours says no more than that the job has succeeded.
    init(_ end: JobResult?, of id: JobID, in spool: SpoolQueue) {
        switch end {
        case .done(let directory):
            self = Self.result(of: id, in: spool) ?? ResultDocument(id: id.text, state: .succeeded)
            files = Files(proof: directory + "/proof.json", public: directory + "/public.json")
        case .dead(let reason):
            self.init(id: id.text, state: .ended(by: reason.code))
            attempt = reason.attempts
            priority = reason.priority
            deadline = reason.deadline.map { Int64($0) * 1000 }
            endedAt = Self.milliseconds(since1970: reason.time)
            error = Failure(reason)
        case nil:
            let state = (try? spool.state(of: id)) ?? nil
            self.init(id: id.text, state: State(state ?? .queued, reason: nil))
        }
        submittedAt = spool.submitted(id).map { Self.milliseconds(since1970: $0) }
    }

    /// What the worker wrote beside the proof.
    private static func result(of id: JobID, in spool: SpoolQueue) -> ResultDocument? {
        let text = try? spool.readResult("result.json", of: id, limit: 1 << 20)
        return text.flatMap { try? StrictJSONDecoder().decode(ResultDocument.self, from: $0) }
    }

    private static func milliseconds(since1970 seconds: Double) -> Int64 {
        milliseconds(Date(timeIntervalSince1970: seconds))
    }
}

extension ResultDocument {
    /// Why a job has no proof; `nil` when it has one. Wrong input is the caller's to mend, for the rest there
    /// is a machine.
    var failure: JobFailure? {
        let name = ForeignText.plain(id ?? "")
        switch state {
        case .succeeded: return nil
        case _ where !state.isFinal:
            return JobFailure(
                code: .infrastructure,
                message: "job \(name) has not ended in time; it stays \(state.rawValue)")
        default:
            let reason = error.map { ": \(ForeignText.text($0))" } ?? ""
            let isUnsatisfied = error?.knownCode == .unsatisfied
            return JobFailure(
                code: state != .rejected ? .infrastructure : isUnsatisfied ? .unsatisfied : .badInput,
                message: "job \(name) \(state.phrase)\(reason)")
        }
    }

    /// Demands a proof, for a command that is to fetch it.
    ///
    /// - Throws: `.badInput` that names the job and its state.
    func requireProof() throws(JobFailure) {
        guard state != .succeeded else { return }
        throw JobFailure(
            code: .badInput, message: "job \(ForeignText.plain(id ?? "")) \(state.phrase): it has no proof")
    }

    /// Ends a command as the job has ended, once that was told of: returns for a proof.
    ///
    /// - Throws: `ExitCode`: 2 for a wrong input, 3 for everything else, a job that has not ended among it.
    func exit() throws(ExitCode) {
        guard let failure else { return }
        Console.error("martlet: \(failure.message)")
        throw ExitCode(failure.exitCode)
    }
}
