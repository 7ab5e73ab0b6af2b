// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// `martlet recurse`: a key for proofs of proofs, a proof, and what its public input is.
@Suite struct RecurseCommandTests {
    private func run(_ words: [String], status: Int32 = 0) throws -> String {
        let outcome = try MartletCommand.run(words)
        #expect(outcome.status == status, "\(words.joined(separator: " ")): \(outcome.errors)")
        return outcome.output + outcome.errors
    }

    /// One proof of snarkjs' in a proof with a commitment, from key to verification.
    @Test func aProofOfAProof() throws {
        let temporary = try TemporaryFolder()
        let inner = Vectors.url("snarkjs/groth16-bn128-multiplier").path
        let list = temporary.path("proofs.txt")
        try Data("\(inner)/proof.json \(inner)/public.json\n".utf8).write(to: URL(filePath: list))
        let vkey = ["--vkey", "\(inner)/verification_key.json"]
        let (zkey, proof, publics) = (
            temporary.path("recursive.zkey"), temporary.path("proof.json"), temporary.path("public.json")
        )
        _ = try run(["recurse", "key"] + vkey + ["--proofs", "1", "--insecure-dev", "--zkey", zkey])
        _ = try run(
            ["recurse", "prove", "--zkey", zkey] + vkey
                + ["--list", list, "--proof", proof, "--public", publics])
        let outer = temporary.path("vkey.json")
        _ = try run(["export", "vkey", "--zkey", zkey, "--vkey", outer])
        _ = try run(["verify", "--vkey", outer, "--proof", proof, "--public", publics])
        // The verification key may be a pipe: it is read once.
        let piped = try MartletCommand.run(
            URL(filePath: "/bin/sh"),
            [
                "-c",
                "cat \"$1\" | \"$0\" recurse prove --vkey - --zkey \"$2\" --list \"$3\" --proof \"$4\" --public \"$5\"",
                try BuiltProgram.url("martlet").path, vkey[1], zkey, list, temporary.path("p3"),
                temporary.path("q3"),
            ])
        #expect(piped.status == 0, "\(piped.errors)")
        // Whoever has the inputs knows the hash.
        let hash = try run(["recurse", "hash"] + vkey + ["--list", list])
        let input = try String(contentsOfFile: publics, encoding: .utf8)
        #expect(hash.filter { !$0.isWhitespace } == input.filter { !$0.isWhitespace })
        // Another number of proofs, and an invalid one.
        let line = "\(inner)/proof.json \(inner)/public.json\n"
        try Data((line + line).utf8).write(to: URL(filePath: list))
        var said = try run(
            ["recurse", "prove", "--zkey", zkey] + vkey
                + ["--list", list, "--proof", temporary.path("p2"), "--public", temporary.path("q2")],
            status: 2)
        #expect(said.contains("not a key for 2 proofs"), "\(said)")
        let wrong = temporary.path("wrong.json")
        try Data("[\"4242\",\"1\"]".utf8).write(to: URL(filePath: wrong))
        try Data("\(inner)/proof.json \(wrong)\n".utf8).write(to: URL(filePath: list))
        said = try run(
            ["recurse", "prove", "--zkey", zkey] + vkey
                + ["--list", list, "--proof", temporary.path("p2"), "--public", temporary.path("q2")],
            status: 1)
        #expect(said.contains("proof.json"), "\(said)")
        #expect(!FileManager.default.fileExists(atPath: temporary.path("p2")))
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
        #expect(said.contains("has commitments"), "\(said)")
    }
}
