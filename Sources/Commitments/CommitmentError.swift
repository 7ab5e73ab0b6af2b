// SPDX-License-Identifier: Apache-2.0

public import Compute

/// Why there is no commitment, no opening or no setup.
public enum CommitmentError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The polynomial is longer than the setup's bases reach.
    case tooManyCoefficients(coefficients: Int, bases: Int)
    /// More powers are wanted than there are.
    case tooFewPowers(needed: Int, available: Int)
    /// The values are no setup that anybody may trust; says why.
    case unusableSetup(String)
    /// The backend failed.
    case compute(ComputeError)

    public var description: String {
        switch self {
        case .tooManyCoefficients(let coefficients, let bases):
            "the polynomial has \(coefficients) coefficients, the setup has bases for \(bases)"
        case .tooFewPowers(let needed, let available):
            "\(needed) powers of tau are wanted, there are \(available)"
        case .unusableSetup(let reason): reason
        case .compute(let error): error.description
        }
    }
}
