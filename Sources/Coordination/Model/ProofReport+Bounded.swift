// SPDX-License-Identifier: Apache-2.0

import Foundations

extension ProofReport {
    /// The report as it is kept: a worker's word, so its texts have an end and its seconds are such.
    package var bounded: ProofReport {
        func finite(_ value: Double) -> Double { value.isFinite ? min(max(0, value), 1e9) : 0 }
        return ProofReport(
            backend: backend.bounded(bytes: 64),
            timings: Timings(
                phases: timings.phases.prefix(64).map {
                    Phase(phase: $0.phase.bounded(bytes: 64), seconds: finite($0.seconds))
                }, total: finite(timings.total), cpu: timings.cpu.map(finite)),
            martlet: martlet.bounded(bytes: 64), platform: platform?.bounded(bytes: 128))
    }
}
