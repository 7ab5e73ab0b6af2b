// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Foundations

#if canImport(Glibc)
    import Glibc
#endif

/// A verified proof in snarkjs' JSON, and what it took.
public struct ProofOutput: Sendable {
    /// The bytes of `proof.json`.
    public let proofJSON: Data
    /// The bytes of `public.json`.
    public let publicJSON: Data
    /// What computed it, such as "cpu-adx" or "opencl:0".
    public let backend: String
    /// Wall-clock seconds of each phase, in order.
    public let timings: [(phase: String, seconds: Double)]
    /// Wall-clock seconds in all.
    public let wallSeconds: Double
    /// Processor seconds of the whole process during the proof: of all its proofs, when several run at once.
    public let cpuSeconds: Double
}

/// Measures the phases of one proof.
final class Stopwatch {
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let cpuStart: Double
    private var phases: [(phase: String, seconds: Double)] = []
    private var current: (phase: String, start: ContinuousClock.Instant)?

    init() {
        start = clock.now
        cpuStart = Self.processorSeconds
    }

    /// Ends the phase under way and begins another.
    func begin(_ phase: String) {
        end()
        current = (phase, clock.now)
    }

    /// Ends the last phase and returns everything.
    func finish() -> (phases: [(phase: String, seconds: Double)], wall: Double, cpu: Double) {
        end()
        return (phases, (clock.now - start).inSeconds, Self.processorSeconds - cpuStart)
    }

    private func end() {
        if let current { phases.append((current.phase, (clock.now - current.start).inSeconds)) }
        current = nil
    }

    /// The processor time of this process so far, all threads.
    static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
