// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// Commands on gnark's files.
@Suite struct GnarkCommandTests {
    private func file(_ name: String) -> String { Vectors.url("gnark/\(name)").path }

    private func run(_ words: String..., status: Int32 = 0) throws -> String {
        let outcome = try MartletCommand.run(words)
        #expect(outcome.status == status, "\(words.joined(separator: " ")): \(outcome.errors)")
        return outcome.output + outcome.errors
    }

    /// Keys, proofs and public inputs of either kind, and what is made of one in the place of another.
    @Test(arguments: [
        "groth16-bn254", "groth16-bls12381", "groth16-bn254-commit-public", "groth16-bn254-commit-two",
        "groth16-bls12381-commit-two",
    ])
    func proofsAreMadeAndVerified(_ folder: String) throws {
        let temporary = try TemporaryFolder()
        let (key, publics) = (file("\(folder)/vk.bin"), file("\(folder)/witness.public.bin"))
        let json = temporary.path("verification_key.json")
        _ = try run("export", "vkey", "--gnark", key, "--vkey", json)
        let (proof, inputs) = (temporary.path("proof"), temporary.path("public"))
        for format in ["json", "gnark", "gnark-raw"] {
            _ = try run(
                "prove", "--zkey", file("\(folder)/pk.bin"), "--vkey", key, "--r1cs",
                file("\(folder)/r1cs.bin"),
                "--witness", file("\(folder)/wires.txt"), "--proof", proof, "--public", inputs,
                "--proof-format", format)
            for vkey in [key, json, file("\(folder)/vk.raw.bin")] {
                _ = try run("verify", "--vkey", vkey, "--proof", proof, "--public", inputs)
                _ = try run(
                    "verify", "--vkey", vkey, "--proof", proof, "--public", publics,
                    "--proof", file("\(folder)/proof.raw.bin"), "--public", inputs)
            }
        }
        let other = file("groth16-bn254-range/proof.bin")
        guard !folder.contains("bls12381") else {
            let words = try run("verify", "--vkey", key, "--proof", other, "--public", publics, status: 2)
            #expect(words.contains("bls12381"))
            return
        }
        _ = try run("verify", "--vkey", key, "--proof", other, "--public", publics, status: 1)
    }

    @Test func hashesAreAgreedOn() throws {
        let folder = "groth16-bn254-commit-public"
        let arguments = [
            "verify", "--vkey", file("\(folder)/vk.bin"), "--proof", file("\(folder)/proof.solidity.bin"),
            "--public", file("\(folder)/witness.public.bin"),
        ]
        #expect(try MartletCommand.run(arguments).status == 1)
        #expect(try MartletCommand.run(arguments + ["--commitment-hash", "keccak256"]).status == 0)
        #expect(try MartletCommand.run(arguments + ["--commitment-hash", "md5"]).status == 2)
        let plain = "groth16-bn254"
        let said = try run(
            "verify", "--vkey", file("\(plain)/vk.bin"), "--proof", file("\(plain)/proof.bin"), "--public",
            file("\(plain)/witness.public.bin"), "--commitment-hash", "keccak256", status: 2)
        #expect(said.contains("vk.bin") && said.contains("has no commitments"), "\(said)")
        let snarkjs = Vectors.url("snarkjs/groth16-bn128-multiplier").path
        let other = try run(
            "verify", "--vkey", "\(snarkjs)/verification_key.json", "--proof", "\(snarkjs)/proof.json",
            "--public", "\(snarkjs)/public.json", "--commitment-hash", "sha256", status: 2)
        #expect(other.contains("has no commitments"), "\(other)")
    }

    /// Of a damaged key its reader says what is wrong, and where.
    @Test func damagedKeysAreToldOf() throws {
        let folder = "groth16-bn254"
        let temporary = try TemporaryFolder()
        let sound = try Data(contentsOf: URL(filePath: file("\(folder)/vk.bin")))
        let key = temporary.path("vk.bin")
        for (bytes, words) in [
            (sound.prefix(200), "truncated"), (sound.prefix(sound.count - 1), "truncated"),
            (sound + [0], "1 trailing bytes"),
        ] {
            try Data(bytes).write(to: URL(filePath: key))
            let said = try run(
                "verify", "--vkey", key, "--proof", file("\(folder)/proof.bin"), "--public",
                file("\(folder)/witness.public.bin"), status: 2)
            #expect(said.contains(key) && said.contains(words) && said.contains("byte "), "\(said)")
        }
        let proving = try Data(contentsOf: URL(filePath: file("\(folder)/pk.bin")))
        for (bytes, words) in [
            (proving + [0], "1 trailing bytes"), (proving.dropLast(), "truncated"),
            (proving.prefix(5000), "truncated"), (Data("no key".utf8), "none of the known formats"),
        ] {
            try Data(bytes).write(to: URL(filePath: key))
            let said = try run(
                "prove", "--zkey", key, "--vkey", file("\(folder)/vk.bin"), "--r1cs",
                file("\(folder)/r1cs.bin"), "--witness", file("\(folder)/wires.txt"), "--proof",
                temporary.path("proof"), "--public", temporary.path("public"), status: 2)
            #expect(said.contains(key) && said.contains(words), "\(said)")
        }
        // The point at infinity for γ₂: behind α₁, β₁ and β₂.
        var infinite = sound
        infinite.replaceSubrange(128..<192, with: [0x40] + Data(count: 63))
        try infinite.write(to: URL(filePath: key))
        let said = try run(
            "verify", "--vkey", key, "--proof", file("\(folder)/proof.bin"), "--public",
            file("\(folder)/witness.public.bin"), status: 2)
        #expect(said.contains("gamma2") && said.contains("byte 128"), "\(said)")
    }

