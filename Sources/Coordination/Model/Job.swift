import JobQueue

/// A proving job as the coordinator tells of it.
public struct Job: Sendable, Equatable, Codable {
    /// Where a job is. `succeeded` and those after it are final.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// Its witness has not arrived yet.
        case receiving
        /// Waits for a worker.
        case queued
        /// A worker has it.
        case leased
        /// It has its one result.
        case succeeded
        /// The worker found its input wrong: a malformed file or a witness that does not satisfy the circuit.
        case rejected
        /// The submitter does not want it any more.
        case cancelled
        /// Its deadline passed before a worker could begin, or its witness never came.
        case expired
        /// Given up after too many attempts; an operator may queue it again.
        case dead

        /// Whether no state follows, but for `dead`, which an operator may queue again.
        public var isFinal: Bool { !State.open.contains(self) }

        /// The states that are not final.
        public static let open: [State] = [.receiving, .queued, .leased]
    }

    /// Why a job ended without a proof, or why its last attempt did.
    public struct Reason: Sendable, Equatable, Codable {
        /// For programs: one of `JobFailure.Code`, or `worker-lost`, `deadline`, `not-received`.
        public var code: String
        /// For people.
        public var message: String

        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// The job's name, unique in its tenant: the submitter's idempotency key.
    public var id: String
    /// Whose job it is.
    public var tenant: String
    /// What was asked for.
    public var specification: JobSpecification
    public var state: State
    /// Attempts that failed and count against the job: not those whose failure was the worker's own.
    public var failures: Int
    /// Workers that vanished with the job.
    public var lostWorkers: Int
    /// Counts leases; every lease has its own.
    public var epoch: Int
    /// Who has it, or had it last.
    public var worker: String?
    /// What the worker is doing, while it has the job.
    public var phase: String?
    /// From 0 to 1, where the worker knows.
    public var progress: Double?
    /// Unix milliseconds, by the store's clock, as all moments here.
    public var submittedAt: Int64
    public var startedAt: Int64?
    public var endedAt: Int64?
    public var reason: Reason?
    /// How the proof was made, once there is one.
    public var result: ProofReport?

    public init(
        id: String, tenant: String, specification: JobSpecification, state: State, failures: Int = 0,
        lostWorkers: Int = 0, epoch: Int = 0, worker: String? = nil, phase: String? = nil,
        progress: Double? = nil, submittedAt: Int64, startedAt: Int64? = nil, endedAt: Int64? = nil,
        reason: Reason? = nil, result: ProofReport? = nil
    ) {
        self.id = id
        self.tenant = tenant
        self.specification = specification
        self.state = state
        self.failures = failures
        self.lostWorkers = lostWorkers
        self.epoch = epoch
        self.worker = worker
        self.phase = phase
        self.progress = progress
        self.submittedAt = submittedAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.reason = reason
        self.result = result
    }
}

/// How a proof was made: what a worker reports beside the proof.
public struct ProofReport: Sendable, Equatable, Codable {
    /// Seconds of one phase.
    public struct Phase: Sendable, Equatable, Codable {
        public var phase: String
        public var seconds: Double

        public init(phase: String, seconds: Double) {
            self.phase = phase
            self.seconds = seconds
        }

        private enum CodingKeys: String, CodingKey, CaseIterable { case phase, seconds }

        /// In a request refuses what is unknown.
        public init(from decoder: any Decoder) throws {
            try decoder.refuseUnknownKeysOfRequest(CodingKeys.self)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            phase = try container.decode(String.self, forKey: .phase)
            seconds = try container.decode(Double.self, forKey: .seconds)
        }
    }

    /// The curve as snarkjs calls it: `bn128` or `bls12381`.
    public var curve: String
    /// What computed, `cpu-avx2` or `opencl:0` say.
    public var backend: String
    /// Wall-clock seconds, in order.
    public var phases: [Phase]
    /// Wall-clock seconds from the lease to the verified proof.
    public var seconds: Double
    /// The version of the worker.
    public var martlet: String

    public init(curve: String, backend: String, phases: [Phase], seconds: Double, martlet: String) {
        self.curve = curve
        self.backend = backend
        self.phases = phases
        self.seconds = seconds
        self.martlet = martlet
    }
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case curve, backend, phases, seconds, martlet
    }

    /// In a request refuses what is unknown.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeysOfRequest(CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        curve = try container.decode(String.self, forKey: .curve)
        backend = try container.decode(String.self, forKey: .backend)
        phases = try container.decode([Phase].self, forKey: .phases)
        seconds = try container.decode(Double.self, forKey: .seconds)
        martlet = try container.decode(String.self, forKey: .martlet)
    }
}
