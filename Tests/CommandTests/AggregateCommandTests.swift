// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// `aggregate` through the program itself.
@Suite struct AggregateCommandTests {
    private let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")

    private func file(_ name: String) -> String { circuit.appending(path: name).path }

    private func run(
        _ arguments: [String], expecting status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> MartletCommand.Outcome {
        let outcome = try MartletCommand.run(arguments)
        #expect(
            outcome.status == status, "\(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation)
        return outcome
    }

    @Test func fromProofsToAnAggregate() throws {
        let folder = try TemporaryFolder()
        let (key, aggregate) = (folder.path("key.json"), folder.path("all.agg"))
        let other = folder.path("dev.ptau")
        let warned = try run(["setup", "powersoftau", "--insecure-dev", "--power", "4", "--ptau", other])
        #expect(warned.errors.contains("INSECURE"))
        _ = try run(["setup", "powersoftau", "--power", "4", "--ptau", other], expecting: 2)
        let powers = ["--ptau", Vectors.url("snarkjs/ptau/bn128_8.ptau").path, "--ptau", other]
        _ = try run(["aggregate", "key", "--output", key] + powers)
        // Five proofs, two of them snarkjs' own.
        var list = "\(file("proof.json")) \(file("public.json"))\n\n"
        for number in 0..<3 {
            _ = try run([
                "prove", "--zkey", file("circuit_final.zkey"), "--witness", file("witness.wtns"), "--proof",
                folder.path("\(number).json"), "--public", folder.path("\(number).public.json"),
            ])
            list += "\(number).json \(number).public.json\n"
        }
        list += "\(file("proof.json"))\t\(file("public.json"))\n"
        try Data(list.utf8).write(to: URL(filePath: folder.path("list")))
        let vkey = ["--vkey", file("verification_key.json")]
        let proofs = ["--list", folder.path("list")]
        #expect(try run(["verify"] + vkey + proofs).output.components(separatedBy: "valid").count == 6)
        let made = try run(["aggregate", "prove", "--output", aggregate, "--json"] + vkey + proofs + powers)
        let report = try #require(
            JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any])
        #expect(report["proofs"] as? Int == 5)
        let check = ["aggregate", "verify", "--key", key, "--aggregate", aggregate] + vkey
        #expect(try run(check + proofs).output == "valid  \(aggregate)  5 proofs\n")
        let publics = [String](repeating: "--public", count: 5).flatMap { [$0, file("public.json")] }
        let verdict = try run(check + publics + ["--json"]).output
        #expect(verdict.contains("\"valid\" : true") && verdict.contains("\"aggregate\" : \"\(aggregate)\""))

