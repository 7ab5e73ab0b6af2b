import Coordination
import Foundation
import JobQueue
import MartletClient
import ProvingService

extension SubmitCommand {
    /// Brings the job to a coordinator with the files that it does not have.
    func submit(to client: MartletClient) async throws {
        let submission = try await QueuedProof.submit(
            zkey: zkey, witness: QueuedWitness(witness), id: id, priority: priority, deadline: deadline,
            to: client)
        let job = CoordinatorJob(client: client, id: submission.job.id)
        guard wait else {
            // The witness has arrived since the answer was given.
            let state = submission.job.state == .receiving ? .queued : submission.job.state
            let report = Report(id: job.id, outcome: submission.outcome.rawValue, state: state.rawValue)
            return try show(report, line: job.id)
        }
        let end = try await job.wait(timeout: timeout?.seconds)
        if end.state == .succeeded, let output { try await job.write(end, to: output) }
        try show(end, line: end.state == .succeeded ? output ?? job.address : nil)
        try CoordinatorJob.exit(as: end)
    }
}
