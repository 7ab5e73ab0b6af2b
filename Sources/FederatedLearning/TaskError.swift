// SPDX-License-Identifier: Apache-2.0

package import Failures

/// What is wrong with a task's description.
package struct TaskError: CodedError, Equatable {
    package let field: String
    package let reason: String
    package var code: FailureCode { .badInput }
    package var message: String { "\(field): \(reason)" }
}
