// SPDX-License-Identifier: Apache-2.0

package import Circuits
import EllipticCurves
import FiniteFields

/// The place of a member in a circuit of its cohort, which is the same for all places: bits of which one is
/// set.
package struct PlaceInCohort {
    /// One for each member.
    package let bits: [Linear]

    /// - Parameters:
    ///   - members: the members of the cohort.
    ///   - own: the place; what it is called with where no values are made does not matter.
    package init(_ builder: CircuitBuilder, members: Int, own: Int) {
        bits = (0..<members).map { index in builder.boolean(index == own) }
        builder.enforceEqual(bits.reduce(.zero) { $0 + $1 }, .one)
    }

    /// The place as a number.
    package var index: Linear {
        bits.enumerated().reduce(.zero) { $0 + $1.element * Scalar(UInt64($1.offset)) }
    }

    /// The one of these that is at the place: a constraint for each.
    package func selected(_ builder: CircuitBuilder, _ values: [Linear]) -> Linear {
        behind(builder, values, 0)
    }

    /// The one that is so many places behind, in a circle: a constraint for each.
    func behind(_ builder: CircuitBuilder, _ values: [Linear], _ offset: Int) -> Linear {
        precondition(values.count == bits.count)
        return bits.indices.reduce(Linear.zero) { sum, own in
            sum + builder.multiply(bits[own], values[(own + offset) % values.count])
        }
    }

    /// Whether the member so many places behind has a higher number: no constraint.
    func isEarlier(than offset: Int) -> Linear {
        bits.prefix(bits.count - offset).reduce(.zero) { $0 + $1 }
    }
}

/// What the circuit of an update under masks makes of a member's secret.
package struct MaskedUpdateWires {
    package let masked, commitments: [Linear]
    package let shares: [[Linear]]

    /// `MaskedUpdate.hashes`.
    package func hashes(_ builder: CircuitBuilder) -> [Linear] {
        [
            builder.poseidon(masked, domain: HashDomain.masked.rawValue),
            builder.poseidon(commitments, domain: HashDomain.commitments.rawValue),
            builder.poseidon(shares.flatMap(\.self), domain: HashDomain.shares.rawValue),
        ]
    }
}

/// A member of a cohort in a circuit.
package struct CohortMemberWires {
    package let x, y, nullifier, commitment: Linear

    package init(_ builder: CircuitBuilder, _ member: CohortMember) {
        x = builder.wire(member.key.x)
        y = builder.wire(member.key.y)
        nullifier = builder.wire(member.nullifier)
        commitment = builder.wire(member.commitment)
    }
}

/// A member of a cohort that is who it says, in a circuit; `CircuitBuilder.cohortMembership` makes it.
package struct CohortMembership {
    let plan: CohortPlan
    let place: PlaceInCohort
    let members: [CohortMemberWires]
    let secret: Linear
    /// The bits of its key of the round.
    let key: [Linear]
    /// `CohortContext.digest`.
    package let context: Linear

    fileprivate init(
        plan: CohortPlan, place: PlaceInCohort, members: [CohortMemberWires], secret: Linear, key: [Linear],
        context: Linear
    ) {
        self.plan = plan
        self.place = place
        self.members = members
        self.secret = secret
        self.key = key
        self.context = context
    }
}

extension CircuitBuilder {
    /// `CohortContext.digest(of:)`.
    package func cohortDigest(_ members: [CohortMemberWires]) -> Linear {
        poseidon(
            members.flatMap { [$0.x, $0.y, $0.nullifier, $0.commitment] }, domain: HashDomain.cohort.rawValue)
    }

    /// `CohortContext.digest`.
    ///
    /// - Parameter members: `cohortDigest`.
    package func cohortContext(
        _ plan: CohortPlan, members: Linear, task: Linear, round: Linear, state: Linear, roster: Linear,
        index: Linear
    ) -> Linear {
        poseidon(
            [
                task, round, state, roster, index, members, Linear(Scalar(UInt64(plan.threshold))),
                Linear(Scalar(UInt64(plan.elements))),
            ], domain: HashDomain.context.rawValue)
    }

    /// The public key of a member's key of a round.
    package func memberPublicKey(secret: Linear, state: Linear) -> (x: Linear, y: Linear) {
        publicKey(of: memberKey(secret: secret, state: state))
    }

    /// The bits of a member's key of a round: `MemberSecret.key`.
    private func memberKey(secret: Linear, state: Linear) -> [Linear] {
        let hash = poseidonStream(seeds: [secret, state], domain: HashDomain.key.rawValue, count: 1)
        return Array(hashBits(of: hash[0]).prefix(EdwardsKey.bitCount))
    }

