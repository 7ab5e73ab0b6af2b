// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Curves
package import EllipticCurves
import FiniteFields

/// What the hashes of this module are of; no other module has these numbers.
enum HashDomain: UInt64 {
    case cohort = 0x5341_0001
    case context, key, secrets, pair, pairMask, ownMask, noise, masked, commitments, shares, row,
        confirmation
    /// The right element of a pair that is hashed for a commitment to a secret.
    case commitment = 0x5341_0101
}

/// The numbers of a cohort: clients whose updates are added up under masks of theirs.
///
/// Each pair of members has a mask that one adds and the other subtracts, and each member one of its own.
/// What the masks are made of is shared among the members, so that `threshold` of them can take away the own
/// masks of those whose updates came, and what is left of pairs of which one did not come.
///
/// - Reference: Bonawitz et al. 2017, "Practical secure aggregation for privacy-preserving machine learning".
///   Here it is the seeds of pairs that are shared, not keys: shares come with the update, in one message.
package struct CohortPlan: Hashable, Sendable {
    /// n, from 3 to 16.
    package let members: Int
    /// t, more than half of the members: the updates that a sum has at least, and the shares that a secret
    /// takes.
    package let threshold: Int
    /// The field elements of an update.
    package let elements: Int

    package static let mostMembers = 16

    /// - Precondition: 3 ≤ members ≤ `mostMembers`, members/2 < threshold ≤ members, 1 ≤ elements.
    package init(members: Int, threshold: Int, elements: Int) {
        precondition((3...Self.mostMembers).contains(members) && 2 * threshold > members)
        precondition(threshold <= members && elements >= 1)
        self.members = members
        self.threshold = threshold
        self.elements = elements
    }

    /// The members who may work together with a sequencer that shows the others different sets: none of the
    /// others answers about a set that t members have not confirmed, and with 2t − n colluders there may be
    /// two such sets, of which it learns what their sums differ in.
    package var safeColluders: Int { 2 * threshold - members - 1 }
    /// The members whose noise is in every sum and is not known to so many who work together: of the least
    /// set that counts all may be theirs. None for more than `safeColluders`.
    package func honest(colluders: Int) -> Int {
        colluders > safeColluders ? 0 : threshold - max(0, colluders)
    }
    /// The members who may be silent.
    package var silent: Int { members - threshold }

    /// What is shared by a member: the seed of its own mask, then those of the pairs with the members behind
    /// it, in a circle.
    var secrets: Int { members }
    /// The elements of a stream between two members: the seed of the pair, then pads for the shares that the
    /// earlier one sends, then for those that the later one does.
    var pairElements: Int { 1 + 2 * padCount }
    /// The shares that one member sends to another: of all its secrets but the seed of that pair.
    var padCount: Int { members - 1 }
    /// Random elements of a member: the seed of the own mask, and the coefficients of polynomials.
    var randomElements: Int { 1 + secrets * (threshold - 1) }

    /// The member who is `offset` places behind.
    func member(_ own: Int, behind offset: Int) -> Int { (own + offset) % members }
    /// How many places behind one member another is; for itself 0.
    func offset(from own: Int, to other: Int) -> Int { (other - own + members) % members }
    /// Where a member's polynomials are evaluated for the one `offset` places behind; for itself at n.
    func point(_ offset: Int) -> Int { offset == 0 ? members : offset }
}

/// The members of a cohort whose updates count, by their places.
package typealias MemberSet = Set<Int>

/// A member as all know it, for one round.
package struct CohortMember: Hashable, Sendable {
    /// A point of BabyJubJub's subgroup.
    package var key: EdwardsAffine<BabyJubJub>
    package var nullifier: Scalar
    /// `MemberSecret.commitment`, which the proof of the update opens.
    package var commitment: Scalar

    package init(key: EdwardsAffine<BabyJubJub>, nullifier: Scalar, commitment: Scalar) {
        self.key = key
        self.nullifier = nullifier
        self.commitment = commitment
    }
}

/// What a cohort's masks are for: seeds of another task, round, state, roster or cohort have nothing in
/// common with these.
package struct CohortContext: Sendable {
    package let plan: CohortPlan
    package let members: [CohortMember]
    /// The state of the chain that the round begins at.
    package let state: Scalar
    /// The hash of all of it.
    package let digest: Scalar

    /// - Parameters:
    ///   - roster: the root of all the round's clients.
    ///   - index: the cohort's number in the roster.
    /// - Precondition: there are as many members as the plan has.
    package init(
        _ plan: CohortPlan, members: [CohortMember], task: Scalar, round: Int, state: Scalar, roster: Scalar,
        index: Int
    ) {
        precondition(members.count == plan.members)
        self.plan = plan
        self.members = members
        self.state = state
        digest = Poseidon.hash(
            [
                task, Scalar(UInt64(round)), state, roster, Scalar(UInt64(index)), Self.digest(of: members),
                Scalar(UInt64(plan.threshold)), Scalar(UInt64(plan.elements)),
            ], domain: HashDomain.context.rawValue)
    }

    /// The hash of the members, in their order.
    package static func digest(of members: [CohortMember]) -> Scalar {
        Poseidon.hash(
            members.flatMap { [$0.key.x, $0.key.y, $0.nullifier, $0.commitment] },
            domain: HashDomain.cohort.rawValue)
    }

    /// What is wrong with the members: a key outside of the subgroup, or a nullifier, or a key but for its
    /// sign, that is there twice.
    package var fault: CohortFault? {
        for (index, member) in members.enumerated() {
            if !member.key.isValid || member.key.isIdentity { return .badKey(index) }
            for other in 0..<index {
                if members[other].key.y == member.key.y { return .sameKey(other, index) }
                if members[other].nullifier == member.nullifier { return .sameNullifier(other, index) }
            }
        }
        return nil
    }
}

/// Why members are no cohort. Numbers are places, from zero.
package enum CohortFault: Hashable, Sendable {
    case badKey(Int)
    case sameKey(Int, Int)
    case sameNullifier(Int, Int)
}
