// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// What operators and attackers do around a federation's directory: contracts, calldata, rounds that are
/// taken back, waits, and files that are not what they should be.
@Suite struct FederationChainTests {
    private let task = """
        {"format": "martlet-fl-task/1", "name": "small", "model": {"layers": [3, 2]}, "arithmetic": {"featureBits": 5,
        "featureFraction": 3, "weightBits": 12, "weightFraction": 9, "activationFraction": 6, "probabilityFraction": 12,
        "sigmoidStepBits": 6}, "batchSize": 4, "datasetDepth": 1, "registryDepth": 3, "normBound": 100, "clientsPerRound": 2,
        "minimumClients": 1, "learningRate": 0.5, "aggregator": "fedavg", "settlement": "attested"}
        """

    /// A federation in a folder, with the clients ann and bob.
    private struct Place {
        let folder: TemporaryFolder
        var fed: String { folder.path("fed") }

        init(_ task: String) throws {
            folder = try TemporaryFolder()
            try task.write(toFile: folder.path("task.json"), atomically: true, encoding: .utf8)
            try (0..<8).map { "\(Double($0) * 0.125),0.25,-0.5,\($0 % 2)\n" }.joined().write(
                toFile: folder.path("data.csv"), atomically: true, encoding: .utf8)
            try run(["init", fed, "--task", folder.path("task.json"), "--insecure-dev"])
            for name in ["ann", "bob"] { try enroll(name) }
        }

        @discardableResult
        func run(
            _ arguments: [String], expecting status: Int32 = 0,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws -> MartletCommand.Outcome {
            let outcome = try MartletCommand.run(["fl"] + arguments)
            #expect(
                outcome.status == status, "\(arguments): \(outcome.output)\(outcome.errors)",
                sourceLocation: sourceLocation)
            return outcome
        }

        /// Runs what must fail, and looks for a reason in what it says.
        func refuse(
            _ arguments: [String], _ status: Int32 = 2, _ reason: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let outcome = try run(arguments, expecting: status, sourceLocation: sourceLocation)
            #expect(outcome.errors.contains(reason), "\(outcome.errors)", sourceLocation: sourceLocation)
        }

        func enroll(_ name: String) throws {
            let outcome = try MartletCommand.enroll(
                folder.path(name), in: fed, name: name, data: folder.path("data.csv"))
            #expect(outcome.status == 0, "\(outcome.errors)")
        }

        func train(_ name: String) throws -> String {
            let update = folder.path("\(name).json")
            try run(["start", fed])
            try run(["train", folder.path(name), "--federation", fed, "--output", update])
            return update
        }

        func text(_ path: String) throws -> String {
            try String(contentsOfFile: folder.path(path), encoding: .utf8)
        }

        func write(_ text: String, _ path: String) throws {
            try text.write(toFile: folder.path(path), atomically: true, encoding: .utf8)
        }

        func json(_ arguments: [String]) throws -> [String: Any] {
            let outcome = try run(arguments + ["--json"])
            return try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        }
    }

    @Test func contractsCallsAndRoundsThatAreTakenBack() throws {
        let place = try Place(task)
        let (fed, folder) = (place.fed, place.folder)
        try place.refuse(["contract", fed], 2, "martlet fl start fixes it")
        try place.refuse(["contract", fed, "--json"], 2, "--json goes with --output")
        try place.refuse(["calldata", fed, "--round", "1"], 2, "there is no round 1, the last one is 0")
        try place.refuse(["retract", fed, "--round", "1"], 2, "there is no round 1, the last one is 0")
        let first = try place.json(["start", fed])
        let (genesis, root) = (
            try #require(first["state"] as? String), try #require(first["registry"] as? String)
        )
        // The contract is that of the task's settlement, and says what its constructor is given.
        for language in ["vyper", "solidity"] {
            let made = try place.run(["contract", fed, "--lang", language])
            for part in [
                genesis, root, "WARNING: ATTESTED.", "WARNING: KEYS FOR DEVELOPMENT", "submit_round",
            ] {
                #expect(made.output.contains(part), "\(language): \(part)")
            }
            #expect(made.errors.contains("INSECURE") && made.errors.contains("ATTESTED"))
        }
        let report = try place.json(["contract", fed, "--output", folder.path("round.vy")])
        #expect(report["kind"] as? String == "attested-round" && report["insecure"] as? Bool == true)
        #expect(
            report["constructor"] as? [String: String] == ["genesis": genesis, "firstRegistry": root])
        #expect(try place.text("round.vy").contains("genesis: uint256, first_registry: uint256"))
        // A key of another circuit is none of this task's.
        let key = try place.text("fed/round.vkey.json")
        try place.write(place.text("fed/client.vkey.json"), "fed/round.vkey.json")
        try place.refuse(
            ["contract", fed], 2, "round.vkey.json: it has 1 public inputs, and the circuit has 3")
        try place.write(key, "fed/round.vkey.json")

