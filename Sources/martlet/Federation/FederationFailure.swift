// SPDX-License-Identifier: Apache-2.0

import Failures
import FederatedLearning
import Outcomes

extension JobFailure {
    /// What an error of a federation means for a command, with what can be done about it.
    init(advising error: FederationError) {
        let hint = error.kind == .openKey ? " (--allow-uncontributed accepts it anyway)" : ""
        self.init(code: error.code, retryable: false, message: error.message + hint)
    }
}
