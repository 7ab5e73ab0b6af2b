// SPDX-License-Identifier: Apache-2.0

import Circuits
package import Compute
package import Curves
import Foundation
package import SnarkFormats

extension Federation {
    /// A link of the history that holds.
    package struct Link: Sendable {
        package let round: Int
        package let state: ChainState
        package let model: Model
        /// 0 for the beginning.
        package let accepted: Int
        package let refused: [RoundFile.Refusal]
        /// The clients of the state's registry.
        package let registered: Int
    }

    /// Checks everything that is published, from the beginning: models and states against their hashes, and
    /// each round's proof, which shows that its clients' proofs hold, that none counts twice, and that the
    /// model after it is the aggregate of their updates. In the attested form all that is checked here, from
    /// the published updates.
    ///
    /// The verification keys are those in the directory: whoever does not trust who put them there compares
    /// their digests, or the keys with the circuits (`martlet fl circuits` and `martlet zkey verify`).
    ///
    /// - Parameters:
    ///   - start: the round that the caller knows to hold, with all before it, and whose state it has
    ///     compared: it is checked from there on.
    ///   - keys: of the circuits, where they are known from elsewhere.
    ///   - generator: unpredictable to whoever published.
    ///   - observe: called with each link that holds.
    /// - Returns: the links, that of `start` first.
    /// - Throws: the first broken link, as file and reason.
    @discardableResult
    package func verifyHistory(
        from start: Int = 0, keys: [FederationCircuit: Groth16VerifyingKey<BN254>]? = nil, parallel: Parallel,
        using generator: inout some RandomNumberGenerator,
        observe: (Link) -> Void = { _ in }
    ) throws(FederationError) -> [Link] {
        let registry = try registry()
        func key(_ circuit: FederationCircuit) throws(FederationError) -> Groth16VerifyingKey<BN254> {
            if let key = keys?[circuit] { return key }
            return try verifyingKey(circuit)
        }
        let settling = try key(plan.settling)
        let clients = plan.task.settlement == .attested ? try key(.client) : nil
        var (state, model, registered) = try state(start)
        guard
            start > 0
                || state == .genesis(model: state.model, task: plan.taskID, registry: state.registry)
        else {
            throw FederationError(
                .invalid, file: statePath(0), "it is not a first state: previous and batch must be 0")
        }
        try requireRegistry(of: state, registered, in: registry, path: statePath(start))
        var links = [
            Link(
                round: start, state: state, model: model, accepted: 0, refused: [], registered: registered)
        ]
        observe(links[0])
        try requireRounds()
        for number in (start + 1)..<(try lastRound + 1) {
            let path = roundDirectory(number) + "/round.json"
            try requireNames(ofRound: number)
            let file = try RoundFile.read(published: path)
            func require(_ holds: Bool, _ reason: String) throws(FederationError) {
                guard holds else { throw FederationError(.invalid, file: path, reason) }
            }
            try require(file.round == number, "it is round \(file.round), not \(number)")
            try require(file.oldState.value == state.hash, "oldState: not the hash of the state before")
            try require(
                (plan.task.minimumClients...plan.task.clientsPerRound).contains(file.accepted.count),
                "accepted: not a number of updates that a round has")
            try require(
                file.refused
                    == RoundFile.refusals(
                        file.refused.flatMap { refusal in
                            Array(repeating: refusal.reason, count: min(max(refusal.updates, 0), 1 << 20))
                        }), "refused: each reason once, in their order, with how many updates")
            let entries = RoundEntries.digest(
                file.accepted.map { [$0.update.value, $0.nullifier.value] }, plan.shape)
            try require(
                file.batch.value == RoundEntries.batch(count: file.accepted.count, entries: entries),
                "batch: not the digest of the updates")
            let (published, publishedModel, count) = try self.state(number)
            guard count >= registered else {
                throw FederationError(
                    .invalid, file: statePath(number), "registered: the registry has no such past")
            }
            try requireRegistry(of: published, count, in: registry, path: statePath(number))
            if let clients {
                let updates = try checkedUpdates(
                    file, from: state, with: clients, parallel: parallel,
                    using: &generator)
                guard publishedModel == Aggregation.step(plan, model: model, updates: updates) else {
                    throw FederationError(
                        .invalid, file: statePath(number),
                        "the model is not the aggregate of the round's updates")
                }
            }
            let next = ChainState(
                previous: state.hash, model: publishedModel.hash(plan), batch: file.batch.value,
                round: number, task: plan.taskID, registry: published.registry)
            guard published == next else {
                throw FederationError(
                    .invalid, file: statePath(number), "the state does not follow from the one before")
            }
            try require(file.newState.value == published.hash, "newState: not the hash of the state after")
            try verify(
                file, registry: published.registry, with: settling, path: path, parallel: parallel)
            (state, model, registered) = (published, publishedModel, count)
            links.append(
                Link(
                    round: number, state: state, model: model, accepted: file.accepted.count,
                    refused: file.refused, registered: registered))
            observe(links[links.count - 1])
        }
        return links
    }

