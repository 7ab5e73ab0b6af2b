// SPDX-License-Identifier: Apache-2.0

/// What is known of one proof: which system and curve, what computed it, where the time went.
///
/// One type for all who tell of a proof: the engine that makes it, the worker that reports it, the store
/// that keeps it, and `ResultDocument`, which says these facts and those of the job. A fact that is not known
/// where they are told is `nil`. Durations are seconds. Nothing of a witness is in it, not even a digest.
public struct ProofFacts: Sendable, Equatable, Codable {
    /// The proof system: `groth16`, `groth16-commitments` or `plonk`.
    public var system: String?
    /// `bn254`, `bls12381` or `bls12377`.
    public var curve: String?
    /// What computed, `cpu-adx` or `opencl:0` say.
    public var backend: String?
    /// How many threads the proof was given.
    public var threads: Int?
    /// The sizes of the circuit.
    public var circuit: Circuit?
    /// Where the time went.
    public var timings: Timings?
    /// SHA-256 of the files.
    public var digests: Digests?
    /// The version of martlet that proved.
    public var martlet: String?
    /// The compiler and the system that it was built for.
    public var platform: String?

    /// Facts of which none is known yet; they are set by who knows them.
    public init() {}

    /// What whoever proves knows without the files.
    package init(backend: String, timings: Timings, martlet: String, platform: String? = nil) {
        self.backend = backend
        self.timings = timings
        self.martlet = martlet
        self.platform = platform
    }
}

extension ProofFacts {
    /// The sizes of a circuit.
    public struct Circuit: Sendable, Equatable, Codable {
        /// The number of wires, the constant one among them.
        public var variables: Int
        /// The number of public inputs and outputs.
        public var publics: Int
        /// The size of the evaluation domain, a power of two.
        public var domainSize: Int
        /// Bytes of the proving key's file.
        public var zkeyBytes: Int64

        /// The sizes of one circuit.
        public init(variables: Int, publics: Int, domainSize: Int, zkeyBytes: Int64) {
            self.variables = variables
            self.publics = publics
            self.domainSize = domainSize
            self.zkeyBytes = zkeyBytes
        }
    }

    /// How long one phase took.
    public struct Phase: Sendable, Equatable, Codable {
        /// `fetch`, `key`, `witness`, `commitments`, `quotient`, `msmH`, `msmWitness` or `verify`; of plonk
        /// also `wires`, `permutation` and `openings`.
        public var phase: String
        /// Wall-clock seconds.
        public var seconds: Double

        /// A phase with its wall-clock seconds.
        public init(phase: String, seconds: Double) {
            self.phase = phase
            self.seconds = seconds
        }
    }

    /// Where the time went, in seconds.
    public struct Timings: Sendable, Equatable, Codable {
        /// Wall-clock seconds of each phase, in order.
        public var phases: [Phase]
        /// Wall-clock seconds from the claim, lease or start to the verified proof.
        public var total: Double
        /// Processor seconds of the proof; none where other proofs were made by the same process at the same
        /// time.
        public var cpu: Double?

        /// Times in seconds.
        public init(phases: [Phase], total: Double, cpu: Double? = nil) {
            self.phases = phases
            self.total = total
            self.cpu = cpu
        }
    }

    /// SHA-256 of files, 64 lower-case hexadecimal digits each. None of the witness: it would tell what a
    /// small one holds.
    public struct Digests: Sendable, Equatable, Codable {
        /// That of the proving key.
        public var zkey: String?
        /// That of `proof.json`.
        public var proof: String?
        /// That of `public.json`.
        public var `public`: String?

        /// Digests, as far as they are known: 64 lower-case hexadecimal digits each.
        public init(zkey: String? = nil, proof: String? = nil, public publicInputs: String? = nil) {
            self.zkey = zkey
            self.proof = proof
            self.public = publicInputs
        }
    }
}

extension ProofFacts {
    /// Puts phases in front of those of the proof.
    ///
    /// - Parameters:
    ///   - earlier: what was done before, `key` say, in order.
    ///   - total: wall-clock seconds from the beginning of all that to the verified proof.
    package mutating func precede(by earlier: [Phase], total: Double) {
        let phases = earlier.map { Phase(phase: $0.phase, seconds: Self.rounded($0.seconds)) }
        timings = Timings(
            phases: phases + (timings?.phases ?? []), total: Self.rounded(total), cpu: timings?.cpu)
    }

    /// Seconds down to the microsecond: the clocks are no better.
    public static func rounded(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e6 }
}
