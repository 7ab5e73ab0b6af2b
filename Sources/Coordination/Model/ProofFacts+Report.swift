// SPDX-License-Identifier: Apache-2.0

import Foundations
package import Outcomes

/// What a worker reports of a proof: `backend`, `timings`, `martlet` and `platform`. It is not asked for what
/// the circuit and the proof say themselves; the coordinator adds that.
extension ProofFacts {
    private enum ReportKeys: String, CodingKey { case backend, timings, martlet, platform }

    /// The part that a worker reports.
    package var reported: ProofFacts {
        var report = ProofFacts()
        report.backend = backend
        report.timings = timings
        report.martlet = martlet
        report.platform = platform
        return report
    }

    /// What is reported as it is kept: a worker's word, so its texts have an end and its seconds are such. An
    /// empty text says nothing, and is left out.
    package var bounded: ProofFacts {
        func text(_ value: String?, bytes: Int) -> String? {
            value.map { $0.bounded(bytes: bytes) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        func finite(_ value: Double) -> Double { value.isFinite ? min(max(0, value), 1e9) : 0 }
        var report = ProofFacts()
        report.backend = text(backend, bytes: 64)
        report.timings = timings.map { timings in
            Timings(
                phases: timings.phases.prefix(64).map {
                    Phase(phase: text($0.phase, bytes: 64) ?? "other", seconds: finite($0.seconds))
                }, total: finite(timings.total), cpu: timings.cpu.map(finite))
        }
        report.martlet = text(martlet, bytes: 64)
        report.platform = text(platform, bytes: 128)
        return report
    }

    /// Reads a worker's report, which has the first three at least. In a request what the coordinator adds is
    /// refused like what is unknown.
    init(reportFrom decoder: any Decoder) throws {
        let report = try decoder.container(keyedBy: ReportKeys.self)
        self.init()
        backend = try report.decode(String.self, forKey: .backend)
        timings = try report.decode(Timings.self, forKey: .timings)
        martlet = try report.decode(String.self, forKey: .martlet)
        platform = try report.decodeIfPresent(String.self, forKey: .platform)
    }
}
