// SPDX-License-Identifier: Apache-2.0

import Circuits
package import Compute
import FiniteFields
import Foundation
import Foundations
import Groth16
import SnarkFormats

extension Federation {
    /// A round whose updates are checked, before its proof.
    package struct OpenRound: Sendable {
        package let witness: RoundWitness
        package let next: (state: ChainState, model: Model)
        package let refused: [RoundFile.Refusal]
        let registered: Int
        let accepted: [UpdateCheck.Accepted]

        /// How many updates were taken.
        package var acceptedCount: Int { accepted.count }
    }

    /// Checks the updates of the round after the last settled one, and aggregates.
    ///
    /// - Parameters:
    ///   - paths: the update files.
    ///   - generator: unpredictable to the clients: it batches the verification.
    /// - Returns: `nil` for the round where no update was taken.
    /// - Throws: what is wrong with the federation's own files; `.badInput` for a path that is named twice,
    ///   cannot be read or leads to no update at all. What is an update and does not hold is refused.
    package func openRound(
        updates paths: [String], parallel: Parallel, using generator: inout some RandomNumberGenerator
    ) throws(FederationError) -> (round: OpenRound?, refused: [RoundFile.Refusal]) {
        let last = try lastRound
        let (state, model) = try state(last)
        let registry = try registry()
        let since = last == 0 ? 0 : try RoundFile.read(roundDirectory(last) + "/round.json").registered
        let verifier = try verifier(clientVerifyingKeyPath, publicCount: ClientCircuit.publicCount)
        var refused: [RoundFile.Refusal] = []
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
                refused.append(RoundFile.Refusal(update: name, reason: error.reason))
            }
        }
        let check = UpdateCheck(
            plan, state: state, registries: registry.roots(plan, least: min(since, registry.clients.count)),
            verifier: verifier, parallel: parallel)
        let result = check.check(files, using: &generator)
        refused += result.refused.map { RoundFile.Refusal(update: names[$0.index], reason: $0.reason) }
        guard !result.accepted.isEmpty else { return (nil, refused) }
        let witness = RoundWitness(
            state: state, model: model, updates: result.accepted.map(\.update),
            batch: RoundBatch(
                registryRoot: result.registry.root,
                entries: result.accepted.map {
                    RoundBatch.Entry(update: $0.hash, nullifier: $0.file.nullifier.value)
                }))
        let round = OpenRound(
            witness: witness, next: witness.next(plan), refused: refused, registered: result.registry.count,
            accepted: result.accepted)
        return (round, refused)
    }

    /// Publishes a round with its proof: all of its files or none.
    ///
    /// - Parameter proof: the text of proof.json; verified here.
    /// - Throws: `.invalid` for a proof that does not hold; where the round is there already.
    package func settle(_ round: OpenRound, proof: String, parallel: Parallel) throws(FederationError) {
        let number = round.next.state.round
        let target = roundDirectory(number)
        let file = RoundFile(
            round: number, registered: round.registered, registryRoot: round.witness.batch.registryRoot,
            accepted: round.accepted.count, refused: round.refused, oldState: round.witness.state.hash,
            newState: round.next.state.hash, batch: round.next.state.batch, proof: proof)
        try verify(file, path: target + "/round.json", parallel: parallel)
        let temporary = unfinishedPath(number)
        try? FileManager.default.removeItem(atPath: temporary)
        do throws(FederationError) {
            try JSONFile.make(directory: temporary + "/updates")
            for (index, accepted) in round.accepted.enumerated() {
                try JSONFile.write(accepted.file, to: "\(temporary)/updates/\(index).json")
            }
            try JSONFile.write(
                StateFile(round.next.state, weights: round.next.model.flattened),
                to: temporary + "/state.json")
            try JSONFile.write(file, to: temporary + "/round.json")
            guard rename(temporary, target) == 0 else {
                throw FederationError(
                    .infrastructure, file: target, "cannot be published: \(SystemReason.text(errno))")
            }
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
    }

    /// Demands that a round's proof holds for its public inputs.
    func verify(_ file: RoundFile, path: String, parallel: Parallel) throws(FederationError) {
        let verifier = try verifier(roundVerifyingKeyPath, publicCount: RoundCircuit.publicCount)
        guard let proof = Self.proof(file.proof) else {
            throw FederationError(.invalid, file: path, "proof: no Groth16 proof on BN254")
        }
        let publics = [file.oldState, file.newState].map(\.value.canonical)
        let verdict = verifier.verify(proof, publicInputs: publics, parallel: parallel)
        guard verdict == .valid else {
            throw FederationError(.invalid, file: path, "the round's proof does not hold: \(verdict)")
        }
    }
}
