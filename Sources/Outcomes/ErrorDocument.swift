// SPDX-License-Identifier: Apache-2.0

public import Failures

/// Why a command did not do what it was asked, on standard output where JSON is asked for: `martlet-error/1`.
///
/// The sentence is on standard error as well.
public struct ErrorDocument: Sendable, Equatable, Codable {
    /// The form of the document.
    public enum Schema: String, Sendable, Codable {
        /// The first form.
        case v1 = "martlet-error/1"
    }

    /// What went wrong.
    public struct Failure: Sendable, Equatable, Codable {
        /// For programs: `usage` for wrong arguments, else one of the codes of `ResultDocument.Failure` that
        /// workers give.
        public var code: String
        /// A sentence for people.
        public var message: String
        /// With what the command exits.
        public var exitCode: Int32

        /// A failure, as the properties say.
        public init(code: String, message: String, exitCode: Int32) {
            self.code = code
            self.message = message
            self.exitCode = exitCode
        }
    }

    /// Always `martlet-error/1`.
    public var schema = Schema.v1
    /// What went wrong.
    public var error: Failure

    /// A document of one error.
    public init(code: FailureCode, message: String) {
        error = Failure(code: code.rawValue, message: message, exitCode: code.exitCode)
    }
}
