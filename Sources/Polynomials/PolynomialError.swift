// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Failures

/// Why an operation on polynomials has no result.
public enum PolynomialError: CodedError, Equatable {
    /// There are more or fewer values than points.
    case valueCount(expected: Int, found: Int)
    /// Two polynomials are given by their values at different points.
    case differentPoints
    /// The field has no 2^logSize points to transform on: `limit` is the greatest exponent it has.
    case unsupportedSize(logSize: Int, limit: Int, field: String)
    /// What is divided by is zero at the point with this index.
    case divisorIsZero(index: Int)
    /// The transform failed.
    case transform(ComputeError)

    public var code: FailureCode {
        switch self {
        case .valueCount, .differentPoints, .unsupportedSize, .divisorIsZero: .badInput
        case .transform(let error): error.code
        }
    }

    public var message: String {
        switch self {
        case .valueCount(let expected, let found):
            "\(expected) points want a value each, \(found) given"
        case .differentPoints: "the polynomials are given by their values at different points"
        case .unsupportedSize(let logSize, let limit, let field):
            "\(field) has domains of up to 2^\(limit) points, 2^\(logSize) are wanted"
        case .divisorIsZero(let index): "the divisor is zero at point \(index)"
        case .transform(let error): error.message
        }
    }
}
