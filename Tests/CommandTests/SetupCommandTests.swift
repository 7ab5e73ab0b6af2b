// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// `setup` and `zkey` through the program itself.
@Suite struct SetupCommandTests {
    private let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
    private let ptau = Vectors.url("snarkjs/ptau/bn128_8.ptau").path

    private func file(_ name: String) -> String { circuit.appending(path: name).path }

    private func run(
        _ arguments: String..., expecting status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
    )
        throws -> MartletCommand.Outcome
    {
        let outcome = try MartletCommand.run(arguments)
        #expect(
            outcome.status == status, "\(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation)
        return outcome
    }

    /// Proves with a key, and verifies here and with py_ecc where that is there.
    private func expectProves(_ zkey: String, _ folder: TemporaryFolder) throws {
        let (proof, publics, vkey) = (
            folder.path("proof.json"), folder.path("public.json"), folder.path("vkey.json")
        )
        _ = try run(
            "prove", "--zkey", zkey, "--witness", file("witness.wtns"), "--proof", proof, "--public", publics)
        _ = try run("export", "vkey", "--zkey", zkey, "--vkey", vkey)
        _ = try run("verify", "--vkey", vkey, "--public", publics, "--proof", proof)
        guard let python = ProcessInfo.processInfo.environment["MARTLET_PYTHON"], !python.isEmpty else {
            return
        }
        let script = Vectors.directory.deletingLastPathComponent().appending(
            path: "Scripts/verify_groth16.py"
        ).path
        let checked = try MartletCommand.run(
            URL(filePath: "/usr/bin/env"),
            [python, script, "--vkey", vkey, "--public", publics, "--proof", proof])
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    }

