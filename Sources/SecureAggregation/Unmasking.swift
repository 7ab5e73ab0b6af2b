// SPDX-License-Identifier: Apache-2.0

package import Circuits
import EllipticCurves
package import Failures
import FiniteFields

/// What a member answers when it is shown whose updates count: its shares of what is to be known, and of
/// nothing else.
package struct UnmaskAnswer: Hashable, Sendable {
    /// The share of the own seed of each member that counts.
    package var ownSeeds: [Int: Scalar]
    /// For each member that counts, the share of the seed of its pair with each that does not.
    package var pairSeeds: [MemberPair: Scalar]
    /// The hash of what it was shown to have been sent by each other member that counts.
    package var rows: [Int: Scalar]

    package init(ownSeeds: [Int: Scalar], pairSeeds: [MemberPair: Scalar], rows: [Int: Scalar]) {
        self.ownSeeds = ownSeeds
        self.pairSeeds = pairSeeds
        self.rows = rows
    }
}

/// A member whose update counts, and one whose update does not.
package struct MemberPair: Hashable, Sendable {
    package let counted, missing: Int

    package init(counted: Int, missing: Int) {
        self.counted = counted
        self.missing = missing
    }
}

/// What a member needs of the messages of a round to answer.
package struct Unmasker: Sendable {
    private let context: CohortContext
    private let own: Int
    private let secret: MemberSecret

    /// - Parameter own: the place of the member that answers.
    /// - Returns: `nil` where the context has a fault, or the place is not the secret's.
    package init?(_ context: CohortContext, own: Int, secret: MemberSecret) {
        guard context.fault == nil, secret.isOf(own, context) else { return nil }
        self.context = context
        self.own = own
        self.secret = secret
    }

    /// What tells each other member of a set that this one was shown it too; `nil` where it must tell
    /// nobody: the member is not in it, or it is smaller than the threshold.
    ///
    /// In one context a member confirms one set. Whoever calls writes down which, before anything is sent.
    ///
    /// - Parameter counted: the members whose updates count.
    /// - Returns: by the members that it is for; the sequencer carries it to them.
    package func confirmations(of counted: MemberSet) -> [Int: Scalar]? {
        guard isSet(counted) else { return nil }
        let key = secret.key(state: context.state)
        var tags: [Int: Scalar] = [:]
        for other in counted where other != own {
            guard let pair = PairSecret(context, own: own, key: key, other: other) else { return nil }
            tags[other] = pair.confirmation(by: own, of: counted)
        }
        return tags
    }

    private func isSet(_ counted: MemberSet) -> Bool {
        counted.contains(own) && counted.count >= context.plan.threshold
            && counted.allSatisfy { (0..<context.plan.members).contains($0) }
    }

    /// The answer about a set, or `nil` where there must be none: the member is not in it, it is smaller than
    /// the threshold, shares are missing, or fewer members than the threshold have confirmed it.
    ///
    /// A share says nothing of the set that it is given for. Were each member shown another set, their
    /// answers would give the sum of far fewer members than the threshold; of two sets that t members each
    /// have confirmed 2t − n have confirmed both.
    ///
    /// In one context a member answers once, about the set that it has confirmed: to two different sets it
    /// would give a share of the own mask *and* of the pairs of a member, and so of its update. Whoever calls
    /// writes down that it has answered, before the answer is sent.
    ///
    /// - Parameters:
    ///   - counted: the members whose updates count.
    ///   - shares: what each of them, but this one, has sent to this one.
    ///   - confirmations: what others have sent to this one (`confirmations(of:)`), by sender.
    package func answer(
        _ counted: MemberSet, shares: [Int: [Scalar]], confirmations: [Int: Scalar]
    ) -> UnmaskAnswer? {
        let plan = context.plan
        guard isSet(counted), hasConfirmed(counted, confirmations) else { return nil }
        var answer = UnmaskAnswer(ownSeeds: [:], pairSeeds: [:], rows: [:])
        let key = secret.key(state: context.state)
        for dealer in counted {
            guard let opened = opened(from: dealer, key, shares[dealer]) else { return nil }
            answer.ownSeeds[dealer] = opened[0]
            if dealer != own { answer.rows[dealer] = shares[dealer].map(MaskedUpdate.rowHash) }
            for missing in 0..<plan.members where !counted.contains(missing) {
                answer.pairSeeds[MemberPair(counted: dealer, missing: missing)] =
                    opened[plan.offset(from: dealer, to: missing)]
            }
        }
        return answer
    }

    /// Whether as many members as the threshold, with this one, were shown a set.
    private func hasConfirmed(_ counted: MemberSet, _ confirmations: [Int: Scalar]) -> Bool {
        let key = secret.key(state: context.state)
        let others = counted.filter { other in
            guard other != own, let tag = confirmations[other] else { return false }
            return PairSecret(context, own: own, key: key, other: other)?.confirmation(
                by: other, of: counted) == tag
        }
        return others.count + 1 >= context.plan.threshold
    }

    /// The shares that a member has dealt to this one, by the number of the secret.
    private func opened(from dealer: Int, _ key: EdwardsKey, _ sent: [Scalar]?) -> [Int: Scalar]? {
        let plan = context.plan
        let offset = plan.offset(from: dealer, to: own)
        guard offset != 0 else {
            let (ownSeed, coefficients) = secret.random(context)
            var shares = [
                0: SecretSharing.share(
                    of: ownSeed, coefficients: coefficients[0], at: plan.point(0))
            ]
            for other in 1..<plan.members {
                let member = plan.member(own, behind: other)
                guard let pair = PairSecret(context, own: own, key: key, other: member) else { return nil }
                shares[other] = SecretSharing.share(
                    of: pair.seed, coefficients: coefficients[other], at: plan.point(0))
            }
            return shares
        }
        guard let sent, sent.count == plan.padCount,
            let pair = PairSecret(context, own: own, key: key, other: dealer)
        else { return nil }
        let secrets = (0..<plan.secrets).filter { $0 != offset }
        let values = zip(sent, pair.pads(from: dealer, to: own)).map { $0 - $1 }
        return Dictionary(uniqueKeysWithValues: zip(secrets, values))
    }
}

