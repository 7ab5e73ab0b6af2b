// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

extension TemporaryFolder {
    /// Makes a folder of keys, from files.
    fileprivate func copyKeys(_ files: [String: String], to name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: false)
        for (key, file) in files {
            try FileManager.default.copyItem(atPath: file, toPath: path("\(name)/\(key).zkey"))
        }
    }
}

/// `fl` through the program itself: a small federation from beginning to end.
@Suite struct FederationCommandTests {
    private let task = """
        {"format": "martlet-fl-task/1", "name": "small", "model": {"layers": [3, 2]}, "arithmetic": {"featureBits": 5,
        "featureFraction": 3, "weightBits": 12, "weightFraction": 9, "activationFraction": 6, "probabilityFraction": 12,
        "sigmoidStepBits": 6}, "batchSize": 4, "datasetDepth": 1, "registryDepth": 3, "normBound": 100, "clientsPerRound": 2,
        "minimumClients": 1, "learningRate": 0.5, "aggregator": "fedavg", "settlement": "attested"}
        """

    /// The first block of a kind in docs/federated.md, with rounds that are quick to prove:
    /// `RoundSettlementTests` proves those of the document.
    private func sample(_ kind: String) throws -> String {
        try RoundSettlementTests.sample(kind).replacing(
            "\"settlement\": \"plain\"", with: "\"settlement\": \"attested\""
        )
        .replacing("\"minimumClients\": 2", with: "\"minimumClients\": 1")
    }

    /// Whoever takes the task and the data out of the document can begin with them.
    @Test func theDocumentsSampleIsAFederation() throws {
        let folder = try TemporaryFolder()
        for (kind, file) in [("json", "task.json"), ("csv", "ann.csv")] {
            try sample(kind).write(toFile: folder.path(file), atomically: true, encoding: .utf8)
        }
        let (published, client) = (folder.path("published"), folder.path("ann"))
        let update = folder.path("u.json")
        for arguments in [
            ["init", published, "--task", folder.path("task.json"), "--insecure-dev"],
            ["identity", client, "--federation", published, "--data", folder.path("ann.csv")],
            ["register", published, client + "/registration.json"], ["start", published],
            ["train", client, "--federation", published, "--output", update], ["round", published, update],
            ["verify", published],
        ] {
            let outcome = try MartletCommand.run(["fl"] + arguments)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        }
    }