        let updates = try [place.train("ann"), place.train("bob")]
        try place.run(["round", fed, updates[0]])
        let registry = try place.json(["registry", fed])
        let set = try #require(registry["setRegistry"] as? [String: Any])
        let word = try #require(set["data"] as? String)
        // Keccak-256 of set_registry(uint256), by eth_utils.
        #expect(word.hasPrefix("0x0dfc576b") && word.count == 2 + 8 + 64, "\(word)")
        #expect(
            set["arguments"] as? [String] == [root] && set["signature"] as? String == "set_registry(uint256)")
        let call = try place.json(["calldata", fed, "--round", "1"])
        let submit = try #require(call["submitRound"] as? [String: Any])
        #expect(call["oldState"] as? String == genesis && call["registry"] as? String == root)
        #expect((submit["data"] as? String)?.hasPrefix("0xe826a0e2") == true)
        #expect((submit["arguments"] as? [Any])?.last as? String == call["newState"] as? String)
        let lines = try place.run(["calldata", fed, "--round", "1"]).output.split(separator: "\n")
        #expect(lines.count == 6 && lines[0] == "submit_round(uint256[2],uint256[2][2],uint256[2],uint256)")
        #expect(lines[5] == submit["data"] as? String ?? "")

        // The contract's state says whether a round may be taken back; the last one alone can be.
        let new = try #require(call["newState"] as? String)
        try place.refuse(["retract", fed, "--round", "2"], 2, "there is no round 2, the last one is 1")
        try place.refuse(
            ["retract", fed, "--round", "1", "--state", new], 2, "the contract has settled round 1")
        try place.refuse(
            ["retract", fed, "--round", "1", "--state", "7"], 2, "is not the one before round 1")
        try place.refuse(["verify", fed, "--state", genesis], 1, "which is that after round 0")
        // It goes with all its files, and the first state stays though no round and no `fl start` keeps it.
        try FileManager.default.removeItem(atPath: fed + "/started")
        let published = try place.text("fed/rounds/1/round.json")
        let done = try place.json(["retract", fed, "--round", "1", "--state", genesis])
        #expect(done["state"] as? String == genesis && done["retracted"] as? String == new)
        #expect(try place.text("fed/retracted/1/round.json") == published)
        #expect(FileManager.default.fileExists(atPath: fed + "/started"))
        try place.enroll("cem")
        let verified = try place.run(["verify", fed, "--state", genesis])
        #expect(verified.output.contains("0 rounds with 0 updates hold"), "\(verified.output)")
        // The same updates serve again, with another one beside them.
        try place.run(["round", fed] + updates)
        try place.refuse(["retract", fed, "--round", "0"], 2, "--round must be 1 or more")
        let again = try place.json(["calldata", fed, "--round", "1"])
        #expect(again["setRegistry"] != nil && again["newState"] as? String != new)
        try place.run(["retract", fed, "--round", "1"])
        #expect(FileManager.default.fileExists(atPath: fed + "/retracted/1.2/state.json"))
        // What was taken back by mistake is put back.
        try FileManager.default.moveItem(atPath: fed + "/retracted/1.2", toPath: fed + "/rounds/1")
        try place.run(["verify", fed, "--state", try #require(again["newState"] as? String)])
    }

    /// What goes on from a history wants all of it, and a round is made on one that holds.
    @Test func nothingGoesOnFromADamagedHistory() throws {
        let place = try Place(task)
        let (fed, folder) = (place.fed, place.folder)
        let files = FileManager.default
        try place.run(["start", fed])
        let first = try [place.train("ann"), place.train("bob")]
        try place.run(["round", fed, first[0]])
        let (update, round) = (try place.train("ann"), try place.text("fed/rounds/1/round.json"))
        let all = [
            ["train", folder.path("ann"), "--federation", fed, "--output", folder.path("x")],
            ["round", fed, update], ["calldata", fed, "--round", "1"], ["registry", fed], ["start", fed],
            ["contract", fed], ["log", fed], ["proofs", fed, "--round", "1", "--output", folder.path("y")],
            ["register", fed, folder.path("ann/registration.json")],
        ]
        try files.removeItem(atPath: fed + "/rounds/1/round.json")
        for arguments in all { try place.refuse(arguments, 1, "round.json: there is no such file") }
        try place.write(round, "fed/rounds/1/round.json")
        try place.write("", "fed/rounds/1/extra")
        for arguments in all { try place.refuse(arguments, 1, "extra: it does not belong to the round") }
        try files.removeItem(atPath: fed + "/rounds/1/extra")
        // The state of another fork, with all its files in place.
        let state = try place.text("fed/rounds/1/state.json")
        try place.run(["retract", fed, "--round", "1"])
        try place.run(["round", fed, first[1]])
        try place.write(state, "fed/rounds/1/state.json")
        try place.refuse(["round", fed, update], 1, "the state does not follow from the one before")
        #expect(!files.fileExists(atPath: fed + "/rounds/2"))
    }

    /// A federation's directory is published: no outputs and no clients go into it.
    @Test func nothingOfOthersIsKeptInAFederation() throws {
        let place = try Place(task)
        let (fed, folder) = (place.fed, place.folder)
        try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: fed)
        try place.run(["start", fed])
        for output in ["fed/states/0.json", "fed/x", "fed/rounds/state.json", "link/x", "fed/../fed/x"] {
            let path = folder.path(output)
            for arguments in [
                ["train", folder.path("ann"), "--federation", fed, "--output", path],
                ["contract", fed, "--output", path], ["proofs", fed, "--round", "1", "--output", path],
            ] {
                try place.refuse(arguments, 2, "where only what belongs to the federation is kept")
            }
        }
        let data = ["--federation", fed, "--data", folder.path("data.csv"), "--name", "eve"]
        for client in ["fed", "fed/rounds/1", "fed/eve", "link/eve"] {
            try place.refuse(
                ["identity", folder.path(client)] + data, 2, "it is in the directory of a federation")
        }
        try place.run(["verify", fed])
        // Whether keys are for development is told by the proving keys, where these are theirs.
        let made = folder.path("round.vy")
        func insecure() throws -> Any? { try place.json(["contract", fed, "--output", made])["insecure"] }
        #expect(try insecure() as? Bool == true)
        try FileManager.default.moveItem(atPath: fed + "/client.zkey", toPath: folder.path("client.zkey"))
        try FileManager.default.moveItem(atPath: fed + "/round.zkey", toPath: folder.path("round.zkey"))
        #expect(try insecure() == nil)
        #expect(try place.text("round.vy").contains("cannot be told: not all proving keys are there"))
        let other = try Place(task)
        try FileManager.default.copyItem(atPath: other.fed + "/round.zkey", toPath: fed + "/round.zkey")
        try place.refuse(["contract", fed], 1, "round.vkey.json: it is not the verification key of")
    }

    /// Files of other hands: each is refused, with one rule for exit codes.
    @Test func filesThatAreNotWhatTheyShouldBe() throws {
        let place = try Place(task)
        let (fed, folder) = (place.fed, place.folder)
        let files = FileManager.default
        // What is called `started` is a file.
        try files.createDirectory(atPath: fed + "/started", withIntermediateDirectories: false)
        try place.refuse(["start", fed], 2, "started: it is no regular file")
        try files.removeItem(atPath: fed + "/started")
        try files.createSymbolicLink(atPath: fed + "/started", withDestinationPath: folder.path("elsewhere"))
        try place.refuse(["start", fed], 2, "started: it is no regular file")
        #expect(!files.fileExists(atPath: folder.path("elsewhere")))
        try files.removeItem(atPath: fed + "/started")
        // Clients: no directory can be there, and no such name.
        let data = ["--federation", fed, "--data", folder.path("data.csv")]
        try place.refuse(["identity", "/dev/null", "--name", "eve"] + data, 2, "/dev/null is a file")
        for name in ["e\u{fffd}ve", "e\u{9b}ve"] {
            try place.refuse(
                ["identity", folder.path("eve"), "--name", name] + data, 2, "--name: a name")
        }
        #expect(!files.fileExists(atPath: folder.path("eve")))
        // A task with a member that there is not, and one whose format is long.
        for (old, new, reason) in [
            (
                "\"batchSize\"", "\"batchsize\"",
                "unknown member \"batchsize\"; perhaps \"batchSize\" is meant"
            ),
            ("\"featureBits\"", "\"feature_bits\"", "perhaps \"featureBits\" is meant"),
            ("\"name\": \"small\"", "\"name\": \"small\", \"secret\": 1", "unknown member \"secret\""),
            ("fl-task/1", "fl-task/2\", \"later\": \"", "format: \"martlet-fl-task/2\" is not"),
            ("fl-task/1", "fl-task/" + String(repeating: "x", count: 5000), "xxx…\" is not"),
        ] {
            try place.write(task.replacing(old, with: new), "bad.json")
            let outcome = try place.run(["circuits", "--task", folder.path("bad.json")], expecting: 2)
            #expect(outcome.errors.contains(reason) && outcome.errors.utf8.count < 500, "\(outcome.errors)")
        }
        // The same of all that is published, and of a client's own.
        let update = try place.train("ann")
        try place.run(["round", fed, update])
        for (file, status, arguments) in [
            ("fed/registry.json", 2, ["verify", fed]), ("fed/states/0.json", 1, ["verify", fed]),
            ("fed/rounds/1/round.json", 1, ["verify", fed]),
            ("fed/rounds/1/state.json", 1, ["verify", fed]),
            ("fed/rounds/1/updates/0.json", 1, ["verify", fed]),
            (
                "ann/identity.json", 2,
                ["train", folder.path("ann"), "--federation", fed, "--output", folder.path("x")]
            ),
            (
                "ann/dataset.json", 2,
                ["train", folder.path("ann"), "--federation", fed, "--output", folder.path("x")]
            ),
        ] as [(String, Int32, [String])] {
            let kept = try place.text(file)
            try place.write("{\"stranger\":1," + kept.dropFirst(), file)
            try place.refuse(arguments, status, "unknown member \"stranger\"")
            // One rule for what is missing, too.
            try files.removeItem(atPath: folder.path(file))
            try place.refuse(arguments, status, (file as NSString).lastPathComponent)
            try place.write(kept, file)
        }
        try place.run(["verify", fed])
        // An update with a stranger's member is refused, not a mistake.
        let own = try place.text((try place.train("ann") as NSString).lastPathComponent)
        try place.write("{\"stranger\":1," + own.dropFirst(), "other.json")
        try place.refuse(["round", fed, folder.path("other.json")], 1, "no update was taken")
        // How many clients a state counts is checked by whoever shows it.
        let state = try place.text("fed/rounds/1/state.json")
        try place.write(
            state.replacing("\"registered\":2", with: "\"registered\":1"), "fed/rounds/1/state.json")
        for command in ["registry", "log"] {
            try place.refuse([command, fed], 1, "registry: not the root over the first 1 client")
        }
    }

    /// No circuit is left that is not of the keys that were given.
    @Test func circuitsOfOtherKeysDoNotStay() throws {
        let place = try Place(task)
        let folder = place.folder
        try FileManager.default.createDirectory(
            atPath: folder.path("out"), withIntermediateDirectories: false)
        for name in ["client", "round"] { try place.write("stale", "out/\(name).r1cs") }
        try FileManager.default.createDirectory(
            atPath: folder.path("keys"), withIntermediateDirectories: false)
        try FileManager.default.copyItem(
            atPath: place.fed + "/round.zkey", toPath: folder.path("keys/client.zkey"))
        let arguments = ["circuits", "--task", folder.path("task.json"), "--output", folder.path("out")]
        try place.refuse(
            arguments + ["--keys", folder.path("keys")], 2, "keys/client.zkey: it has 3 public inputs")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out")) == [])
        // All parts have names.
        let report = try place.json(arguments)
        let circuits = try #require(report["circuits"] as? [[String: Any]])
        let parts = circuits.flatMap { $0["parts"] as? [[String: Any]] ?? [] }
        #expect(parts.count > 10 && parts.allSatisfy { $0["part"] as? String != "" })
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out")).count == 2)
    }

    /// A client that is killed says the same when it is called again, and nothing else: not from another
    /// state that is shown to it meanwhile.
    @Test func killedClientsSayTheSameAgain() throws {
        let place = try Place(task)
        let folder = place.folder
        try place.run(["start", place.fed])
        let update = folder.path("u.json")
        let train = [
            "train", folder.path("ann"), "--federation", place.fed, "--output", update, "--backend", "cpu",
        ]
        func kill(_ point: String) throws {
            let outcome = try MartletCommand.run(["fl"] + train, environment: ["MARTLET_FAULT": point])
            #expect(outcome.status == -SIGKILL, "\(point): \(outcome.status) \(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: update), "\(point)")
        }
        try kill("answer-recorded")
        let answered = try place.text("ann/journal.jsonl")
        #expect(answered.contains("\"answer\"") && !answered.contains("secret"))
        // The operator registers somebody, and would have the round begin with another state.
        try FileManager.default.removeItem(atPath: place.fed + "/started")
        let state = try place.text("fed/states/0.json")
        try place.enroll("cem")
        try place.run(["start", place.fed])
        try place.refuse(
            train, 1, "states/0.json: it is another state than the one that this client has seen")
        let loud = try place.run(train + ["--repin"], expecting: 1)
        #expect(
            loud.errors.contains("PINNED ANEW: ") && loud.errors.contains("answers no round twice"),
            "\(loud.errors)")
        // With what it has pinned before it goes on.
        try place.write(state, "fed/states/0.json")
        try place.write(answered, "ann/journal.jsonl")
        try kill("proof-made")
        try kill("update-kept")
        let kept = try place.text("ann/kept-update.json")
        let again = try place.json(train)
        #expect(again["isRepeated"] as? Bool == true && again["round"] as? Int == 1)
        #expect(try place.text("u.json") == kept && place.text("ann/journal.jsonl") == answered)
        try place.run(["round", place.fed, update])
        // What a client keeps is not to be written over.
        try place.refuse(
            train.dropLast(3) + [folder.path("ann/kept-update.json")], 2, "kept-update.json")
    }

    /// Without a worker it says so, and ends when the time is up.
    @Test func nobodyWaitsInSilence() throws {
        let place = try Place(task)
        try place.run(["start", place.fed])
        let train = [
            "train", place.folder.path("ann"), "--federation", place.fed, "--output",
            place.folder.path("u.json"),
        ]
        try place.refuse(train + ["--timeout", "1s"], 2, "--timeout goes with --queue only")
        let queue = "spool:\(place.folder.path("spool"))"
        let outcome = try place.run(train + ["--queue", queue, "--timeout", "3.5s"], expecting: 3)
        #expect(
            outcome.errors.contains("no worker has taken job")
                && outcome.errors.contains("martlet worker --queue \(queue)")
                && outcome.errors.contains("has no proof after"), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: place.folder.path("u.json")))
    }
}
