// SPDX-License-Identifier: Apache-2.0

import Groth16

/// The sections that zkeys with commitments have beside those of snarkjs (docs/formats.md).
enum CommittedSections {
    static let commitments: UInt32 = 101
    static let bases: UInt32 = 102
    static let sigmaBases: UInt32 = 103
    static let history: UInt32 = 104

    /// What they are called in messages.
    static let names: [UInt32: String] = [
        commitments: "commitments", bases: "bases of commitments", sigmaBases: "bases times sigma",
        history: "contributions",
    ]

    /// The numbers of hashes in section 101.
    static let hashes: [(number: UInt32, hash: CommitmentHash)] = [
        (1, .sha256), (2, .keccak256), (3, .poseidon),
    ]
}
