import Coordination
import Foundation
import JobQueue
import MartletClient
import ProvingService

extension SubmitCommand {
    /// Brings the job to a coordinator with the files that it does not have.
    func submit(to client: MartletClient) async throws {
        let zkeyPath = try InputFile.check(zkey, magic: "zkey", kind: "proving key")
        let witnessPath = try InputFile.check(witness, magic: "wtns", kind: "witness")
        let submission = try await mappingClientErrors { () async throws(ClientError) in
            let circuit = try await client.provideCircuit(zkeyPath)
            let specification = JobSpecification(
                id: (id ?? .generate()).text, circuit: circuit.digest,
                witness: try await MartletClient.reference(to: witnessPath), priority: priority,
                deadline: deadline.map { Int64($0.moment) * 1000 })
            let submission = try await client.submit(specification)
            if submission.witnessUpload != nil {
                try await client.uploadWitness(specification.id, from: witnessPath)
            }
            return submission
        }
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
