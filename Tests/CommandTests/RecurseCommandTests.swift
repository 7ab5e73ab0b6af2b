// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// `martlet recurse`: a key for proofs of proofs, a proof, and what its public input is.
@Suite struct RecurseCommandTests {
    private static let isLong = ProcessInfo.processInfo.environment["MARTLET_LONG_TESTS"] == "1"

    private func run(_ words: [String], status: Int32 = 0) throws -> String {
        let outcome = try MartletCommand.run(words)
        #expect(outcome.status == status, "\(words.joined(separator: " ")): \(outcome.errors)")
        return outcome.output + outcome.errors
    }

    /// One proof of snarkjs' in a proof with a commitment, from key to verification; there is room for two.
    @Test func aProofOfAProof() throws {
        let temporary = try TemporaryFolder()
        let inner = Vectors.url("snarkjs/groth16-bn128-multiplier").path
        let list = temporary.path("proofs.txt")
        try Data("\(inner)/proof.json \(inner)/public.json\n".utf8).write(to: URL(filePath: list))
        let vkey = ["--vkey", "\(inner)/verification_key.json"]
        let (zkey, proof, publics) = (
            temporary.path("recursive.zkey"), temporary.path("proof.json"), temporary.path("public.json")
        )
        _ = try run(["recurse", "key"] + vkey + ["--proofs", "2", "--insecure-dev", "--zkey", zkey])
        let report = try run(
            ["recurse", "prove", "--json", "--places", "2", "--zkey", zkey] + vkey
                + ["--list", list, "--proof", proof, "--public", publics])
        for member in ["\"places\"", "\"proofs\"", "\"witnessSeconds\"", "\"seconds\""] {
            #expect(report.contains(member), "\(report)")
        }
        let outer = temporary.path("vkey.json")
        _ = try run(["export", "vkey", "--zkey", zkey, "--vkey", outer])
        _ = try run(["verify", "--vkey", outer, "--proof", proof, "--public", publics])
        // The verification key may be a pipe: it is read once.
        let piped = try MartletCommand.run(
            URL(filePath: "/bin/sh"),
            [
                "-c",
                "cat \"$1\" | \"$0\" recurse prove --places 2 --vkey - --zkey \"$2\" --list \"$3\" --proof \"$4\" --public \"$5\"",
                try BuiltProgram.url("martlet").path, vkey[1], zkey, list, temporary.path("p3"),
                temporary.path("q3"),
            ])
        #expect(piped.status == 0, "\(piped.errors)")
        // Whoever has the inputs knows the hash.
        let hash = try run(["recurse", "hash"] + vkey + ["--list", list, "--places", "2"])
        let input = try String(contentsOfFile: publics, encoding: .utf8)
        #expect(hash.filter { !$0.isWhitespace } == input.filter { !$0.isWhitespace })
        #expect(try run(["recurse", "hash"] + vkey + ["--list", list]) != hash)
        // More places than any key has.
        for places in ["400", "1000000000000", "\(Int.max)"] {
            let said = try run(["recurse", "hash"] + vkey + ["--list", list, "--places", places], status: 2)
            #expect(said.contains("no key is for \(places) proofs"), "\(said)")
        }
        // Another number of places, too few of them, and an invalid proof.
        func prove(_ places: [String], status: Int32) throws -> String {
            try run(
                ["recurse", "prove", "--zkey", zkey] + vkey + places
                    + ["--list", list, "--proof", temporary.path("p2"), "--public", temporary.path("q2")],
                status: status)
        }
        var said = try prove([], status: 2)
        #expect(said.contains("not a key for 1 proof") && said.contains("--places"), "\(said)")
        let line = "\(inner)/proof.json \(inner)/public.json\n"
        try Data((line + line).utf8).write(to: URL(filePath: list))
        said = try prove(["--places", "1"], status: 2)
        #expect(said.contains("fewer than there are proofs"), "\(said)")
        let wrong = temporary.path("wrong.json")
        try Data("[\"4242\",\"1\"]".utf8).write(to: URL(filePath: wrong))
        try Data("\n\(line)\(inner)/proof.json \(wrong)\n".utf8).write(to: URL(filePath: list))
        said = try prove([], status: 1)
        #expect(said.contains("proofs.txt:3: ") && said.contains("proof.json: "), "\(said)")
        #expect(!FileManager.default.fileExists(atPath: temporary.path("p2")))
    }

