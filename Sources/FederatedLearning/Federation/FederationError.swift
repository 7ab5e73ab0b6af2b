// SPDX-License-Identifier: Apache-2.0

package import Failures

/// Why a file of a federation cannot be used, or what is wrong with an option: names file, place and reason.
package struct FederationError: CodedError, Equatable {
    /// Whether the caller, the machine, or a party of the federation is at fault.
    package enum Kind: Sendable {
        case badInput
        case infrastructure
        /// A check did not hold.
        case invalid
        /// A key under which anybody can forge proofs.
        case openKey
    }

    package let kind: Kind
    package let file: String
    package let reason: String

    package init(_ kind: Kind, file: String, _ reason: String) {
        self.kind = kind
        self.file = file
        self.reason = reason
    }

    package var code: FailureCode {
        switch kind {
        case .badInput, .openKey: .badInput
        case .infrastructure: .infrastructure
        case .invalid: .invalidProof
        }
    }

    package var isRetryable: Bool { false }

    package var message: String { "\(file): \(reason)" }
}
