// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// A federation whose rounds verify their clients' proofs, from the task to the contract in an EVM: the
/// sample of docs/federated.md, settled with and without a commitment.
@Suite(.serialized) struct RoundSettlementTests {
    private static let python = ProcessInfo.processInfo.environment["MARTLET_PYTHON"].flatMap {
        $0.isEmpty ? nil : $0
    }

    private static let root = Vectors.directory.deletingLastPathComponent().deletingLastPathComponent()

    /// The first block of a kind in docs/federated.md.
    static func sample(_ kind: String) throws -> String {
        let text = try String(contentsOf: root.appending(path: "docs/federated.md"), encoding: .utf8)
        let begin = try #require(text.firstRange(of: "\n```\(kind)\n"))
        let end = try #require(text[begin.upperBound...].firstRange(of: "\n```\n"))
        return String(text[begin.upperBound..<end.lowerBound])
    }

    private struct Place {
        let folder: TemporaryFolder

        init(settlement: String) throws {
            folder = try TemporaryFolder()
            let task = try sample("json")
            #expect(task.contains("\"settlement\": \"plain\""))
            try task.replacing("\"plain\"", with: "\"\(settlement)\"")
                .write(toFile: folder.path("task.json"), atomically: true, encoding: .utf8)
            try sample("csv").write(toFile: folder.path("data.csv"), atomically: true, encoding: .utf8)
        }

        /// Runs `martlet fl` with arguments.
        @discardableResult
        func run(
            _ arguments: [String], expecting status: Int32 = 0,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws -> MartletCommand.Outcome {
            let outcome = try MartletCommand.run(["fl"] + arguments, limit: 900)
            #expect(
                outcome.status == status, "\(arguments): \(outcome.output)\(outcome.errors)",
                sourceLocation: sourceLocation)
            return outcome
        }

