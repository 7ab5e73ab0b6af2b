// SPDX-License-Identifier: Apache-2.0

public import Failures

/// Why proofs cannot be aggregated, or an aggregate not be read.
public enum AggregationError: CodedError, Equatable {
    /// The two secrets are no two independent secrets; says why.
    case unusableKey(String)
    /// The powers are for fewer proofs.
    case tooFewPowers(needed: Int, capacity: Int)
    /// There is nothing to aggregate.
    case noProofs
    /// A proof has another number of public inputs than the key.
    case publicCount(proof: Int, expected: Int, found: Int)
    /// A file is no aggregate proof; says why, and at which byte.
    case malformed(String, offset: Int)

    /// The kind of failure.
    public var code: FailureCode { .badInput }

    /// A sentence for people.
    public var message: String {
        switch self {
        case .unusableKey(let reason): reason
        case .tooFewPowers(let needed, let capacity):
            "the powers of tau are for \(capacity) proofs, \(needed) are to be aggregated"
        case .noProofs: "there is no proof to aggregate"
        case .publicCount(let proof, let expected, let found):
            "proof \(proof) has \(Count.text(found, "public input")), but the key has \(expected)"
        case .malformed(let reason, let offset): "at byte \(offset): \(reason)"
        }
    }
}
