// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Failures
public import Groth16
import ProvingEngine

extension CommitmentHash: ExpressibleByArgument {}

extension GnarkProving.Form: ExpressibleByArgument {}

/// What makes challenges of a circuit's commitments, which gnark's files and an r1cs do not say.
struct CommitmentHashOption: ParsableArguments {
    @Option(
        name: .customLong("commitment-hash"),
        help: ArgumentHelp(
            "What makes challenges of the commitments of a key, one of gnark's or a new one; keccak256 is what gnark's Solidity verifiers take, poseidon is for proofs that a circuit verifies (default: sha256).",
            valueName: "hash"))
    var hash: CommitmentHash?
}

/// The options of `martlet prove` for gnark's proving keys.
struct GnarkProofOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("With a proving key of gnark's: its verification key.", valueName: "file"),
        completion: .file())
    var vkey: String?

    @OptionGroup var commitments: CommitmentHashOption

    @Option(help: "With a proving key of gnark's: how the proof and its public inputs are written.")
    var proofFormat = GnarkProving.Form.json

    /// The options that were given.
    var given: [String] {
        [
            ("--vkey", vkey != nil), ("--commitment-hash", commitments.hash != nil),
            ("--proof-format", proofFormat != .json),
        ].filter(\.1).map(\.0)
    }
}
