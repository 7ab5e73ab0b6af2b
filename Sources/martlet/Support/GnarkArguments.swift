// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import Groth16

extension CommitmentHash: ExpressibleByArgument {}

/// What makes challenges of a circuit's commitments, which gnark's files do not say.
struct CommitmentHashOption: ParsableArguments {
    @Option(
        name: .customLong("commitment-hash"),
        help:
            "For keys with commitments in gnark's form: what makes challenges of them (default: sha256; keccak256 is that of gnark's Solidity verifier)."
    )
    var hash: CommitmentHash?
}
