// SPDX-License-Identifier: Apache-2.0

package import Failures

/// What the system said of a call that failed.
package struct SystemError: CodedError, Equatable {
    /// `errno`.
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    /// The machine is at fault: who knows that a file is wrong says so.
    package var code: FailureCode { .infrastructure }
    /// The system's words: `No such file or directory`.
    package var message: String { SystemReason.text(number) }
}
