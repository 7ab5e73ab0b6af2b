// SPDX-License-Identifier: Apache-2.0

public import Coordination
public import Failures

/// Why a call of a `MartletClient` did not succeed.
public enum ClientError: CodedError, Equatable {
    /// The coordinator refuses: `code` is one of the API's, `message` is for people.
    case refused(status: Int, code: String, message: String)
    /// No answer came: there is nobody, or the connection broke, or the time was up.
    case unreachable(String)
    /// The answer is not of the form that the API has.
    case invalidAnswer(String)
    /// A file on this machine cannot be read or written.
    case file(path: String, reason: String)
    /// What was downloaded is not what was asked for.
    case wrongContent(String)
    /// The job has ended without a proof.
    case noProof(FailureCode, String)
    /// An option of the client is wrong.
    case invalidOption(String)
    /// The calling task was cancelled.
    case cancelled

    /// Bytes came that are not the file that was asked for.
    static func otherContent(than blob: BlobReference) -> ClientError {
        .wrongContent("the file that came is not the one with SHA-256 \(blob.sha256)")
    }

    /// The HTTP status of a refusal.
    public var status: Int? {
        if case .refused(let status, _, _) = self { status } else { nil }
    }

    /// What kind of refusal it is, where it is one that this version knows.
    public var refusal: RefusalCode? {
        if case .refused(_, let code, _) = self { RefusalCode(rawValue: code) } else { nil }
    }

    /// The kind of failure.
    public var code: FailureCode {
        switch self {
        case .file, .invalidOption: .badInput
        case .noProof(let code, _): code
        case .refused: isTemporary ? .infrastructure : .badInput
        case .unreachable, .invalidAnswer, .wrongContent, .cancelled: .infrastructure
        }
    }

    /// Whether the same call may succeed later.
    public var isRetryable: Bool { isTemporary }

    /// A sentence for people.
    public var message: String {
        switch self {
        case .refused(let status, let code, let message):
            message.isEmpty ? "the coordinator refuses: \(code) (\(status))" : message
        case .unreachable(let reason): "the coordinator cannot be reached: \(reason)"
        case .invalidAnswer(let reason): "the coordinator's answer makes no sense: \(reason)"
        case .file(let path, let reason): "\(path): \(reason)"
        case .wrongContent(let reason), .noProof(_, let reason), .invalidOption(let reason): reason
        case .cancelled: "cancelled"
        }
    }

    /// Whether the same call may succeed later.
    public var isTemporary: Bool {
        switch self {
        case .refused(let status, _, _): [408, 429, 500, 502, 503, 504, 507].contains(status)
        case .unreachable, .invalidAnswer, .wrongContent: true
        case .noProof(let code, _): code.isRetryable
        case .file, .invalidOption, .cancelled: false
        }
    }
}
