// SPDX-License-Identifier: Apache-2.0

/// What a verifier contract checks.
public enum ContractKind: Hashable, Sendable {
    /// One proof a call.
    case single
    /// 1 to `maximum` proofs a call, by a random linear combination.
    case batch(maximum: Int)
    /// A chain of states: each proof leads from the stored state to the next, and shows that the clients'
    /// proofs are valid.
    case round
    /// The same for proofs that say nothing about the clients' proofs: the operator's word stands for those.
    /// For tests.
    case attestedRound

    /// The public inputs of a round's proof: old state, new state, root of the registry in the new state.
    public static let roundInputs = 3
    /// The most proofs that a batch contract may take: above, its memory costs more than it saves.
    public static let batchLimit = 256

    /// Whether it is a chain of states.
    var isRound: Bool {
        switch self {
        case .single, .batch: false
        case .round, .attestedRound: true
        }
    }
}

/// The language of a contract's text.
public enum ContractLanguage: String, CaseIterable, Sendable {
    /// Vyper 0.4.3; the tests compile and execute it.
    case vyper
    /// Solidity 0.8.28; the tests check it by rules, and execute it where `MARTLET_SOLC` names a compiler.
    case solidity
}

/// What a contract's header says of where it comes from.
public struct ContractOrigin: Hashable, Sendable {
    /// The program and its version.
    public var generator: String
    /// SHA-256, hexadecimal, of the key as `martlet export vkey` writes it.
    public var keyDigest: String
    /// What it says besides, line by line: printable text without the ends of lines.
    public var notes: [String]

    /// What the header is to say.
    ///
    /// - Precondition: no control characters in any of it, which could end the comment.
    public init(generator: String, keyDigest: String, notes: [String] = []) {
        let all = [generator, keyDigest] + notes
        precondition(
            all.allSatisfy { $0.unicodeScalars.allSatisfy { (0x20...0x7e).contains($0.value) } },
            "a comment in ASCII")
        self.generator = generator
        self.keyDigest = keyDigest
        self.notes = notes
    }
}
