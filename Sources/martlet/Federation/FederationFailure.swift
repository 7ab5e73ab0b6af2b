// SPDX-License-Identifier: Apache-2.0

import FederatedLearning
import ProvingService

extension JobFailure {
    init(_ error: FederationError) {
        let code: Code =
            switch error.kind {
            case .badInput: .badInput
            case .infrastructure: .infrastructure
            case .invalid: .invalidProof
            case .openKey: .badInput
            }
        let hint = error.kind == .openKey ? " (--allow-uncontributed accepts it anyway)" : ""
        self.init(code: code, retryable: false, message: error.description + hint)
    }
}

/// Runs `body` and turns what a federation says into a failure of the command.
func mappingFederationErrors<T>(_ body: () throws(FederationError) -> T) throws(JobFailure) -> T {
    do {
        return try body()
    } catch {
        throw JobFailure(error)
    }
}
