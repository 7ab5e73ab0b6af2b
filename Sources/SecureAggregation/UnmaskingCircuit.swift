// SPDX-License-Identifier: Apache-2.0

package import Circuits
import FiniteFields

/// What a circuit that takes the masks of a cohort off is made from.
package struct UnmaskingWitness: Sendable {
    /// The members that count.
    package var counted: MemberSet
    /// What they have sent.
    package var updates: [Int: MaskedUpdate]
    /// Their own seeds.
    package var ownSeeds: [Int: Scalar]
    /// The seeds of their pairs with those that do not count.
    package var pairSeeds: [MemberPair: Scalar]

    package init(
        counted: MemberSet, updates: [Int: MaskedUpdate], ownSeeds: [Int: Scalar],
        pairSeeds: [MemberPair: Scalar]
    ) {
        self.counted = counted
        self.updates = updates
        self.ownSeeds = ownSeeds
        self.pairSeeds = pairSeeds
    }
}

/// A cohort's sum in a circuit, and what it is the sum of.
package struct UnmaskedWires {
    /// A bit for each member: whether its update counts.
    package let counted: [Linear]
    /// How many do; at least the threshold.
    package let count: Linear
    /// For each member `MaskedUpdate.hashes`; of no meaning for one that does not count.
    package let hashes: [[Linear]]
    /// Σ values over the members that count.
    package let sum: [Linear]
}

extension CircuitBuilder {
    /// The sum of the updates that count, with the masks taken off that the opened seeds make.
    ///
    /// A seed is the one that the member committed to, in the message that its hashes are of: so it is the
    /// caller who shows that these are hashes of a member's message, by its proof, and then the sum is that
    /// of the values that the members masked. Each mask of a pair is taken off exactly where one of the two
    /// counts; where both do, they cancel.
    ///
    /// Pairs have (n − t)·n places: in each row one member that does not count, or nobody, and the pairs of
    /// all members with that one.
    ///
    /// - Parameter witness: `nil` where no values are made.
    package func unmasked(_ plan: CohortPlan, _ witness: UnmaskingWitness?) -> UnmaskedWires {
        let n = plan.members
        let counted = (0..<n).map { place in boolean(witness?.counted.contains(place) ?? false) }
        let count = counted.reduce(Linear.zero) { $0 + $1 }
        enforceAtMost(Linear(Scalar(UInt64(plan.threshold))), count, bits: 4)

        var sum = [Linear](repeating: .zero, count: plan.elements)
        var (hashes, commitments): ([[Linear]], [[Linear]]) = ([], [])
        for place in 0..<n {
            let value = witness?.updates[place]
            let masked = (0..<plan.elements).map { wire(value?.masked[$0] ?? .zero) }
            let own = (0..<plan.secrets).map { wire(value?.commitments[$0] ?? .zero) }
            hashes.append([
                poseidon(masked, domain: HashDomain.masked.rawValue),
                poseidon(own, domain: HashDomain.commitments.rawValue),
                wire(value?.hashes[2] ?? .zero),
            ])
            commitments.append(own)
            let seed = wire(witness?.ownSeeds[place] ?? .zero)
            enforce(counted[place], times: seedCommitment(to: seed) - own[0], equals: .zero)
            let mask = poseidonStream(seed: seed, domain: HashDomain.ownMask.rawValue, count: plan.elements)
            for index in sum.indices { sum[index] += multiply(counted[place], masked[index] - mask[index]) }
        }

        let missing = (0..<n).filter { !(witness?.counted.contains($0) ?? true) }
        let rows = (0..<plan.silent).map { row in
            let own = row < missing.count ? missing[row] : nil
            return (0..<n).map { place in boolean(place == own) }
        }
        for row in rows { enforceBoolean(row.reduce(.zero) { $0 + $1 }) }
        // Whoever does not count has a row, and one alone.
        for place in 0..<n {
            enforceEqual(rows.reduce(Linear.zero) { $0 + $1[place] }, Linear.one - counted[place])
        }
        for (index, row) in rows.enumerated() {
            let isUsed = row.reduce(Linear.zero) { $0 + $1 }
            for place in 0..<n {
                let pair = index < missing.count ? MemberPair(counted: place, missing: missing[index]) : nil
                let seed = wire(pair.flatMap { witness?.pairSeeds[$0] } ?? .zero)
                let isPair = multiply(counted[place], isUsed)
                // What the member committed to for the one in the row. Where that is itself, it does not
                // count.
                let others = (0..<n).filter { $0 != place }
                let opened = others.reduce(Linear.zero) { sum, other in
                    sum + multiply(row[other], commitments[place][plan.offset(from: place, to: other)])
                }
                enforce(isPair, times: seedCommitment(to: seed) - opened, equals: .zero)
                // The earlier one of a pair added its mask, the later one subtracted it.
                let isEarlier = row[(place + 1)...].reduce(Linear.zero) { $0 + $1 }
                let sign = multiply(counted[place], isEarlier + isEarlier - isUsed)
                let mask = poseidonStream(
                    seed: seed, domain: HashDomain.pairMask.rawValue, count: plan.elements)
                for element in sum.indices { sum[element] -= multiply(sign, mask[element]) }
            }
        }
        return UnmaskedWires(counted: counted, count: count, hashes: hashes, sum: sum)
    }
}