        /// Enrolls clients in a federation, and gives the paths of their updates.
        func enroll(_ names: [String], in federation: String) throws {
            for name in names {
                let outcome = try MartletCommand.enroll(
                    folder.path(name), in: folder.path(federation), name: name,
                    data: folder.path("data.csv"))
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
        }

        func train(_ names: [String], in federation: String) throws -> [String] {
            try names.map { name in
                let update = folder.path("\(name).json")
                try run([
                    "train", folder.path(name), "--federation", folder.path(federation), "--output", update,
                ])
                return update
            }
        }

        /// A published file as JSON.
        func object(_ path: String) throws -> [String: Any] {
            try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder.path(path))))
                    as? [String: Any])
        }

        /// Runs a Python program of the repository.
        func run(python program: String, _ arguments: [String]) throws -> MartletCommand.Outcome {
            try MartletCommand.run(
                URL(filePath: try #require(RoundSettlementTests.python)),
                [RoundSettlementTests.root.appending(path: program).path] + arguments,
                environment: ["MARTLET": try BuiltProgram.url("martlet").path])
        }

        /// The contract's arguments of a published proof: A, B, C and, with a commitment, that and the proof
        /// of knowledge.
        func arguments(_ text: String) throws -> [Any] {
            let proof = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            func point(_ name: String) throws -> [String] {
                Array(try #require(proof[name] as? [String]).prefix(2))
            }
            let b = try #require(proof["pi_b"] as? [[String]])
            let others = try (proof["commitments"] as? [[String]]).map { points in
                try points.map { Array($0.prefix(2)) } + [point("commitment_pok")]
            }
            return try [point("pi_a"), [b[0].reversed(), b[1].reversed()].map { Array($0) }, point("pi_c")]
                + (others ?? [])
        }
    }

    private static let nobody = "0x" + String(repeating: "00", count: 20)
    private static let registrar = "0x" + String(repeating: "ef", count: 20)

    /// Keys for the plain form, and keys of a ceremony, take minutes: for `make soak`, which sets this.
    private static let isLong = ProcessInfo.processInfo.environment["MARTLET_LONG_TESTS"] == "1"
    private static let settlements = ["commitment"] + (isLong ? ["plain"] : [])

    /// The whole way, and what an operator who owns the sequencer settles: nothing that is not proved.
    @Test(arguments: settlements)
    func aRoundGoesToTheContract(settlement: String) throws {
        let place = try Place(settlement: settlement)
        let folder = place.folder
        let federation = folder.path("fed")
        let begun = try place.run([
            "init", federation, "--task", folder.path("task.json"), "--insecure-dev", "--json",
        ])
        #expect(
            begun.output.contains("\"settlement\" : \"\(settlement)\"") && !begun.errors.contains("ATTESTED"))
        try place.enroll(["ann", "bob", "cem"], in: "fed")
        let first = try place.object("fed/states/0.json")
        #expect(first["registered"] as? Int == 3)
        try place.run(["start", federation])
        let updates = try place.train(["ann", "bob", "cem"], in: "fed")
        // One client is below the quorum.
        let alone = try place.run(["round", federation, updates[0]], expecting: 1)
        #expect(alone.errors.contains("1 update of 2 at least (minimumClients)"), "\(alone.errors)")
        // A forged update is refused, and the round is made without it. Somebody enrolls meanwhile: the next
        // round is for all four.
        let honest = try String(contentsOfFile: updates[1], encoding: .utf8)
        try honest.replacing("\"entries\":[", with: "\"entries\":[1").write(
            toFile: updates[1], atomically: true, encoding: .utf8)
        try expectOtherKeyIsRefused(place, updates)
        let round = try place.run(["round", federation] + updates + ["--json"])
        #expect(round.output.contains("\"accepted\" : 2"))
        try place.enroll(["dan"], in: "fed")
        let tooLate = try place.run(
            ["train", folder.path("dan"), "--federation", federation, "--output", folder.path("d.json")],
            expecting: 2)
        #expect(tooLate.errors.contains("registered too late for round 2"), "\(tooLate.errors)")
        // No update is published, and the history holds without.
        #expect(!FileManager.default.fileExists(atPath: federation + "/rounds/1/updates"))
        #expect(try place.run(["verify", federation]).output.contains("1 round with 2 updates holds"))
        let proofs = try place.run(
            ["proofs", federation, "--round", "1", "--output", folder.path("p")], expecting: 2)
        #expect(proofs.errors.contains("not published"))
        try expectBreaks(place)
        if Self.python != nil { try settle(place, settlement) }
    }

    /// Keys from powers of tau with a contribution each: made one after the other, checked where the
    /// federation begins and by whoever reads its history.
    @Test(.enabled(if: isLong, "MARTLET_LONG_TESTS is not 1"))
    func keysOfACeremony() throws {
        let place = try Place(settlement: "commitment")
        let folder = place.folder
        let (task, powers) = (folder.path("task.json"), folder.path("powers.ptau"))
        try String(contentsOfFile: task, encoding: .utf8)
            .replacing("\"clientsPerRound\": 3", with: "\"clientsPerRound\": 1")
            .replacing("\"minimumClients\": 2", with: "\"minimumClients\": 1")
            .write(toFile: task, atomically: true, encoding: .utf8)
        func martlet(_ arguments: [String]) throws {
            let outcome = try MartletCommand.run(arguments, limit: 900)
            try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
        }
        try martlet(["setup", "powersoftau", "--insecure-dev", "--power", "18", "--ptau", powers])
        try FileManager.default.createDirectory(
            atPath: folder.path("keys"), withIntermediateDirectories: false)
        for (circuit, hash) in [("client", nil), ("round", "keccak256")] {
            try place.run([
                "circuits", "--task", task, "--keys", folder.path("keys"), "--output",
                folder.path("circuits"),
            ])
            try martlet(
                [
                    "setup", "groth16", "--r1cs", folder.path("circuits/\(circuit).r1cs"), "--ptau", powers,
                    "--zkey", folder.path("first.zkey"),
                ] + (hash.map { ["--commitment-hash", $0] } ?? []))
            try martlet([
                "zkey", "contribute", "--zkey", folder.path("first.zkey"), "--output",
                folder.path("keys/\(circuit).zkey"),
            ])
        }
        let begun = try place.run([
            "init", folder.path("fed"), "--task", task, "--keys", folder.path("keys"), "--ptau", powers,
        ])
        #expect(!begun.errors.contains("INSECURE"))
        try place.enroll(["ann"], in: "fed")
        try place.run(["start", folder.path("fed")])
        let updates = try place.train(["ann"], in: "fed")
        try place.run(["round", folder.path("fed")] + updates)
        let verified = try place.run(["verify", folder.path("fed"), "--ptau", powers, "--json"])
        #expect(verified.output.contains("\"keysChecked\" : true"))
        // A verification key that is not that of the key beside it.
        try martlet([
            "export", "vkey", "--zkey", folder.path("first.zkey"), "--vkey",
            folder.path("fed/round.vkey.json"),
        ])
        let other = try place.run(["verify", folder.path("fed"), "--ptau", powers], expecting: 1)
        #expect(other.errors.contains("round.vkey.json"), "\(other.errors)")
    }

    /// A key of another circuit is named, where a circuit with a commitment is made.
    private func expectOtherKeyIsRefused(_ place: Place, _ updates: [String]) throws {
        let folder = place.folder
        try FileManager.default.createDirectory(
            atPath: folder.path("wrong"), withIntermediateDirectories: false)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path("fed"))
        where name != "rounds" && !name.hasSuffix(".zkey") {
            try FileManager.default.copyItem(
                atPath: folder.path("fed/\(name)"), toPath: folder.path("wrong/\(name)"))
        }
        try FileManager.default.createDirectory(
            atPath: folder.path("wrong/rounds"), withIntermediateDirectories: false)
        try FileManager.default.copyItem(
            atPath: folder.path("fed/client.zkey"), toPath: folder.path("wrong/round.zkey"))
        let refused = try place.run(["round", folder.path("wrong")] + updates, expecting: 2)
        #expect(refused.errors.contains("round.zkey: not a key of this task's circuit"), "\(refused.errors)")
    }

    /// Each change of what is published is found.
    private func expectBreaks(_ place: Place) throws {
        let federation = place.folder.path("fed")
        for (file, change, reason) in [
            ("rounds/1/round.json", { $0["newState"] = "1" }, "newState"),
            ("rounds/1/round.json", { $0["accepted"] = [] }, "accepted"),
            (
                "rounds/1/round.json",
                { object in
                    object["accepted"] = (object["accepted"] as? [Any]).map { Array($0.reversed()) }
                }, "batch"
            ),
            ("rounds/1/state.json", { $0["registered"] = 2 }, "registered"),
            (
                "rounds/1/state.json",
                { object in
                    object["weights"] = (object["weights"] as? [Int]).map { $0.map { $0 + 1 } }
                }, "weights"
            ),
        ] as [(String, (inout [String: Any]) -> Void, String)] {
            let path = "\(federation)/\(file)"
            let kept = try Data(contentsOf: URL(filePath: path))
            var object = try place.object("fed/\(file)")
            change(&object)
            try JSONSerialization.data(withJSONObject: object).write(to: URL(filePath: path))
            let broken = try place.run(["verify", federation], expecting: 1)
            #expect(broken.errors.contains(reason), "\(file): \(broken.errors)")
            try kept.write(to: URL(filePath: path))
        }
        try place.run(["verify", federation])
    }

    /// Settles the round in an EVM, and tries others.
    private func settle(_ place: Place, _ settlement: String) throws {
        let folder = place.folder
        let contract = folder.path("round.vy")
        let made = try place.run(["contract", folder.path("fed"), "--output", contract])
        #expect(made.errors.contains("INSECURE"), "\(made.errors)")
        // It is the key's contract, as it is made of the key alone.
        let key = settlement == "plain" ? "wrap" : "round"
        let exported = try MartletCommand.run([
            "export", "verifier", "--lang", "vyper", "--kind", "round", "--vkey",
            folder.path("fed/\(key).vkey.json"),
        ])
        let own = try String(contentsOfFile: contract, encoding: .utf8)
        func code(_ text: String) -> [Substring] { text.split(separator: "\n").filter { !$0.hasPrefix("#") } }
        #expect(exported.status == 0 && code(exported.output) == code(own), "\(exported.errors)")
        #expect(exported.output.contains("martlet fl contract") && !own.contains("martlet fl contract"))
        let settled = try place.run(
            python: "deploy/demo/on_chain.py", ["rounds", contract, folder.path("fed")])
        #expect(settled.status == 0, "\(settled.output)\(settled.errors)")
        let (first, state) = (
            try place.object("fed/states/0.json"), try place.object("fed/rounds/1/state.json")
        )
        let round = try place.object("fed/rounds/1/round.json")
        let proof = try place.arguments(try #require(round["proof"] as? String))
        try expectCalldata(place, proof)
        let new = try #require(round["newState"] as? String)
        let registry = try #require(state["registry"] as? String)
        let before = try #require(first["registry"] as? String)
        func call(_ proof: [Any], _ state: Any) -> [String: Any] {
            ["function": "submit_round", "arguments": proof + [state], "sender": Self.nobody]
        }
        func registration(_ root: String) -> [String: Any] {
            ["function": "set_registry", "arguments": [root], "sender": Self.registrar]
        }
        var attacks: [(String, [[String: Any]])] = [
            ("the round's proof for another state", [call(proof, before)]),
            ("a registry that has changed since", [registration("12345"), call(proof, new)]),
        ]
        if settlement == "commitment" {
            let other = try ownRound(place)
            attacks += [
                ("a round of another registry", [call(other.proof, other.state)]),
                ("its proof for this round's state", [call(other.proof, new)]),
                ("the round's proof for its state", [call(proof, other.state)]),
                ("parts of two proofs", [call([proof[0]] + other.proof.dropFirst(), new)]),
                ("its registry", [registration(other.registry), call(proof, new)]),
            ]
        }
        let source = try String(contentsOfFile: contract, encoding: .utf8)
        let requests: [[String: Any]] = try attacks.map { what, calls in
            [
                "source": source,
                "constructor": [
                    try #require(first["hash"] as? String), registry, Self.nobody, Self.registrar,
                ],
                // What is honest still settles afterwards.
                "calls": calls + (calls.count == 1 ? [] : [registration(registry)])
                    + [call(proof, new)],
            ]
        }
        let path = folder.path("request.json")
        try JSONSerialization.data(withJSONObject: requests).write(to: URL(filePath: path))
        let answer = try place.run(python: "Tests/Scripts/run_contract.py", [path])
        let contracts = try #require(
            try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [[String: Any]],
            "\(answer.errors)")
        #expect(contracts.count == attacks.count)
        for ((what, calls), contract) in zip(attacks, contracts) {
            let results = try #require(contract["results"] as? [[String: Any]], "\(contract)")
            let attack = results[calls.count - 1]
            #expect(attack["success"] as? Bool == false, "\(what)")
            #expect(attack["reason"] as? String == "invalid proof", "\(what): \(attack)")
            #expect(results.last?["success"] as? Bool == true, "\(what): the honest round is not taken")
        }
    }

    /// What `fl calldata` prints: the arguments of the published proof, and the same as data.
    private func expectCalldata(_ place: Place, _ proof: [Any]) throws {
        let printed = try place.run(["calldata", place.folder.path("fed"), "--round", "1", "--json"])
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(printed.output.utf8)) as? [String: Any])
        let call = try #require(report["submitRound"] as? [String: Any])
        let arguments = try #require(call["arguments"] as? [Any])
        #expect(arguments.dropLast().elementsEqual(proof) { "\($0)" == "\($1)" })
        #expect(arguments.last as? String == report["newState"] as? String)
        let data = try #require(call["data"] as? String)
        // Keccak-256 of both signatures, by eth_utils.
        let isPlain = proof.count == 3
        #expect(data.hasPrefix(isPlain ? "0xe826a0e2" : "0x42811a30"))
        #expect(data.count == 2 + 8 + 64 * (isPlain ? 9 : 13))
        #expect(report["setRegistry"] == nil)
        let alone = try place.run(["calldata", place.folder.path("fed"), "--round", "1", "--data"])
        #expect(alone.output == data + "\n")
    }

    /// A federation of the attacker's own clients, with the same task and keys: an honest proof, of other
    /// states.
    private func ownRound(_ place: Place) throws -> (proof: [Any], state: String, registry: String) {
        let folder = place.folder
        try place.run([
            "init", folder.path("own"), "--task", folder.path("task.json"), "--keys", folder.path("fed"),
            "--insecure-dev",
        ])
        try place.enroll(["eve", "eva"], in: "own")
        try place.run(["start", folder.path("own")])
        let updates = try place.train(["eve", "eva"], in: "own")
        try place.run(["round", folder.path("own")] + updates)
        let round = try place.object("own/rounds/1/round.json")
        return (
            try place.arguments(try #require(round["proof"] as? String)),
            try #require(round["newState"] as? String),
            try #require(try place.object("own/rounds/1/state.json")["registry"] as? String)
        )
    }
}
