// SPDX-License-Identifier: Apache-2.0

/// The noise of each client of a sum, and what the sum gives away of one record at most.
///
/// A record moves the sum by a vector of integers whose Euclidean norm is at most `sensitivity`. Each client
/// adds to each coordinate `summands` uniform integers of `bits` bits, less their mean. Neighbours differ in
/// one record; δ and ε are of (ε, δ)-differential privacy.
///
/// The worst vector has all of its norm in one coordinate: tails of this noise are lighter than a Gaussian's,
/// so that the loss grows faster than with the square of a shift. `NoiseBudgetTests` compares it with norms
/// that are shared by several coordinates.
package struct NoiseBudget: Hashable, Sendable {
    /// The largest norm of what one record adds to a sum, in steps of the coordinates.
    package let sensitivity: Int
    /// The bits of each uniform integer.
    package let bits: Int
    /// The uniform integers of each client in each coordinate.
    package let summands: Int

    /// The most bits that are searched for: more are no noise that leaves anything of a model.
    package static let mostBits = 18

    /// - Precondition: 1 ≤ sensitivity, 1 ≤ bits ≤ `mostBits`, 1 ≤ summands.
    package init(sensitivity: Int, bits: Int, summands: Int) {
        precondition(sensitivity >= 1 && (1...Self.mostBits).contains(bits) && summands >= 1)
        self.sensitivity = sensitivity
        self.bits = bits
        self.summands = summands
    }

    /// A sum that a record was in.
    package struct Use: Hashable, Sendable {
        /// The clients in it whose noise is not known to whoever looks.
        package let honest: Int
        /// How many such sums there were.
        package let count: Int

        /// - Precondition: 1 ≤ honest, 0 ≤ count.
        package init(honest: Int, count: Int) {
            precondition(honest >= 1 && count >= 0)
            self.honest = honest
            self.count = count
        }
    }

    /// The standard deviation of a coordinate of a sum with the noise of so many clients.
    package func deviation(clients: Int) -> Double {
        (Double(summands * clients) * (Double(1 << (2 * bits)) - 1) / 12).squareRoot()
    }

    /// The loss of one record in all of these sums together.
    ///
    /// - Precondition: `UniformSum.canCompute` for the noise of each sum.
    /// - Parameters:
    ///   - uses: the sums; at least one.
    ///   - records: how many records of the same batch are protected together, as all of a client's.
    package func loss(_ uses: [Use], records: Int = 1) -> PrivacyLoss {
        precondition(!uses.isEmpty && records >= 1)
        let shift = sensitivity * records
        let most = uses.map(\.honest).max()!
        // The grid's error grows with the square of the step over the loss' own deviation, shift / deviation.
        let step = min(Double(shift) / deviation(clients: most) / 64, 1.0 / 64)
        var honest: [Int: Int] = [:]
        for use in uses { honest[use.honest, default: 0] += use.count }
        return .composed(
            honest.sorted { $0.key < $1.key }.map { clients, count in
                let noise = UniformSum(bits: bits, count: clients * summands)
                return (PrivacyLoss(noise, shift: shift, step: step), count)
            })
    }

    /// The least noise with which all these sums together are (ε, δ)-private: the fewest bits.
    ///
    /// - Returns: `nil` where `mostBits` are too few, or there would be more sums than
    ///   `UniformSum.canCompute`.
    package static func least(
        epsilon: Double, delta: Double, uses: [Use], sensitivity: Int, summands: Int
    ) -> NoiseBudget? {
        (1...mostBits).lazy.map { NoiseBudget(sensitivity: sensitivity, bits: $0, summands: summands) }
            .first { budget in
                guard
                    uses.allSatisfy({ UniformSum.canCompute(bits: budget.bits, count: $0.honest * summands) })
                else { return false }
                // Below this there are neighbours of which one cannot have made what the other has.
                guard uses.allSatisfy({ ($0.honest * summands) << budget.bits > 2 * sensitivity }) else {
                    return false
                }
                guard let spent = budget.loss(uses).epsilon(delta: delta) else { return false }
                return spent <= epsilon
            }
    }
}
