// SPDX-License-Identifier: Apache-2.0

import Circuits
package import Compute
import Curves
import FiniteFields
package import Foundation
import Foundations
import Groth16
import SnarkFormats

extension Client {
    /// What a client says in the open round.
    package enum Answer: Sendable {
        /// It has said it before: the bytes of the update's file.
        case given(round: Int, Data)
        /// It is to be proved, and then kept (`keep`).
        case open(OpenAnswer)
    }

    /// An answer that is in the client's journal, before its proof.
    package struct OpenAnswer: Sendable {
        package let witness: ClientWitness
        /// Without its proof.
        package let update: UpdateFile
        let statement: ClientStatement
        let verifier: Verifier<BN254>
    }

    private var keptPath: String { Self.keptPath(directory) }

    /// Where a client keeps the last update that it made.
    package static func keptPath(_ directory: String) -> String { directory + "/kept-update.json" }

    /// Checks that the federation is the one that this client knows, verifies its history from the state that
    /// the client has seen last, and decides what the client says in the open round: once.
    ///
    /// The first time it pins what it finds: keys, registration and, after the whole history was verified,
    /// the state. Whatever is returned to be proved is in the journal before: the round cannot be answered
    /// from another state, whatever happens to this process.
    ///
    /// - Parameters:
    ///   - repins: takes another key, another place in the registry or another history for this client's own
    ///     from now on. What was said stays said.
    ///   - generator: unpredictable to whoever published.
    ///   - notice: called with each thing that is pinned anew.
    /// - Throws: `.invalid` where something else was pinned, for a history that does not hold or does not
    ///   have the state that the client has seen, for a round that the client has answered from another
    ///   state, and where its directory is older than what it has said; `.badInput` before the first state is
    ///   fixed.
    package func answer(
        _ federation: Federation, repins: Bool, parallel: Parallel,
        using generator: inout some RandomNumberGenerator, notice: (String) -> Void
    ) throws(FederationError) -> Answer {
        var result: Answer?
        try Federation.withLock(lockPath) { () throws(FederationError) in
            result = try decide(federation, repins, parallel, &generator, notice)
        }
        guard let result else { preconditionFailure("the lock's body ran") }
        return result
    }

    private var lockPath: String { directory + "/.lock" }

    private func decide(
        _ federation: Federation, _ repins: Bool, _ parallel: Parallel,
        _ generator: inout some RandomNumberGenerator, _ notice: (String) -> Void
    ) throws(FederationError) -> Answer {
        let plan = federation.plan
        guard try federation.isStarted else {
            throw FederationError(
                .badInput, file: federation.directory,
                "the first state changes with each client that is registered, and a round is answered once: the operator's martlet fl start fixes it"
            )
        }
        let keys = [
            FederationCircuit.client: try federation.verifyingKey(.client),
            plan.settling: try federation.verifyingKey(plan.settling),
        ]
        func digest(_ circuit: FederationCircuit) -> Element { Element(keys[circuit]?.digest ?? .zero) }
        let found = Journal.Pin(
            task: Element(plan.taskID), clientKey: digest(.client), settlingKey: digest(plan.settling),
            leaf: Element(leaf), index: index)
        var journal = try Journal(of: directory)
        let changes = try differences(found, from: journal, federation)
        if let first = changes.first {
            guard repins else { throw first }
            for change in changes { notice(change.message) }
        }
        let start = changes.isEmpty ? journal.seen?.round ?? 0 : 0
        let links = try federation.verifyHistory(
            from: start, keys: keys, parallel: parallel, using: &generator)
        if changes.isEmpty, let seen = journal.seen, links[0].state.hash != seen.state.value {
            throw FederationError(
                .invalid, file: federation.statePath(start), "it has changed while it was read")
        }
        let last = links[links.count - 1]
        let open = last.round + 1
        let forgotten = try forgottenRound(after: start, journal, federation)
        if journal.pin != found || !changes.isEmpty { try journal.append(.init(pin: found)) }
        let place = Journal.Place(round: last.round, state: Element(last.state.hash))
        if journal.seen != place { try journal.append(.init(seen: place)) }
        if forgotten != nil { try journal.append(.init(unsure: open)) }
        if journal.unsure.contains(open) {
            let what =
                forgotten.map { "round \($0) has an update of this client that its journal does not know" }
                ?? "its journal had lost an update of this client"
            throw FederationError(
                .invalid, file: directory,
                "\(what): the directory was restored from an older copy, or somebody else has the secret. It may have answered round \(open), so it takes part from the one after it on"
            )
        }
        let before = journal.answers[open]
        if let before, before.state.value != last.state.hash {
            throw FederationError(
                .invalid, file: directory,
                "it has answered round \(open) from another state, \(before.state.value.decimal), and answers no round twice"
            )
        }
        if let before, let kept = try kept(before, plan) { return .given(round: open, kept) }
        let (witness, update) = try train(
            federation, from: (last.state, last.model, last.registered))
        let entries = Update(flattened: update.entries, plan)?.hash(plan) ?? .zero
        let answer = Journal.Answer(
            round: open, state: update.state, nullifier: update.nullifier, update: Element(entries))
        guard before == nil || before == answer else {
            throw FederationError(
                .invalid, file: directory,
                "it has answered round \(open) with another update of the same state")
        }
        if before == nil { try journal.append(.init(answer: answer)) }
        FaultInjection.reached("answer-recorded")
        return .open(
            OpenAnswer(
                witness: witness, update: update,
                statement: ClientStatement(of: update, update: entries, from: last.state),
                verifier: Federation.verifier(keys[.client]!)))
    }

