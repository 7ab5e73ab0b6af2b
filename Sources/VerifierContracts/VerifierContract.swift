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

    /// Writes the contract of a key with commitments; both equations are checked by one call of the pairing.
    ///
    /// - Parameters:
    ///   - key: the verification key; its points are in their subgroups, as all readers ensure.
    ///   - kind: what the contract checks.
    ///   - language: what it is written in.
    ///   - origin: what the header says of tool and key.
    /// - Throws: `ContractError` for a key that gives no sound contract, or none that fits.
    public init(
        _ key: CommittedVerifyingKey<BN254>, kind: ContractKind, language: ContractLanguage,
        origin: ContractOrigin
    ) throws(ContractError) {
        let most = ContractForm.commitmentLimit(kind)
        guard key.commitments.count <= most else {
            throw .commitments(found: key.commitments.count, limit: most)
        }
        guard key.hash != .poseidon else { throw .commitmentHash(key.hash) }
        try Self.checkPoints(key.alpha1, key.beta2, key.gamma2, key.delta2)
        try Self.checkMaximum(kind)
        if kind.isRound {
            try Self.checkRound(publicCount: key.publicCount, key.ic)
            guard key.commitments[0].hashed == Array(1...key.publicCount) else { throw .roundChallenge }
        }
        let limit = ContractForm.inputLimit(commitments: key.commitments.count, kind)
        guard key.publicCount <= limit else {
            throw .commitmentInputs(found: key.publicCount, limit: limit)
        }
        let constants = CommittedConstants(key)
        switch language {
        case .vyper: text = CommittedVyperText(constants, kind, origin).text
        case .solidity: text = CommittedSolidityText(constants, kind, origin).text
        }
    }

    /// Whether a key gives a sound contract.
    private static func check(
        _ key: VerifyingKey<BN254>, _ kind: ContractKind, _ language: ContractLanguage
    ) throws(ContractError) {
        try checkPoints(key.alpha1, key.beta2, key.gamma2, key.delta2)
        try checkMaximum(kind)
        if kind.isRound { try checkRound(publicCount: key.publicCount, key.ic) }
        try ContractForm.check(publicCount: key.publicCount, kind, language)
    }

    private static func checkPoints(
        _ alpha1: Affine<BN254.G1>, _ beta2: Affine<BN254.G2>, _ gamma2: Affine<BN254.G2>,
        _ delta2: Affine<BN254.G2>
    ) throws(ContractError) {
        let points = [
            ("vk_alpha_1", alpha1.isIdentity), ("vk_beta_2", beta2.isIdentity),
            ("vk_gamma_2", gamma2.isIdentity), ("vk_delta_2", delta2.isIdentity),
        ]
        if let (name, _) = points.first(where: \.1) { throw .identity(name) }
    }

    private static func checkMaximum(_ kind: ContractKind) throws(ContractError) {
        guard case .batch(let maximum) = kind else { return }
        guard (1...ContractKind.batchLimit).contains(maximum) else {
            throw .batchMaximum(found: maximum, limit: ContractKind.batchLimit)
        }
    }

    /// Whether proofs are about a round's public inputs, each of them.
    private static func checkRound(
        publicCount: Int, _ ic: [Affine<BN254.G1>]
    ) throws(ContractError) {
        guard publicCount == ContractKind.roundInputs else { throw .roundInputs(found: publicCount) }
        if let index = (0..<publicCount).first(where: { ic[$0 + 1].isIdentity }) {
            throw .unboundInput(index: index)
        }
    }
}