    /// Demands that a secret is that of the member at a place of a cohort: that its key is the place's, and
    /// the commitment there is to it and to the data. What a member adds to a sum is made of what this gives.
    ///
    /// - Parameters:
    ///   - secret: `MemberSecret.element`.
    ///   - data: what the update is computed from, as in `MemberSecret.commitment`.
    ///   - task, round, state, roster, index: as `CohortContext.init` has them.
    package func cohortMembership(
        _ plan: CohortPlan, place: PlaceInCohort, members: [CohortMemberWires], secret: Linear, data: Linear,
        task: Linear, round: Linear, state: Linear, roster: Linear, index: Linear
    ) -> CohortMembership {
        precondition(members.count == plan.members)
        let key = memberKey(secret: secret, state: state)
        let own = publicKey(of: key)
        enforceEqual(own.x, place.selected(self, members.map(\.x)))
        enforceEqual(own.y, place.selected(self, members.map(\.y)))
        enforceEqual(poseidon(secret, data), place.selected(self, members.map(\.commitment)))
        let context = cohortContext(
            plan, members: cohortDigest(members), task: task, round: round, state: state, roster: roster,
            index: index)
        return CohortMembership(
            plan: plan, place: place, members: members, secret: secret, key: key, context: context)
    }

    /// `MaskedUpdate.commitment(to:)`.
    func seedCommitment(to seed: Linear) -> Linear {
        poseidon(seed, Linear(Scalar(HashDomain.commitment.rawValue)))
    }

    /// `MaskedUpdate.init`: the masks, the commitments and the shares follow from the membership, so that
    /// whoever proves has no choice in them.
    ///
    /// - Parameter values: the packed update with its noise.
    package func maskedUpdate(_ values: [Linear], _ membership: CohortMembership) -> MaskedUpdateWires {
        let (plan, place, members) = (membership.plan, membership.place, membership.members)
        let (secret, context) = (membership.secret, membership.context)
        precondition(values.count == plan.elements)
        let offsets = Array(1..<plan.members)
        let others = offsets.map { offset in
            subgroupPoint(
                x: place.behind(self, members.map(\.x), offset),
                y: place.behind(self, members.map(\.y), offset))
        }
        let agreed = multiples(of: others, by: membership.key)

        let random = poseidonStream(
            seeds: [secret, context], domain: HashDomain.secrets.rawValue, count: plan.randomElements)
        var seeds = [random[0]]
        var pads: [[Linear]] = []
        var signs: [Linear] = []
        for (offset, u) in zip(offsets, agreed) {
            let isEarlier = place.isEarlier(than: offset)
            // Where the other is not later, it is n places less behind.
            let other =
                place.index + Scalar(UInt64(offset)) - (Linear.one - isEarlier) * Scalar(UInt64(plan.members))
            let least = other + multiply(isEarlier, place.index - other)
            let most = place.index + other - least
            let pair = least * Scalar(UInt64(plan.members)) + most
            let stream = poseidonStream(
                seeds: [u, context, pair], domain: HashDomain.pair.rawValue, count: plan.pairElements)
            seeds.append(stream[0])
            pads.append(
                (1...plan.padCount).map { index in
                    let (forward, backward) = (stream[index], stream[index + plan.padCount])
                    return backward + multiply(isEarlier, forward - backward)
                })
            signs.append(isEarlier * 2 - Scalar.one)
        }

        var masked = zip(
            values, poseidonStream(seed: seeds[0], domain: HashDomain.ownMask.rawValue, count: plan.elements)
        ).map { $0 + $1 }
        for (seed, sign) in zip(seeds.dropFirst(), signs) {
            let mask = poseidonStream(seed: seed, domain: HashDomain.pairMask.rawValue, count: plan.elements)
            for (index, element) in mask.enumerated() { masked[index] += multiply(sign, element) }
        }
        let degree = plan.threshold - 1
        let shares = offsets.map { offset in
            let sent = seeds.indices.filter { $0 != offset }
            return zip(sent, pads[offset - 1]).map { secret, pad in
                let coefficients = Array(random[(1 + secret * degree)..<(1 + (secret + 1) * degree)])
                return share(of: seeds[secret], coefficients: coefficients, at: plan.point(offset)) + pad
            }
        }
        return MaskedUpdateWires(
            masked: masked,
            commitments: seeds.map(seedCommitment),
            shares: shares)
    }
}
