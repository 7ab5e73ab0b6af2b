// SPDX-License-Identifier: Apache-2.0

import Circuits
package import Compute
import Foundation

extension Federation {
    /// A link of the history that holds.
    package struct Link: Sendable {
        package let round: Int
        package let state: ChainState
        package let model: Model
        /// 0 for the beginning.
        package let accepted: Int
        package let refused: [RoundFile.Refusal]
    }

    /// Checks everything that is published, from the beginning: models and states against their hashes, each
    /// update's proof, that no client counts twice, that the model after each round is the aggregate of its
    /// updates, and each round's proof.
    ///
    /// The verification keys are those in the directory: whoever does not trust who put them there compares
    /// their digests, or the keys with the circuits (`martlet fl circuits` and `martlet zkey verify`).
    ///
    /// - Parameters:
    ///   - generator: unpredictable to whoever published.
    ///   - observe: called with each link that holds.
    /// - Returns: the links.
    /// - Throws: the first broken link, as file and reason.
    @discardableResult
    package func verifyHistory(
        parallel: Parallel, using generator: inout some RandomNumberGenerator,
        observe: (Link) -> Void = { _ in }
    ) throws(FederationError) -> [Link] {
        let verifier = try verifier(clientVerifyingKeyPath, publicCount: ClientCircuit.publicCount)
        let registry = try registry()
        var (state, model) = try state(0)
        guard state == .genesis(model: state.model, task: plan.taskID) else {
            throw FederationError(
                .invalid, file: statePath(0), "it is not a first state: previous and batch must be 0")
        }
        var links = [Link(round: 0, state: state, model: model, accepted: 0, refused: [])]
        observe(links[0])
        var registered = 0
        try requireRounds()
        for number in 1..<(try lastRound + 1) {
            let path = roundDirectory(number) + "/round.json"
            try requireNames(ofRound: number)
            let file = try RoundFile.read(path)
            func require(_ holds: Bool, _ reason: String) throws(FederationError) {
                guard holds else { throw FederationError(.invalid, file: path, reason) }
            }
            try require(file.round == number, "it is round \(file.round), not \(number)")
            try require(file.oldState.value == state.hash, "oldState: not the hash of the state before")
            try require(
                file.registered >= registered && file.registered <= registry.clients.count,
                "registered: the registry has no such past")
            registered = file.registered
            let root = registry.tree(plan, count: registered).root
            try require(
                file.registryRoot.value == root,
                "registryRoot: not the root over the first \(registered) clients")
            try require(
                (1...plan.task.clientsPerRound).contains(file.accepted),
                "accepted: not a number of updates that a round has")
            try requireUpdates(file.accepted, ofRound: number)
            let updates = try updates(of: number, count: file.accepted)
            let check = UpdateCheck(
                plan, state: state, registries: [(registered, root)], verifier: verifier, parallel: parallel)
            let result = check.check(updates, using: &generator)
            if let first = result.refused.first {
                throw FederationError(
                    .invalid, file: updatePath(number, first.index), first.reason)
            }
            let witness = RoundWitness(
                state: state, model: model, updates: result.accepted.map(\.update),
                batch: RoundBatch(
                    registryRoot: file.registryRoot.value,
                    entries: result.accepted.map {
                        RoundBatch.Entry(update: $0.hash, nullifier: $0.file.nullifier.value)
                    }))
            let next = witness.next(plan)
            try require(file.batch.value == next.state.batch, "batch: not the digest of the updates")
            let (published, publishedModel) = try self.state(number)
            guard publishedModel == next.model else {
                throw FederationError(
                    .invalid, file: statePath(number), "the model is not the aggregate of the round's updates"
                )
            }
            guard published == next.state else {
                throw FederationError(
                    .invalid, file: statePath(number), "the state does not follow from the one before")
            }
            try require(file.newState.value == published.hash, "newState: not the hash of the state after")
            try verify(file, path: path, parallel: parallel)
            (state, model) = (published, publishedModel)
            links.append(
                Link(
                    round: number, state: state, model: model, accepted: file.accepted, refused: file.refused)
            )
            observe(links[number])
        }
        return links
    }

    private func updatePath(_ round: Int, _ index: Int) -> String {
        "\(updatesPath(round))/\(index).json"
    }

    private func updates(of round: Int, count: Int) throws(FederationError) -> [UpdateFile] {
        var updates: [UpdateFile] = []
        for index in 0..<count { updates.append(try UpdateFile.read(updatePath(round, index))) }
        return updates
    }

    /// The proofs of a round's updates, each with what it must say: not verified.
    ///
    /// - Throws: for a round that there is not, and for files that cannot be read or hold no update of the
    ///   task.
    package func proofs(
        of round: Int
    ) throws(FederationError) -> [(proof: String, statement: ClientStatement)] {
        let last = try lastRound
        guard round >= 1, round <= last else {
            throw FederationError(
                .badInput, file: directory, "there is no round \(round), the last one is \(last)")
        }
        let (state, _) = try state(round - 1)
        let count = try RoundFile.read(roundDirectory(round) + "/round.json").accepted
        var proofs: [(proof: String, statement: ClientStatement)] = []
        for (index, file) in try updates(of: round, count: count).enumerated() {
            guard let update = Update(flattened: file.entries, plan) else {
                throw FederationError(
                    .badInput, file: updatePath(round, index),
                    "entries: not the task's number (\(plan.weightCount)), or one is out of range")
            }
            proofs.append((file.proof, ClientStatement(of: file, update: update.hash(plan), from: state)))
        }
        return proofs
    }

    /// The links as they are published, unchecked but for the states' hashes: what a log shows.
    package func links() throws(FederationError) -> [Link] {
        var links: [Link] = []
        for number in 0...(try lastRound) {
            let (state, model) = try state(number)
            let file = number == 0 ? nil : try RoundFile.read(roundDirectory(number) + "/round.json")
            links.append(
                Link(
                    round: number, state: state, model: model, accepted: file?.accepted ?? 0,
                    refused: file?.refused ?? []))
        }
        return links
    }
}
