public import Foundation
public import JobQueue

/// What `result.json` says: how a published proof was made. The proof itself is in `proof.json` and `public.json`.
///
/// Holds nothing of the witness, no digest either: it would tell a small one to whoever tries.
public struct ProofResult: Sendable, Equatable, Codable {
    /// The sizes of the circuit.
    public struct Circuit: Sendable, Equatable, Codable {
        /// The number of wires, the constant one included.
        public var variables: Int
        /// The number of public inputs and outputs.
        public var publics: Int
        /// The size of the evaluation domain, a power of two.
        public var domainSize: Int
        /// The size of the proving key's file.
        public var zkeyBytes: Int

        /// The sizes of a circuit.
        public init(variables: Int, publics: Int, domainSize: Int, zkeyBytes: Int) {
            self.variables = variables
            self.publics = publics
            self.domainSize = domainSize
            self.zkeyBytes = zkeyBytes
        }
    }

    /// How long one phase took.
    public struct Phase: Sendable, Equatable, Codable {
        /// `fetch`, `key`, or a phase of the prover.
        public var phase: String
        /// Wall-clock seconds.
        public var seconds: Double

        /// How long one phase took.
        public init(phase: String, seconds: Double) {
            self.phase = phase
            self.seconds = seconds
        }
    }

    /// Where the time went, in seconds.
    public struct Timings: Sendable, Equatable, Codable {
        /// Wall-clock seconds of each phase, in order.
        public var phases: [Phase]
        /// Wall-clock seconds from the claim to the verified proof.
        public var total: Double
        /// Processor seconds of the proof; nil when other jobs ran in the same process at the same time.
        public var cpu: Double?

        /// Where the time went.
        public init(phases: [Phase], total: Double, cpu: Double?) {
            self.phases = phases
            self.total = total
            self.cpu = cpu
        }
    }

    /// SHA-256 of the files, 64 lower-case hexadecimal digits each.
    public struct Digests: Sendable, Equatable, Codable {
        /// The proving key.
        public var zkey: String
        /// `proof.json` beside this file.
        public var proof: String
        /// `public.json` beside this file.
        public var `public`: String

        /// The digests of the files.
        public init(zkey: String, proof: String, public publicInputs: String) {
            self.zkey = zkey
            self.proof = proof
            self.public = publicInputs
        }
    }

    /// The version of the file's form.
    public var version = 1
    /// The job.
    public var id: JobID
    /// The proof system: `groth16`.
    public var system: String
    /// The curve as snarkjs calls it: `bn128` or `bls12381`.
    public var curve: String
    /// What computed, `cpu-adx` say.
    public var backend: String
    /// The sizes of the circuit.
    public var circuit: Circuit
    /// Where the time went.
    public var timings: Timings
    /// What went in and came out.
    public var digests: Digests
    /// The version of martlet.
    public var martlet = MartletVersion.current
    /// The compiler and the system that martlet was built for.
    public var platform = MartletVersion.platform
    /// Who proved.
    public var worker: WorkerIdentity
    /// The number of the attempt, 1 for the first.
    public var attempt: Int
    /// When the job was claimed, ISO 8601 in UTC with milliseconds.
    public var startedAt: String
    /// When the proof was made and verified, ISO 8601 in UTC with milliseconds.
    public var finishedAt: String

    /// The text of `result.json`.
    public var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Every number here is finite, so every value has its form in JSON.
        return ((try? encoder.encode(self)) ?? Data()) + Data("\n".utf8)
    }
}

/// Seconds down to the microsecond: the clocks are no better.
func rounded(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e6 }
