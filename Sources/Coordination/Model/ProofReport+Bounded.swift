import JobQueue

extension ProofReport {
    /// The report as it is kept: a worker's word, so its texts have an end and its seconds are such.
    package var bounded: ProofReport {
        func finite(_ value: Double) -> Double { value.isFinite ? min(max(0, value), 1e9) : 0 }
        return ProofReport(
            curve: curve.bounded(bytes: 32), backend: backend.bounded(bytes: 64),
            phases: phases.prefix(64).map {
                Phase(phase: $0.phase.bounded(bytes: 64), seconds: finite($0.seconds))
            },
            seconds: finite(seconds), martlet: martlet.bounded(bytes: 64))
    }
}
