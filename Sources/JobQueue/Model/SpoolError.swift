// SPDX-License-Identifier: Apache-2.0

public import Failures

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// Why an operation on a spool directory was refused or failed.
///
/// The case, `code` and `word` are for programs.
public enum SpoolError: CodedError, Equatable {
    /// The text is no job identifier (see `JobID`).
    case invalidJobID(String)
    /// A submission breaks a rule; nothing was written.
    case invalidSubmission(String)
    /// A file name is no plain name that a job may use.
    case invalidFileName(String, reason: String)
    /// A file in the spool, or one to be submitted, is a symbolic link, no regular file, too large or
    /// damaged.
    case unsafeFile(path: String, reason: String)
    /// The identifier was used before for a job with another body.
    case conflict(JobID)
    /// No job with this identifier is in the spool.
    case unknownJob(JobID)
    /// The job is in a state in which the operation is not possible.
    case wrongState(JobID, found: JobState, needed: JobState)
    /// The entry of the job was taken away from this worker; nothing was written.
    case leaseLost(JobID)
    /// The claim was already published, failed or handed back.
    case claimFinished(JobID)
    /// Another process or thread is changing the job and did not finish in time.
    case busy(JobID)
    /// The caller's check refused the result as read back from the disk; nothing was published.
    case verificationFailed(JobID, reason: String)
    /// The directory is no spool, or one that cannot be used.
    case notASpool(path: String, reason: String)
    /// The disk, or the quota on it, is full.
    case noSpace(operation: String, path: String)
    /// A system call failed.
    case system(operation: String, path: String, errno: Int32)

    /// A short name of the case that stays the same between versions.
    public var word: String {
        switch self {
        case .invalidJobID: "invalid-job-id"
        case .invalidSubmission: "invalid-submission"
        case .invalidFileName: "invalid-file-name"
        case .unsafeFile: "unsafe-file"
        case .conflict: "conflict"
        case .unknownJob: "unknown-job"
        case .wrongState: "wrong-state"
        case .leaseLost: "lease-lost"
        case .claimFinished: "claim-finished"
        case .busy: "busy"
        case .verificationFailed: "verification-failed"
        case .notASpool: "not-a-spool"
        case .noSpace: "no-space"
        case .system: "system"
        }
    }

    public var code: FailureCode {
        switch self {
        case .verificationFailed: .invalidProof
        case .noSpace, .system, .busy, .leaseLost: .infrastructure
        case .invalidJobID, .invalidSubmission, .invalidFileName, .unsafeFile, .conflict, .unknownJob,
            .wrongState, .claimFinished, .notASpool:
            .badInput
        }
    }

    /// Whether the machine is at fault and the same call can succeed later: disk full, a failed system call,
    /// a job that another process holds for the moment.
    public var isInfrastructure: Bool {
        switch self {
        case .noSpace, .system, .busy: true
        default: false
        }
    }

    /// The number of the failed system call's error, where that is known.
    public var errnoCode: Int32? {
        if case .system(_, _, let code) = self { code } else { nil }
    }

    /// A sentence for people.
    public var message: String {
        switch self {
        case .invalidJobID(let text):
            "invalid job identifier \(quoted(text)): use 1 to 64 of A-Z a-z 0-9 _ -"
        case .invalidSubmission(let reason): "invalid submission: \(reason)"
        case .invalidFileName(let name, let reason): "invalid file name \(quoted(name)): \(reason)"
        case .unsafeFile(let path, let reason): "\(path): \(reason)"
        case .conflict(let id): "job \(id) was already submitted with another body"
        case .unknownJob(let id): "no job \(id) in the spool"
        case .wrongState(let id, let found, let needed):
            "job \(id) is \(found.rawValue), it would have to be \(needed.rawValue)"
        case .leaseLost(let id): "job \(id) was taken away from this worker"
        case .claimFinished(let id): "this claim of job \(id) is already finished"
        case .busy(let id): "job \(id) is being changed by another process; try again"
        case .verificationFailed(let id, let reason): "the result of job \(id) did not verify: \(reason)"
        case .notASpool(let path, let reason): "\(path) cannot be used as a spool: \(reason)"
        case .noSpace(let operation, let path):
            "\(operation) \(path): no space left on the disk or quota exceeded"
        case .system(let operation, let path, let code):
            "\(operation) \(path): \(String(cString: strerror(code))) (errno \(code))"
        }
    }

    /// The error for the system call `operation` on `path` that just failed with `code`.
    static func from(_ operation: String, _ path: String, _ code: Int32) -> SpoolError {
        code == ENOSPC || code == EDQUOT
            ? .noSpace(operation: operation, path: path)
            : .system(operation: operation, path: path, errno: code)
    }
}

/// `text` between quotation marks, with everything but printable ASCII escaped, cut after 200 characters.
func quoted(_ text: String) -> String {
    var result = "\""
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == 200 { return result + "…\"" }
        result += scalar.escaped(asASCII: true)
    }
    return result + "\""
}