    /// A proof of a proof of a proof, with Poseidon's challenges below.
    @Test(.enabled(if: isLong, "MARTLET_LONG_TESTS is not 1"))
    func aTree() throws {
        let temporary = try TemporaryFolder()
        let inner = Vectors.url("snarkjs/groth16-bn128-multiplier").path
        var files = (
            vkey: "\(inner)/verification_key.json", proof: "\(inner)/proof.json",
            input: "\(inner)/public.json"
        )
        for (level, hash) in ["poseidon", "keccak256"].enumerated() {
            func path(_ name: String) -> String { temporary.path("\(level)-\(name)") }
            try Data("\(files.proof) \(files.input)\n".utf8).write(to: URL(filePath: path("list")))
            _ = try run([
                "recurse", "key", "--vkey", files.vkey, "--proofs", "2", "--insecure-dev",
                "--allow-uncontributed", "--commitment-hash", hash, "--zkey", path("zkey"),
            ])
            _ = try run([
                "recurse", "prove", "--zkey", path("zkey"), "--vkey", files.vkey, "--places", "2", "--list",
                path("list"), "--proof", path("proof"), "--public", path("public"),
            ])
            _ = try run(["export", "vkey", "--zkey", path("zkey"), "--vkey", path("vkey")])
            files = (path("vkey"), path("proof"), path("public"))
        }
        _ = try run([
            "verify", "--vkey", files.vkey, "--proof", files.proof, "--public", files.input,
        ])
        // No circuit computes Keccak's challenges.
        let said = try run(
            [
                "recurse", "key", "--vkey", files.vkey, "--proofs", "1", "--insecure-dev",
                "--allow-uncontributed", "--zkey", temporary.path("z"),
            ], status: 2)
        #expect(said.contains("made by keccak256"), "\(said)")
    }

    @Test func mistakesAreNamed() throws {
        let temporary = try TemporaryFolder()
        let other = Vectors.url("snarkjs/groth16-bls12381-multiplier").path
        let key = ["--insecure-dev", "--zkey", temporary.path("z")]
        var said = try run(
            ["recurse", "key", "--vkey", "\(other)/verification_key.json", "--proofs", "1"] + key, status: 2)
        #expect(said.contains("bn254 alone"), "\(said)")
        let inner = Vectors.url("snarkjs/groth16-bn128-multiplier").path
        said = try run(
            ["recurse", "key", "--vkey", "\(inner)/verification_key.json", "--proofs", "0"] + key, status: 2)
        #expect(said.contains("--proofs must be"), "\(said)")
        // Nothing is written for powers of tau that are none.
        let circuit = temporary.path("circuit.r1cs")
        said = try run(
            [
                "recurse", "key", "--vkey", "\(inner)/verification_key.json", "--proofs", "1", "--ptau",
                "\(inner)/proof.json", "--r1cs", circuit, "--zkey", temporary.path("z"),
            ], status: 2)
        #expect(said.contains("proof.json"), "\(said)")
        #expect(!FileManager.default.fileExists(atPath: circuit))
        let committed = Vectors.url("gnark/groth16-bn254-commit-public").path
        said = try run(["recurse", "key", "--vkey", "\(committed)/vk.bin", "--proofs", "1"] + key, status: 2)
        #expect(said.contains("made by sha256"), "\(said)")
        said = try run(
            ["recurse", "key", "--vkey", "\(inner)/verification_key.json", "--proofs", "9999"] + key,
            status: 2)
        #expect(said.contains("--proofs must be from 1 to "), "\(said)")
    }

    /// Keys of proofs with more inputs than a circuit takes are refused before there is one.
    @Test func inputsAreTooMany() throws {
        let temporary = try TemporaryFolder()
        let inner = Vectors.url("snarkjs/groth16-bn128-multiplier/verification_key.json")
        var document = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: inner)) as? [String: Any])
        let points = try #require(document["IC"] as? [Any])
        let vkey = temporary.path("vkey.json")
        document["nPublic"] = 2_001
        document["IC"] = [points[0], points[1]] + [Any](repeating: points[2], count: 2_000)
        try JSONSerialization.data(withJSONObject: document).write(to: URL(filePath: vkey))
        let said = try run(
            [
                "recurse", "key", "--vkey", vkey, "--proofs", "1", "--insecure-dev", "--zkey",
                temporary.path("z"),
            ], status: 2)
        #expect(said.contains("2001 public inputs") && said.contains("2000"), "\(said)")
    }

    /// What is wrong with a file of a list is said with the list's line.
    @Test func linesOfListsAreNamed() throws {
        let temporary = try TemporaryFolder()
        let inner = Vectors.url("snarkjs/groth16-bn128-multiplier").path
        let (list, text) = (temporary.path("proofs.txt"), temporary.path("text.json"))
        try Data("[1".utf8).write(to: URL(filePath: text))
        let vkey = ["--vkey", "\(inner)/verification_key.json"]
        let good = "\(inner)/proof.json \(inner)/public.json"
        let outputs = ["--proof", temporary.path("p"), "--public", temporary.path("q")]
        for (line, named) in [
            ("none.json \(inner)/public.json", "none.json: "), ("\(inner)/proof.json \(text)", "text.json"),
            ("\(text) \(inner)/public.json", "text.json"), ("\(inner)/proof.json", "1 path, not two"),
        ] {
            try Data("\(good)\n\n\(line)\n".utf8).write(to: URL(filePath: list))
            for command in [
                ["recurse", "prove", "--zkey", temporary.path("z")] + outputs, ["verify"],
            ] {
                let said = try run(command + vkey + ["--list", list], status: 2)
                #expect(said.contains("proofs.txt:3: ") && said.contains(named), "\(said)")
            }
        }
        try Data("\(good)\n\(inner)/proof.json \(text)\n".utf8).write(to: URL(filePath: list))
        let said = try run(["recurse", "hash"] + vkey + ["--list", list], status: 2)
        #expect(said.contains("proofs.txt:2: ") && said.contains("text.json"), "\(said)")
    }
}
