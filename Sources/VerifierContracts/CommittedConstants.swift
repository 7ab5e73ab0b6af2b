// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields
import Groth16

/// A key with one commitment as named numbers: α and γ are negated, so that a contract negates nothing.
struct CommittedConstants {
    let publicCount: Int
    /// −α, β, −γ, −δ, −σ·G, G where it is not γ, and IC.
    let entries: [KeyConstants.Entry]
    /// Whether G is γ: then the proof of knowledge is added to γ's pair.
    let sharesGamma: Bool
    /// What is hashed behind the commitment: public inputs, from 1.
    let hashed: [Int]
    let hash: CommitmentHash

    /// - Precondition: there is one commitment.
    init(_ key: CommittedVerifyingKey<BN254>) {
        publicCount = key.publicCount
        hashed = key.commitments[0].hashed
        hash = key.hash
        sharesGamma = key.generator == key.gamma2
        var entries =
            KeyConstants.g1("ALPHA", -key.alpha1) + KeyConstants.g2("BETA", key.beta2)
            + KeyConstants.g2("GAMMA", -key.gamma2) + KeyConstants.g2("DELTA", -key.delta2)
            + KeyConstants.g2("SIGMA", key.commitments[0].negativeSigma)
        if !sharesGamma { entries += KeyConstants.g2("G", key.generator) }
        entries += key.ic.enumerated().flatMap { KeyConstants.g1("IC\($0)", $1) }
        self.entries = entries
    }
}
