// SPDX-License-Identifier: Apache-2.0

import Circuits
import FieldHashes
import FiniteFields
import SecureAggregation
import TestSupport
import Testing

/// What a sequencer gets that lies about whose updates came; each attack works where the defence is left out.
@Suite struct MaskAttackTests {
    /// The victim's update came, but the members are told that it did not: they give away the seeds of its
    /// pairs. Its own mask is what is left, and stands between the sequencer and the update.
    @Test func anUpdateThatIsCalledMissing() throws {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 5, threshold: 3, elements: 2, using: &generator)
        let victim = 2
        let counted = MemberSet(0..<5).subtracting([victim])
        let result = try cohort.plan.unmask(
            cohort.updates, counted, cohort.answers(of: counted, about: counted))
        #expect(result.sum == cohort.sum(counted))
        var rest = cohort.updates[victim]!.masked
        for (pair, seed) in result.pairSeeds {
            #expect(pair.missing == victim)
            for (place, element) in MaskedUpdate.pairMask(seed, cohort.plan).enumerated() {
                rest[place] = pair.counted < victim ? rest[place] + element : rest[place] - element
            }
        }
        #expect(zip(rest, cohort.values[victim]).allSatisfy { $0 != $1 })
        // Without a mask of its own, that would have been the update.
        let seed = try cohort.plan.unmask(
            cohort.updates, MemberSet(0..<5), cohort.answers(of: 0..<5, about: MemberSet(0..<5))
        ).ownSeeds[victim]
        let own = MaskedUpdate.ownMask(try #require(seed), cohort.plan)
        #expect(zip(rest, own).map { $0 - $1 } == cohort.values[victim])
    }

