// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Curves
import EllipticCurves
import FiniteFields

/// A member's secret of one round, and what is made of it. Whoever has it can take the member's mask away.
package struct MemberSecret: Sendable {
    /// A uniformly random element, fresh in each round.
    package let element: Scalar

    package init(element: Scalar) { self.element = element }

    /// What the member joins with: H(element, data), which says nothing of either.
    ///
    /// - Parameter data: what the update is computed from, such as the root of a dataset.
    package func commitment(data: Scalar) -> Scalar { Poseidon.hash(element, data) }

    /// The key of a round that begins at a state.
    package func key(state: Scalar) -> EdwardsKey {
        let stream = Poseidon.stream(seeds: [element, state], domain: HashDomain.key.rawValue, count: 1)
        return EdwardsKey(lowBitsOf: stream[0])
    }

    /// Whether this is the secret of the member at a place: its key is the place's.
    func isOf(_ own: Int, _ context: CohortContext) -> Bool {
        context.members.indices.contains(own)
            && context.members[own].key == key(state: context.state).publicKey
    }

    /// The seed of the member's own mask, and the coefficients of its polynomials.
    func random(_ context: CohortContext) -> (ownSeed: Scalar, coefficients: [[Scalar]]) {
        let stream = Poseidon.stream(
            seeds: [element, context.digest], domain: HashDomain.secrets.rawValue,
            count: context.plan.randomElements)
        let degree = context.plan.threshold - 1
        return (
            stream[0],
            (0..<context.plan.secrets).map { Array(stream[(1 + $0 * degree)..<(1 + ($0 + 1) * degree)]) }
        )
    }
}

/// What two members have in common, and nobody else knows.
struct PairSecret {
    /// What the pair's mask is made of.
    let seed: Scalar
    /// For the shares that the earlier member sends to the later one, and the other way.
    let padsForward, padsBackward: [Scalar]
    /// What the two show each other that they were shown a set with.
    private let confirmationKey: Scalar

    /// - Returns: `nil` where the other's key is no point of the subgroup.
    init?(_ context: CohortContext, own: Int, key: EdwardsKey, other: Int) {
        guard let agreed = key.agreed(with: context.members[other].key) else { return nil }
        let plan = context.plan
        let pair = Scalar(UInt64(min(own, other) * plan.members + max(own, other)))
        let stream = Poseidon.stream(
            seeds: [agreed, context.digest, pair], domain: HashDomain.pair.rawValue, count: plan.pairElements)
        seed = stream[0]
        padsForward = Array(stream[1..<(1 + plan.padCount)])
        padsBackward = Array(stream[(1 + plan.padCount)...])
        confirmationKey = Poseidon.hash(
            [agreed, context.digest, pair], domain: HashDomain.confirmation.rawValue)
    }

    /// What a member of the pair sends to the other when it is shown a set, and nobody else can make.
    func confirmation(by sender: Int, of counted: MemberSet) -> Scalar {
        let set = counted.reduce(Scalar.zero) { $0 + .powerOfTwo($1) }
        return Poseidon.hash(
            [confirmationKey, Scalar(UInt64(sender)), set], domain: HashDomain.confirmation.rawValue)
    }

    /// The pads for what a member sends to another.
    func pads(from sender: Int, to receiver: Int) -> [Scalar] {
        sender < receiver ? padsForward : padsBackward
    }
}

/// What a member sends: its update under masks, shares of what the masks are made of, and commitments to
/// that.
package struct MaskedUpdate: Hashable, Sendable {
    /// As many elements as the plan has.
    package var masked: [Scalar]
    /// Of the seed of the own mask, then of those of the pairs with the members behind this one.
    package var commitments: [Scalar]
    /// For each member behind this one, in a circle: shares of all secrets but the pair's, in order, each
    /// under a pad that the two know.
    package var shares: [[Scalar]]

    package init(masked: [Scalar], commitments: [Scalar], shares: [[Scalar]]) {
        self.masked = masked
        self.commitments = commitments
        self.shares = shares
    }

    /// The hashes of the three parts, in their order: what the proof of the update is about.
    package var hashes: [Scalar] {
        [
            Poseidon.hash(masked, domain: HashDomain.masked.rawValue),
            Poseidon.hash(commitments, domain: HashDomain.commitments.rawValue),
            Poseidon.hash(shares.flatMap(\.self), domain: HashDomain.shares.rawValue),
        ]
    }

    /// The hash of what is sent to one member, by which its answer says what it is about.
    static func rowHash(_ row: [Scalar]) -> Scalar { Poseidon.hash(row, domain: HashDomain.row.rawValue) }

    /// Whether there are as many elements of all kinds as the plan asks for.
    package func hasShape(_ plan: CohortPlan) -> Bool {
        masked.count == plan.elements && commitments.count == plan.secrets
            && shares.count == plan.members - 1 && shares.allSatisfy { $0.count == plan.padCount }
    }

    /// The commitment to a seed.
    static func commitment(to seed: Scalar) -> Scalar {
        Poseidon.hash(seed, Scalar(HashDomain.commitment.rawValue))
    }

    /// The mask of a member's own seed.
    package static func ownMask(_ seed: Scalar, _ plan: CohortPlan) -> [Scalar] {
        Poseidon.stream(seed: seed, domain: HashDomain.ownMask.rawValue, count: plan.elements)
    }

    /// The mask of a pair, which its earlier member adds and the later one subtracts.
    package static func pairMask(_ seed: Scalar, _ plan: CohortPlan) -> [Scalar] {
        Poseidon.stream(seed: seed, domain: HashDomain.pairMask.rawValue, count: plan.elements)
    }

    /// The message of a member, which it makes and sends once in a context: a second one, of other values,
    /// would have the same masks. Sent again, it is the same bytes.
    ///
    /// - Parameters:
    ///   - values: the packed update with its noise; as many elements as the plan has.
    ///   - own: the member's place.
    ///   - secret: the member's.
    /// - Returns: `nil` where the context has a fault, the place is not the secret's, or the values are not
    ///   as many.
    package init?(_ values: [Scalar], _ context: CohortContext, own: Int, secret: MemberSecret) {
        let plan = context.plan
        guard values.count == plan.elements, context.fault == nil,
            secret.isOf(own, context)
        else { return nil }
        let key = secret.key(state: context.state)
        let (ownSeed, coefficients) = secret.random(context)
        let pairs = (1..<plan.members).compactMap { offset in
            PairSecret(context, own: own, key: key, other: plan.member(own, behind: offset))
        }
        guard pairs.count == plan.members - 1 else { return nil }
        let seeds = [ownSeed] + pairs.map(\.seed)
        var masked = zip(values, Self.ownMask(ownSeed, plan)).map { $0 + $1 }
        for (index, pair) in pairs.enumerated() {
            let isEarlier = own < plan.member(own, behind: index + 1)
            for (place, element) in Self.pairMask(pair.seed, plan).enumerated() {
                masked[place] = isEarlier ? masked[place] + element : masked[place] - element
            }
        }
        let shares = (1..<plan.members).map { offset in
            let pads = pairs[offset - 1].pads(from: own, to: plan.member(own, behind: offset))
            let sent = seeds.indices.filter { $0 != offset }
            return zip(sent, pads).map { secret, pad in
                SecretSharing.share(
                    of: seeds[secret], coefficients: coefficients[secret], at: plan.point(offset)) + pad
            }
        }
        self.init(masked: masked, commitments: seeds.map(Self.commitment), shares: shares)
    }
}
