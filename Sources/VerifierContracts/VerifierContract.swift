// SPDX-License-Identifier: Apache-2.0

public import Curves
public import Groth16

/// What a verifier contract checks.
public enum ContractKind: Hashable, Sendable {
    /// One proof a call.
    case single
    /// 1 to `maximum` proofs a call, by a random linear combination.
    case batch(maximum: Int)
    /// A chain of states: each proof leads from the stored state to the next.
    case round
}

/// The language of a contract's text.
public enum ContractLanguage: String, CaseIterable, Sendable {
    /// Vyper 0.4.3; the tests compile and execute it.
    case vyper
    /// Solidity 0.8.28; checked by rules only, and its header says so.
    case solidity
}

/// What a contract's header says of where it comes from.
public struct ContractOrigin: Hashable, Sendable {
    /// The program and its version.
    public var generator: String
    /// SHA-256, hexadecimal, of the key as `martlet export vkey` writes it.
    public var keyDigest: String

    public init(generator: String, keyDigest: String) {
        self.generator = generator
        self.keyDigest = keyDigest
    }
}

/// The text of a smart contract that verifies the Groth16 proofs of one key with the precompiles of EIP-196
/// and EIP-197.
///
/// The same key, kind and origin give the same bytes. Nothing is negated at run time: the constants are −α,
/// −δ and −ICᵢ, so that the check is e(A, B) · e(−α, β) · e(−L, γ) · e(C, −δ) = 1.
public struct VerifierContract: Sendable {
    /// The public inputs of a round's proof: old state, new state.
    public static let roundInputs = 2
    /// The most public inputs whose IC points stand among a contract's instructions: a batch contract of 60
    /// has 23.0 kB of code, and the limit of EIP-170 is 24,576 bytes. Contracts for more have them as a table
    /// (`ContractForm`).
    public static let inlineLimit = 60
    /// The most proofs that a batch contract may take: above, its memory costs more than it saves.
    public static let batchLimit = 256

    /// The contract's whole text.
    public let text: String

    /// - Parameters:
    ///   - key: the verification key; its points are in their subgroups, as all readers ensure.
    ///   - kind: what the contract checks.
    ///   - language: what it is written in.
    ///   - origin: what the header says of tool and key.
    /// - Throws: `ContractError` for a key or a maximum that gives no sound contract.
    public init(
        _ key: VerifyingKey<BN254>, kind: ContractKind, language: ContractLanguage, origin: ContractOrigin
    ) throws(ContractError) {
        try ContractError.check(key, kind, language)
        let constants = KeyConstants(key)
        switch language {
        case .vyper: text = VyperText(constants, kind, origin).text
        case .solidity: text = SolidityText(constants, kind, origin).text
        }
    }
}
