// SPDX-License-Identifier: Apache-2.0

import Circuits
import FiniteFields
import SecureAggregation
import TestSupport

/// A cohort of clients with random updates, and all that they send.
struct CohortFixture {
    let plan: CohortPlan
    let secrets: [MemberSecret]
    let task, roster: Scalar
    let context: CohortContext
    let values: [[Scalar]]
    var updates: [Int: MaskedUpdate]

    init(
        members: Int, threshold: Int, elements: Int, sending: MemberSet? = nil,
        using generator: inout SeededGenerator
    ) {
        plan = CohortPlan(members: members, threshold: threshold, elements: elements)
        let secrets = (0..<members).map { _ in MemberSecret(element: .random(using: &generator)) }
        let state = Scalar.random(using: &generator)
        self.secrets = secrets
        (task, roster) = (.random(using: &generator), .random(using: &generator))
        let members = secrets.map { secret in
            CohortMember(
                key: secret.key(state: state).publicKey, nullifier: .random(using: &generator),
                commitment: secret.commitment(data: Self.data))
        }
        context = CohortContext(
            plan, members: members, task: task, round: 3, state: state, roster: roster, index: 1)
        values = (0..<plan.members).map { _ in (0..<elements).map { _ in Scalar.random(using: &generator) } }
        updates = [:]
        for own in sending ?? Set(0..<plan.members) {
            updates[own] = MaskedUpdate(values[own], context, own: own, secret: secrets[own])
        }
    }

    /// What all members' updates are computed from.
    static let data = Scalar(7)

    /// The same cohort in another roster.
    func context(roster: Scalar) -> CohortContext {
        CohortContext(
            plan, members: context.members, task: task, round: 3, state: context.state, roster: roster,
            index: 1)
    }

    /// Σ values of these members.
    func sum(_ counted: MemberSet) -> [Scalar] {
        (0..<plan.elements).map { place in counted.reduce(Scalar.zero) { $0 + values[$1][place] } }
    }

    /// What a member answers about a set.
    ///
    /// - Parameter confirming: the members who confirm it; nil for all of it.
    func answer(_ own: Int, _ counted: MemberSet, confirming: MemberSet? = nil) -> UnmaskAnswer? {
        var shares: [Int: [Scalar]] = [:]
        for dealer in counted where dealer != own {
            let offset = (own - dealer + plan.members) % plan.members
            shares[dealer] = updates[dealer]?.shares[offset - 1]
        }
        var confirmations: [Int: Scalar] = [:]
        for other in confirming ?? counted where secrets.indices.contains(other) {
            confirmations[other] = unmasker(other)?.confirmations(of: counted)?[own]
        }
        return unmasker(own)?.answer(counted, shares: shares, confirmations: confirmations)
    }

    func unmasker(_ own: Int) -> Unmasker? { Unmasker(context, own: own, secret: secrets[own]) }

    /// The answers of these members about a set.
    func answers(of members: some Sequence<Int>, about counted: MemberSet) -> [Int: UnmaskAnswer] {
        Dictionary(uniqueKeysWithValues: members.map { ($0, answer($0, counted)!) })
    }
}