    /// The published updates of an attested round, each with a proof that holds.
    private func checkedUpdates(
        _ file: RoundFile, from state: ChainState, with key: Groth16VerifyingKey<BN254>,
        parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws(FederationError) -> [Update] {
        let (number, count) = (file.round, file.accepted.count)
        try requireUpdates(count, ofRound: number)
        let check = UpdateCheck(plan, state: state, verifier: Self.verifier(key), parallel: parallel)
        let result = check.check(try updates(of: number, count: count), using: &generator)
        if let first = result.refused.first {
            throw FederationError(.invalid, file: updatePath(number, first.index), first.reason)
        }
        for (place, own) in result.accepted.enumerated() {
            let taken = file.accepted[place]
            guard own.index == place, own.hash == taken.update.value,
                own.file.nullifier == taken.nullifier
            else {
                throw FederationError(
                    .invalid, file: updatePath(number, own.index), "it is not what the round took")
            }
        }
        return result.accepted.map(\.update)
    }

    private func updatePath(_ round: Int, _ index: Int) -> String {
        "\(updatesPath(round))/\(index).json"
    }

    private func updates(of round: Int, count: Int) throws(FederationError) -> [UpdateFile] {
        var updates: [UpdateFile] = []
        for index in 0..<count { updates.append(try UpdateFile.read(published: updatePath(round, index))) }
        return updates
    }

    /// The proofs of a round's updates, each with what it must say: not verified.
    ///
    /// - Throws: for a round that there is not, and for files that cannot be read or hold no update of the
    ///   task.
    package func proofs(
        of round: Int
    ) throws(FederationError) -> [(proof: String, statement: ClientStatement)] {
        let last = try lastWholeRound
        guard round >= 1, round <= last else {
            throw FederationError(
                .badInput, file: directory, "there is no round \(round), the last one is \(last)")
        }
        guard plan.task.settlement == .attested else {
            throw FederationError(
                .badInput, file: directory,
                "the round's proof verifies those of its clients, which are not published: there is nothing to write"
            )
        }
        let (state, _, _) = try state(round - 1)
        let count = try RoundFile.read(published: roundDirectory(round) + "/round.json").accepted.count
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

    /// The links as they are published, unchecked but for the states' hashes and registries: what a log
    /// shows.
    package func links() throws(FederationError) -> [Link] {
        var links: [Link] = []
        let registry = try registry()
        for number in 0...(try lastWholeRound) {
            let (state, model, registered) = try state(number)
            // As many clients as before have the root of before.
            if links.last?.state.registry != state.registry || links.last?.registered != registered {
                try requireRegistry(of: state, registered, in: registry, path: statePath(number))
            }
            let file =
                number == 0 ? nil : try RoundFile.read(published: roundDirectory(number) + "/round.json")
            links.append(
                Link(
                    round: number, state: state, model: model, accepted: file?.accepted.count ?? 0,
                    refused: file?.refused ?? [], registered: registered))
        }
        return links
    }
}