    @Test func aCeremonyFromPowersOfTauToAProof() throws {
        let folder = try TemporaryFolder()
        let keys = (0..<3).map { folder.path("\($0).zkey") }
        let made = try run(
            "setup", "groth16", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", keys[0])
        #expect(made.output.contains("zkey contribute"))
        #expect(
            try Data(contentsOf: URL(filePath: keys[0])).count
                == Data(contentsOf: Vectors.url("snarkjs/ptau/multiplier_initial.zkey")).count)
        _ = try run("zkey", "contribute", "--zkey", keys[0], "--output", keys[1], "--name", "alice")
        _ = try run("zkey", "contribute", "--zkey", keys[1], "--output", keys[2], "--name", "bob")
        let verified = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", keys[2])
        #expect(verified.output.contains("valid") && verified.output.contains("contribution 2 bob"))
        try expectProves(keys[2], folder)
        // A beacon on top.
        let last = folder.path("last.zkey")
        _ = try run(
            "zkey", "beacon", "--zkey", keys[2], "--output", last, "--beacon", "0102030405", "--iterations",
            "10",
            "--name", "block 7")
        let beacon = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", last)
        #expect(beacon.output.contains("contribution 3 block 7 (beacon)"))
        let limited = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", last,
            "--beacon-limit", "9", "--json", expecting: 1)
        #expect(limited.output.contains("2^10") && limited.output.contains("\"valid\" : false"))
        _ = try run(
            "zkey", "beacon", "--zkey", keys[2], "--output", last, "--beacon", "0x", "--iterations", "10",
            expecting: 2)
        // snarkjs' own key of the same powers, and one of other powers.
        _ = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey",
            Vectors.url("snarkjs/ptau/multiplier_beacon.zkey").path)
        let other = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey",
            file("circuit_final.zkey"),
            expecting: 1)
        #expect(other.errors.contains("alpha is not that of the powers of tau"))
    }

    /// Nothing is added to a key that is damaged where it shows it.
    @Test func damagedKeysGetNoContribution() throws {
        let folder = try TemporaryFolder()
        let (good, bad, next) = (folder.path("good.zkey"), folder.path("bad.zkey"), folder.path("next.zkey"))
        let theirs = try Data(contentsOf: Vectors.url("snarkjs/ptau/multiplier_beacon.zkey"))
        /// The content of a section, as offsets in the file.
        func section(_ wanted: UInt8) throws -> Range<Int> {
            var at = 12
            while at < theirs.count {
                let count = (0..<8).reversed().reduce(0) { $0 << 8 | Int(theirs[at + 4 + $1]) }
                if theirs[at] == wanted { return at + 12..<at + 12 + count }
                at += 12 + count
            }
            throw CocoaError(.fileReadCorruptFile)
        }
        let (header, history) = (try section(2), try section(10))
        // Of BN254: δ·G1 comes before the last 128 bytes; after the hash and the count there are three points
        // of G1, one of G2 and the transcript.
        let delta1 = header.upperBound - 192..<header.upperBound - 128
        let alpha1 = header.upperBound - 9 * 64..<header.upperBound - 8 * 64
        let damages: [(String, (inout Data) -> Void)] = [
            ("contribution 1: its transcript", { $0[history.lowerBound] ^= 1 }),
            ("contribution 1: its transcript", { $0[history.lowerBound + 68 + 5 * 64 + 9] ^= 1 }),
            ("delta is not what the contributions lead to", { $0.replaceSubrange(delta1, with: $0[alpha1]) }),
            ("section 10 (contributions)", { $0[history.lowerBound + 68] ^= 1 }),
        ]
        for (words, damage) in damages {
            var data = theirs
            damage(&data)
            try data.write(to: URL(filePath: bad))
            for command in [["contribute"], ["beacon", "--beacon", "0102"]] {
                let outcome = try MartletCommand.run(["zkey"] + command + ["--zkey", bad, "--output", next])
                #expect(
                    outcome.status == 2 && outcome.errors.contains("bad.zkey: \(words)"), "\(outcome.errors)")
                #expect(!FileManager.default.fileExists(atPath: next))
            }
        }
        try theirs.write(to: URL(filePath: good))
        let made = try run("zkey", "contribute", "--zkey", good, "--output", next)
        #expect(made.output.contains("contribution 3") && made.errors.isEmpty, "\(made.errors)")
    }

    @Test func developmentKeysAreLoudAndProve() throws {
        let folder = try TemporaryFolder()
        let key = folder.path("dev.zkey")
        let made = try run(
            "setup", "groth16", "--r1cs", file("circuit.r1cs"), "--insecure-dev", "--zkey", key, "--json")
        #expect(made.errors.contains("INSECURE"))
        let report = try #require(
            JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any])
        #expect(report["insecure"] as? Bool == true && report["constraints"] as? Int == 2)
        // It has no history that the hash could be the beginning of.
        #expect(report["circuitHash"] == nil)
        try expectProves(key, folder)
        let verified = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--zkey", key, expecting: 1)
        #expect(
            verified.errors.contains("INSECURE")
                && verified.output.contains("not checked against powers of tau")
                && !verified.output.contains("valid"))
        let content = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--zkey", key, "--matrices-only", "--json")
        #expect(
            content.output.contains("\"insecure\" : true")
                && content.output.contains("\"matricesMatch\" : true")
                && content.output.contains("\"checked\" : \"matrices\"")
                && !content.output.contains("\"valid\""), "\(content.output)")
        _ = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", key,
            "--matrices-only", expecting: 2)
        let refused = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", key, expecting: 1)
        #expect(refused.errors.contains("alpha"))
    }

    /// With δ = γ anybody forges: what builds on such a key refuses it, what uses it warns.
    @Test func keysThatNobodyContributedTo() throws {
        let folder = try TemporaryFolder()
        let (key, vkey) = (folder.path("0.zkey"), folder.path("vkey.json"))
        _ = try run(
            "setup", "groth16", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", key)
        let verified = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", key, "--json",
            expecting: 1)
        #expect(
            verified.output.contains("\"insecure\" : true")
                && verified.output.contains("nobody has contributed"))
        _ = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--zkey", key, "--matrices-only", expecting: 1)
        let (proof, publics) = (folder.path("proof.json"), folder.path("public.json"))
        let proved = try run(
            "prove", "--zkey", key, "--witness", file("witness.wtns"), "--proof", proof, "--public", publics)
        let exported = try run("export", "vkey", "--zkey", key, "--vkey", vkey)
        let checked = try run("verify", "--vkey", vkey, "--public", publics, "--proof", proof)
        for outcome in [proved, exported, checked] {
            #expect(
                outcome.errors.contains("warning") && outcome.errors.contains("anybody can forge proofs"),
                "\(outcome.errors)")
        }
        for source in [["--zkey", key], ["--vkey", vkey]] {
            let contract = ["export", "verifier", "--lang", "vyper"] + source
            let refused = try MartletCommand.run(contract)
            #expect(refused.status == 2 && refused.output.isEmpty)
            #expect(refused.errors.contains("--allow-uncontributed"), "\(refused.errors)")
            let allowed = try MartletCommand.run(contract + ["--allow-uncontributed"])
            #expect(allowed.status == 0 && allowed.errors.contains("INSECURE"))
        }
        // One contribution, and nobody says anything.
        _ = try run("zkey", "contribute", "--zkey", key, "--output", folder.path("1.zkey"))
        let quiet = try run("export", "vkey", "--zkey", folder.path("1.zkey"), "--vkey", vkey)
        #expect(quiet.errors.isEmpty)
        let contract = try run("export", "verifier", "--lang", "vyper", "--vkey", vkey)
        #expect(contract.errors.isEmpty)
    }

    /// The audit's own files, and the key with a contribution imported from bellman.
    @Test(.enabled(if: Fixtures.arePresent, "the folder of fixtures is absent"))
    func reportedKeysAndPowers() throws {
        let folder = try TemporaryFolder()
        let fixtures = try #require(Fixtures.directory)
        func path(_ name: String) -> String { fixtures.appending(path: name).path }
        let attack = { (name: String) in path("attacks/ptau-top-coefficient/\(name)") }
        for powers in ["bad", "good"] {
            let verified = try run(
                "zkey", "verify", "--r1cs", attack("mul.r1cs"), "--ptau", attack("\(powers).ptau"), "--zkey",
                attack("b2.zkey"), expecting: 1)
            #expect(verified.errors.contains("can forge proofs"))
        }
        _ = try run(
            "setup", "groth16", "--r1cs", attack("mul.r1cs"), "--ptau", attack("bad.ptau"), "--zkey",
            folder.path("x.zkey"), expecting: 2)
        let bellman = { (name: String) in path("reported/bellman-import-h/\(name)") }
        let valid = try run(
            "zkey", "verify", "--r1cs", bellman("circuit.r1cs"), "--ptau", bellman("pot5.ptau"), "--zkey",
            bellman("z1.zkey"))
        #expect(valid.output.contains("valid"))
        let open = path("reported/gamma-equals-delta/gammadelta.vk")
        _ = try run("export", "verifier", "--lang", "solidity", "--vkey", open, expecting: 2)
    }

    @Test func wrongUseIsNamed() throws {
        let folder = try TemporaryFolder()
        let key = folder.path("x.zkey")
        let both = try run(
            "setup", "groth16", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--insecure-dev", "--zkey",
            key, expecting: 2)
        #expect(both.errors.contains("--ptau"))
        _ = try run("setup", "groth16", "--r1cs", file("circuit.r1cs"), "--zkey", key, expecting: 2)
        let notR1CS = try run(
            "setup", "groth16", "--r1cs", file("witness.wtns"), "--insecure-dev", "--zkey", key, expecting: 2)
        #expect(notR1CS.errors.contains("witness.wtns"))
        let curve = try run(
            "setup", "groth16", "--r1cs",
            Vectors.url("snarkjs/groth16-bls12381-multiplier/circuit.r1cs").path, "--ptau", ptau, "--zkey",
            key, expecting: 2)
        #expect(curve.errors.contains("bls12381") && curve.errors.contains("bn254"))
        let place = try run(
            "setup", "groth16", "--r1cs", file("circuit.r1cs"), "--insecure-dev", "--zkey",
            folder.path("no/x.zkey"),
            expecting: 2)
        #expect(place.errors.contains("no/x.zkey"))
        let truncated = folder.path("truncated.ptau")
        try Data(contentsOf: URL(filePath: ptau)).dropLast(100).write(to: URL(filePath: truncated))
        let short = try run(
            "setup", "groth16", "--r1cs", file("circuit.r1cs"), "--ptau", truncated, "--zkey", key,
            expecting: 2)
        #expect(short.errors.contains("truncated.ptau"))
        #expect(!FileManager.default.fileExists(atPath: key))
    }
}
