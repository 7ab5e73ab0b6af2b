// SPDX-License-Identifier: Apache-2.0

import Circuits
package import Compute
import Curves
import FiniteFields
import Foundation
import Groth16
import SnarkFormats

extension Federation {
    /// An update that a round does not take, as its sequencer is told: nothing of the file's name is
    /// published.
    package struct Refusal: Codable, Hashable, Sendable {
        /// The file as it was handed in.
        package let update: String
        package let reason: String
        /// What is published of it.
        package let kind: RoundFile.Reason
    }

    /// A round whose updates are checked, before its proof.
    package struct OpenRound: Sendable {
        package let witness: RoundWitness
        package let next: (state: ChainState, model: Model)
        package let refused: [Refusal]
        /// How many clients the registry of the state after has.
        package let registered: Int
        let accepted: [UpdateCheck.Accepted]

        /// The clients' proofs, in the order of the round's places.
        package var proofs: [MemberProof] { accepted.map { .plain($0.proof) } }
    }

    /// Checks the updates of the round after the last settled one, and aggregates.
    ///
    /// - Parameters:
    ///   - paths: the update files.
    ///   - registered: how many of the registered clients the round after this one takes updates of; `nil`
    ///     for all of them.
    ///   - generator: unpredictable to the clients: it batches the verification.
    /// - Returns: `nil` for the round where fewer updates were taken than a round has at least.
    /// - Throws: what is wrong with the federation's history and its own files; `.badInput` for a path that
    ///   is named twice, cannot be read or leads to no update at all, and for a number of clients that are
    ///   not registered or were counted before. What is an update and does not hold is refused.
    package func openRound(
        updates paths: [String], registered: Int? = nil, parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) throws(FederationError) -> (round: OpenRound?, accepted: Int, refused: [Refusal]) {
        // On a history that nobody accepts nobody would accept a round.
        let history = try verifyHistory(parallel: parallel, using: &generator)
        let link = history[history.count - 1]
        let (state, model, before) = (link.state, link.model, link.registered)
        let registry = try registry()
        let registered = registered ?? registry.clients.count
        guard registered >= before && registered <= registry.clients.count else {
            throw FederationError(
                .badInput, file: registryPath,
                "the next round cannot be for the first \(registered) clients: \(before) are counted already, and \(registry.clients.count) registered"
            )
        }
        let verifier = try clientVerifier()
        // What a round is settled with has to be there before it is proved.
        _ = try verifyingKey(plan.settling)
        var refused: [Refusal] = []
        var files: [UpdateFile] = []
        var names: [String] = []
        var seen: [FileLocation: String] = [:]
        for path in paths {
            if let location = FileLocation(input: path),
                let earlier = seen.updateValue(path, forKey: location)
            {
                throw FederationError(
                    .badInput, file: path,
                    earlier == path ? "it is named twice" : "it is named twice: it is the file \(earlier)")
            }
            let name = (path as NSString).lastPathComponent
            switch try UpdateFile.read(handedIn: path) {
            case .success(let file):
                files.append(file)
                names.append(name)
            case .failure(let error):
                refused.append(Refusal(update: name, reason: error.reason, kind: .unreadable))
            }
        }
        let check = UpdateCheck(plan, state: state, verifier: verifier, parallel: parallel)
        let result = check.check(files, using: &generator)
        refused += result.refused.map { Refusal(update: names[$0.index], reason: $0.reason, kind: $0.kind) }
        guard result.accepted.count >= plan.task.minimumClients else {
            return (nil, result.accepted.count, refused)
        }
        let witness = RoundWitness(
            state: state, model: model,
            updates: result.accepted.map { .init($0.update, nullifier: $0.file.nullifier.value) },
            nextRegistry: registry.tree(plan, count: registered).root)
        let round = OpenRound(
            witness: witness, next: witness.next(plan), refused: refused, registered: registered,
            accepted: result.accepted)
        return (round, result.accepted.count, refused)
    }

    /// Publishes a round with its proof: all of its files or none.
    ///
    /// - Parameter proof: the text of proof.json; verified here.
    /// - Throws: `.invalid` for a proof that does not hold; where the round is there already, or the state
    ///   that it starts from is another by now.
    package func settle(_ round: OpenRound, proof: String, parallel: Parallel) throws(FederationError) {
        let number = round.next.state.round
        let target = roundDirectory(number)
        let file = RoundFile(
            round: number,
            accepted: round.accepted.map {
                .init(update: Element($0.hash), nullifier: $0.file.nullifier)
            }, refused: RoundFile.refusals(round.refused.map(\.kind)), oldState: round.witness.state.hash,
            newState: round.next.state.hash, batch: round.next.state.batch, proof: proof)
        let key = try verifyingKey(plan.settling)
        do throws(FederationError) {
            try verify(
                file, registry: round.next.state.registry, with: key, path: target + "/round.json",
                parallel: parallel)
        } catch {
            throw FederationError(
                .invalid, file: verifyingKeyPath(plan.settling),
                "\(error.reason); the proof was made with \(keyPath(plan.settling)), whose verification key this may not be"
            )
        }
        let temporary = unfinishedPath(number)
        try? FileManager.default.removeItem(atPath: temporary)
        do throws(FederationError) {
            try JSONFile.make(directory: temporary)
            if plan.task.settlement == .attested {
                try JSONFile.make(directory: temporary + "/updates")
                for (index, accepted) in round.accepted.enumerated() {
                    try JSONFile.write(accepted.file, to: "\(temporary)/updates/\(index).json")
                }
            }
            try JSONFile.write(
                StateFile(
                    round.next.state, registered: round.registered, weights: round.next.model.flattened),
                to: temporary + "/state.json")
            try JSONFile.write(file, to: temporary + "/round.json")
            // Whoever is registered before the first round changes the first state.
            try withRegistryLock { () throws(FederationError) in
                guard try state(number - 1).state == round.witness.state else {
                    throw FederationError(
                        .invalid, file: statePath(number - 1),
                        "the state has changed since the round was opened: clients have to train again")
                }
                guard !FileManager.default.fileExists(atPath: target) else {
                    throw FederationError(.badInput, file: target, "this round is there already")
                }
                try move(temporary, to: target, what: "published")
            }
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
    }
}