/// The sum of a cohort's updates, and how it came about.
package struct UnmaskedSum: Hashable, Sendable {
    /// Σ values over the members that count.
    package var sum: [Scalar]
    /// The own seeds of these.
    package var ownSeeds: [Int: Scalar]
    /// The seeds of their pairs with those that do not count.
    package var pairSeeds: [MemberPair: Scalar]
    /// Members whose answer is about something else than what a member has sent them: that share of theirs
    /// was left out. Either they, or who showed it to them, did that.
    package var misled: Set<Int>
}

/// Why there is no sum. Numbers are places in the cohort, from zero.
package enum UnmaskingFault: CodedError, Hashable {
    /// Fewer updates count than the threshold.
    case tooFew(Int)
    /// A place is none of the cohort's.
    case noMember(Int)
    /// A message is not of the shape that the plan has.
    case badShape(Int)
    /// There are not enough right shares of the own seed of a member that counts.
    case ownSeed(Int)
    /// There are not enough right shares of the seed of a pair.
    case pairSeed(MemberPair)

    /// The kind of failure.
    package var code: FailureCode { .badInput }
    /// A sentence for people.
    package var message: String {
        switch self {
        case .tooFew(let count): "\(count) updates are fewer than the cohort's threshold"
        case .noMember(let place): "there is no member \(place)"
        case .badShape(let place): "the update of member \(place) is missing, or not of the cohort's shape"
        case .ownSeed(let place): "too few right shares of the mask of member \(place)"
        case .pairSeed(let pair):
            "too few right shares of the mask between members \(pair.counted) and \(pair.missing)"
        }
    }
}

extension CohortPlan {
    /// The sum of the updates that count, once enough members have answered.
    ///
    /// - Parameters:
    ///   - updates: what came, by place; those of the set.
    ///   - counted: the places that count: the same that the members were shown.
    ///   - answers: by place; what is wrong in them does no harm where `threshold` others are right. Who lied
    ///     cannot be told from shares: t − 2 members who lie can take a polynomial through the right secret
    ///     on which honest shares are not.
    package func unmask(
        _ updates: [Int: MaskedUpdate], _ counted: MemberSet, _ answers: [Int: UnmaskAnswer]
    ) throws(UnmaskingFault) -> UnmaskedSum {
        if let place = counted.first(where: { !(0..<members).contains($0) }) { throw .noMember(place) }
        guard counted.count >= threshold else { throw .tooFew(counted.count) }
        for place in counted.sorted() where updates[place]?.hasShape(self) != true { throw .badShape(place) }
        var result = UnmaskedSum(
            sum: .init(repeating: .zero, count: elements), ownSeeds: [:], pairSeeds: [:], misled: [])
        let askers = answers.keys.filter(counted.contains).sorted()
        /// Those who answer about what a dealer has sent them.
        func informed(of dealer: Int) -> [Int] {
            let rows = updates[dealer]!.shares
            let informed = askers.filter { place in
                let offset = offset(from: dealer, to: place)
                return offset == 0 || answers[place]!.rows[dealer] == MaskedUpdate.rowHash(rows[offset - 1])
            }
            result.misled.formUnion(Set(askers).subtracting(informed))
            return informed
        }
        /// A secret of a dealer, from what was answered.
        func recovered(
            _ dealer: Int, _ secret: Int, _ informed: [Int], _ share: (UnmaskAnswer) -> Scalar?
        ) -> Scalar? {
            let present = informed.filter { answers[$0].flatMap(share) != nil }
            let shares = present.map { place in
                SecretSharing.Share(
                    point: point(offset(from: dealer, to: place)), value: answers[place].flatMap(share)!)
            }
            return SecretSharing.secret(
                shares, threshold: threshold,
                isRight: { MaskedUpdate.commitment(to: $0) == updates[dealer]!.commitments[secret] })
        }
        for dealer in counted.sorted() {
            let informed = informed(of: dealer)
            guard let seed = recovered(dealer, 0, informed, { $0.ownSeeds[dealer] }) else {
                throw .ownSeed(dealer)
            }
            result.ownSeeds[dealer] = seed
            var mask = MaskedUpdate.ownMask(seed, self)
            for missing in 0..<members where !counted.contains(missing) {
                let pair = MemberPair(counted: dealer, missing: missing)
                guard
                    let seed = recovered(
                        dealer, offset(from: dealer, to: missing), informed, { $0.pairSeeds[pair] })
                else { throw .pairSeed(pair) }
                result.pairSeeds[pair] = seed
                for (place, element) in MaskedUpdate.pairMask(seed, self).enumerated() {
                    mask[place] = dealer < missing ? mask[place] + element : mask[place] - element
                }
            }
            for place in 0..<elements {
                result.sum[place] += updates[dealer]!.masked[place] - mask[place]
            }
        }
        return result
    }
}
