import Curves
import EllipticCurves
import Groth16

/// Why a key gives no contract.
public enum ContractError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Alpha, beta, gamma or delta is the identity: anybody could make proofs.
    case identity(String)
    /// A round's proof has two public inputs.
    case roundInputs(found: Int)
    /// A round's public input that the proof says nothing about, since its IC point is the identity.
    case unboundInput(index: Int)
    /// The code would be larger than a chain takes.
    case tooManyInputs(found: Int, limit: Int)
    /// A batch's maximum is outside its range.
    case batchMaximum(found: Int, limit: Int)

    public var description: String {
        switch self {
        case .identity(let name): "\(name) is the identity: no proof of such a key says anything"
        case .roundInputs(let found):
            "a round contract wants a key with \(VerifierContract.roundInputs) public inputs (old state, new state), this one has \(found)"
        case .unboundInput(let index):
            "IC[\(index + 1)] is the identity: proofs do not depend on public input \(index), so a round contract could be led anywhere"
        case .tooManyInputs(let found, let limit):
            "the key has \(found) public inputs, a contract can take \(limit): give the circuit a hash of them as its input"
        case .batchMaximum(let found, let limit):
            "a batch's maximum is in 1…\(limit), not \(found)"
        }
    }

    static func check(_ key: VerifyingKey<BN254>, _ kind: ContractKind) throws(ContractError) {
        let points = [
            ("vk_alpha_1", key.alpha1.isIdentity), ("vk_beta_2", key.beta2.isIdentity),
            ("vk_gamma_2", key.gamma2.isIdentity), ("vk_delta_2", key.delta2.isIdentity),
        ]
        if let (name, _) = points.first(where: \.1) { throw .identity(name) }
        guard key.publicCount <= VerifierContract.inputLimit else {
            throw .tooManyInputs(found: key.publicCount, limit: VerifierContract.inputLimit)
        }
        switch kind {
        case .single: break
        case .batch(let maximum):
            guard (1...VerifierContract.batchLimit).contains(maximum) else {
                throw .batchMaximum(found: maximum, limit: VerifierContract.batchLimit)
            }
        case .round:
            guard key.publicCount == VerifierContract.roundInputs else {
                throw .roundInputs(found: key.publicCount)
            }
            if let index = key.ic.dropFirst().firstIndex(where: \.isIdentity) {
                throw .unboundInput(index: index - 1)
            }
        }
    }
}
