// SPDX-License-Identifier: Apache-2.0

import Curves
import FiniteFields

/// How a contract holds the key's IC points, and how many fit.
///
/// Up to `inlineLimit` inputs they are numbers among the instructions: 64 bytes a point and some 140 for what
/// is done with it, and nothing to fetch. Above they are a table that a loop reads, 64 bytes a point and no
/// more. The table is part of the contract's own code, behind its instructions, and comes from the contract's
/// text alone: there is no second contract whose content had to be bound to this one.
enum ContractForm {
    case inline, table

    /// The most public inputs in the inline form: a batch contract of 60 has 23.0 kB of code, and the limit
    /// of EIP-170 is 24,576 bytes.
    static let inlineLimit = 60

    init(publicCount: Int) { self = publicCount <= Self.inlineLimit ? .inline : .table }

    /// The most commitments of a proof that a contract verifies.
    static func commitmentLimit(_ kind: ContractKind) -> Int {
        if case .batch = kind { 10 } else { 15 }
    }

    /// The most public inputs beside so many commitments: one takes as much code as four inputs.
    static func inputLimit(commitments: Int, _ kind: ContractKind) -> Int {
        if case .batch = kind { 40 - 4 * commitments } else { inlineLimit + 3 - 4 * commitments }
    }

    /// The bytes of code that a chain takes (EIP-170). What deploys a contract may be twice as long
    /// (EIP-3860), and is shorter than the contract and a quarter more: 74 bytes a point.
    static let codeLimit = 24_576

    /// The most gas of a transaction (EIP-7825).
    static let gasLimit = 16_777_216

    /// The bytes of code of a contract with a table: what the compiler makes of the loops, rounded up, and
    /// the points. For Vyper as the tests measure it; for Solidity an assumption that is generous.
    static func codeSize(publicCount: Int, _ kind: ContractKind, _ language: ContractLanguage) -> Int {
        let instructions =
            switch (language, kind) {
            case (.vyper, .single): 1_100
            case (.vyper, .batch), (.vyper, .round), (.vyper, .attestedRound): 3_300
            case (.solidity, _): 8_000
            }
        return instructions + 64 * (publicCount + 1)
    }

    /// What the memory of a batch costs in every call, in gas, as measured: the contract in Vyper has room
    /// for the most proofs.
    static func batchMemoryGas(publicCount: Int, maximum: Int) -> Int {
        let words = maximum * (8 + publicCount) + 12 * maximum + 4 * publicCount
        return 3 * words + words * words / 512
    }

    static func check(
        publicCount: Int, _ kind: ContractKind, _ language: ContractLanguage
    ) throws(ContractError) {
        guard case .table = ContractForm(publicCount: publicCount) else { return }
        let size = codeSize(publicCount: publicCount, kind, language)
        guard size <= codeLimit else {
            throw .tooLarge(inputs: publicCount, bytes: size, limit: codeLimit)
        }
        guard case .batch(let maximum) = kind else { return }
        let gas = batchMemoryGas(publicCount: publicCount, maximum: maximum)
        guard gas <= gasLimit / 2 else {
            throw .batchMemory(inputs: publicCount, maximum: maximum, gas: gas, limit: gasLimit)
        }
    }
}
