// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FederatedLearning
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

@Suite(.serialized) struct FederationTests {
    @Test func honestRoundsHoldAndTheModelMoves() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        for round in 1...2 {
            let refused = try test.round(
                [("a", test.update(0)), ("b", test.update(1)), ("c", test.update(2))], &generator)
            #expect(try refused.isEmpty && test.federation.lastRound == round)
        }
        let links = try test.federation.verifyHistory(parallel: parallel, using: &generator)
        #expect(links.map(\.accepted) == [0, 3, 3])
        #expect(Set(links.map(\.state.hash)).count == 3 && links[2].state.previous == links[1].state.hash)
        #expect(links[2].model != links[0].model)
        // The model is the plain mean's.
        #expect(try test.federation.links().map(\.state) == links.map(\.state))
    }

    /// What a client has written beside its proof is not published.
    @Test func onlyTheProofIsPublished() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        var update = try test.update(0)
        let start = try #require(update.proof.firstIndex(of: "{"))
        update.proof.insert(
            contentsOf: "\"note\": \"hello, stranger\", ", at: update.proof.index(after: start))
        #expect(try test.round([("a", update), ("b", test.update(1))], &generator).isEmpty)
        let published = URL(filePath: test.federation.directory)
        let files = try #require(
            FileManager.default.enumerator(at: published, includingPropertiesForKeys: nil))
        var proofs = 0
        for case let file as URL in files where file.pathExtension == "json" {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(!text.contains("stranger"), "\(file.path)")
            if text.contains("pi_a") { proofs += 1 }
        }
        #expect(proofs >= 2)
        #expect(try test.federation.verifyHistory(parallel: parallel, using: &generator).count == 2)
    }

    /// Each attack is refused with its reason, and the honest update beside it is taken.
    @Test func attacksAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        let plan = test.plan
        let old = try test.update(1)
        try test.round([("r1", test.update(0)), ("r1b", old)], &generator)

        let honest = try test.update(0)
        let victim = try test.update(2)
        var attacks: [(String, UpdateFile, String)] = []
        // Sign flip and scaling of an honest update under its own proof.
        var flipped = try test.update(1)
        flipped.entries = flipped.entries.map { -$0 }
        attacks.append(("flipped", flipped, "the proof does not hold"))
        var scaled = try test.update(1)
        scaled.entries = scaled.entries.map { max(min(5 * $0, 1 << 10), -(1 << 10)) }
        scaled.entries[0] += 1
        attacks.append(("scaled", scaled, "the proof does not hold"))
        // A free rider resends another's update, as it is and under its own nullifier.
        attacks.append(("resent", victim, "a second update of the same client"))
        var stolen = victim
        stolen.nullifier = try test.update(1).nullifier
        attacks.append(("stolen", stolen, "the proof does not hold"))
        // A round that is over.
        attacks.append(("replayed", old, "it belongs to round 1, this is round 2"))
        var relabelled = old
        relabelled.round = 2
        attacks.append(("relabelled", relabelled, "it started from another state"))
        relabelled.state = honest.state
        attacks.append(("restated", relabelled, "the proof does not hold"))
        // Entries that do not fit.
        var wide = honest
        wide.entries[0] = 1 << plan.layers[0].updateBits
        attacks.append(("wide", wide, "out of range"))
        var short = honest
        short.entries.removeLast()
        attacks.append(("short", short, "not the task's number"))
        // Other proofs.
        var garbage = honest
        garbage.proof = "{}"
        attacks.append(("garbage", garbage, "no Groth16 proof"))
        var borrowed = try test.update(1)
        borrowed.proof = victim.proof
        attacks.append(("borrowed", borrowed, "the proof does not hold"))
        // Valid by the pairings' equation or not: no circuit takes such a point.
        let proof = try Groth16JSON.proof(
            MappedFile(copying: Array(honest.proof.utf8), name: "proof"), of: BN254.self)
        var infinite = honest
        infinite.proof = Groth16JSON.text(Proof<BN254>(a: proof.a, b: proof.b, c: .identity))
        attacks.append(("infinite", infinite, "the point at infinity"))
        // Another task, another registry: a proof that holds, but not for this state's clients.
        var foreign = honest
        foreign.task = Element(1)
        attacks.append(("foreign", foreign, "another task"))
        var (witness, unregistered) = try Client(test.clients[1], test.federation).train(test.federation)
        witness.registryPath[0] += .one
        unregistered.proof = try test.keys.prove(
            ClientCircuit(plan).witness(witness).values, test.keys.client)
        attacks.append(("unregistered", unregistered, "the proof does not hold"))

        let refused = try test.round(
            [("honest", honest), ("victim", victim)] + attacks.map { ($0.0, $0.1) }, &generator)
        for (name, _, reason) in attacks {
            #expect(refused[name]?.contains(reason) == true, "\(name): \(refused[name] ?? "taken")")
        }
        #expect(refused.count == attacks.count)
        let links = try test.federation.verifyHistory(parallel: parallel, using: &generator)
        #expect(
            links.map(\.accepted) == [0, 2, 2]
                && links[2].refused.reduce(0) { $0 + $1.updates } == attacks.count)
        // What is published says how many were refused for which reason, and not whose they were.
        let published = try String(
            contentsOfFile: test.federation.roundDirectory(2) + "/round.json", encoding: .utf8)
        #expect(attacks.allSatisfy { !published.contains($0.0) } && !published.contains("victim"))
        #expect(published.contains("{\"reason\":\"second-update\",\"updates\":1}"))
        // Broken updates are refused as well, and a round without any update does not settle.
        func file(_ name: String, _ text: String) throws -> String {
            let path = test.folder.appending(path: name).path
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }
        let broken = try [
            "{", " {\"format\":\"martlet-fl-update/1\"", "{\"format\":\"martlet-fl-update/1\",\"pi_a\":[]}",
            "{\"format\":\"martlet-fl-update/2\"}", "{\"format\":\"x\",\"format\":\"martlet-fl-update/1\"}",
        ].enumerated().map { try file("broken-\($0)", $1) }
        let opened = try test.federation.openRound(updates: broken, parallel: parallel, using: &generator)
        #expect(opened.round == nil && opened.refused.map(\.update) == (0..<5).map { "broken-\($0)" })
    }

    /// What is no update of anybody is the sequencer's own mistake, which no round tells for ever.
    @Test func whatIsNoUpdateIsNoRefusal() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        let own = try test.write(test.update(0), "own")
        func file(_ name: String, _ text: String) throws -> String {
            let path = test.folder.appending(path: name).path
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }
        let link = test.folder.appending(path: "link").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: own)
        for (path, reason) in [
            (test.folder.appending(path: "missing").path, "No such file"), (test.folder.path, "a directory"),
            (own, "named twice"), (link, "named twice: it is the file \(own)"),
            (test.federation.registryPath, "holds the registered clients of a federation"),
            (test.federation.verifyingKeyPath(.client), "holds a verification key"),
            (test.folder.appending(path: "ann.csv").path, "holds no update"),
            (try file("empty", ""), "holds no update"), (try file("object", "{\"a\":1}"), "holds no update"),
            (try file("list", "[1]"), "holds"),
        ] {
            let error = #expect(throws: FederationError.self) {
                try test.federation.openRound(updates: [own, path], parallel: parallel, using: &generator)
            }
            #expect(
                error.map { $0.kind == .badInput && $0.file == path && $0.reason.contains(reason) } == true,
                "\(path): \(String(describing: error))")
        }
    }

    private func refusal(_ body: () throws -> Void) -> FederationError? {
        do {
            try body()
            return nil
        } catch { return error as? FederationError }
    }

    /// A round is for the clients of the registry that the state before it has, which each round fixes for
    /// the one after it.
    @Test func clientsTakePartFromTheRoundAfterOn() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        let federation = test.federation
        // Who is registered before the first round takes part in it, and changes the state for all.
        let early = try test.update(1)
        test.clients.append(try test.enroll("dan", &generator))
        let (honest, dan) = try (test.update(0), test.update(3))
        var junk = early
        junk.state = honest.state
        let refused = try test.round(
            [("honest", honest), ("early", early), ("dan", dan)] + (0..<5).map { ("junk\($0)", junk) },
            &generator)
        #expect(refused.count == 6 && refused["honest"] == nil && refused["dan"] == nil, "\(refused)")
        #expect(refused["early"]?.contains("another state") == true, "\(refused)")
        #expect(refused["junk0"]?.contains("the proof does not hold") == true, "\(refused)")
        #expect(try federation.state(1).registered == 4)
        // Who comes later waits, for as long as rounds fix registries without it.
        test.clients.append(try test.enroll("eve", &generator))
        func eveIsLate(_ round: Int) {
            let error = refusal { _ = try Client(test.clients[4], federation).train(federation) }
            #expect(
                error.map {
                    $0.kind == .badInput && $0.file == test.clients[4]
                        && $0.reason.contains(
                            "registered too late for round \(round), which is for the first 4 ")
                } == true, "\(String(describing: error))")
        }
        eveIsLate(2)
        let own = try test.write(test.update(0), "own")
        for registered in [-1, 3, 6] {
            let error = refusal {
                _ = try federation.openRound(
                    updates: [own], registered: registered, parallel: parallel, using: &generator)
            }
            #expect(
                error.map {
                    $0.kind == .badInput && $0.file == federation.registryPath
                        && $0.reason.contains("the first \(registered) clients")
                } == true, "\(registered): \(String(describing: error))")
        }
        let second = try federation.openRound(
            updates: [own], registered: 4, parallel: parallel, using: &generator)
        try test.settle(try #require(second.round))
        #expect(try federation.state(2).registered == 4)
        eveIsLate(3)
        try test.round([("a", test.update(0))], &generator)
        #expect(try federation.state(3).registered == 5)
        #expect(try test.round([("e", test.update(4))], &generator).isEmpty)
        #expect(
            try federation.verifyHistory(parallel: parallel, using: &generator).map(\.accepted)
                == [0, 2, 1, 1, 1])
    }

    /// A registry that is not that of the state is no registry to train in.
    @Test func registriesOfOtherStatesAreSeen() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        var registry = try test.federation.registry()
        let client = try Client(test.clients[0], test.federation)
        registry.clients.swapAt(1, 2)
        try JSONEncoder().encode(registry).write(to: URL(filePath: test.federation.registryPath))
        let error = refusal { _ = try client.train(test.federation) }
        #expect(
            error?.kind == .invalid && error?.reason.contains("registry: not the root over the first") == true
        )
    }

    /// A round whose first state has changed since it was opened is not published, nor is anything of it.
    @Test func enrolmentsBesideTheFirstRound() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        let opened = try test.federation.openRound(
            updates: [test.write(test.update(0), "a")], parallel: parallel, using: &generator)
        test.clients.append(try test.enroll("dan", &generator))
        let error = refusal { try test.settle(try #require(opened.round)) }
        #expect(error?.kind == .invalid && error?.reason.contains("the state has changed") == true)
        let rounds = try FileManager.default.contentsOfDirectory(
            atPath: test.federation.directory + "/rounds")
        #expect(rounds.isEmpty)
        #expect(try test.round([("d", test.update(3))], &generator).isEmpty)
    }

    /// With fewer updates than the task demands there is no round.
    @Test func roundsHaveAtLeastSoManyClients() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(
            &generator, Plan(.small(layers: [3, 2], clients: 3, minimumClients: 2)))
        let paths = try [0, 1].map { try test.write(test.update($0), "\($0)") }
        let one = try test.federation.openRound(
            updates: [paths[0]], parallel: parallel, using: &generator)
        #expect(one.round == nil && one.accepted == 1 && one.refused.isEmpty)
        let two = try test.federation.openRound(updates: paths, parallel: parallel, using: &generator)
        #expect(two.round?.proofs.count == 2 && two.accepted == 2)
    }

    /// A client that is not in the registry, one whose data are not those it registered with, and one that
    /// proves for another model have no witness: the circuit cannot be satisfied for the statement that the
    /// sequencer demands.
    @Test func proofsOfOtherDataIdentitiesAndModelsDoNotExist() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        let plan = test.plan
        let federation = test.federation
        let (honest, _) = try Client(test.clients[0], federation).train(federation)
        let system = ClientCircuit(plan).constraints().constraintSystem()
        let (state, _, registered) = try federation.state(0)
        let root = try federation.registry().tree(plan, count: 3).root
        #expect(registered == 3 && state.registry == root)

        /// The public input that the sequencer would compute, and whether the witness satisfies the circuit
        /// with it.
        func proves(_ change: (inout ClientWitness) -> Void) -> Bool {
            var witness = honest
            change(&witness)
            let (values, made) = ClientCircuit(plan).witness(witness)
            let statement = ClientStatement(
                state: state.hash, model: state.model, update: made.hash(plan), registryRoot: root,
                nullifier: witness.identity.nullifier(task: plan.taskID, round: 0), round: 0,
                task: plan.taskID)
            let secret = values.witness()
            return secret[1] == statement.digest.canonical
                && secret.withSpan { system.firstViolated(by: $0) } == nil
        }
        #expect(proves { _ in })
        #expect(!proves { $0.batch.labels[0] = 1 - $0.batch.labels[0] })
        #expect(!proves { $0.batch.features[0, 0] += $0.batch.features[0, 0] > 0 ? -1 : 1 })
        #expect(!proves { $0.identity = .random(using: &generator) })
        #expect(!proves { $0.registryIndex = 1 })
        #expect(!proves { $0.registryPath[0] += .one })
        #expect(!proves { $0.model.layers[0][0, 0] += 1 })
        #expect(!proves { $0.state += .one })
        #expect(!proves { $0.round += 1 })
        #expect(!proves { $0.salt += .one })
        // Another batch than the one that the round asks for.
        let client = try Client(test.clients[0], federation)
        let own = Dataset.batchIndex(plan, client.identity, task: plan.taskID, round: state.round)
        let other = (own + 1) % client.dataset.batches.count
        #expect(
            !proves {
                $0.batch = client.dataset.batches[other]
                $0.salt = client.dataset.salts[other]
                $0.datasetPath = client.dataset.tree.path(other)
            })
    }

    @Test func tamperedHistoryIsFound() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        try test.round([("a", test.update(0)), ("b", test.update(1))], &generator)
        try test.round([("c", test.update(2))], &generator)
        let base = test.federation.directory

        /// Changes the JSON of a file, and demands that verification names the file, and the reason.
        func expectBroken(
            _ file: String, in named: String? = nil, _ reason: String,
            sourceLocation: SourceLocation = #_sourceLocation,
            _ change: (inout [String: Any]) -> Void
        ) throws {
            let url = URL(filePath: base + "/" + file)
            let saved = try Data(contentsOf: url)
            defer { try? saved.write(to: url) }
            var object = try #require(try JSONSerialization.jsonObject(with: saved) as? [String: Any])
            change(&object)
            try JSONSerialization.data(withJSONObject: object).write(to: url)
            let error = #expect(throws: FederationError.self, sourceLocation: sourceLocation) {
                try test.federation.verifyHistory(parallel: parallel, using: &generator)
            }
            #expect(
                error.map { $0.file.hasSuffix(named ?? file) && $0.reason.contains(reason) } == true,
                "\(error.map { "\($0)" } ?? "")", sourceLocation: sourceLocation)
        }
        func bump(_ object: inout [String: Any], _ key: String) {
            var numbers = object[key] as! [Int]
            numbers[0] += numbers[0] > 0 ? -1 : 1
            object[key] = numbers
        }
        try expectBroken("rounds/1/updates/0.json", "the proof does not hold") { bump(&$0, "entries") }
        try expectBroken("rounds/1/updates/1.json", "the proof does not hold") { $0["nullifier"] = "1" }
        try expectBroken("rounds/1/state.json", "the weights are not those") { bump(&$0, "weights") }
        try expectBroken("states/0.json", "hash") { $0["previous"] = "5" }
        try expectBroken("rounds/2/state.json", "hash") { $0["previous"] = "5" }
        for number in [-1, Int.max, Int.min] {
            try expectBroken("states/0.json", "registered") { $0["registered"] = number }
        }
        // No round is made on a state that says another number of clients than its root is over.
        let lastState = URL(filePath: base + "/rounds/2/state.json")
        let honest = try Data(contentsOf: lastState)
        let registered = try test.federation.state(2).registered
        for number in [0, registered - 1, registered + 1] {
            var object = try #require(try JSONSerialization.jsonObject(with: honest) as? [String: Any])
            object["registered"] = number
            try JSONSerialization.data(withJSONObject: object).write(to: lastState)
            let error = #expect(throws: FederationError.self) {
                try test.federation.openRound(updates: [], parallel: parallel, using: &generator)
            }
            #expect(
                error?.kind == .invalid && error?.file.hasSuffix("rounds/2/state.json") == true, "\(number)")
        }
        try honest.write(to: lastState)
        _ = try test.federation.openRound(updates: [], parallel: parallel, using: &generator)
        try expectBroken("rounds/2/round.json", "oldState") { $0["oldState"] = "5" }
        try expectBroken("rounds/2/round.json", "newState") { $0["newState"] = "5" }
        try expectBroken("rounds/1/round.json", "batch") { $0["batch"] = "5" }
        /// Changes what a round says it took, and the batch to fit where it is to.
        func take(
            _ object: inout [String: Any], fits: Bool = true,
            _ change: ([[String: String]]) -> [[String: String]]
        ) {
            let taken = change(object["accepted"] as! [[String: String]])
            object["accepted"] = taken
            guard fits else { return }
            let members = taken.map { own in
                ["update", "nullifier"].map { Scalar(decimal: own[$0]!)! }
            }
            let entries = RoundEntries.digest(members, test.plan.shape)
            object["batch"] = RoundEntries.batch(count: taken.count, entries: entries).decimal
        }
        try expectBroken("rounds/1/round.json", "batch") { take(&$0, fits: false) { [$0[0]] } }
        try expectBroken("rounds/1/round.json", "batch") { take(&$0, fits: false) { $0.reversed() } }
        try expectBroken("rounds/1/round.json", "not a number of updates") { $0["accepted"] = [String]() }
        try expectBroken("rounds/1/round.json", "not a number of updates") {
            take(&$0, fits: false) { $0 + $0 }
        }
        try expectBroken("rounds/1/round.json", in: "rounds/1/updates/1.json", "does not belong") {
            take(&$0) { [$0[0]] }
        }
        try expectBroken("rounds/1/round.json", in: "rounds/1/updates/2.json", "no such file") {
            take(&$0) { $0 + [$0[1]] }
        }
        try expectBroken("rounds/1/round.json", in: "rounds/1/updates/0.json", "not what the round took") {
            take(&$0) { $0.reversed() }
        }
        // Refusals are the sequencer's word, but there is one form for them, without any text.
        for refused in [
            [["reason": "they smelled", "updates": 1]], [["reason": "entries", "updates": 0]],
            [["reason": "entries", "updates": 1], ["reason": "unreadable", "updates": 1]],
            [["reason": "entries", "updates": 1], ["reason": "entries", "updates": 1]],
            [["reason": "entries", "updates": 1, "update": "ann.json"]],
        ] as [[[String: Any]]] {
            try expectBroken("rounds/1/round.json", "refused") { $0["refused"] = refused }
        }
        try expectBroken("states/0.json", "hash") { $0["registry"] = "5" }
        try expectBroken("states/0.json", "not the root") { $0["registered"] = 2 }
        try expectBroken("rounds/1/state.json", "no such past") { $0["registered"] = 2 }
        try expectBroken("rounds/2/state.json", "no such past") { $0["registered"] = 4 }
        try expectBroken("rounds/2/round.json", "proof") { $0["proof"] = "" }
        let first = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: base + "/rounds/1/round.json")))
        try expectBroken("rounds/2/round.json", "the round's proof does not hold") {
            $0["proof"] = (first as! [String: Any])["proof"]
        }
        try expectBroken("registry.json", in: "states/0.json", "not the root") { object in
            var clients = object["clients"] as! [[String: Any]]
            clients.swapAt(0, 1)
            object["clients"] = clients
        }
        // A forged last model with all hashes made to fit: the aggregate gives it away.
        let (state, model, _) = try test.federation.state(2)
        var forged = model
        forged.layers[0][0, 0] += forged.layers[0][0, 0] > 0 ? -1 : 1
        var forgedState = state
        forgedState.model = forged.hash(test.plan)
        try expectBroken("rounds/2/state.json", "not the aggregate") { object in
            object["weights"] = forged.flattened
            object["model"] = forgedState.model.decimal
            object["hash"] = forgedState.hash.decimal
        }
        // Exchanged updates change the batch.
        let paths = [0, 1].map { base + "/rounds/1/updates/\($0).json" }
        let saved = try paths.map { try Data(contentsOf: URL(filePath: $0)) }
        try saved[1].write(to: URL(filePath: paths[0]))
        let error = #expect(throws: FederationError.self) {
            try test.federation.verifyHistory(parallel: parallel, using: &generator)
        }
        #expect(error?.reason.contains("second update of the same client") == true)
        try saved[0].write(to: URL(filePath: paths[0]))
        try test.federation.verifyHistory(parallel: parallel, using: &generator)
    }

    /// What stands in the directories is what was settled: a round that is missing or beside the others is
    /// seen, by whoever checks the history and by whoever would go on with it.
    @Test func holesAndStrangersInAHistoryAreFound() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        for _ in 1...2 { try test.round([("a", test.update(0))], &generator) }
        let files = FileManager.default
        let base = test.federation.directory
        let kept = test.folder.appending(path: "kept").path
        try files.copyItem(atPath: base, toPath: kept)
        func path(_ name: String) -> String { "\(base)/\(name)" }
        func expect(
            _ named: String, _ reason: String, kind: FederationError.Kind = .invalid,
            sourceLocation: SourceLocation = #_sourceLocation, _ change: () throws -> Void
        ) throws {
            try change()
            let error = #expect(throws: FederationError.self, sourceLocation: sourceLocation) {
                try test.federation.verifyHistory(parallel: parallel, using: &generator)
            }
            #expect(
                error.map { $0.file == path(named) && $0.reason.contains(reason) && $0.kind == kind } == true,
                "\(error.map { "\($0)" } ?? "")", sourceLocation: sourceLocation)
            try files.removeItem(atPath: base)
            try files.copyItem(atPath: kept, toPath: base)
        }
        func copy(_ from: String, _ to: String) throws {
            try files.copyItem(atPath: path(from), toPath: path(to))
        }
        try expect("rounds/1", "a later one, 2") {
            try files.removeItem(atPath: path("rounds/1"))
            // Nobody settles a round in the place of the one that is missing.
            #expect(throws: FederationError.self) {
                try test.federation.openRound(updates: [], parallel: parallel, using: &generator)
            }
            #expect(throws: FederationError.self) { try test.federation.links() }
        }
        try expect("rounds/3", "a later one, 4") { try copy("rounds/2", "rounds/4") }
        for name in ["02", "+2", "0", "-1", "2 ", "x", "99999999999999999999", ".2.tmp", ".2.x.tmp"] {
            try expect("rounds/\(name)", "no round is called that") { try copy("rounds/2", "rounds/\(name)") }
        }
        try expect("rounds/02", "no round is called that") {
            try files.moveItem(atPath: path("rounds/2"), toPath: path("rounds/02"))
        }
        for name in ["2.json", "7.json", "00.json", "notes"] {
            try expect("rounds/1/updates/\(name)", "does not belong to the round") {
                try copy("rounds/1/updates/0.json", "rounds/1/updates/\(name)")
            }
        }
        try expect("rounds/2/updates/0.json", "there is no such file") {
            try files.removeItem(atPath: path("rounds/2/updates/0.json"))
        }
        try expect("rounds/2/other.json", "does not belong to the round") {
            try copy("rounds/2/state.json", "rounds/2/other.json")
        }
        try expect("rounds/3/round.json", "there is no such file") {
            try files.createDirectory(atPath: path("rounds/3"), withIntermediateDirectories: false)
        }
        try expect("rounds", "there is no such directory") { try files.removeItem(atPath: path("rounds")) }
        try expect("rounds", "it is no directory") {
            try files.removeItem(atPath: path("rounds"))
            try Data().write(to: URL(filePath: path("rounds")))
        }
        try expect("rounds", "it is no directory") {
            try files.removeItem(atPath: path("rounds"))
            try files.createSymbolicLink(atPath: path("rounds"), withDestinationPath: "rounds")
        }
        // Nobody waits for who writes a pipe: the files of a federation are regular ones.
        for name in ["registry.json", "states/0.json", "rounds/1/round.json", "rounds/1/updates/0.json"] {
            try expect(name, "a pipe", kind: name == "registry.json" ? .badInput : .invalid) {
                try files.removeItem(atPath: path(name))
                #expect(mkfifo(path(name), 0o600) == 0)
            }
        }
        #expect(mkfifo(kept + "/fifo", 0o600) == 0)
        try files.removeItem(atPath: path("task.json"))
        try files.moveItem(atPath: kept + "/fifo", toPath: path("task.json"))
        #expect(throws: FederationError.self) { try Federation(base) }
        try files.removeItem(atPath: base)
        try files.copyItem(atPath: kept, toPath: base)
        // What a command that was killed has left of a round is none.
        try copy("rounds/2", "rounds/.3.1234.tmp")
        #expect(try test.federation.verifyHistory(parallel: parallel, using: &generator).count == 3)
    }

    @Test func enrolmentTakesEachOnce() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        let federation = test.federation
        func path(_ client: String) -> String { Client.registrationPath(client) }
        func expectRefused(
            _ paths: [String], _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let before = try Data(contentsOf: URL(filePath: federation.registryPath))
            let error = refusal { _ = try federation.register(paths) }
            #expect(
                error.map {
                    $0.kind == .badInput && $0.file == paths.last && $0.reason.contains(reason)
                } == true, "\(String(describing: error))", sourceLocation: sourceLocation)
            #expect(try Data(contentsOf: URL(filePath: federation.registryPath)) == before)
        }
        /// A changed copy of a registration.
        func changed(_ client: String, _ change: (inout RegistrationFile) -> Void) throws -> String {
            let data = try Data(contentsOf: URL(filePath: path(client)))
            var file = try JSONDecoder().decode(RegistrationFile.self, from: data)
            change(&file)
            let copy = test.folder.appending(path: "\(UUID()).json").path
            try JSONEncoder().encode(file).write(to: URL(filePath: copy))
            return copy
        }
        let twice = refusal { _ = try test.makeClient("ann", &generator) }
        #expect(twice?.reason.contains("identity already") == true)
        // The same again changes nothing; the same name, identity or data of another is refused.
        #expect(try federation.register(test.clients.map(path)).map(\.index) == [0, 1, 2])
        #expect(try federation.register([path(test.clients[1])]).map(\.isNew) == [false])
        let other = try test.makeClient("ann", &generator, folder: "other")
        try expectRefused([path(other)], "ann is registered already")
        try expectRefused([changed(test.clients[0]) { $0.name = "ann2" }], "registered already, as ann")
        for own in [
            try changed(test.clients[0]) {
                $0.name = "ann2"
                $0.commitment = Element(17)
            },
            try changed(test.clients[0]) {
                $0.name = "ann2"
                $0.datasetRoot = Element(17)
            },
        ] {
            try expectRefused([own], "registered already, as ann")
        }
        try expectRefused([changed(other) { $0.task = Element(1) }], "another task")
        try expectRefused([changed(other) { $0.name = "" }], "name: a name has 1 to 100 bytes")
        // What a dead process of this one's number left does not stand in the way.
        try "".write(
            toFile: "\(federation.registryPath).\(ProcessInfo.processInfo.processIdentifier).tmp",
            atomically: true, encoding: .utf8)
        let early = try test.makeClient("eve", &generator, invitation: "17", folder: "early")
        try expectRefused([path(early)], "registers without")
        let code = try federation.invite(name: "dan", using: &generator)
        let again = refusal { _ = try federation.invite(name: "dan", using: &generator) }
        #expect(again?.reason.contains("invited already") == true)
        let eve = try test.makeClient("eve", &generator)
        try expectRefused([path(eve)], "with one only")
        try expectRefused([path(early)], "nobody called eve is invited")
        let wrong = try test.makeClient("dan", &generator, invitation: "17", folder: "wrong")
        try expectRefused([path(wrong)], "not made with the code of the invitation for dan")
        let dan = try test.makeClient("dan", &generator, invitation: code)
        // Whoever reads the registration on its way registers nothing else with it, and finds no code.
        let mark = try JSONDecoder().decode(
            RegistrationFile.self, from: Data(contentsOf: URL(filePath: path(dan)))
        ).invitation
        try expectRefused([changed(wrong) { $0.invitation = mark }], "or was changed since")
        try expectRefused([changed(dan) { $0.datasetRoot = Element(5) }], "or was changed since")
        try expectRefused([changed(dan) { $0.name = "mallory" }], "nobody called mallory is invited")
        #expect(try !String(contentsOfFile: path(dan), encoding: .utf8).contains(code))
        // All or none.
        try expectRefused([path(dan), path(eve)], "with one only")
        // An operator that was interrupted between its two files registers again.
        let registry = try Data(contentsOf: URL(filePath: federation.registryPath))
        #expect(try federation.register([path(dan)]).map(\.index) == [3])
        try registry.write(to: URL(filePath: federation.registryPath))
        #expect(try federation.register([path(dan)]).map(\.isNew) == [true])
        test.clients.append(dan)
        // The Sybil: a second identity for the same person.
        let second = try test.makeClient("dan", &generator, invitation: code, folder: "dan2")
        try expectRefused([path(second)], "dan is registered already")
        try registry.write(to: URL(filePath: federation.registryPath))
        try expectRefused([path(second)], "the invitation is used")
        _ = try federation.register([path(dan)])
        #expect(try federation.registry().clients.map(\.name) == ["ann", "bob", "cem", "dan"])
        // Whoever was registered before the round opened can take part at once; secrets are for their owner
        // only.
        #expect(try test.round([("d", test.update(3))], &generator).isEmpty)
        for (file, mode) in [("", 0o700), ("/identity.json", 0o600), ("/dataset.json", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: dan + file)
            #expect((attributes[.posixPermissions] as? Int).map { $0 & 0o777 } == mode, "\(file)")
        }
        // Without a name there is one that tells nothing of directories.
        let nameless = test.folder.appending(path: "ward-7").path
        let file = try Client.create(
            nameless, test.plan, name: nil, data: test.folder.appending(path: "dan.csv").path,
            invitation: nil, using: &generator
        ).registration
        #expect(file.name == "client-\(file.commitment.value.decimal.prefix(12))")
    }

    @Test func wrongFilesAreNamed() throws {
        var generator = SeededGenerator.fresh()
        let test = try TestFederation(&generator)
        let data = test.folder.appending(path: "bad.csv").path
        for (text, reason) in [
            ("1,2\n", "line 1: 2 columns"), ("0,0,0,0\n\n0,x,0,0\n", "line 3: column 2: \"x\" is no number"),
            ("0,0,9,0\n", "line 1: column 3: 9 is not from -2 up to"), ("0,0,0,2\n", "line 1: the label"),
            ("0,0,0,1\n", "1 sample, but the task needs 16: 4 batches of 4"), ("0,nan,0,1\n", "no number"),
        ] {
            try text.write(toFile: data, atomically: true, encoding: .utf8)
            let error = #expect(throws: FederationError.self) {
                try Client.create(
                    test.folder.appending(path: "x").path, test.plan, name: "x", data: data, invitation: nil,
                    using: &generator)
            }
            #expect(
                error.map { $0.file == data && $0.reason.contains(reason) } == true,
                "\(String(describing: error))")
        }
        let task = test.folder.appending(path: "task.json").path
        let good =
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(filePath: test.federation.directory + "/task.json")))
            as! [String: Any]
        for (key, value, reason) in [
            ("format", "x", "format"), ("batchSize", 0, "batchSize"), ("aggregator", "sum", "aggregator"),
            ("normBound", -1, "normBound"), ("learningRate", 0, "learningRate"),
            ("clientsPerRound", 1000, "clientsPerRound"), ("minimumClients", 0, "minimumClients"),
            ("minimumClients", 4, "minimumClients"), ("settlement", "x", "settlement"),
            // 2K is beyond what an integer holds; numbers are written in one way.
            ("aggregator", "trimmed-mean:4611686018427387904", "aggregator"),
            ("aggregator", "trimmed-mean:01", "aggregator"), ("aggregator", "trimmed-mean:+1", "aggregator"),
            ("model", ["layers": [3]], "model.layers"), ("model", ["layers": [3, 0]], "model.layers[1]"),
            ("model", ["layers": [60000, 60000]], "model.layers (their weights)"), ("name", "", "name"),
            ("registryDepth", "x", "registryDepth"), ("learningRate", 1e30, "learningRate"),
            ("learningRate", Double.leastNonzeroMagnitude, "learningRate"),
        ] as [(String, Any, String)] {
            var object = good
            object[key] = value
            try JSONSerialization.data(withJSONObject: object).write(to: URL(filePath: task))
            let error = #expect(throws: FederationError.self) { try Federation.plan(of: task) }
            #expect(
                error.map { $0.file == task && $0.reason.contains(reason) } == true,
                "\(key): \(String(describing: error))")
        }
        // Sums of so many updates have no room in a machine word.
        var large = TaskDescription.small(layers: [1, 1], clients: 4096)
        large.settlement = .plain
        large.batchSize = 1024
        large.arithmetic = .init(
            featureBits: 24, featureFraction: 0, weightBits: 4, weightFraction: 3, activationFraction: 0,
            probabilityFraction: 16, sigmoidStepBits: 1)
        let overflow = #expect(throws: TaskError.self) { try Plan(large) }
        #expect(overflow?.field == "clientsPerRound", "\(String(describing: overflow))")
        for key in good.keys {
            var object = good
            object[key] = nil
            try JSONSerialization.data(withJSONObject: object).write(to: URL(filePath: task))
            let error = #expect(throws: FederationError.self) { try Federation.plan(of: task) }
            #expect(error?.reason.contains("\(key)") == true)
        }
    }
}
