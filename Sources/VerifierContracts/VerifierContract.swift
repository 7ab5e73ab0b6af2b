// SPDX-License-Identifier: Apache-2.0

public import Curves
import EllipticCurves
public import Groth16

/// The text of a smart contract that verifies the Groth16 proofs of one key with the precompiles of EIP-196
/// and EIP-197.
///
/// The same key, kind and origin give the same bytes. Nothing is negated at run time: the constants are −α,
/// −δ and −ICᵢ, so that the check is e(A, B) · e(−α, β) · e(−L, γ) · e(C, −δ) = 1.
public struct VerifierContract: Sendable {
    /// The most public inputs whose IC points stand among a contract's instructions; contracts for more have
    /// them as a table.
    public static let inlineLimit = ContractForm.inlineLimit

    /// The contract's whole text.
    public let text: String

    /// Writes the contract of a key.
    ///
    /// - Parameters:
    ///   - key: the verification key; its points are in their subgroups, as all readers ensure.
    ///   - kind: what the contract checks.
    ///   - language: what it is written in.
    ///   - origin: what the header says of tool and key.
    /// - Throws: `ContractError` for a key or a maximum that gives no sound contract.
    public init(
        _ key: VerifyingKey<BN254>, kind: ContractKind, language: ContractLanguage, origin: ContractOrigin
    ) throws(ContractError) {
        try Self.check(key, kind, language)
        let constants = KeyConstants(key)
        switch language {
        case .vyper: text = VyperText(constants, kind, origin).text
        case .solidity: text = SolidityText(constants, kind, origin).text
        }
    }

    /// Writes the contract of a key with one commitment, in Vyper and for one proof a call; both equations
    /// are checked by one call of the pairing.
    ///
    /// - Parameters:
    ///   - key: the verification key; its points are in their subgroups, as all readers ensure.
    ///   - origin: what the header says of tool and key.
    /// - Throws: `ContractError` for a key that gives no sound contract, or none that fits.
    public init(
        _ key: CommittedVerifyingKey<BN254>, origin: ContractOrigin
    ) throws(ContractError) {
        guard key.commitments.count == 1 else { throw .commitments(found: key.commitments.count) }
        guard key.hash != .poseidon else { throw .commitmentHash(key.hash) }
        let points = [
            ("vk_alpha_1", key.alpha1.isIdentity), ("vk_beta_2", key.beta2.isIdentity),
            ("vk_gamma_2", key.gamma2.isIdentity), ("vk_delta_2", key.delta2.isIdentity),
        ]
        if let (name, _) = points.first(where: \.1) { throw .identity(name) }
        guard key.publicCount < ContractForm.inlineLimit else {
            throw .commitmentInputs(found: key.publicCount, limit: ContractForm.inlineLimit - 1)
        }
        text = CommittedVyperText(constants: CommittedConstants(key), origin: origin).text
    }

    /// Whether a key gives a sound contract.
    private static func check(
        _ key: VerifyingKey<BN254>, _ kind: ContractKind, _ language: ContractLanguage
    ) throws(ContractError) {
        let points = [
            ("vk_alpha_1", key.alpha1.isIdentity), ("vk_beta_2", key.beta2.isIdentity),
            ("vk_gamma_2", key.gamma2.isIdentity), ("vk_delta_2", key.delta2.isIdentity),
        ]
        if let (name, _) = points.first(where: \.1) { throw .identity(name) }
        switch kind {
        case .single: break
        case .batch(let maximum):
            guard (1...ContractKind.batchLimit).contains(maximum) else {
                throw .batchMaximum(found: maximum, limit: ContractKind.batchLimit)
            }
        case .round:
            guard key.publicCount == ContractKind.roundInputs else {
                throw .roundInputs(found: key.publicCount)
            }
            if let index = key.ic.dropFirst().firstIndex(where: \.isIdentity) {
                throw .unboundInput(index: index - 1)
            }
        }
        try ContractForm.check(publicCount: key.publicCount, kind, language)
    }
}
