// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Coordination
import Foundation
import Foundations
import MartletClient
import Outcomes

/// A job of a coordinator: waits for its end, and tells of it.
struct CoordinatorJob {
    var client: MartletClient
    var id: String

    /// The job at its end, or as it is when the time is up.
    ///
    /// - Parameter timeout: seconds; nil to wait for ever.
    func wait(timeout: Double?) async throws(ClientError) -> ResultDocument {
        let start = ContinuousClock.now
        defer { Console.endProgress() }
        // Soon after the beginning it is worth a look whether anybody will come.
        var hasLooked = false
        while true {
            let age = start.secondsAgo
            let left = timeout.map { max(0, $0 - age) }
            let slice = min(left ?? .infinity, Console.showsProgress ? 1 : hasLooked ? 30 : Self.firstLook)
            let job = try await client.job(id, wait: slice)
            if !hasLooked, !job.state.isFinal, left == 0 || age >= Self.firstLook {
                hasLooked = true
                await warnWhereNobodyServes(job)
            }
            if job.state.isFinal || left == 0 { return job }
            Console.progress(
                "\(id): \(ForeignText.plain(job.phase ?? job.state.rawValue)), \(TimeSpan.text(age))")
        }
    }

    /// Seconds after which a job that still waits may be without workers.
    private static let firstLook = 3.0

    /// Says so where a job waits and no worker was heard of.
    private func warnWhereNobodyServes(_ job: ResultDocument) async {
        guard job.state == .queued, let isServed = try? await client.isServed(), !isServed else { return }
        Console.endProgress()
        Console.error(
            "martlet: no worker serves this queue; job \(id) waits for one: martlet worker --queue \(client.address)"
        )
    }

    /// Writes `proof.json`, `public.json` and `result.json` of a job that has succeeded.
    ///
    /// - Returns: the result with the places of the files.
    @discardableResult
    func write(_ job: ResultDocument, to files: ResultFiles) async throws -> ResultDocument {
        let (proof, publics) = (try await client.proof(id), try await client.publicInputs(id))
        try files.write(proof: Data(proof.utf8), publicInputs: Data(publics.utf8), result: job.json)
        var job = job
        job.files = files.places
        return job
    }

    /// The address of the job in JSON, for other programs.
    var address: String { "\(client.address)/v1/jobs/\(id)" }
}
