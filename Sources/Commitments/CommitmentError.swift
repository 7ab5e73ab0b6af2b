// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Failures

/// Why there is no commitment, no opening or no setup.
public enum CommitmentError: CodedError, Equatable {
    /// The polynomial is longer than the setup's bases reach.
    case tooManyCoefficients(coefficients: Int, bases: Int)
    /// More powers are wanted than there are.
    case tooFewPowers(needed: Int, available: Int)
    /// The values are no setup that anybody may trust; says why.
    case unusableSetup(String)
    /// The backend failed.
    case compute(ComputeError)

    public var code: FailureCode {
        switch self {
        case .tooManyCoefficients, .tooFewPowers, .unusableSetup: .badInput
        case .compute(let error): error.code
        }
    }

    public var message: String {
        switch self {
        case .tooManyCoefficients(let coefficients, let bases):
            "the polynomial has \(coefficients) coefficients, the setup has bases for \(bases)"
        case .tooFewPowers(let needed, let available):
            "\(needed) powers of tau are wanted, there are \(available)"
        case .unusableSetup(let reason): reason
        case .compute(let error): error.message
        }
    }
}
