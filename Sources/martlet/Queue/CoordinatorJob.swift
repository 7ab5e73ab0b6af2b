import ArgumentParser
import Coordination
import Foundation
import MartletClient
import ProvingService

/// A job of a coordinator: waits for its end, and tells of it.
struct CoordinatorJob {
    var client: MartletClient
    var id: String

    /// The job at its end, or as it is when the time is up.
    ///
    /// - Parameter timeout: seconds; nil to wait for ever.
    func wait(timeout: Double?) async throws(JobFailure) -> Job {
        let start = ContinuousClock.now
        defer { Console.endProgress() }
        // Soon after the beginning it is worth a look whether anybody will come.
        var hasLooked = false
        while true {
            let age = start.duration(to: .now) / .seconds(1)
            let left = timeout.map { max(0, $0 - age) }
            let slice = min(left ?? .infinity, Console.showsProgress ? 1 : hasLooked ? 30 : Self.firstLook)
            let job = try await mappingClientErrors { () async throws(ClientError) in
                try await client.job(id, wait: slice)
            }
            if !hasLooked, !job.state.isFinal, left == 0 || age >= Self.firstLook {
                hasLooked = true
                await warnWhereNobodyServes(job)
            }
            if job.state.isFinal || left == 0 { return job }
            Console.progress(
                "\(id): \(SpoolTable.plain(job.phase ?? job.state.rawValue)), \(TimeSpan.text(age))")
        }
    }

    /// Seconds after which a job that still waits may be without workers.
    private static let firstLook = 3.0

    /// Says so where a job waits and no worker was heard of.
    private func warnWhereNobodyServes(_ job: Job) async {
        guard job.state == .queued, let isServed = try? await client.isServed(), !isServed else { return }
        Console.endProgress()
        Console.error(
            "martlet: no worker serves this queue; job \(id) waits for one: martlet worker --queue \(client.address)"
        )
    }

    /// Writes `proof.json`, `public.json` and `result.json` of a job that has succeeded.
    func write(_ job: Job, to directory: String) async throws {
        let (proof, publics) = try await mappingClientErrors { () async throws(ClientError) in
            (try await client.proof(id), try await client.publicInputs(id))
        }
        try OutputFile.make(directory: directory)
        try OutputFile.write([
            (directory + "/proof.json", Data(proof.utf8)), (directory + "/public.json", Data(publics.utf8)),
            (directory + "/result.json", Data(try Console.json(job).utf8)),
        ])
    }

    /// Ends the command as the job has ended: returns for a proof.
    ///
    /// - Throws: `ExitCode`: 2 for a wrong input, 3 for everything else, a job that has not ended among it.
    static func exit(as job: Job) throws {
        guard job.state != .succeeded else { return }
        guard job.state.isFinal else {
            Console.error("martlet: job \(job.id) has not ended in time; it stays \(job.state.rawValue)")
            throw ExitCode(3)
        }
        let reason =
            job.reason.map { ": \(SpoolTable.plain($0.code)): \(SpoolTable.plain($0.message))" } ?? ""
        Console.error("martlet: job \(job.id) is \(job.state.rawValue)\(reason)")
        throw ExitCode(job.state == .rejected ? 2 : 3)
    }

    /// The address of the job in JSON, for other programs.
    var address: String { "\(client.address)/v1/jobs/\(id)" }
}
