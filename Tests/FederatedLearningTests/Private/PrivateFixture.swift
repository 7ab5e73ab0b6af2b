// SPDX-License-Identifier: Apache-2.0

import Circuits
import FederatedLearning
import FiniteFields
import SecureAggregation
import TestSupport

/// Clients of a task with private rounds who are registered and in one cohort, and what they send.
struct PrivateFixture {
    struct Client {
        let identity: Identity
        let dataset: PrivateDataset
        /// Of all rounds; none where nobody joins.
        let secrets: RoundSecrets?
        /// Of this round.
        let secret: MemberSecret
    }

    static let round = 5

    let plan: PrivatePlan
    let clients: [Client]
    let registry: MerkleTree
    let model: Model
    let state: ChainState
    let cohort: PrivateCohort
    /// By place, which is also the place in the registry.
    private(set) var updates: [MaskedUpdate]

    /// - Parameter joins: whether joins are proved: each client has a tree of secrets then.
    init(_ task: TaskDescription, joins: Bool = false, using generator: inout SeededGenerator) throws {
        let plan = try PrivatePlan(task)
        self.plan = plan
        // Secrets of rounds that no test looks at are all the same.
        let other = MemberSecret(element: .random(using: &generator))
        let clients = (0..<plan.cohort.members).map { _ in
            let batches = (0..<(1 << task.datasetDepth)).map { _ in
                randomPrivateBatch(plan, using: &generator)
            }
            let secret = MemberSecret(element: .random(using: &generator))
            let secrets = (0..<(1 << RoundSecrets.depth)).map { $0 == Self.round ? secret : other }
            return Client(
                identity: .random(using: &generator),
                dataset: PrivateDataset(
                    plan, batches: batches, salts: batches.map { _ in .random(using: &generator) }),
                secrets: joins ? RoundSecrets(secrets) : nil, secret: secret)
        }
        self.clients = clients
        registry = MerkleTree(
            depth: task.registryDepth,
            leaves: clients.map {
                PrivateRegistration(
                    commitment: $0.identity.commitment, datasetRoot: $0.dataset.tree.root,
                    roundSecrets: $0.secrets?.tree.root ?? .zero
                ).leaf
            })
        model = randomPrivateModel(plan, using: &generator)
        state = ChainState(
            previous: .random(using: &generator), model: model.hash(plan.base),
            batch: .random(using: &generator), round: Self.round, task: plan.taskID, registry: registry.root)
        let (registry, hash) = (registry, state.hash)
        cohort = PrivateCohort(
            members: clients.indices.map {
                Self.join(plan, clients[$0], registry, place: $0, state: hash).member
            }, task: plan.taskID, round: Self.round, state: hash, roster: .random(using: &generator), index: 1
        )
        updates = []
        updates = try clients.indices.map { place in
            guard let update = witness(place).masked(plan) else { throw CancellationError() }
            return update
        }
    }

    private static func join(
        _ plan: PrivatePlan, _ client: Client, _ registry: MerkleTree, place: Int, state: Scalar
    ) -> JoinWitness {
        JoinWitness(
            identity: client.identity, datasetRoot: client.dataset.tree.root,
            secret: client.secret, secretPath: client.secrets?.tree.path(round) ?? [],
            registryIndex: place, registryPath: registry.path(place), state: state, round: round,
            task: plan.taskID)
    }

    /// What a member's join is proved from.
    func join(_ place: Int) -> JoinWitness {
        Self.join(plan, clients[place], registry, place: place, state: state.hash)
    }

    /// What a member's update is made from.
    func witness(_ place: Int) -> PrivateUpdateWitness {
        let client = clients[place]
        let batch = PrivateDataset.batchIndex(plan, identity: client.identity, round: Self.round)
        return PrivateUpdateWitness(
            model: model, batch: client.dataset.batches[batch], salt: client.dataset.salts[batch],
            datasetPath: client.dataset.tree.path(batch),
            nullifierKey: Poseidon.hash(client.identity.secret, plan.taskID),
            secret: client.secret, cohort: cohort, own: place)
    }
}

extension PrivateFixture {
    /// What a member answers about a set.
    func answer(_ own: Int, _ updates: [Int: MaskedUpdate], counted: MemberSet) -> UnmaskAnswer? {
        var shares: [Int: [Scalar]] = [:]
        for dealer in counted where dealer != own {
            let offset = (own - dealer + plan.cohort.members) % plan.cohort.members
            shares[dealer] = updates[dealer]?.shares[offset - 1]
        }
        func unmasker(_ member: Int) -> Unmasker? {
            Unmasker(cohort.context(plan), own: member, secret: clients[member].secret)
        }
        var confirmations: [Int: Scalar] = [:]
        for other in counted { confirmations[other] = unmasker(other)?.confirmations(of: counted)?[own] }
        return unmasker(own)?.answer(counted, shares: shares, confirmations: confirmations)
    }

    /// The sum of these members, with what was opened for it.
    func unmasked(_ updates: [Int: MaskedUpdate], counted: MemberSet) throws -> UnmaskedSum {
        try plan.cohort.unmask(
            updates, counted,
            Dictionary(
                uniqueKeysWithValues: counted.map { ($0, answer($0, updates, counted: counted)!) }))
    }
}
