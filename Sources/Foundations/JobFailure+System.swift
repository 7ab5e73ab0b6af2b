// SPDX-License-Identifier: Apache-2.0

package import Failures
import Foundation

extension JobFailure {
    /// What an error of any making amounts to: one of the system is the machine's fault; nil for one that no
    /// part of this package has put into words.
    package init?(known error: any Error) {
        switch error {
        case let error as any CodedError: self.init(error)
        case is CocoaError, is POSIXError:
            self.init(
                code: .infrastructure,
                message: (SystemReason.path(error).map { "\($0): " } ?? "") + SystemReason.text(error))
        default: return nil
        }
    }
}
