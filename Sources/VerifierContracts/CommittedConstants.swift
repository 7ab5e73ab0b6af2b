// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields
import Groth16

/// A key with commitments as named numbers: α and γ are negated, so that a contract negates nothing.
struct CommittedConstants {
    let publicCount: Int
    /// −α, β, −γ, −δ, the −σₖ·G, G where it is not γ, and IC.
    let entries: [KeyConstants.Entry]
    /// Whether G is γ: then the proof of knowledge is added to γ's pair.
    let sharesGamma: Bool
    /// What is hashed behind each commitment: public inputs, from 1, and behind them the challenges before.
    let hashed: [[Int]]
    let hash: CommitmentHash

    init(_ key: CommittedVerifyingKey<BN254>) {
        publicCount = key.publicCount
        hashed = key.commitments.map(\.hashed)
        hash = key.hash
        sharesGamma = key.generator == key.gamma2
        var entries =
            KeyConstants.g1("ALPHA", -key.alpha1) + KeyConstants.g2("BETA", key.beta2)
            + KeyConstants.g2("GAMMA", -key.gamma2) + KeyConstants.g2("DELTA", -key.delta2)
        for (k, commitment) in key.commitments.enumerated() {
            entries += KeyConstants.g2(Self.sigma(k, of: key.commitments.count), commitment.negativeSigma)
        }
        if !sharesGamma { entries += KeyConstants.g2("G", key.generator) }
        entries += key.ic.enumerated().flatMap { KeyConstants.g1("IC\($0)", $1) }
        self.entries = entries
    }

    /// The name of −σₖ·G.
    static func sigma(_ k: Int, of count: Int) -> String { count == 1 ? "SIGMA" : "SIGMA\(k)" }
}
