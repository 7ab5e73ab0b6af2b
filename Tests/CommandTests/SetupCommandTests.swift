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
        _ = try run("zkey", "contribute", "--zkey", keys[0], "--out", keys[1], "--name", "alice")
        _ = try run("zkey", "contribute", "--zkey", keys[1], "--out", keys[2], "--name", "bob")
        let verified = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", keys[2])
        #expect(verified.output.contains("valid") && verified.output.contains("contribution 2 bob"))
        try expectProves(keys[2], folder)
        let warned = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", keys[0])
        #expect(warned.errors.contains("nobody has contributed"))
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

    @Test func developmentKeysAreLoudAndProve() throws {
        let folder = try TemporaryFolder()
        let key = folder.path("dev.zkey")
        let made = try run(
            "setup", "groth16", "--r1cs", file("circuit.r1cs"), "--insecure-dev", "--zkey", key, "--json")
        #expect(made.errors.contains("INSECURE"))
        let report = try #require(
            JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any])
        #expect(report["insecure"] as? Bool == true && report["constraints"] as? Int == 2)
        try expectProves(key, folder)
        let verified = try run("zkey", "verify", "--r1cs", file("circuit.r1cs"), "--zkey", key)
        #expect(verified.errors.contains("INSECURE") && verified.output.contains("points were not checked"))
        let refused = try run(
            "zkey", "verify", "--r1cs", file("circuit.r1cs"), "--ptau", ptau, "--zkey", key, expecting: 1)
        #expect(refused.errors.contains("alpha"))
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
        #expect(curve.errors.contains("bls12381") && curve.errors.contains("bn128"))
        let place = try run(
            "setup", "groth16", "--r1cs", file("circuit.r1cs"), "--insecure-dev", "--zkey",
            folder.path("no/x.zkey"),
            expecting: 3)
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
