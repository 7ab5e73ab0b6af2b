// SPDX-License-Identifier: Apache-2.0

/// The noise of each client of a sum, and what the sum gives away of one record at most.
///
/// A record moves the sum by a vector of integers whose Euclidean norm is at most `sensitivity`. Each client
/// adds to each coordinate `summands` uniform integers of `bits` bits, less their mean. Neighbours differ in
/// one record; δ and ε are of (ε, δ)-differential privacy.
///
/// Which vector of that norm is the worst is not known in general: of a Gaussian all are alike; tails of this
/// noise are lighter, so that in them one coordinate with all of the norm is worst, and its sums of one or
/// two integers have corners, where many small coordinates are. So what is computed is the worst of vectors
/// whose norm is shared evenly by 1, 2, 4, 8 … and all coordinates, rounded up; and less than `leastSummands`
/// unknown integers in a coordinate are no noise here. That is a search, and no proof, that uneven vectors,
/// and sums that a record moves by different ones, are no worse.
package struct NoiseBudget: Hashable, Sendable {
    /// The largest norm of what one record adds to a sum, in steps of the coordinates.
    package let sensitivity: Int
    /// The coordinates of a sum.
    package let coordinates: Int
    /// The bits of each uniform integer.
    package let bits: Int
    /// The uniform integers of each client in each coordinate.
    package let summands: Int

    /// The most bits that are searched for: more are no noise that leaves anything of a model.
    package static let mostBits = 18
    /// The integers of a coordinate, of all clients whose noise is not known, below which nothing is
    /// promised.
    package static let leastSummands = 3

    /// The most coordinates, and the most of all sums together: each adds some 2^−52 of rounding to δ.
    private static let most = 1 << 22

    /// - Precondition: 1 ≤ sensitivity, 1 ≤ coordinates ≤ 2^22, 1 ≤ bits ≤ `mostBits`, 1 ≤ summands.
    package init(sensitivity: Int, coordinates: Int, bits: Int, summands: Int) {
        precondition(sensitivity >= 1 && (1...Self.most).contains(coordinates))
        precondition((1...Self.mostBits).contains(bits) && summands >= 1)
        self.sensitivity = sensitivity
        self.coordinates = coordinates
        self.bits = bits
        self.summands = summands
    }

    /// A sum that a record was in.
    package struct Use: Hashable, Sendable {
        /// The clients in it whose noise is not known to whoever looks: of a cohort,
        /// `CohortPlan.honest(colluders:)`.
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
        (Double(summands) * Double(clients) * (Double(1 << (2 * bits)) - 1) / 12).squareRoot()
    }

    /// What all these sums together give away of one record.
    ///
    /// - Parameters:
    ///   - uses: the sums.
    ///   - records: how many records of the same batch are protected together, as all of a client's.
    /// - Returns: `nil` where nothing can be said: a sum has fewer than `leastSummands` unknown integers, or
    ///   more than `UniformSum.canCompute`, their coordinates together are more than 2^22, or the norm
    ///   of so many records is no `Int`.
    package func bound(_ uses: [Use], records: Int = 1) -> PrivacyBound? {
        let (norm, overflow) = sensitivity.multipliedReportingOverflow(by: max(records, 1))
        guard !overflow, norm <= 1 << 40,
            uses.allSatisfy({ isNoise($0.honest) && $0.count <= Self.most / coordinates }),
            uses.reduce(0, { $0 + $1.count * coordinates }) <= Self.most
        else { return nil }
        guard let most = uses.map(\.honest).max() else { return PrivacyBound([]) }
        var counts: [Int: Int] = [:]
        for use in uses { counts[use.honest, default: 0] += use.count }
        let noises = counts.sorted { $0.key < $1.key }.map { honest, count in
            (noise: UniformSum(bits: bits, count: honest * summands), count: count)
        }
        return PrivacyBound(
            splits(norm).map { coordinates, shift in
                // The grid's error grows with the square of the step over the loss' own deviation.
                let step = min(Double(shift) / deviation(clients: most) / 64, 1.0 / 64)
                return .composed(
                    noises.map { noise, count in
                        (PrivacyLoss(noise, shift: shift, step: step), count * coordinates)
                    })
            })
    }

    /// Whether a sum with the noise of so many clients is one that can be judged.
    private func isNoise(_ honest: Int) -> Bool {
        let (count, overflow) = honest.multipliedReportingOverflow(by: summands)
        return !overflow && count >= Self.leastSummands && UniformSum.canCompute(bits: bits, count: count)
    }

    /// Vectors whose coordinates are alike, of the norm or a little more: how many are not zero, and what
    /// they are.
    private func splits(_ norm: Int) -> [(coordinates: Int, shift: Int)] {
        let most = norm >= 1 << 20 ? coordinates : min(coordinates, norm * norm)
        var numbers = Array(sequence(first: 1) { $0 * 2 <= most ? $0 * 2 : nil })
        if numbers.last != most { numbers.append(most) }
        return numbers.map { ($0, Int((Double(norm) / Double($0).squareRoot()).rounded(.up))) }
    }

    /// The least noise with which all these sums together are (ε, δ)-private: the fewest bits.
    ///
    /// - Returns: `nil` where `mostBits` are too few, or nothing can be said of what is enough.
    package static func least(
        epsilon: Double, delta: Double, uses: [Use], sensitivity: Int, coordinates: Int, summands: Int
    ) -> NoiseBudget? {
        (1...mostBits).lazy.map {
            NoiseBudget(sensitivity: sensitivity, coordinates: coordinates, bits: $0, summands: summands)
        }.first { budget in
            // Below this there are neighbours of which one cannot have made what the other has.
            guard
                uses.allSatisfy({
                    budget.isNoise($0.honest) && ($0.honest * summands) << budget.bits > 2 * sensitivity
                }),
                let spent = budget.bound(uses)?.epsilon(delta: delta)
            else { return false }
            return spent <= epsilon
        }
    }
}