    /// What a client or an operator got wrong is bad input or usage, and leaves nothing behind.
    @Test func mistakesOfEnrolment() throws {
        let folder = try TemporaryFolder()
        for (kind, file) in [("json", "task.json"), ("csv", "ann.csv")] {
            try sample(kind).write(toFile: folder.path(file), atomically: true, encoding: .utf8)
        }
        func expect(
            _ arguments: [String], _ code: String?, _ reason: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let outcome = try MartletCommand.run(["fl"] + arguments)
            #expect(
                outcome.status == (code == nil ? 0 : 2)
                    && (outcome.errors + outcome.output).contains(reason)
                    && (code == nil || !arguments.contains("--json")
                        || outcome.output.contains("\"code\" : \"\(code ?? "")\"")),
                "\(outcome.status) \(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation)
        }
        let (published, other) = (folder.path("published"), folder.path("other"))
        let begin = ["--task", folder.path("task.json")]
        for directory in [published, other] {
            try expect(["init", directory] + begin + ["--insecure-dev"], nil, "iris")
        }
        func identity(_ client: String, _ options: String..., data: String = "ann.csv") -> [String] {
            [
                "identity", folder.path(client), "--federation", published, "--data", folder.path(data),
                "--json",
            ]
                + options
        }
        func register(_ client: String) -> [String] {
            ["register", published, folder.path("\(client)/registration.json"), "--json"]
        }
        try expect(identity("ann", "--name", "ann"), nil, "/ann/registration.json")
        try expect(register("ann"), nil, "\"index\" : 0")
        try expect(register("ann"), nil, "\"isNew\" : false")
        try expect(identity("ann"), "bad-input", "there is an identity already")
        // Options that would be ignored, and values that none can have.
        try expect(
            identity("new/bob", "--invitation", "12345"), "usage", "--invitation goes with --name")
        try expect(
            identity("new/bob", "--task", folder.path("task.json")), "usage",
            "either --federation or --task")
        try expect(identity("new/bob", "--name", ""), "usage", "--name: a name has 1 to 100 bytes")
        try expect(["invite", published, "--name", ""], "usage", "--name: a name has 1 to 100 bytes")
        try expect(
            ["init", folder.path("new/fed")] + begin + ["--insecure-dev", "--allow-uncontributed", "--json"],
            "usage", "--allow-uncontributed goes with --ptau")
        // Samples that do not fit, in words.
        let good = try sample("csv").split(separator: "\n").map(String.init)
        for (lines, reason) in [
            (["1,2,3,9.5,0"], "line 1: column 4: 9.5 is not from -8 up to, not including, 8"),
            (
                ["1,2,3,7.99,0"],
                "7.99, rounded to a multiple of 0.0625, is not from -8 up to, not including, 8"
            ),
            (["1"], "line 1: 1 column, but the task has 4 features and a label"),
            ([good[1]], "1 sample, but the task needs 8: 2 batches of 4"),
        ] {
            try lines.joined(separator: "\n").write(
                toFile: folder.path("bad.csv"), atomically: true, encoding: .utf8)
            try expect(identity("new/bob", data: "bad.csv"), "bad-input", reason)
        }
        try expect(identity("ann2", "--name", "ann"), nil, "registration")
        try expect(register("ann2"), "bad-input", "ann is registered already")
        try expect(
            ["register", published, folder.path("task.json"), "--json"], "bad-input",
            "holds the task of a federation, where a client's registration for a federation is wanted")
        // A client needs the task alone.
        try expect(
            [
                "identity", folder.path("cem"), "--task", folder.path("task.json"), "--data",
                folder.path("ann.csv"), "--name", "cem", "--invitation", "12345", "--json",
            ], nil, "\"name\" : \"cem\"")
        try expect(register("cem"), "bad-input", "this federation registers without")
        let invited = try MartletCommand.run(["fl", "invite", published, "--name", "dan"])
        let code = invited.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(invited.status == 0 && code.allSatisfy(\.isNumber), "\(invited.errors)")
        try expect(["invite", published, "--name", "dan"], "bad-input", "dan is invited already")
        for (options, reason) in [
            (["--name", "dan"], "with one only"),
            (["--name", "dan", "--invitation", "12345"], "not made with the code of the invitation for dan"),
            (["--name", "eve", "--invitation", code], "the names of both must be equal"),
        ] {
            try expect(
                ["identity", folder.path("eve"), "--federation", published, "--data", folder.path("ann.csv")]
                    + options, nil, "registration")
            try expect(register("eve"), "bad-input", reason)
            try FileManager.default.removeItem(atPath: folder.path("eve"))
        }
        for text in ["abc", ""] {
            try expect(
                identity("new/eve", "--name", "dan", "--invitation", text), "usage",
                "'\(text)' is no code of an invitation")
        }
        // Files of two federations, and keys of other circuits.
        try expect(
            [
                "train", folder.path("ann"), "--federation", other, "--output", folder.path("u.json"),
                "--json",
            ],
            "bad-input", "the registry does not have this client with these data")
        let keys = ["--keys", folder.path("exchanged")]
        try folder.copyKeys(
            ["client": "\(published)/round.zkey", "round": "\(published)/client.zkey"], to: "exchanged")
        try expect(
            ["init", folder.path("new/fed")] + begin + keys + ["--insecure-dev", "--json"], "bad-input",
            "client.zkey: the key has")
        // The first key fits, and is not left behind either.
        let second = ["--keys", folder.path("doubled")]
        try folder.copyKeys(
            ["client": "\(published)/client.zkey", "round": "\(published)/client.zkey"], to: "doubled")
        try expect(
            ["init", folder.path("new/fed")] + begin + second + ["--insecure-dev", "--json"], "bad-input",
            "round.zkey: the key has")
        #expect(!FileManager.default.fileExists(atPath: folder.path("new")))
        // What was there before stays.
        try FileManager.default.createDirectory(
            atPath: folder.path("old"), withIntermediateDirectories: false)
        try expect(
            ["init", folder.path("old")] + begin + keys + ["--insecure-dev", "--json"], "bad-input", "zkey")
        #expect(FileManager.default.fileExists(atPath: folder.path("old")))
        try expect(identity("dan", "--name", "dan", "--invitation", code), nil, "registration")
        try expect(register("dan"), nil, "\"index\" : 1")
    }

