// SPDX-License-Identifier: Apache-2.0

public import Failures
public import Foundation

/// What is known of a proof, or of a job that is to lead to one: `martlet-result/1`.
///
/// One document for all places that tell of a proof: what a command prints of proofs and jobs, a
/// spool's `result.json`, the answers of a coordinator. A member that is not known where the
/// document was made is left out; `docs/results.md` says which are where, `docs/result.schema.json` what each
/// may be. Durations are seconds, moments unix milliseconds, curves are called `bn254`, `bls12381` and
/// `bls12377`. Nothing of a witness is in it, not even a digest: the digest of a small witness tells what is
/// in it.
public struct ResultDocument: Sendable, Equatable, Codable {
    /// The form of the document; a reader that meets another one must not guess.
    public enum Schema: String, Sendable, Codable {
        /// The first form.
        case v1 = "martlet-result/1"
    }

    /// Always `martlet-result/1`.
    public var schema = Schema.v1
    /// The job's name; none for a proof that no queue knows of.
    public var id: String?
    /// Whose job it is, at a coordinator.
    public var tenant: String?
    /// Where the job is; of a proof without a job, `succeeded`.
    public var state: State
    /// In the answer to a submission: whether the job is new.
    public var outcome: Outcome?

    /// What is known of the proof: of a job without one, the digest of its key at most. In JSON its members
    /// stand beside those of the document.
    public var facts = ProofFacts()
    /// Where the files are, on the machine that made the document.
    public var files: Files?

    /// Who proves, or has proved.
    public var worker: Worker?
    /// How many attempts were begun, the one under way or that with the proof among them.
    public var attempt: Int?
    /// Attempts that failed and count against the job, at a coordinator: not those whose failure was the
    /// worker's own.
    public var failures: Int?
    /// Workers that vanished with the job, at a coordinator.
    public var lostWorkers: Int?
    /// Counts leases, at a coordinator.
    public var epoch: Int?
    /// 0 (served first) to 9 (served last).
    public var priority: Int?
    /// Until when a worker may begin, unix milliseconds.
    public var deadline: Int64?
    /// After how many failed attempts the job is dead.
    public var maxAttempts: Int?
    /// Where a coordinator posts the end of the job to.
    public var callback: String?

    /// What the worker is doing, while it has the job: one of the phases of the facts' timings, or a
    /// step between them.
    public var phase: String?
    /// From 0 to 1, where the worker knows.
    public var progress: Double?
    /// Seconds since the worker's last sign of life, in a spool.
    public var heartbeatAgeSeconds: Double?
    /// The worker lives, but has given no sign for a while, in a spool.
    public var stalled: Bool?
    /// The worker is gone and the job waits to be given to another, in a spool.
    public var orphaned: Bool?

    /// Unix milliseconds of the submission.
    public var submittedAt: Int64?
    /// Unix milliseconds at which the last attempt began.
    public var startedAt: Int64?
    /// Unix milliseconds of the end; of a proof without a job, of the proof.
    public var endedAt: Int64?

    /// Why there is no proof, or why the last attempt brought none.
    public var error: Failure?
    /// The version of martlet that proved.
    public var martlet: String?
    /// The compiler and the system that it was built for.
    public var platform: String?

    /// A document that says nothing but the state; the other members are set by who knows them.
    public init(id: String? = nil, state: State) {
        self.id = id
        self.state = state
    }

    /// What there is to say of a proof that was made and verified just now.
    package init(_ facts: ProofFacts) {
        self.init(state: .succeeded)
        self.facts = facts
        endedAt = Self.milliseconds()
    }

    /// The text of the document, as it stands in a file: sorted, indented, with a line's end.
    public var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Every number here is finite, so every value has its form in JSON.
        return ((try? encoder.encode(self)) ?? Data()) + Data("\n".utf8)
    }
}

extension ResultDocument {
    /// Where a job is, in both kinds of queue. `succeeded` and those after it are final.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// Its witness has not arrived yet.
        case receiving
        /// Waits for a worker.
        case queued
        /// A worker has it.
        case leased
        /// It has its one result.
        case succeeded
        /// Its input is wrong: a malformed file or a witness that does not satisfy the circuit.
        case rejected
        /// The submitter does not want it any more.
        case cancelled
        /// Its deadline passed before a worker could begin, or its witness never came.
        case expired
        /// Given up after too many attempts; an operator may queue it again.
        case dead

        /// What a sentence says of a job in it, behind the job's name.
        public var phrase: String {
            switch self {
            case .receiving: "waits for its witness"
            case .queued: "is queued"
            case .leased: "is leased"
            case .succeeded: "has succeeded"
            case .rejected: "was rejected"
            case .cancelled: "was cancelled"
            case .expired: "has expired"
            case .dead: "is dead"
            }
        }

        /// Whether no state follows, but for what an operator queues again.
        public var isFinal: Bool { !State.open.contains(self) }

