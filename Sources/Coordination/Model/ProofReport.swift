// SPDX-License-Identifier: Apache-2.0

package import Outcomes
import StrictJSON

/// How a proof was made: what a worker reports beside the proof, and what the coordinator adds.
///
/// The names are those of `ResultDocument`.
package struct ProofReport: Sendable, Equatable, Codable {
    /// Seconds of one phase.
    package struct Phase: Sendable, Equatable, Codable {
        package var phase: String
        package var seconds: Double

        package init(phase: String, seconds: Double) {
            self.phase = phase
            self.seconds = seconds
        }
    }

    /// Where the time went, in seconds.
    package struct Timings: Sendable, Equatable, Codable {
        /// Wall-clock seconds, in order.
        package var phases: [Phase]
        /// Wall-clock seconds from the lease to the verified proof.
        package var total: Double
        /// Processor seconds of the proof.
        package var cpu: Double?

        package init(phases: [Phase], total: Double, cpu: Double? = nil) {
            self.phases = phases
            self.total = total
            self.cpu = cpu
        }

        var document: ResultDocument.Timings {
            .init(
                phases: phases.map { .init(phase: $0.phase, seconds: max(0, $0.seconds)) },
                total: max(0, total), cpu: cpu.map { max(0, $0) })
        }
    }

    /// What computed, `cpu-avx2` or `opencl:0` say.
    package var backend: String
    package var timings: Timings
    /// The version of the worker.
    package var martlet: String
    /// The compiler and the system that the worker was built for; none from workers that do not say.
    package var platform: String?

    /// `groth16`. Like what follows, by the coordinator: a worker is not asked for what the circuit says.
    package var system: String?
    /// `bn254`, `bls12381` or `bls12377`.
    package var curve: String?
    package var circuit: ResultDocument.Circuit?
    /// Of the proof and its public inputs as they are served.
    package var digests: ResultDocument.Digests?

    package init(backend: String, timings: Timings, martlet: String, platform: String? = nil) {
        self.backend = backend
        self.timings = timings
        self.martlet = martlet
        self.platform = platform
    }
}

extension ProofReport: AnswersWithMore {
    package static var answerKeys: Set<String> { ["system", "curve", "circuit", "digests"] }
}
