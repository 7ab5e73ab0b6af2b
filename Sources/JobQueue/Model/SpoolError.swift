// SPDX-License-Identifier: Apache-2.0

package import Failures
import Foundations
package import Outcomes

/// Why an operation on a spool directory was refused or failed.
///
/// The case, `code` and `word` are for programs.
package enum SpoolError: CodedError, Equatable {
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
    package var word: String {
        switch self {
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

    package var code: FailureCode {
        switch self {
        case .verificationFailed: .invalidProof
        case .noSpace, .system, .busy, .leaseLost: .infrastructure
        case .invalidSubmission, .invalidFileName, .unsafeFile, .conflict, .unknownJob,
            .wrongState, .claimFinished, .notASpool:
            .badInput
        }
    }

    /// Whether the machine is at fault and the same call can succeed later: disk full, a failed system call,
    /// a job that another process holds for the moment.
    package var isInfrastructure: Bool {
        switch self {
        case .noSpace, .system, .busy: true
        default: false
        }
    }

    /// The number of the failed system call's error, where that is known.
    package var errnoCode: Int32? {
        if case .system(_, _, let code) = self { code } else { nil }
    }

    /// A sentence for people.
    package var message: String {
        switch self {
        case .invalidSubmission(let reason): "invalid submission: \(reason)"
        case .invalidFileName(let name, let reason):
            "invalid file name \(quoted(name, limit: 200)): \(reason)"
        case .unsafeFile(let path, let reason): FileError.unsafeFile(path: path, reason: reason).message
        case .conflict(let id): "job \(id) was already submitted with another body"
        case .unknownJob(let id): "no job \(id) in the spool"
        case .wrongState(let id, let found, let needed):
            "job \(id) \(found.phrase), and this is for a job that \(needed.phrase)"
        case .leaseLost(let id): "job \(id) was taken away from this worker"
        case .claimFinished(let id): "this claim of job \(id) is already finished"
        case .busy(let id): "job \(id) is being changed by another process; try again"
        case .verificationFailed(let id, let reason): "the result of job \(id) did not verify: \(reason)"
        case .notASpool(let path, let reason): "\(path) cannot be used as a spool: \(reason)"
        case .noSpace(let operation, let path):
            FileError.noSpace(operation: operation, path: path).message
        case .system(let operation, let path, let code):
            FileError.system(operation: operation, path: path, errno: code).message
        }
    }
}
