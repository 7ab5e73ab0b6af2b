/// Why a job, or a command that does what a job does, did not end in a proof.
public struct JobFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, Codable, CaseIterable {
        case badInput = "bad-input"
        case unsatisfied
        case invalidProof = "invalid-proof"
        case infrastructure
        case `internal`
    }

    public let code: Code
    public let retryable: Bool
    public let message: String

    public init(code: Code, retryable: Bool, message: String) {
        self.code = code
        self.retryable = retryable
        self.message = message
    }

    public var description: String { message }

    /// The exit code of a command that ends so: 1 a proof is invalid, 2 bad input, 3 infrastructure.
    public var exitCode: Int32 {
        switch code {
        case .invalidProof: 1
        case .badInput, .unsatisfied: 2
        case .infrastructure, .internal: 3
        }
    }
}
