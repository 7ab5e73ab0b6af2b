// SPDX-License-Identifier: Apache-2.0

/// Why a job, or a command that does the work of one, did not end with a proof.
///
/// Errors of all modules become this type in one way, where a job or a command ends: by what `CodedError`
/// says of them. `code` and `isRetryable` are for programs, `message` is for people: it names the file, the
/// place and the reason, and never a value of a witness or a public input.
public struct JobFailure: CodedError, Equatable {
    /// The kind of failure.
    public let code: FailureCode
    /// Whether another attempt can do better.
    public let isRetryable: Bool
    /// The sentence for people.
    public let message: String
    /// The sentence without bytes out of a file that is none of the kind wanted.
    public let messageWithoutContent: String

    /// A failure; `retryable` is that of its code unless given.
    public init(code: FailureCode, retryable: Bool? = nil, message: String) {
        self.code = code
        self.isRetryable = retryable ?? code.isRetryable
        self.message = message
        messageWithoutContent = message
    }

    /// What an error amounts to.
    ///
    /// - Parameters:
    ///   - error: the error.
    ///   - subject: the file that it is about, where its own sentence does not name it.
    public init(_ error: some CodedError, about subject: String? = nil) {
        let start = subject.map { "\($0): " } ?? ""
        code = error.code
        isRetryable = error.isRetryable
        message = start + error.message
        messageWithoutContent = start + error.messageWithoutContent
    }

    /// With what a command that fails in this way exits.
    package var exitCode: Int32 { code.exitCode }
}