        /// The states that are not final.
        public static let open: [State] = [.receiving, .queued, .leased]
    }

    /// Whether a submission made a job.
    public enum Outcome: String, Sendable, Codable {
        /// The job is new.
        case queued
        /// The same job was submitted before.
        case existing
    }

    /// Paths as they were given to, or made by, the program that wrote the document.
    public struct Files: Sendable, Equatable, Codable {
        /// Where `proof.json` is.
        public var proof: String
        /// Where `public.json` is.
        public var `public`: String

        /// Paths of the two files of a proof.
        public init(proof: String, public publicInputs: String) {
            self.proof = proof
            self.public = publicInputs
        }
    }

    /// Who proves.
    public struct Worker: Sendable, Equatable, Codable {
        /// The worker's name at a coordinator, its machine's in a spool.
        public var name: String
        /// Its process, in a spool.
        public var pid: Int32?
        /// The first digits of its machine's boot identifier, in a spool.
        public var boot: String?

        /// A worker by its name and, in a spool, its process and its machine's boot.
        public init(name: String, pid: Int32? = nil, boot: String? = nil) {
            self.name = name
            self.pid = pid
            self.boot = boot
        }
    }

    /// Why there is no proof.
    public struct Failure: Sendable, Equatable, Codable {
        /// For programs: `bad-input`, `unsatisfied`, `invalid-proof`, `infrastructure`, `out-of-memory`,
        /// `internal` from workers, `worker-lost`, `deadline`, `not-received`, `attempts-exhausted`,
        /// `damaged`, `foreign`, `duplicate` or `unknown` from queues.
        public var code: String
        /// For people.
        public var message: String

        /// A failure by its code.
        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }

        /// A failure of a kind that this version knows.
        public init(_ code: FailureCode, _ message: String) {
            self.init(code: code.rawValue, message: message)
        }

        /// The code, where it is one that this version knows.
        public var knownCode: FailureCode? { FailureCode(rawValue: code) }
    }
}

extension ResultDocument {
    private enum CodingKeys: String, CodingKey {
        case schema, id, tenant, state, outcome, files
        case worker, attempt, failures, lostWorkers, epoch, priority, deadline, maxAttempts, callback
        case phase, progress, heartbeatAgeSeconds, stalled, orphaned
        case submittedAt, startedAt, endedAt, error
    }

    /// Reads the members of the document, and among them those of the proof's facts.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        func value<T: Decodable>(_ key: CodingKeys, _ type: T.Type = T.self) throws -> T? {
            try members.decodeIfPresent(type, forKey: key)
        }
        schema = try members.decode(Schema.self, forKey: .schema)
        state = try members.decode(State.self, forKey: .state)
        facts = try ProofFacts(from: decoder)
        id = try value(.id)
        tenant = try value(.tenant)
        outcome = try value(.outcome)
        files = try value(.files)
        worker = try value(.worker)
        attempt = try value(.attempt)
        failures = try value(.failures)
        lostWorkers = try value(.lostWorkers)
        epoch = try value(.epoch)
        priority = try value(.priority)
        deadline = try value(.deadline)
        maxAttempts = try value(.maxAttempts)
        callback = try value(.callback)
        phase = try value(.phase)
        progress = try value(.progress)
        heartbeatAgeSeconds = try value(.heartbeatAgeSeconds)
        stalled = try value(.stalled)
        orphaned = try value(.orphaned)
        submittedAt = try value(.submittedAt)
        startedAt = try value(.startedAt)
        endedAt = try value(.endedAt)
        error = try value(.error)
    }

    /// Writes the members of the document, and among them those of the proof's facts.
    public func encode(to encoder: any Encoder) throws {
        try facts.encode(to: encoder)
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(schema, forKey: .schema)
        try members.encode(state, forKey: .state)
        try members.encodeIfPresent(id, forKey: .id)
        try members.encodeIfPresent(tenant, forKey: .tenant)
        try members.encodeIfPresent(outcome, forKey: .outcome)
        try members.encodeIfPresent(files, forKey: .files)
        try members.encodeIfPresent(worker, forKey: .worker)
        try members.encodeIfPresent(attempt, forKey: .attempt)
        try members.encodeIfPresent(failures, forKey: .failures)
        try members.encodeIfPresent(lostWorkers, forKey: .lostWorkers)
        try members.encodeIfPresent(epoch, forKey: .epoch)
        try members.encodeIfPresent(priority, forKey: .priority)
        try members.encodeIfPresent(deadline, forKey: .deadline)
        try members.encodeIfPresent(maxAttempts, forKey: .maxAttempts)
        try members.encodeIfPresent(callback, forKey: .callback)
        try members.encodeIfPresent(phase, forKey: .phase)
        try members.encodeIfPresent(progress, forKey: .progress)
        try members.encodeIfPresent(heartbeatAgeSeconds, forKey: .heartbeatAgeSeconds)
        try members.encodeIfPresent(stalled, forKey: .stalled)
        try members.encodeIfPresent(orphaned, forKey: .orphaned)
        try members.encodeIfPresent(submittedAt, forKey: .submittedAt)
        try members.encodeIfPresent(startedAt, forKey: .startedAt)
        try members.encodeIfPresent(endedAt, forKey: .endedAt)
        try members.encodeIfPresent(error, forKey: .error)
    }
}

extension ResultDocument {
    /// Unix milliseconds of a moment.
    public static func milliseconds(_ date: Date = Date()) -> Int64 {
        Int64((date.timeIntervalSince1970 * 1000).rounded())
    }
}
