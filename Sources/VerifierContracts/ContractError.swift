// SPDX-License-Identifier: Apache-2.0

public import Failures
public import Groth16

/// Why a key gives no contract.
public enum ContractError: CodedError, Equatable {
    /// Alpha, beta, gamma or delta is the identity: anybody could make proofs.
    case identity(String)
    /// A round's proof has three public inputs.
    case roundInputs(found: Int)
    /// A round's public input that the proof says nothing about, since its IC point is the identity.
    case unboundInput(index: Int)
    /// The challenge of a round's commitment leaves out what the round is about.
    case roundChallenge
    /// The code would be larger than a chain takes.
    case tooLarge(inputs: Int, bytes: Int, limit: Int)
    /// Every call of the batch would need much of a transaction's gas for memory alone.
    case batchMemory(inputs: Int, maximum: Int, gas: Int, limit: Int)
    /// A batch's maximum is outside its range.
    case batchMaximum(found: Int, limit: Int)

    /// There are more commitments than a contract verifies.
    case commitments(found: Int, limit: Int)
    /// A contract for a key with commitments has its points among the instructions.
    case commitmentInputs(found: Int, limit: Int)
    /// No contract computes the hash that makes challenges.
    case commitmentHash(CommitmentHash)

    /// The kind of failure.
    public var code: FailureCode { .badInput }

    /// A sentence for people.
    public var message: String {
        switch self {
        case .identity(let name): "\(name) is the identity: no proof of such a key says anything"
        case .roundInputs(let found):
            "a round contract needs a key with \(ContractKind.roundInputs) public inputs (old state, new state, registry), this one has \(found)"
        case .unboundInput(let index):
            "IC[\(index + 1)] is the identity: proofs do not depend on public input \(index), so a round contract could be led anywhere"
        case .roundChallenge:
            "the challenge of its commitment does not depend on all three public inputs in their order, which that of a round does"
        case .tooLarge(let inputs, let bytes, let limit):
            """
            a contract for \(Count.text(inputs, "public input")) would have some \(bytes) bytes of code, and chains take \(limit) (EIP-170): give the \
            circuit a hash of the inputs as its input
            """
        case .batchMemory(let inputs, let maximum, let gas, let limit):
            """
            a batch of up to \(Count.text(maximum, "proof")) with \(Count.text(inputs, "public input")) would cost \(gas) gas for its memory in every call, of \
            \(limit) that a transaction may have (EIP-7825): take a smaller maximum
            """
        case .batchMaximum(let found, let limit):
            "a batch's maximum is in 1…\(limit), not \(found)"
        case .commitments(let found, let limit):
            "such a contract verifies proofs with up to \(limit) commitments, and this key has \(found)"
        case .commitmentInputs(let found, let limit):
            "such a contract for a key with so many commitments has at most \(limit) public inputs, and this key has \(found)"
        case .commitmentHash(let hash):
            "contracts make challenges by sha256 or keccak256, and this key's are \(hash.rawValue)'s"
        }
    }
}
