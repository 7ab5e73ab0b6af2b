// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import Foundations
import Outcomes
import Synchronization

/// What a coordinator counts, in Prometheus' exposition format (version 0.0.4). Counters begin at 0 with the
/// process.
final class Metrics: Sendable {
    private struct Histogram: Sendable {
        var counts = [UInt64](repeating: 0, count: Metrics.bounds.count + 1)
        var sum = 0.0
        var total: UInt64 = 0
    }
    private struct State: Sendable {
        var proofs: [String: UInt64] = [:]
        var phases: [String: Histogram] = [:]
        var invalid: [String: UInt64] = [:]
        var proofSeconds = 0.0
        var proofCount: UInt64 = 0
        var requests: [Int: UInt64] = [:]
        var failed: [Failure: UInt64] = [:]
        /// Those of `failed` that have a label of their own.
        var failedWorkers: Set<String> = []
        /// Workers that get no jobs.
        var standings: [WorkerID: WorkerRecord.Standing] = [:]
    }
    private struct Failure: Hashable {
        var code: String
        var worker: String
    }
    private let state = Mutex(State())

    static let bounds = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]

    func finished(_ system: String, _ outcome: Job.State, _ report: ProofFacts?) {
        state.withLock { state in
            state.proofs["system=\"\(system)\",outcome=\"\(outcome.rawValue)\"", default: 0] += 1
            guard let timings = report?.timings else { return }
            state.proofCount += 1
            state.proofSeconds += max(0, timings.total)
            for phase in timings.phases.prefix(32) where phase.seconds >= 0 {
                // The names come from workers: others are counted together, so that labels stay few.
                let known = JobPhase(rawValue: phase.phase).flatMap { $0.isTimed ? $0 : nil }
                let name = known?.rawValue ?? "other"
                let label = "phase=\"\(name)\",system=\"\(system)\""
                var histogram = state.phases[label] ?? Histogram()
                let bucket = Self.bounds.firstIndex { phase.seconds <= $0 } ?? Self.bounds.count
                histogram.counts[bucket] += 1
                histogram.sum += phase.seconds
                histogram.total += 1
                state.phases[label] = histogram
            }
        }
    }

    /// A proof that does not verify was sent by a worker that computes with this.
    func invalidProof(_ backend: String) {
        let kind = backend.hasPrefix("opencl") ? "opencl" : backend.hasPrefix("cpu") ? "cpu" : "other"
        state.withLock { $0.invalid[kind, default: 0] += 1 }
    }

    /// Workers with a label of their own: others are counted together, names come from outside.
    private static let workerLabels = 1000

    /// An attempt ended without a proof. Names are `JobID`s, codes those of `JobFailure` or `worker-lost`:
    /// none needs an escape.
    func attemptFailed(_ code: String, worker: String) {
        state.withLock { state in
            let isNamed =
                state.failedWorkers.contains(worker) || state.failedWorkers.count < Self.workerLabels
            if isNamed { state.failedWorkers.insert(worker) }
            state.failed[Failure(code: code, worker: isNamed ? worker : "other"), default: 0] += 1
        }
    }

    /// The workers that get no jobs now; gives back those that are new among them.
    func standings(_ now: [WorkerID: WorkerRecord.Standing]) -> Set<WorkerID> {
        state.withLock { state in
            defer { state.standings = now }
            return Set(now.filter { state.standings[$0.key] != $0.value }.keys)
        }
    }

    func answered(_ status: Int) { state.withLock { $0.requests[status, default: 0] += 1 } }

    /// What a proof has cost on average since the start, in the currency of `perHour`.
    func costPerProof(perHour: Double?) -> Double? {
        guard let perHour else { return nil }
        return state.withLock { state in
            state.proofCount == 0 ? nil : state.proofSeconds / Double(state.proofCount) / 3600 * perHour
        }
    }

    /// - Parameters:
    ///   - counts: of the store; `nil` where it does not answer.
    ///   - store: the kind of the store, as `StoreIdentity` has it.
    ///   - gauges: further values by name, without labels.
    func text(
        _ counts: JobCounts?, store: String, costPerHour: Double?,
        gauges: [(name: String, help: String, value: Double)]
    ) -> String {
        var lines: [String] = []
        func family(_ name: String, _ type: String, _ help: String, _ samples: [(String, String)]) {
            lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
            lines += samples.map { "\(name)\($0.0.isEmpty ? "" : "{\($0.0)}") \($0.1)" }
        }
        // Words of the program's own: none needs an escape.
        let (version, platform) = (MartletVersion.current, MartletVersion.platform)
        family(
            "martlet_build_info", "gauge", "The program and the kind of its store; always 1.",
            [("version=\"\(version)\",platform=\"\(platform)\",store=\"\(store)\"", "1")])
        if let counts {
            family(
                "martlet_jobs", "gauge", "Jobs by state.",
                counts.byState.sorted { $0.key < $1.key }.map { ("state=\"\($0.key)\"", "\($0.value)") })
            family(
                "martlet_queue_oldest_seconds", "gauge", "For how long the oldest queued job has waited.",
                [("", "\(counts.oldestQueuedSeconds)")])
        }
        for gauge in gauges { family(gauge.name, "gauge", gauge.help, [("", "\(gauge.value)")]) }
        if let cost = costPerProof(perHour: costPerHour) {
            family(
                "martlet_cost_per_proof", "gauge", "Mean cost of a proof since the start.", [("", "\(cost)")])
        }
        let state = state.withLock { $0 }
        func sorted(_ values: [String: UInt64]) -> [(String, String)] {
            values.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        }
        family("martlet_proofs_total", "counter", "Jobs that ended.", sorted(state.proofs))
        family(
            "martlet_invalid_proofs_total", "counter", "Proofs from workers that did not verify.",
            state.invalid.sorted { $0.key < $1.key }.map { ("device=\"\($0.key)\"", "\($0.value)") })
        family(
            "martlet_attempts_failed_total", "counter", "Attempts that ended without a proof.",
            state.failed.map { ("code=\"\($0.key.code)\",worker=\"\($0.key.worker)\"", "\($0.value)") }
                .sorted { $0.0 < $1.0 })
        family(
            "martlet_workers_kept_out", "gauge", "Workers that get no jobs, as the store has it.",
            [WorkerRecord.Standing.cordoned, .quarantined].map { standing in
                (
                    "standing=\"\(standing.rawValue)\"",
                    "\(state.standings.values.count { $0 == standing })"
                )
            })
        family(
            "martlet_http_requests_total", "counter", "Requests by status of the answer.",
            state.requests.sorted { $0.key < $1.key }.map { ("status=\"\($0.key)\"", "\($0.value)") })
        let name = "martlet_job_phase_seconds"
        lines += ["# HELP \(name) Seconds of a proof's phases.", "# TYPE \(name) histogram"]
        for (label, histogram) in state.phases.sorted(by: { $0.key < $1.key }) {
            var sum: UInt64 = 0
            for (bound, count) in zip(Self.bounds, histogram.counts) {
                sum += count
                lines.append("\(name)_bucket{\(label),le=\"\(bound)\"} \(sum)")
            }
            lines.append("\(name)_bucket{\(label),le=\"+Inf\"} \(histogram.total)")
            lines.append("\(name)_sum{\(label)} \(histogram.sum)")
            lines.append("\(name)_count{\(label)} \(histogram.total)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
