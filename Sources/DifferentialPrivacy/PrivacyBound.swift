// SPDX-License-Identifier: Apache-2.0

/// What a reader learns of a record at most, over several ways in which the record can move what is seen: the
/// worst of their losses, for each δ and each ε.
package struct PrivacyBound: Sendable {
    /// A loss for each way; none where nothing was seen.
    private let losses: [PrivacyLoss]

    init(_ losses: [PrivacyLoss]) { self.losses = losses }

    /// The least δ for an ε that all losses keep. With ε = 0 it is the advantage of the best test of whether
    /// the record was there.
    package func delta(epsilon: Double) -> Double {
        losses.map { $0.delta(epsilon: epsilon) }.max() ?? 0
    }

    /// The least ε ≥ 0 for a δ, to 2^−20 of itself; `nil` where no ε is enough.
    package func epsilon(delta: Double) -> Double? {
        var worst = 0.0
        for loss in losses {
            guard let epsilon = loss.epsilon(delta: delta) else { return nil }
            worst = max(worst, epsilon)
        }
        return worst
    }
}
