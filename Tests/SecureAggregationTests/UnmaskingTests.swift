// SPDX-License-Identifier: Apache-2.0

import Circuits
import Curves
import EllipticCurves
import FiniteFields
import SecureAggregation
import TestSupport
import Testing

@Suite struct UnmaskingTests {
    /// Every set of members that is large enough gives the sum of its updates, whoever of it answers.
    @Test func sumsOfAllSets() throws {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 5, threshold: 3, elements: 2, using: &generator)
        for mask in 0..<32 {
            let counted = MemberSet((0..<5).filter { mask >> $0 & 1 == 1 })
            guard counted.count >= 3 else {
                #expect(counted.allSatisfy { cohort.answer($0, counted) == nil })
                continue
            }
            let asked = counted.shuffled(using: &generator).prefix(
                Int.random(in: 3...counted.count, using: &generator))
            let result = try cohort.plan.unmask(
                cohort.updates, counted, cohort.answers(of: asked, about: counted))
            #expect(result.sum == cohort.sum(counted))
            #expect(result.pairSeeds.count == counted.count * (5 - counted.count))
            #expect(result.ownSeeds.count == counted.count)
        }
    }

    /// The largest cohort, with as many silent members as it may have: some before their update, some after.
    @Test func largestCohort() throws {
        var generator = SeededGenerator.fresh()
        let counted = MemberSet((0..<16).shuffled(using: &generator).prefix(13))
        let cohort = CohortFixture(
            members: 16, threshold: 12, elements: 3, sending: counted, using: &generator)
        let asked = counted.shuffled(using: &generator).prefix(12)
        let result = try cohort.plan.unmask(
            cohort.updates, counted, cohort.answers(of: asked, about: counted))
        #expect(result.sum == cohort.sum(counted))
        #expect(cohort.plan.safeColluders == 7 && cohort.plan.silent == 4)
        #expect(CohortPlan(members: 8, threshold: 6, elements: 1).safeColluders == 3)
    }

    @Test func membersRefuse() throws {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 4, threshold: 3, elements: 1, using: &generator)
        #expect(cohort.answer(0, [1, 2, 3]) == nil)
        #expect(cohort.answer(0, [0, 1]) == nil)
        #expect(cohort.answer(0, [0, 1, 2, 4]) == nil)
        let unmasker = try #require(Unmasker(cohort.context, own: 0, secret: cohort.secrets[0]))
        for (place, secret) in [(1, 0), (4, 0), (-1, 0)] {
            #expect(Unmasker(cohort.context, own: place, secret: cohort.secrets[secret]) == nil)
            #expect(
                MaskedUpdate([.one], cohort.context, own: place, secret: cohort.secrets[secret]) == nil)
        }
        #expect(MaskedUpdate([], cohort.context, own: 0, secret: cohort.secrets[0]) == nil)
        let shares = [1: cohort.updates[1]!.shares[2], 2: cohort.updates[2]!.shares[1]]
        let tags = [1, 2].reduce(into: [Int: Scalar]()) {
            $0[$1] = cohort.unmasker($1)?.confirmations(of: [0, 1, 2])?[0]
        }
        func answer(_ shares: [Int: [Scalar]], _ tags: [Int: Scalar]) -> UnmaskAnswer? {
            unmasker.answer([0, 1, 2], shares: shares, confirmations: tags)
        }
        #expect(answer(shares, tags) != nil)
        #expect(answer([1: shares[1]!], tags) == nil && answer([1: shares[1]!, 2: [.one]], tags) == nil)
        // Fewer than three confirm; a tag for another set, by another member, or turned around is none.
        #expect(answer(shares, [1: tags[1]!]) == nil && answer(shares, [:]) == nil)
        let others = try #require(cohort.unmasker(2)?.confirmations(of: [0, 1, 2, 3]))
        let own = try #require(unmasker.confirmations(of: [0, 1, 2]))
        for wrong in [others[0]!, tags[1]!, own[2]!, .zero] {
            #expect(answer(shares, [1: tags[1]!, 2: wrong]) == nil)
        }
        #expect(unmasker.confirmations(of: [1, 2, 3]) == nil && unmasker.confirmations(of: [0, 1]) == nil)
        #expect(unmasker.confirmations(of: [0, 1, 4]) == nil)
        // Who confirms need not answer: of four three are enough.
        #expect(cohort.answer(0, [0, 1, 2, 3], confirming: [1, 3]) != nil)
        #expect(cohort.answer(0, [0, 1, 2, 3], confirming: [1]) == nil)
    }

    /// Wrong shares do no harm, as long as enough are right; without these there is no sum, and a wrong one
    /// never.
    @Test func liars() throws {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 9, threshold: 5, elements: 1, using: &generator)
        let counted = MemberSet(0..<9).subtracting([4])
        func expectSum(_ change: (inout [Int: UnmaskAnswer]) -> Void) throws {
            var answers = cohort.answers(of: counted, about: counted)
            change(&answers)
            #expect(
                try cohort.plan.unmask(cohort.updates, counted, answers).sum == cohort.sum(counted))
        }
        try expectSum { $0[3]!.ownSeeds[2]! += .one }
        let pair = MemberPair(counted: 5, missing: 4)
        try expectSum { $0[0]!.pairSeeds[pair] = .random(using: &generator) }
        try expectSum { for liar in [0, 3, 8] { $0[liar]!.ownSeeds[2]! += .one } }
        var answers = cohort.answers(of: counted, about: counted)
        for liar in [0, 3, 6] { answers[liar]!.ownSeeds[2]! += .one }
        answers[7]!.ownSeeds[2] = nil
        #expect(throws: UnmaskingFault.ownSeed(2)) {
            try cohort.plan.unmask(cohort.updates, counted, answers)
        }
        answers = cohort.answers(of: counted, about: counted)
        for liar in [0, 3, 6, 8] { answers[liar]!.pairSeeds[pair]! += .one }
        #expect(throws: UnmaskingFault.pairSeed(pair)) {
            try cohort.plan.unmask(cohort.updates, counted, answers)
        }
        #expect(throws: UnmaskingFault.tooFew(3)) {
            try cohort.plan.unmask(cohort.updates, [0, 1, 2], answers)
        }
        #expect(throws: UnmaskingFault.noMember(9)) {
            try cohort.plan.unmask(cohort.updates, counted.union([9]), answers)
        }
        var updates = cohort.updates
        updates[1]!.masked.append(.one)
        #expect(throws: UnmaskingFault.badShape(1)) {
            try cohort.plan.unmask(updates, counted, answers)
        }
    }

    /// A member that is shown other shares than were sent answers about those: it is misled.
    @Test func membersWhoAreMisled() throws {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 5, threshold: 3, elements: 1, using: &generator)
        let all = MemberSet(0..<5)
        var other = cohort
        other.updates[2]!.shares[1][0] += .one
        var answers = cohort.answers(of: all, about: all)
        answers[4] = other.answer(4, all)
        let result = try cohort.plan.unmask(cohort.updates, all, answers)
        #expect(result.sum == cohort.sum(all) && result.misled == [4])
    }

    /// Members that are shown different rosters, states or tasks have nothing in common: what they send does
    /// not add up.
    @Test func anotherContextIsAnotherMask() throws {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 3, threshold: 2, elements: 2, using: &generator)
        let other = cohort.context(roster: .one)
        var updates = cohort.updates
        updates[0] = MaskedUpdate(cohort.values[0], other, own: 0, secret: cohort.secrets[0])
        let counted: MemberSet = [0, 1, 2]
        let answers = cohort.answers(of: [1, 2], about: counted)
        #expect(throws: UnmaskingFault.ownSeed(0)) {
            try cohort.plan.unmask(updates, counted, answers)
        }
        // Even if it had the seed: the sum would be off by pairs' masks.
        let masked = (0..<2).map { place in updates.values.reduce(Scalar.zero) { $0 + $1.masked[place] } }
        let honest = (0..<2).map { place in
            cohort.updates.values.reduce(Scalar.zero) { $0 + $1.masked[place] }
        }
        #expect(zip(masked, honest).allSatisfy { $0 != $1 })
    }

    @Test func faults() {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 4, threshold: 3, elements: 1, using: &generator)
        #expect(cohort.context.fault == nil)
        func fault(_ change: (inout [CohortMember]) -> Void) -> CohortFault? {
            var members = cohort.context.members
            change(&members)
            return CohortContext(
                cohort.plan, members: members, task: .zero, round: 0, state: .zero, roster: .zero, index: 0
            ).fault
        }
        #expect(fault { $0[2].key = $0[0].key } == .sameKey(0, 2))
        #expect(fault { $0[2].key = -$0[0].key } == .sameKey(0, 2))
        #expect(fault { $0[3].nullifier = $0[1].nullifier } == .sameNullifier(1, 3))
        #expect(fault { $0[1].key = .identity } == .badKey(1))
        #expect(fault { $0[1].key.x += .one } == .badKey(1))
        let small = EdwardsAffine<BabyJubJub>(x: .zero, y: -.one)
        #expect(fault { $0[1].key = (EdwardsExtended($0[1].key) + small).affine } == .badKey(1))
    }

    @Test func sharing() {
        var generator = SeededGenerator.fresh()
        for threshold in 1...5 {
            let secret = Scalar.random(using: &generator)
            let coefficients = (1..<max(threshold, 1)).map { _ in Scalar.random(using: &generator) }
            let shares = (1...7).map { point in
                SecretSharing.Share(
                    point: point,
                    value: SecretSharing.share(of: secret, coefficients: coefficients, at: point))
            }
            let chosen = Array(shares.shuffled(using: &generator).prefix(threshold))
            #expect(SecretSharing.secret(chosen) == secret)
            // One share less says nothing: with it every secret is possible.
            if threshold > 1 {
                var other = Array(chosen.dropLast())
                other.append(.init(point: 9, value: .random(using: &generator)))
                #expect(SecretSharing.secret(other) != secret)
            }
        }
    }
}