        #expect(try run(["info", key]).output.contains("the key that verifies aggregates"))
        let facts = try #require(
            JSONSerialization.jsonObject(with: Data(run(["info", aggregate, "--json"]).output.utf8))
                as? [String: Any])
        #expect(facts["format"] as? String == "aggregate" && facts["curve"] as? String == "bn254")
        #expect(facts["proofs"] as? Int == 5)
        let bytes = try Data(contentsOf: URL(filePath: aggregate))
        for (length, reason) in [(15, "16 bytes are announced"), (bytes.count - 1, "bytes are missing")] {
            try bytes.prefix(length).write(to: URL(filePath: folder.path("cut.agg")))
            let cut = try run(["info", folder.path("cut.agg")], expecting: 2)
            #expect(cut.errors.contains("cut.agg: ") && cut.errors.contains(reason), "\(cut.errors)")
        }
        // Other inputs, or fewer.
        try Data(#"["1", "2"]"#.utf8).write(to: URL(filePath: folder.path("wrong.json")))
        let wrong = try run(
            check + publics.dropLast(2) + ["--public", folder.path("wrong.json")], expecting: 1)
        #expect(wrong.output.hasPrefix("INVALID  \(aggregate)  the sum of the C does not hold (an aggregate"))
        // What does not belong together is no verdict on the proofs.
        let fewer = try run(check + publics.dropLast(2), expecting: 2)
        #expect(fewer.errors.contains("an aggregate of 5 proofs, and there are public inputs of 4"))
        // A proof that does not hold is named, and nothing is written.
        try Data("\(file("proof.json")) wrong.json\n".utf8).write(to: URL(filePath: folder.path("list")))
        let invalid = try run(
            ["aggregate", "prove", "--output", folder.path("none.agg")] + vkey + proofs + powers, expecting: 1
        )
        #expect(invalid.errors.contains("proof.json: the pairing equation does not hold"))
        let told = try run(
            ["aggregate", "prove", "--output", folder.path("none.agg"), "--json"] + vkey + proofs + powers,
            expecting: 1)
        let document = try #require(
            JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any])
        let failure = try #require(document["error"] as? [String: Any])
        #expect(failure["code"] as? String == "invalid-proof")
        #expect((failure["message"] as? String)?.contains("proof.json: the pairing equation") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path("none.agg")))

        let badInputs: [([String], String)] = [
            (["aggregate", "key", "--output", key, "--ptau", other], "twice"),
            (["aggregate", "key", "--output", key, "--ptau", other, "--ptau", other], "two ceremonies"),
            (
                ["aggregate", "key", "--output", key, "--ptau", other, "--ptau", file("circuit.r1cs")],
                "circuit.r1cs"
            ),
            (check + publics + proofs, "not both"),
            (
                ["aggregate", "verify", "--key", key, "--aggregate", file("proof.json")] + vkey + publics,
                "proof.json: holds a proof, where an aggregate of proofs"
            ),
            (
                ["aggregate", "verify", "--key", file("proof.json"), "--aggregate", aggregate] + vkey
                    + publics,
                "proof.json: holds a proof, where the key that verifies aggregates"
            ),
            (
                ["aggregate", "verify", "--key", file("verification_key.json"), "--aggregate", aggregate]
                    + vkey + publics,
                "verification_key.json: holds a verification key, where the key that verifies aggregates"
            ),
            (
                ["aggregate", "verify", "--key", aggregate, "--aggregate", key] + vkey + publics,
                "all.agg: holds an aggregate of proofs"
            ),
            (
                ["aggregate", "verify", "--key", key, "--aggregate", key] + vkey + publics,
                "key.json: holds the key that verifies aggregates"
            ),
            (
                ["aggregate", "verify", "--key", key, "--aggregate", file("circuit_final.zkey")] + vkey
                    + publics,
                "circuit_final.zkey: holds a proving key (zkey), where an aggregate of proofs"
            ),
            (
                ["aggregate", "verify", "--key", key, "--aggregate", aggregate, "--vkey", key] + publics,
                "key.json: holds the key that verifies aggregates (martlet aggregate key), where a verification key"
            ),
            (
                ["aggregate", "verify", "--key", key, "--aggregate", aggregate, "--vkey", aggregate]
                    + publics, "all.agg: holds an aggregate of proofs"
            ),
            (
                check + Array(publics.dropLast()) + [aggregate],
                "all.agg: holds an aggregate of proofs (martlet aggregate prove), where public inputs are"
            ),
            (check + ["--list", folder.path("nothing")], "nothing: cannot be read"),
        ]
        for (arguments, reason) in badInputs {
            let outcome = try run(arguments, expecting: 2)
            #expect(outcome.errors.contains(reason), "\(arguments): \(outcome.errors)")
        }
        // Powers for 2^4 rows are for eight proofs.
        try Data(
            String(repeating: "\(file("proof.json")) \(file("public.json"))\n", count: 9).utf8
        ).write(to: URL(filePath: folder.path("list")))
        let many = try run(
            ["aggregate", "prove", "--output", folder.path("none.agg")] + vkey + proofs + powers, expecting: 2
        )
        #expect(many.errors.contains("for 8 proofs, 9 are to be aggregated"))
        try Data("one\n".utf8).write(to: URL(filePath: folder.path("list")))
        #expect(
            try run(["verify"] + vkey + proofs, expecting: 2).errors.contains("list:1: 1 path, not two"))
    }
}
