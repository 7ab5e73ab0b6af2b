// SPDX-License-Identifier: Apache-2.0

package import Outcomes

extension Job {
    /// What a coordinator tells of the job: nothing of its witness, not even a digest.
    package var document: ResultDocument {
        var document = ResultDocument(id: id, state: state)
        document.tenant = tenant
        document.worker = worker.map { .init(name: $0) }
        document.attempt = attempts
        document.failures = failures
        document.lostWorkers = lostWorkers
        document.epoch = epoch
        document.priority = specification.priority
        document.deadline = specification.deadline
        document.maxAttempts = specification.maxAttempts
        document.callback = specification.callback
        document.phase = phase
        document.progress = progress
        document.submittedAt = submittedAt
        document.startedAt = startedAt
        document.endedAt = endedAt
        document.error = reason
        if let result { document.facts = result }
        document.facts.digests = .init(
            zkey: specification.circuit, proof: result?.digests?.proof, public: result?.digests?.public)
        return document
    }

    /// Failures and lost workers, and the attempt that is under way or ended the job.
    private var attempts: Int {
        let counted = failures + lostWorkers
        return [.leased, .succeeded, .rejected].contains(state) ? counted + 1 : counted
    }
}
