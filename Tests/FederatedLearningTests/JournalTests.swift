// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import FederatedLearning
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import Testing

/// A client answers the federation that it knows, and each of its rounds once, whatever is shown to it.
@Suite(.serialized) struct JournalTests {
    private let files = FileManager.default

    private func expectRefused(
        _ test: TestFederation, _ client: Int, _ named: String, _ reason: String,
        kind: FederationError.Kind = .invalid, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: FederationError.self, sourceLocation: sourceLocation) {
            try test.answer(client)
        }
        #expect(
            error.map { $0.kind == kind && $0.file.hasSuffix(named) && $0.reason.contains(reason) } == true,
            "\(String(describing: error))", sourceLocation: sourceLocation)
    }

    private func round(
        _ test: TestFederation, _ clients: [Int], _ generator: inout SeededGenerator
    ) throws {
        let updates = try clients.map { index in
            ("\(index)", try JSONDecoder().decode(UpdateFile.self, from: test.send(index)))
        }
        #expect(try test.round(updates, &generator).isEmpty)
    }

    /// Puts a copy of a directory in its place.
    private func restore(_ copy: String, to path: String) throws {
        try files.removeItem(atPath: path)
        try files.copyItem(atPath: copy, toPath: path)
    }

    private func copy(_ path: String, _ test: TestFederation) throws -> String {
        let copy = test.folder.appending(path: "copy-\(UUID())").path
        try files.copyItem(atPath: path, toPath: copy)
        return copy
    }

    @Test func aRoundIsAnsweredOnce() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        expectRefused(test, 0, "published", "martlet fl start fixes it", kind: .badInput)
        _ = try test.federation.start()
        let journal = test.clients[0] + "/journal.jsonl"
        // In the journal before the proof, and to be proved again where that was cut off.
        guard case .open(let first) = try test.answer(0) else {
            Issue.record("nothing was kept yet")
            return
        }
        #expect(try String(contentsOfFile: journal, encoding: .utf8).contains("\"answer\""))
        guard case .open(let second) = try test.answer(0) else {
            Issue.record("nothing was kept yet")
            return
        }
        #expect(first.update == second.update)
        let sent = try test.send(0)
        #expect(try test.send(0) == sent)
        // A line that was cut off is none; the next one takes its place.
        let whole = try Data(contentsOf: URL(filePath: journal))
        try (whole + Data("{\"answer\":{\"rou".utf8)).write(to: URL(filePath: journal))
        #expect(try test.send(0) == sent)
        try round(test, [0, 1], &generator)
        _ = try test.send(0)
        let lines = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 5 && lines.allSatisfy { $0.hasSuffix("}") }, "\(lines)")
        // For its owner only.
        for file in ["journal.jsonl", "kept-update.json"] {
            let facts = try files.attributesOfItem(atPath: "\(test.clients[0])/\(file)")
            #expect((facts[.posixPermissions] as? Int).map { $0 & 0o777 } == 0o600, "\(file)")
        }
        // What is no journal is not taken for one.
        try Data("{\"format\":\"martlet-fl-journal/1\",\"round\":1}\n".utf8).write(to: URL(filePath: journal))
        expectRefused(test, 0, "journal.jsonl", "line 1: ", kind: .badInput)
        // A key that proofs do not hold under is not the federation's.
        guard case .open(let open) = try test.answer(2) else { return }
        let client = try Client(test.clients[2], test.federation)
        let other = try test.keys.prove(
            ClientCircuit(test.plan).witness(first.witness).values, test.keys.client)
        let error = #expect(throws: FederationError.self) {
            try client.keep(open, proof: other, test.plan, parallel: parallel)
        }
        #expect(error?.reason.contains("does not hold under the key") == true)
    }

    /// Two histories with proofs that hold, which a sequencer with enough clients of its own can make.
    @Test func aRoundOfAnotherHistoryIsNotAnswered() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        _ = try test.federation.start()
        let directory = test.federation.directory
        let begun = try copy(directory, test)
        try round(test, [0, 1], &generator)
        let first = try copy(directory, test)
        _ = try test.send(0)
        // A second round 1: after it the model is another one, as the sequencer likes it.
        try restore(begun, to: directory)
        let updates = try [1, 2].map { ("\($0)", try test.update($0)) }
        try test.round(updates, &generator)
        let fork = try copy(directory, test)
        expectRefused(test, 0, "rounds/1/state.json", "another state than the one that this client has seen")
        // Nor is round 2 answered again where the client is told to go on with this history.
        var notices: [String] = []
        let error = #expect(throws: FederationError.self) { try test.answer(0) { notices.append($0) } }
        #expect(error?.reason.contains("it has answered round 2 from another state") == true)
        #expect(notices.count == 1 && notices[0].contains("another state"), "\(notices)")
        // From the round after it on it takes part.
        try test.round([("2", test.update(2))], &generator)
        #expect(throws: Never.self) { try test.send(0) }
        // Taken back: what was seen is not there.
        try restore(fork, to: directory)
        expectRefused(test, 0, "published", "the history ends with round 1, and this client has seen round 2")
        // Who has seen neither verifies all, and goes with what holds.
        try restore(first, to: directory)
        #expect(throws: Never.self) { try test.send(2) }
    }

    /// Weights and tasks of a sequencer's choice, and keys of other hands.
    @Test func anotherFederationIsNotAnswered() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        let (federation, plan) = (test.federation, test.plan)
        _ = try federation.start()
        try round(test, [0, 1], &generator)
        _ = try test.send(0)
        let honest = try copy(federation.directory, test)
        /// Changes the weights of a state, and all hashes to fit.
        func choose(_ round: Int) throws {
            var (state, model, registered) = try federation.state(round)
            model.layers[0][0, 0] += model.layers[0][0, 0] > 0 ? -1 : 1
            state.model = model.hash(plan)
            try JSONEncoder().encode(
                StateFile(state, registered: registered, weights: model.flattened)
            ).write(to: URL(filePath: federation.statePath(round)))
        }
        // Chosen weights in the state that was seen, in the one after it, and in the first.
        try choose(1)
        expectRefused(test, 0, "rounds/1/state.json", "another state than the one that this client has seen")
        expectRefused(test, 2, "rounds/1/state.json", "not the aggregate")
        try restore(honest, to: federation.directory)
        try round(test, [1], &generator)
        let second = try copy(federation.directory, test)
        try choose(2)
        expectRefused(test, 0, "rounds/2/state.json", "not the aggregate")
        try restore(honest, to: federation.directory)
        try choose(0)
        expectRefused(test, 2, "rounds/1/round.json", "oldState")
        try restore(second, to: federation.directory)
        // Another client's key.
        let path = federation.verifyingKeyPath(.client)
        let own = try Data(contentsOf: URL(filePath: path))
        var key = test.keys.client.verifyingKey
        key.ic.swapAt(0, 1)
        try Groth16JSON.text(key).write(toFile: path, atomically: true, encoding: .utf8)
        expectRefused(
            test, 0, "client.vkey.json", "it is another key than the one that this client has pinned")
        try own.write(to: URL(filePath: path))
        // Chosen layers, and any other task: the data were prepared for another one.
        var task = plan.task
        task.normBound *= 2
        try JSONEncoder().encode(task).write(to: URL(filePath: federation.directory + "/task.json"))
        let other = try Federation(federation.directory)
        let error = #expect(throws: FederationError.self) { try Client(test.clients[0], other) }
        #expect(error?.reason.contains("another task") == true)
        try restore(second, to: federation.directory)
        #expect(throws: Never.self) { try test.send(0) }
    }

    /// A registry in which the client is at another place is not the one that it was registered in.
    @Test func anotherPlaceInTheRegistryIsSeen() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        let federation = test.federation
        _ = try federation.start()
        _ = try test.send(0)
        var registry = try federation.registry()
        registry.clients.swapAt(0, 1)
        try JSONEncoder().encode(registry).write(to: URL(filePath: federation.registryPath))
        var (state, model, registered) = try federation.state(0)
        state.registry = registry.tree(test.plan, count: registered).root
        registered = registry.clients.count
        try JSONEncoder().encode(StateFile(state, registered: registered, weights: model.flattened))
            .write(to: URL(filePath: federation.statePath(0)))
        expectRefused(test, 0, "registry.json", "this client is number 1, and has pinned number 0")
        var notices: [String] = []
        let error = #expect(throws: FederationError.self) { try test.answer(0) { notices.append($0) } }
        #expect(error?.reason.contains("it has answered round 1 from another state") == true)
        #expect(notices.count == 2, "\(notices)")
        model.layers = []
    }

    /// What shows of a directory that was restored from an older copy, and what does not.
    @Test func restoredCopiesAreFound() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        _ = try test.federation.start()
        let old = try copy(test.clients[0], test)
        let sent = try JSONDecoder().decode(UpdateFile.self, from: test.send(0))
        // Within the round nobody can tell: the same update, at least, of the same state.
        try restore(old, to: test.clients[0])
        let again = try JSONDecoder().decode(UpdateFile.self, from: test.send(0))
        #expect(again.entries == sent.entries && again.nullifier == sent.nullifier)
        try test.round([("0", again)], &generator)
        // A round that took the update tells: what the client may have said since is not known.
        try restore(old, to: test.clients[0])
        for _ in 1...2 {
            expectRefused(test, 0, "client-ann", "an update of this client")
            expectRefused(test, 0, "client-ann", "it takes part from the one after it on")
        }
        try round(test, [1], &generator)
        try round(test, [0], &generator)
        #expect(try test.federation.lastRound == 3)
    }
}
