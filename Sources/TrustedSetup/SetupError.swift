// SPDX-License-Identifier: Apache-2.0

public import Failures

/// Why no key can be made, or why one is not accepted.
public enum SetupError: CodedError, Equatable {
    /// More rows than the field has roots of unity for.
    case tooLarge(rows: Int, limit: Int)
    /// A circuit with commitments, whose challenges would be free wires in a key without them.
    case commitments(Int)
    /// The powers of tau do not reach.
    case powerTooSmall(needed: Int, power: Int)
    /// The powers of tau reach, but the file lacks the basis of the doubled domain for the largest circuits.
    case truncatedPowers(power: Int)
    /// The powers of tau are not prepared for the second phase.
    case notPrepared
    /// Sections of the powers of tau contradict each other; says which.
    case inconsistentPowers(String)
    /// A key is not what it should be; says where.
    case keyDiffers(String)
    /// A key that nobody has contributed to, or beacons only: everybody knows δ, and anybody can forge
    /// proofs.
    case nobodyContributed

    /// `.invalidProof` where a key is not what it should be, else `.badInput`.
    public var code: FailureCode {
        switch self {
        case .tooLarge, .commitments, .powerTooSmall, .truncatedPowers, .notPrepared, .inconsistentPowers:
            .badInput
        case .keyDiffers, .nobodyContributed: .invalidProof
        }
    }

    /// A sentence for people.
    public var message: String {
        switch self {
        case .tooLarge(let rows, let limit):
            "\(rows) rows are too many: the curve has domains of up to 2^\(limit)"
        case .commitments(let count):
            """
            the circuit has \(count == 1 ? "a commitment" : "\(count) commitments"), which this kind of key does not have: whoever \
            proves could choose the challenge
            """
        case .powerTooSmall(let needed, let power):
            "the circuit needs powers of tau of at least 2^\(needed), the file has 2^\(power)"
        case .truncatedPowers(let power):
            """
            the circuit needs all of the file's 2^\(power), and snarkjs' powersoftau truncate leaves out section 12's basis for \
            it: take a file of 2^\(power + 1), or prepare this one anew (snarkjs powersoftau prepare phase2)
            """
        case .notPrepared:
            "the powers of tau are not prepared for the second phase (snarkjs powersoftau prepare phase2)"
        case .inconsistentPowers(let what): "the powers of tau are inconsistent: \(what)"
        case .keyDiffers(let what): what
        case .nobodyContributed: "nobody has contributed to it, and anybody can forge proofs with it"
        }
    }
}
