// SPDX-License-Identifier: Apache-2.0

public import Failures

/// Why there is no result.
public enum ComputeError: CodedError, Equatable {
    /// Two operands that must have equal lengths have not.
    case lengthMismatch(operation: String, left: Int, right: Int)
    /// The length is not one that the operation can take.
    case unsupportedSize(operation: String, size: Int)
    /// The backend computes in no field of this width.
    case unsupportedField(backend: String, field: String, bits: Int)
    /// The device that was to compute failed, or has no room; nothing is wrong with the operands. `reason`
    /// names both.
    case device(reason: String, isOutOfMemory: Bool)

    public var code: FailureCode {
        switch self {
        case .lengthMismatch, .unsupportedSize: .internal
        case .unsupportedField: .badInput
        case .device(_, let isOutOfMemory): isOutOfMemory ? .outOfMemory : .infrastructure
        }
    }

    public var message: String {
        switch self {
        case .lengthMismatch(let operation, let left, let right):
            "\(operation): operands of different lengths, \(left) and \(right)"
        case .unsupportedSize(let operation, let size): "\(operation): cannot take \(size) elements"
        case .unsupportedField(let backend, let field, let bits):
            "\(backend): cannot compute in \(field), which has \(bits) bits"
        case .device(let reason, _): reason
        }
    }
}
