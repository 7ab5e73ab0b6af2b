// SPDX-License-Identifier: Apache-2.0

/// What kind of thing went wrong, for programs: the one set of codes that errors, results, workers' reports
/// and `martlet-error/1` share.
///
/// The raw values are in files, in answers and in logs, and stay the same between versions. What the
/// coordinator answers over HTTP, and with what a command exits, follows from the code.
public enum FailureCode: String, Sendable, CaseIterable, Codable {
    // What errors amount to, and workers say of an attempt.

    /// A file, a job or an option is wrong; the same input fails always.
    case badInput = "bad-input"
    /// The witness does not satisfy the circuit's constraints.
    case unsatisfied
    /// A proof did not verify.
    case invalidProof = "invalid-proof"
    /// The machine is at fault: a disk, a device, a limit of the system.
    case infrastructure
    /// The memory did not suffice.
    case outOfMemory = "out-of-memory"
    /// A mistake of the program.
    case `internal`

    // What the command says of its arguments.

    /// The arguments are wrong.
    case usage

    // What queues say of a job.

    /// The worker vanished with the job.
    case workerLost = "worker-lost"
    /// The deadline had passed.
    case deadline
    /// The witness never came.
    case notReceived = "not-received"
    /// The job came back with no attempt left.
    case attemptsExhausted = "attempts-exhausted"
    /// The job's files are not what a job has.
    case damaged
    /// An entry that is no job.
    case foreign
    /// A second job of the same name.
    case duplicate
    /// Nothing says why.
    case unknown

    /// What errors amount to, and workers may say of an attempt.
    public static let ofErrors: [FailureCode] = allCases.filter(\.isOfErrors)

    // The properties below name every case, so that a new one is asked for by the compiler.

    private var isOfErrors: Bool {
        switch self {
        case .badInput, .unsatisfied, .invalidProof, .infrastructure, .outOfMemory, .internal: true
        case .usage, .workerLost, .deadline, .notReceived, .attemptsExhausted, .damaged, .foreign, .duplicate,
            .unknown:
            false
        }
    }

    /// Whether another attempt can do better, unless the one who fails knows it more exactly.
    public var isRetryable: Bool {
        switch self {
        case .invalidProof, .infrastructure, .outOfMemory, .internal, .workerLost: true
        case .badInput, .unsatisfied, .usage, .deadline, .notReceived, .attemptsExhausted, .damaged, .foreign,
            .duplicate, .unknown:
            false
        }
    }

    /// Whether whoever handed in the job has to change something.
    public var isCausedByInput: Bool {
        switch self {
        case .badInput, .unsatisfied: true
        case .invalidProof, .infrastructure, .outOfMemory, .internal, .usage, .workerLost, .deadline,
            .notReceived, .attemptsExhausted, .damaged, .foreign, .duplicate, .unknown:
            false
        }
    }

    /// With what a command exits: 1 for a proof that does not hold, 2 for wrong input, 3 for the rest. 0 is
    /// success.
    public var exitCode: Int32 {
        switch self {
        case .invalidProof: 1
        case .badInput, .unsatisfied, .usage: 2
        case .infrastructure, .outOfMemory, .internal, .workerLost, .deadline, .notReceived,
            .attemptsExhausted, .damaged, .foreign, .duplicate, .unknown:
            3
        }
    }
}
