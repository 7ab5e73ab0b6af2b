// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Foundations
public import Outcomes

#if canImport(Glibc)
    import Glibc
#endif

/// A verified proof in snarkjs' JSON, and what it took.
public struct ProofOutput: Sendable {
    /// The bytes of `proof.json`.
    public let proofJSON: Data
    /// The bytes of `public.json`.
    public let publicJSON: Data
    /// What is known of the proof: system, curve and circuit, what computed it, where the time went, the
    /// digests of these bytes.
    ///
    /// `total` of its timings is wall-clock seconds from the opened witness to the verified proof, and `cpu`
    /// the processor seconds of the whole process meanwhile: of all its proofs, where several are made at
    /// once.
    public package(set) var facts: ProofFacts
}

/// Measures the phases of one proof.
final class Stopwatch {
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let cpuStart: Double
    private var phases: [ProofFacts.Phase] = []
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

    /// Ends the last phase and returns everything, down to the microsecond.
    func finish() -> ProofFacts.Timings {
        end()
        return .init(
            phases: phases, total: ProofFacts.rounded((clock.now - start).inSeconds),
            cpu: ProofFacts.rounded(Self.processorSeconds - cpuStart))
    }

    private func end() {
        if let current {
            let seconds = ProofFacts.rounded((clock.now - current.start).inSeconds)
            phases.append(.init(phase: current.phase, seconds: seconds))
        }
        current = nil
    }

    /// The processor time of this process so far, all threads.
    static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
