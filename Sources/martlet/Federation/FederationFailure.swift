// SPDX-License-Identifier: Apache-2.0

import Failures
import FederatedLearning
import Outcomes

extension JobFailure {
    /// Runs what may refuse a file, and names the file where it does.
    static func naming<R, E: CodedError>(_ file: String, _ body: () throws(E) -> R) throws(JobFailure) -> R {
        do throws(E) { return try body() } catch { throw JobFailure(error, about: file) }
    }

    /// What an error of a federation means for a command, with what can be done about it.
    init(advising error: FederationError) {
        let hint = error.kind == .openKey ? " (--allow-uncontributed accepts it anyway)" : ""
        self.init(code: error.code, retryable: false, message: error.message + hint)
    }
}