    /// Two sets, one with the victim and one without: whoever gets answers about both from enough members
    /// has the victim's update as a difference. With t of n answering one set only, and fewer than 2t − n who
    /// answer both, there are not enough for two.
    @Test func twoSets() throws {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 8, threshold: 6, elements: 1, using: &generator)
        let victim = 5
        let (with, without) = (MemberSet(0..<8), MemberSet(0..<8).subtracting([victim]))
        // Members 0 … 3 answer both: four colluders.
        func attack(_ colluders: Int) throws -> Scalar {
            // The honest ones, and the victim, who answers only what it is in, see one set each.
            let honest = Array((colluders..<8).filter { $0 != victim })
            let first = [victim] + honest.prefix(6 - colluders - 1)
            let second = honest.dropFirst(6 - colluders - 1)
            let one = try cohort.plan.unmask(
                cohort.updates, with, cohort.answers(of: (0..<colluders) + first, about: with))
            let two = try cohort.plan.unmask(
                cohort.updates, without, cohort.answers(of: (0..<colluders) + second, about: without))
            return one.sum[0] - two.sum[0]
        }
        #expect(try attack(4) == cohort.values[victim][0])
        #expect(cohort.plan.safeColluders == 3)
        #expect(throws: UnmaskingFault.self) { try attack(3) }
    }

    /// Two rosters of one state, one of which lacks the victim, each answered once by everybody: the sums
    /// differ in the victim's update and its noise, and, since each roster has noise of its own, in that of
    /// all others. Were the noise that of the state, the victim would stand alone.
    @Test func twoRosters() throws {
        var generator = SeededGenerator.fresh()
        let shape = NoiseShape(bits: 10, summands: 2, coordinates: 40)
        let large = CohortFixture(members: 6, threshold: 4, elements: 40, sending: [], using: &generator)
        let victim = 5
        let small = CohortContext(
            CohortPlan(members: 5, threshold: 4, elements: 40),
            members: Array(large.context.members.dropLast()),
            task: large.task, round: 3, state: large.context.state, roster: .one, index: 1)
        let updates = (0..<6).map { _ in (0..<40).map { _ in Int.random(in: -9...9, using: &generator) } }
        /// The sum that a roster ends with.
        func sum(_ context: CohortContext, _ noise: (Int) -> [Int]) throws -> [Int] {
            let all = MemberSet(context.members.indices)
            var cohort = large
            for own in all {
                let values = zip(updates[own], noise(own)).map { Scalar(signed: $0 + $1) }
                cohort.updates[own] = MaskedUpdate(values, context, own: own, secret: large.secrets[own])
            }
            var answers: [Int: UnmaskAnswer] = [:]
            for own in all {
                let shares = all.subtracting([own]).map { dealer in
                    (dealer, cohort.updates[dealer]!.shares[(own - dealer + all.count) % all.count - 1])
                }
                let unmaskers = context.members.indices.map {
                    Unmasker(context, own: $0, secret: large.secrets[$0])!
                }
                let tags = all.subtracting([own]).map { ($0, unmaskers[$0].confirmations(of: all)![own]!) }
                answers[own] = unmaskers[own].answer(
                    all, shares: Dictionary(uniqueKeysWithValues: shares),
                    confirmations: Dictionary(uniqueKeysWithValues: tags))
            }
            return try context.plan.unmask(cohort.updates, all, answers).sum.map { value in
                (-20_000...20_000).first { Scalar(signed: $0) == value }!
            }
        }
        func difference(_ noise: (CohortContext, Int) -> [Int]) throws -> [Int] {
            let with = try sum(large.context) { noise(large.context, $0) }
            let without = try sum(small) { noise(small, $0) }
            return zip(with, without).map { $0 - $1 }
        }
        // The same noise in both rosters: what is left is one member's.
        let alone = try difference { _, own in shape.values(large.secrets[own], large.context) }
        let own = shape.values(large.secrets[victim], large.context)
        #expect(alone == zip(updates[victim], own).map { $0 + $1 })
        // The variance of what is left is that of eleven members' noise.
        let hidden = try difference { context, own in shape.values(large.secrets[own], context) }
        let one = 2 * (Double(1 << 20) - 1) / 12
        let spread = hidden.reduce(0) { $0 + Double($1 * $1) } / 40
        #expect(spread > 4 * one && spread < 25 * one)
    }

    /// Each of five members is shown a set of its own, answers once, and nobody works with the sequencer: it
    /// has all that the masks of members 0 and 1 are made of, and so the sum of these two, where each
    /// confirms whatever set it is asked about. Where it confirms its own alone nobody answers.
    @Test func aSetForEachMember() throws {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 5, threshold: 3, elements: 2, using: &generator)
        let all = MemberSet(0..<5)
        let left: [MemberSet] = [[2, 3], [3, 4], [3, 4], [2, 4], [2, 3]]
        let answers = left.enumerated().map { own, left in cohort.answer(own, all.subtracting(left))! }
        func recovered(_ dealer: Int, _ share: (UnmaskAnswer) -> Scalar?) -> Scalar? {
            let shares = answers.enumerated().compactMap { own, answer in
                share(answer).map { value in
                    let offset = (own - dealer + 5) % 5
                    return SecretSharing.Share(point: offset == 0 ? 5 : offset, value: value)
                }
            }
            return shares.count >= 3 ? SecretSharing.secret(Array(shares.prefix(3))) : nil
        }
        let honest = try cohort.plan.unmask(cohort.updates, all, cohort.answers(of: all, about: all))
        for dealer in 0..<2 {
            #expect(recovered(dealer) { $0.ownSeeds[dealer] } == honest.ownSeeds[dealer])
            for missing in 2..<5 {
                let pair = MemberPair(counted: dealer, missing: missing)
                let without = all.subtracting([missing])
                let seeds = try cohort.plan.unmask(
                    cohort.updates, without, cohort.answers(of: without, about: without)
                ).pairSeeds
                #expect(recovered(dealer) { $0.pairSeeds[pair] } == seeds[pair])
            }
        }
        // Two of the five were shown one set, and three are wanted.
        for (own, missing) in left.enumerated() {
            let same = MemberSet(left.indices.filter { left[$0] == missing })
            #expect(cohort.answer(own, all.subtracting(missing), confirming: same) == nil)
        }
    }

    /// t − 1 members and all that is sent do not determine a seed: it is t − 1 shares.
    @Test func tooFewColluders() throws {
        var generator = SeededGenerator.fresh()
        let cohort = CohortFixture(members: 5, threshold: 4, elements: 1, using: &generator)
        let all = MemberSet(0..<5)
        let answers = cohort.answers(of: [0, 1, 2], about: all)
        #expect(throws: UnmaskingFault.ownSeed(0)) {
            try cohort.plan.unmask(cohort.updates, all, answers)
        }
    }

    /// A stream shows 16 of 17 elements of a permuted state. With all of them whoever likes computes
    /// backwards to the seed.
    @Test func wholeStatesWouldGiveSeedsAway() {
        var generator = SeededGenerator.fresh()
        let seed = Scalar.random(using: &generator)
        let start = PoseidonPermutation.initialState(count: 2, domain: 7)
        let state = PoseidonPermutation.permute(
            [start, seed] + [Scalar](repeating: .zero, count: 15), .wide)
        let stream = Poseidon.stream(seed: seed, domain: 7, count: 16)
        #expect(Array(state.dropFirst()) == stream)
        #expect(invertedPermutation(state, .wide)[1] == seed)
        #expect(invertedPermutation([.zero] + stream, .wide)[1] != seed)
    }

    /// Poseidon's rounds, from the last to the first.
    private func invertedPermutation(_ output: [Scalar], _ parameters: PoseidonParameters) -> [Scalar] {
        let width = parameters.width
        let inverse = inverted(parameters.matrix)
        let rounds = 2 * PoseidonParameters.halfFullRounds + parameters.partialRounds
        // 5·e ≡ 1 modulo q − 1.
        let root = fifthRoot()
        var state = output
        for round in (0..<rounds).reversed() {
            state = inverse.map { row in zip(row, state).reduce(Scalar.zero) { $0 + $1.0 * $1.1 } }
            let isFull =
                round < PoseidonParameters.halfFullRounds
                || round >= rounds - PoseidonParameters.halfFullRounds
            for lane in 0..<(isFull ? width : 1) { state[lane] = root(state[lane]) }
            for lane in 0..<width { state[lane] -= parameters.constants[round * width + lane] }
        }
        return state
    }

    /// x ↦ x^(1/5), with the exponent found by trying k·(q − 1) + 1 for divisibility by five.
    private func fifthRoot() -> (Scalar) -> Scalar {
        // In decimal, since the exponent is longer than a word: (k·(q − 1) + 1)/5.
        let order = Scalar.modulus.words
        for factor in UInt64(1)...4 {
            var (words, carry) = ([UInt64](), UInt64(1))
            for (index, word) in order.enumerated() {
                let own = index == 0 ? word - 1 : word
                let (high, low) = own.multipliedFullWidth(by: factor)
                let (sum, overflow) = low.addingReportingOverflow(carry)
                words.append(sum)
                carry = high + (overflow ? 1 : 0)
            }
            words.append(carry)
            var (quotient, rest) = ([UInt64](repeating: 0, count: words.count), UInt64(0))
            for index in words.indices.reversed() {
                (quotient[index], rest) = UInt64(5).dividingFullWidth((rest, words[index]))
            }
            if rest == 0 {
                return { x in
                    quotient.reversed().reduce(Scalar.one) { result, word in
                        (0..<64).reversed().reduce(result) { power, bit in
                            let square = power * power
                            return word >> UInt64(bit) & 1 == 1 ? square * x : square
                        }
                    }
                }
            }
        }
        preconditionFailure("5 divides q − 1")
    }

    /// The inverse of a matrix, by elimination.
    private func inverted(_ matrix: [[Scalar]]) -> [[Scalar]] {
        let size = matrix.count
        var rows = matrix.enumerated().map { index, row in
            row + (0..<size).map { $0 == index ? Scalar.one : .zero }
        }
        for column in 0..<size {
            let pivot = (column..<size).first { !rows[$0][column].isZero }!
            rows.swapAt(column, pivot)
            let factor = rows[column][column].inverse()!
            rows[column] = rows[column].map { $0 * factor }
            for row in 0..<size where row != column && !rows[row][column].isZero {
                let factor = rows[row][column]
                for place in rows[row].indices { rows[row][place] -= factor * rows[column][place] }
            }
        }
        return rows.map { Array($0.suffix(size)) }
    }
}