    /// What is not as this client has pinned it.
    private func differences(
        _ found: Journal.Pin, from journal: Journal, _ federation: Federation
    ) throws(FederationError) -> [FederationError] {
        guard let pin = journal.pin else { return [] }
        var result: [FederationError] = []
        func compare(_ isSame: Bool, _ file: String, _ reason: String) {
            if !isSame { result.append(FederationError(.invalid, file: file, reason)) }
        }
        guard pin.task == found.task, pin.leaf == found.leaf else {
            throw FederationError(
                .badInput, file: directory, "its journal is of another client, or of other data")
        }
        for (circuit, isSame) in [
            (FederationCircuit.client, pin.clientKey == found.clientKey),
            (federation.plan.settling, pin.settlingKey == found.settlingKey),
        ] {
            compare(
                isSame, federation.verifyingKeyPath(circuit),
                "it is another key than the one that this client has pinned")
        }
        compare(
            pin.index == found.index, federation.registryPath,
            "this client is number \(found.index), and has pinned number \(pin.index)")
        guard let seen = journal.seen else { return result }
        let last = try federation.lastRound
        guard seen.round <= last else {
            compare(
                false, federation.directory,
                "the history ends with round \(last), and this client has seen round \(seen.round): it was cut off, or taken back"
            )
            return result
        }
        compare(
            try federation.state(seen.round).state.hash == seen.state.value,
            federation.statePath(seen.round),
            "it is another state than the one that this client has seen, \(seen.state.value.decimal)")
        return result
    }

    /// The last round behind `start` that took an update of this client of which the journal does not know.
    private func forgottenRound(
        after start: Int, _ journal: Journal, _ federation: Federation
    ) throws(FederationError) -> Int? {
        let last = try federation.lastRound
        guard start < last else { return nil }
        for round in ((start + 1)...last).reversed() where journal.answers[round] == nil {
            let own = identity.nullifier(task: federation.plan.taskID, round: round - 1)
            let file = try RoundFile.read(published: federation.roundDirectory(round) + "/round.json")
            if file.accepted.contains(where: { $0.nullifier.value == own }) { return round }
        }
        return nil
    }

    /// The bytes of the kept update, where it is that of an answer.
    private func kept(_ answer: Journal.Answer, _ plan: Plan) throws(FederationError) -> Data? {
        guard FileManager.default.fileExists(atPath: keptPath) else { return nil }
        let file = try JSONFile.open(keptPath, from: .federation)
        guard let update = try? UpdateFile.read(file), update.round == answer.round,
            update.state == answer.state, update.nullifier == answer.nullifier,
            Update(flattened: update.entries, plan)?.hash(plan) == answer.update.value
        else { return nil }
        return file.withBytes { bytes in bytes.withUnsafeBytes { Data($0) } }
    }

    /// Keeps an update with its proof, for this user only, so that the same bytes are sent again.
    ///
    /// - Parameter proof: the text of proof.json; verified here.
    /// - Returns: the bytes of the update's file: those that another process of this client has kept
    ///   meanwhile, where there are any.
    /// - Throws: `.invalid` for a proof that does not hold under the key that the client has pinned.
    package func keep(
        _ answer: OpenAnswer, proof: String, _ plan: Plan, parallel: Parallel
    ) throws(FederationError) -> Data {
        var update = answer.update
        update.proof = proof
        guard let parsed = Federation.proof(proof),
            answer.verifier.verify(
                parsed, publicInputs: [answer.statement.digest.canonical], parallel: parallel) == .valid
        else {
            throw FederationError(
                .invalid, file: directory,
                "the proof does not hold under the key that this client has pinned: the proving key is another one's"
            )
        }
        let line = Journal.Answer(
            round: update.round, state: update.state, nullifier: update.nullifier,
            update: Element(answer.statement.update))
        var result: Data?
        try Federation.withLock(lockPath) { () throws(FederationError) in
            if let kept = try kept(line, plan) {
                result = kept
                return
            }
            guard let data = try? JSONFile.encode(update) else { preconditionFailure("an update in JSON") }
            try JSONFile.write(data: data, to: keptPath, mode: 0o600)
            result = data
        }
        FaultInjection.reached("update-kept")
        guard let result else { preconditionFailure("the lock's body ran") }
        return result
    }
}
