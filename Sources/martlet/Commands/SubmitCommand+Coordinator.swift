// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import MartletClient
import Outcomes

extension SubmitCommand {
    /// Brings the job to a coordinator with the files that it does not have.
    func submit(to client: MartletClient) async throws {
        let files = try output.map { try ResultFiles(in: $0, inputs: [zkey, witness]) }
        let submission = try await QueuedProof.submit(
            zkey: zkey, witness: QueuedWitness(witness), id: id, priority: priority, deadline: deadline,
            to: client)
        let job = CoordinatorJob(client: client, id: submission.id)
        guard wait else {
            var document = submission.job
            // The witness has arrived since the answer was given.
            if document.state == .receiving { document.state = .queued }
            return try show(document, submission.outcome, line: job.id)
        }
        var end = try await job.wait(timeout: timeout?.seconds)
        if end.state == .succeeded, let files { end = try await job.write(end, to: files) }
        try show(
            end, submission.outcome, line: end.state == .succeeded ? output ?? job.address : nil)
        try end.exit()
    }
}
