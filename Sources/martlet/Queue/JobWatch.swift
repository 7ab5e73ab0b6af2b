// SPDX-License-Identifier: Apache-2.0

import Foundation
import Foundations
import JobQueue
import Outcomes
import StrictJSON
import Synchronization

/// Waits for a job and shows what it is doing when standard error is a terminal.
struct JobWatch {
    var queue: SpoolQueue
    var id: JobID
    /// Seconds; nil to wait for ever.
    var timeout: Double?

    /// The job's end; nil when the time is up.
    ///
    /// - Throws: when the job disappears or the spool cannot be read.
    func wait() async throws(SpoolError) -> JobResult? {
        let start = ContinuousClock.now
        defer { Console.endProgress() }
        // Soon after the beginning it is worth a look whether anybody has come.
        var hasLooked = false
        while true {
            let age = start.secondsAgo
            let left = timeout.map { $0 - age }
            if let left, left <= 0 { return nil }
            let slice = min(
                left ?? .infinity, Console.showsProgress ? 0.25 : hasLooked ? 60 : Self.firstLook)
            if let result = try await queue.waitAsync(for: id, timeout: slice) { return result }
            if !hasLooked, start.secondsAgo >= Self.firstLook {
                hasLooked = true
                if runningPhase == nil { sayThatNobodyHasCome() }
            }
            if Console.showsProgress { show(age) }
        }
    }

    /// Seconds after which a job that still waits may be without workers.
    private static let firstLook = 3.0
    private static let hasSaid = Mutex(false)

    /// Once a process: of many jobs that wait side by side one is enough.
    private func sayThatNobodyHasCome() {
        guard
            Self.hasSaid.withLock({ said in
                defer { said = true }
                return !said
            })
        else { return }
        Console.endProgress()
        Console.error(
            "martlet: no worker has taken job \(id) yet, which waits for one: martlet worker --queue spool:\(queue.path)"
        )
    }

    private func show(_ age: Double) {
        let phase = runningPhase ?? "queued"
        Console.progress("\(id): \(phase), \(TimeSpan.text(age))")
    }

    /// What the worker says in the job's `progress` file; nil when nobody has claimed the job.
    ///
    /// One listing of `cur/`, which holds as many entries as there are jobs under way.
    private var runningPhase: String? {
        let current = queue.path + "/cur"
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: current)) ?? []
        guard let entry = entries.first(where: { $0.contains(".\(id)@") }) else { return nil }
        let path = "\(current)/\(entry)/progress"
        guard (try? FileIdentity(path: path)) != nil, let data = FileManager.default.contents(atPath: path),
            let progress = try? StrictJSONDecoder().decode(JobProgress.self, from: data)
        else { return JobPhase.claimed.rawValue }
        return ForeignText.plain(progress.phase)
    }
}