    /// A key with commitments that says that it is plain, so that its challenges were public inputs.
    @Test func commitmentsAreNotPassedOver() throws {
        let folder = "groth16-bn254-commit-public"
        let temporary = try TemporaryFolder()
        let key = temporary.path("vkey.json")
        _ = try run("export", "vkey", "--gnark", file("\(folder)/vk.bin"), "--vkey", key)
        let text = try String(contentsOfFile: key, encoding: .utf8)
        func verify(_ changed: String) throws -> String {
            try Data(changed.utf8).write(to: URL(filePath: key))
            return try run(
                "verify", "--vkey", key, "--proof", file("\(folder)/proof.bin"), "--public",
                file("\(folder)/witness.public.bin"), status: 2)
        }
        let plain = text.replacing("groth16-commitments", with: "groth16")
            .replacing("\"nPublic\": 2", with: "\"nPublic\": 3")
        #expect(plain.contains("\"nPublic\": 3"))
        var said = try verify(plain)
        #expect(said.contains("protocol") && said.contains("groth16-commitments"), "\(said)")
        // More commitments than points.
        let range = try #require(text.firstRange(of: "\"commitments\": ["))
        let entry = "{\"hashed\": [], \"sigma_neg_2\": [[\"0\",\"0\"],[\"1\",\"0\"],[\"0\",\"0\"]]},"
        said = try verify(
            text.replacingCharacters(
                in: range, with: "\"commitments\": [" + String(repeating: entry, count: 9)))
        #expect(said.contains("IC") && said.contains("points"), "\(said)")
    }

    @Test func filesAreDescribed() throws {
        let folder = "groth16-bn254-commit-public"
        for (name, words) in [
            (
                "vk.bin",
                ["\"gnark vk\"", "\"commitments\" : 1", "\"compressed\" : true", "\"publicInputs\" : 2"]
            ),
            ("proof.raw.bin", ["\"gnark proof\"", "\"commitments\" : 1", "\"compressed\" : false"]),
            ("pk.bin", ["\"gnark pk\"", "\"groth16-commitments\"", "\"wires\" : 12", "\"domainSize\" : 16"]),
            ("r1cs.bin", ["\"gnark r1cs\"", "\"constraints\" : 9", "\"commitments\" : 1"]),
            ("witness.full.bin", ["\"gnark witness\"", "\"privateInputs\" : 2"]),
        ] {
            let output = try run("info", file("\(folder)/\(name)"), "--json")
            for word in words { #expect(output.contains(word), "\(name): \(output)") }
        }
    }

    /// What is missing or makes no sense is said.
    @Test func mistakesAreNamed() throws {
        let folder = "groth16-bn254"
        let temporary = try TemporaryFolder()
        func proving(with key: String, _ witness: String) -> [String] {
            [
                "prove", "--zkey", file("\(folder)/\(key)"), "--witness", file("\(folder)/\(witness)"),
                "--proof", temporary.path("proof"), "--public", temporary.path("public"),
            ]
        }
        let prove = proving(with: "pk.bin", "wires.txt")
        let circuit = ["--r1cs", file("\(folder)/r1cs.bin"), "--vkey", file("\(folder)/vk.bin")]
        for (arguments, words) in [
            (prove, "needs its --vkey and its --r1cs"),
            (prove + circuit + ["--json"], "--json does not go with"),
            (prove + circuit + ["--explain"], "--explain does not go with"),
            (prove + circuit + ["--device", "0"], "--device does not go with"),
            (proving(with: "nothing.bin", "wires.txt") + circuit, "No such file"),
            (proving(with: "proof.bin", "wires.txt") + circuit, "holds a proof (gnark)"),
            (proving(with: "pk.bin", "witness.full.bin") + circuit, "where a witness"),
            (["export", "vkey", "--vkey", temporary.path("v")], "--zkey or --gnark"),
            (
                ["export", "vkey", "--gnark", file("\(folder)/pk.bin"), "--vkey", temporary.path("v")],
                "holds a proving key (gnark)"
            ),
        ] {
            let outcome = try MartletCommand.run(arguments)
            let said = outcome.output + outcome.errors
            #expect(outcome.status == 2 && said.contains(words), "\(said)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path).isEmpty)
    }
}
