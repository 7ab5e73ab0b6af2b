// SPDX-License-Identifier: Apache-2.0

package import JobQueue

/// Why a job, or a command that does the work of one, did not end with a proof.
///
/// Errors of the lower modules are turned into this type once, where the service begins. `code` and
/// `retryable` are for programs, `message` is for people: it names the file, the place and the reason, and
/// never a value of a witness or a public input.
package struct JobFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure; the raw values appear in `reason.json` and in logs and stay the same between
    /// versions.
    package enum Code: String, Sendable, CaseIterable, Codable {
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

        /// Whether another attempt can do better, unless the one who fails knows it more exactly.
        package var isRetryable: Bool {
            switch self {
            case .badInput, .unsatisfied: false
            case .invalidProof, .infrastructure, .outOfMemory, .internal: true
            }
        }

        /// Whether whoever handed in the job has to change something.
        package var isCausedByInput: Bool {
            switch self {
            case .badInput, .unsatisfied: true
            case .invalidProof, .infrastructure, .outOfMemory, .internal: false
            }
        }

        /// With what a command exits: 1 for a proof that does not hold, 2 for wrong input, 3 for the rest. 0
        /// is success.
        package var exitCode: Int32 {
            switch self {
            case .invalidProof: 1
            case .badInput, .unsatisfied: 2
            case .infrastructure, .outOfMemory, .internal: 3
            }
        }
    }

    /// The kind of failure.
    package let code: Code
    /// Whether another attempt can do better.
    package let retryable: Bool
    /// A sentence for people.
    package let message: String

    /// A failure; `retryable` is that of its code unless given.
    package init(code: Code, retryable: Bool? = nil, message: String) {
        self.code = code
        self.retryable = retryable ?? code.isRetryable
        self.message = message
    }

    /// The failure that an error of the queue amounts to.
    package init(_ error: SpoolError) {
        switch error {
        case .verificationFailed: self.init(code: .invalidProof, message: error.description)
        case .noSpace, .system, .busy, .leaseLost:
            self.init(code: .infrastructure, message: error.description)
        default: self.init(code: .badInput, message: error.description)
        }
    }

    /// With what a command that fails in this way exits.
    package var exitCode: Int32 { code.exitCode }

    /// The sentence for people.
    package var description: String { message }
}