    @Test func fromTheFirstModelToTheSecondRound() throws {
        let folder = try TemporaryFolder()
        func run(
            _ arguments: [String], expecting status: Int32 = 0,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws -> MartletCommand.Outcome {
            let outcome = try MartletCommand.run(["fl"] + arguments)
            #expect(
                outcome.status == status, "\(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation
            )
            return outcome
        }
        try task.write(toFile: folder.path("task.json"), atomically: true, encoding: .utf8)
        let published = folder.path("published")
        let circuits = try run([
            "circuits", "--task", folder.path("task.json"), "--output", folder.path("circuits"), "--json",
        ])
        #expect(circuits.output.contains("\"sigmoid\""))
        let begun = try run(["init", published, "--task", folder.path("task.json"), "--insecure-dev"])
        #expect(begun.errors.contains("INSECURE"))
        _ = try run(["init", published, "--task", folder.path("task.json"), "--insecure-dev"], expecting: 2)
        // The published keys are those of the circuits.
        for name in ["client", "round"] {
            let checked = try MartletCommand.run([
                "zkey", "verify", "--r1cs", folder.path("circuits/\(name).r1cs"), "--zkey",
                "\(published)/\(name).zkey", "--matrices-only",
            ])
            #expect(checked.status == 0, "\(checked.errors)")
        }
        // Keys that are given: those for development are loud again, one that nobody contributed to is
        // refused.
        let ceremony = ["--keys", published]
        // A key of another circuit, where a round is proved.
        let exchanged = folder.path("exchanged")
        try FileManager.default.copyItem(atPath: published, toPath: exchanged)
        try FileManager.default.removeItem(atPath: exchanged + "/round.zkey")
        try FileManager.default.copyItem(
            atPath: exchanged + "/client.zkey", toPath: exchanged + "/round.zkey")
        try "0,0,0,0\n0,0,0,1\n0,0,0,0\n0,0,0,1\n0,0,0,0\n0,0,0,1\n0,0,0,0\n0,0,0,1\n".write(
            toFile: folder.path("zoe.csv"), atomically: true, encoding: .utf8)
        // Also: a directory of one character.
        let enrolled = try MartletCommand.run(
            URL(filePath: "/bin/sh"),
            [
                "-c",
                "cd \"$1\" && \"$0\" fl identity z --federation exchanged --data zoe.csv && exec \"$0\" fl register exchanged z/registration.json",
                try BuiltProgram.url("martlet").path, folder.url.path,
            ])
        #expect(
            enrolled.status == 0 && enrolled.output.contains("client-")
                && !enrolled.output.contains("registers z"), "\(enrolled.output)\(enrolled.errors)")
        let unfixed = try run(
            ["train", folder.path("z"), "--federation", exchanged, "--output", folder.path("zoe.json")],
            expecting: 2)
        #expect(unfixed.errors.contains("martlet fl start fixes it"), "\(unfixed.errors)")
        _ = try run(["start", exchanged])
        _ = try run([
            "train", folder.path("z"), "--federation", exchanged, "--output", folder.path("zoe.json"),
        ])
        let wrongKey = try run(["round", exchanged, folder.path("zoe.json")], expecting: 2)
        #expect(
            wrongKey.errors.contains("round.zkey: not a key of this task's circuit"), "\(wrongKey.errors)")
        let second = try run(
            ["init", folder.path("second"), "--task", folder.path("task.json")] + ceremony + [
                "--insecure-dev"
            ]
        )
        #expect(second.errors.contains("INSECURE"))
        // Keys of a ceremony are verified, so they need its powers; those for development are not of them.
        let unverified = try run(
            ["init", folder.path("third"), "--task", folder.path("task.json")] + ceremony, expecting: 2)
        #expect(unverified.errors.contains("--ptau"))
        let powersPath = folder.path("powers.ptau")
        let made = try MartletCommand.run([
            "setup", "powersoftau", "--insecure-dev", "--power", "13", "--ptau", powersPath,
        ])
        #expect(made.status == 0, "\(made.errors)")
        let refused = try run(
            ["init", folder.path("third"), "--task", folder.path("task.json"), "--ptau", powersPath]
                + ceremony,
            expecting: 1)
        #expect(refused.errors.contains("client.zkey") && refused.errors.contains("alpha"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("third/task.json")))
        // Keys of those powers, first without a contribution.
        func keysOfPowers(_ number: Int) -> [String] { ["--keys", folder.path("keys-\(number)")] }
        for number in 0...1 {
            try FileManager.default.createDirectory(
                atPath: folder.path("keys-\(number)"), withIntermediateDirectories: false)
        }
        for name in ["client", "round"] {
            for command in [
                [
                    "setup", "groth16", "--r1cs", folder.path("circuits/\(name).r1cs"), "--ptau", powersPath,
                    "--zkey", folder.path("keys-0/\(name).zkey"),
                ],
                [
                    "zkey", "contribute", "--zkey", folder.path("keys-0/\(name).zkey"), "--output",
                    folder.path("keys-1/\(name).zkey"),
                ],
            ] {
                let outcome = try MartletCommand.run(command)
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
        }
        let begin = ["--task", folder.path("task.json"), "--ptau", powersPath]
        let open = try run(["init", folder.path("third")] + begin + keysOfPowers(0), expecting: 2)
        #expect(open.errors.contains("keys-0/client.zkey") && open.errors.contains("--allow-uncontributed"))
        let sound = try run(["init", folder.path("fourth")] + begin + keysOfPowers(1))
        #expect(!sound.errors.contains("INSECURE"), "\(sound.errors)")
        let allowed = try run(
            ["init", folder.path("fifth")] + begin + keysOfPowers(0) + ["--allow-uncontributed"])
        #expect(allowed.errors.contains("INSECURE"))
        // Neither is there a round on such keys, nor a history.
        let history = try run(["verify", folder.path("fifth"), "--json"], expecting: 1)
        #expect(history.output.contains("nobody has contributed"))
        _ = try run(["verify", folder.path("fifth"), "--allow-uncontributed"])
        let round = try run(["round", folder.path("fifth"), folder.path("none.json")], expecting: 2)
        #expect(round.errors.contains("--allow-uncontributed"))
        for (name, shift) in [("ann", 0.25), ("bob", 0.5)] {
            let lines = (0..<8).map { "\(Double($0) * 0.125),\(shift),-0.5,\($0 % 2)" }
            try lines.joined(separator: "\n").write(
                toFile: folder.path("\(name).csv"), atomically: true, encoding: .utf8)
            let outcome = try MartletCommand.enroll(
                folder.path(name), in: published, name: name, data: folder.path("\(name).csv"))
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        // What is given in place of another thing is called what it is.
        let verificationKey = published + "/client.vkey.json"
        for (arguments, reason) in [
            (
                ["circuits", "--task", published + "/registry.json"],
                "registry.json: holds the registered clients of a federation, where the task"
            ),
            (
                ["identity", folder.path("eve"), "--federation", published, "--data", verificationKey],
                "client.vkey.json: holds a verification key, where a table of samples is wanted"
            ),
            (
                [
                    "identity", folder.path("eve"), "--federation", published, "--data",
                    published + "/task.json",
                ],
                "task.json: holds the task of a federation, where a table of samples is wanted"
            ),
            (
                ["verify", folder.path("ann")],
                "ann: it is a client's directory, and the directory of a federation is wanted"
            ),
            (
                ["train", published, "--federation", published, "--output", folder.path("none.json")],
                "published: it is a federation's directory, and the directory of a client is wanted"
            ),
        ] {
            let outcome = try run(arguments, expecting: 2)
            #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("eve")))
        for (file, found) in [
            ("client.zkey", "a proving key (zkey)"), ("task.json", "the task of a federation"),
        ] {
            let mixed = try run(["round", published, "\(published)/\(file)"], expecting: 2)
            #expect(
                mixed.errors.contains("holds \(found), where a client's update of a federation is wanted"))
        }
        let kept = try Data(contentsOf: URL(filePath: verificationKey))
        try FileManager.default.removeItem(atPath: verificationKey)
        try FileManager.default.copyItem(atPath: published + "/registry.json", toPath: verificationKey)
        let noKey = try run(["verify", published], expecting: 2)
        #expect(
            noKey.errors.contains("martlet: \(verificationKey): ")
                && noKey.errors.components(separatedBy: "client.vkey.json").count == 2, "\(noKey.errors)")
        try kept.write(to: URL(filePath: verificationKey))
        _ = try run(["start", published])
        for round in 1...2 {
            for name in ["ann", "bob"] {
                _ = try run([
                    "train", folder.path(name), "--federation", published, "--output",
                    folder.path("\(name).json"),
                ])
            }
            if round == 2 {
                let text = try String(contentsOfFile: folder.path("bob.json"), encoding: .utf8)
                try text.replacingOccurrences(of: "\"round\":2", with: "\"round\":1").write(
                    toFile: folder.path("bob.json"), atomically: true, encoding: .utf8)
            }
            let good = ["round", published, folder.path("ann.json"), folder.path("bob.json"), "--json"]
            // A slip of the hand costs no round.
            for slip in ["typo.json", "ann.json"] {
                let stopped = try run(good + [folder.path(slip)], expecting: 2)
                #expect(stopped.errors.contains("\(slip): "), "\(stopped.errors)")
            }
            let settled = try run(good)
            #expect(settled.output.contains("\"accepted\" : \(3 - round)"))
            if round == 2 { #expect(settled.output.contains("it belongs to round 1, this is round 2")) }
        }
        let none = try run(["round", published, folder.path("ann.json")], expecting: 1)
        #expect(none.errors.contains("no update was taken"))
        let held = try run(["verify", published])
        #expect(held.output.contains("2 rounds with 3 updates hold"))
        for (file, what) in [
            ("task.json", "the task"), ("registry.json", "the registered clients"),
            ("rounds/1/round.json", "what a round"), ("rounds/1/state.json", "a state"),
        ] {
            let info = try MartletCommand.run(["info", "\(published)/\(file)"])
            #expect(info.status == 0 && info.output.contains(what), "\(file): \(info.output) \(info.errors)")
        }
        let log = try run(["log", published, "--data", folder.path("ann.csv"), "--json"])
        let entries = try #require(
            JSONSerialization.jsonObject(with: Data(log.output.utf8)) as? [[String: Any]])
        #expect(
            entries.map { $0["accepted"] as? Int } == [0, 2, 1]
                && entries.allSatisfy { $0["accuracy"] is Double })
        let state = try #require(entries[2]["state"] as? String)
        _ = try run(["verify", published, "--state", state])
        let other = try run(["verify", published, "--state", "1"], expecting: 1)
        #expect(other.errors.contains("not to 1"))
        // The round's proofs in snarkjs' files, and one for all of them.
        let proofs = folder.path("proofs")
        #expect(
            try run(["proofs", published, "--round", "1", "--output", proofs]).output.contains("2 proofs"))
        #expect(
            try run(["proofs", published, "--round", "3", "--output", proofs], expecting: 2).errors.contains(
                "no round 3"))
        #expect(
            try run(["proofs", published, "--round", "-1", "--output", proofs], expecting: 2).errors.contains(
                "--round must be 1 or more"))
        func martlet(_ arguments: [String], expecting status: Int32 = 0) throws -> String {
            let outcome = try MartletCommand.run(arguments)
            #expect(outcome.status == status, "\(arguments): \(outcome.output)\(outcome.errors)")
            return outcome.output
        }
        let list = ["--vkey", published + "/client.vkey.json", "--list", proofs + "/proofs.txt"]
        _ = try martlet(["verify"] + list)
        let powers = try (1...2).flatMap { number in
            let path = folder.path("\(number).ptau")
            _ = try martlet(["setup", "powersoftau", "--insecure-dev", "--power", "2", "--ptau", path])
            return ["--ptau", path]
        }
        _ = try martlet(["aggregate", "key", "--output", folder.path("key.json")] + powers)
        _ = try martlet(["aggregate", "prove", "--output", folder.path("all.agg")] + list + powers)
        let check =
            ["aggregate", "verify", "--key", folder.path("key.json"), "--aggregate", folder.path("all.agg")]
            + list
        #expect(try martlet(check) == "valid  \(folder.path("all.agg"))  2 proofs\n")
        // Of another update the public input is another one.
        let updates = (0..<2).map { URL(filePath: published + "/rounds/1/updates/\($0).json") }
        let honest = try Data(contentsOf: updates[1])
        try Data(contentsOf: updates[0]).write(to: updates[1])
        _ = try run(["proofs", published, "--round", "1", "--output", proofs])
        #expect(try martlet(check, expecting: 1).hasPrefix("INVALID"))
        try honest.write(to: updates[1])
        // Tampering is named.
        let path = published + "/rounds/1/updates/0.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacingOccurrences(of: "\"entries\":[", with: "\"entries\":[1").write(
            toFile: path, atomically: true, encoding: .utf8)
        let broken = try run(["verify", published, "--json"], expecting: 1)
        #expect(
            broken.output.contains("rounds/1/updates/0.json")
                || broken.output.contains("rounds\\/1\\/updates\\/0.json"))
    }
}
