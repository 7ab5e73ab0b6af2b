// SPDX-License-Identifier: Apache-2.0

import Groth16
package import SnarkFormats

extension JobFailure {
    /// What a reader or writer of files says: `.badInput`, or `.infrastructure` where the system does not
    /// write.
    package init(_ error: FormatError) {
        self.init(
            code: error.isSystemFault ? .infrastructure : .badInput, retryable: error.isSystemFault,
            message: error.description)
    }

    /// Runs `body` and turns what a reader or writer of files says into a failure.
    package static func mappingFormatErrors<R>(_ body: () throws(FormatError) -> R) throws(JobFailure) -> R {
        do { return try body() } catch { throw JobFailure(error) }
    }

    init(_ error: ProvingError, witness: String) {
        switch error {
        case .doesNotVerify:
            self.init(code: .unsatisfied, retryable: false, message: "\(witness): \(error.description)")
        case .witnessLength, .firstWireNotOne:
            self.init(code: .badInput, retryable: false, message: "\(witness): \(error.description)")
        case .compute:
            self.init(code: .internal, retryable: true, message: "\(witness): \(error.description)")
        }
    }
}
