// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import TestSupport
import Testing

/// `prove`, `verify`, `export` and `info` on real files, through the program itself.
@Suite struct ProveAndVerifyTests {
    static let bundled = ["groth16-bn128-multiplier", "groth16-bls12381-multiplier"]
    static let large = ["groth16-bn128-poseidon30", "groth16-bn128-sha256"]

    @Test(arguments: bundled, ["auto", "cpu", "cpu-portable"])
    func bundledCircuit(name: String, backend: String) throws {
        try check(Vectors.url("snarkjs/\(name)"), backend: backend)
    }

    @Test(.enabled(if: Fixtures.arePresent, "MARTLET_FIXTURES names no folder"), arguments: large)
    func largerCircuit(name: String) throws {
        let folder = try #require(Fixtures.directory).appending(path: name)
        try check(folder, backend: "auto")
    }

    @Test(
        .enabled(if: OpenCLDevices.arePresent, "no OpenCL device here"),
        arguments: bundled)
    func bundledCircuitOnADevice(name: String) throws {
        try check(Vectors.url("snarkjs/\(name)"), backend: "opencl")
    }

    @Test(
        .enabled(if: OpenCLDevices.arePresent, "no OpenCL device here"),
        .enabled(if: Fixtures.arePresent, "MARTLET_FIXTURES names no folder"), arguments: large)
    func largerCircuitOnADevice(name: String) throws {
        let folder = try #require(Fixtures.directory).appending(path: name)
        try check(folder, backend: "opencl")
    }

    /// Our proof verifies with our verifier and with one that shares no code with it; snarkjs' own proof
    /// verifies with ours.
    private func check(_ circuit: URL, backend: String) throws {
        let folder = try TemporaryFolder()
        let (proof, publics) = (folder.path("proof.json"), folder.path("public.json"))
        func file(_ name: String) -> String { circuit.appending(path: name).path }
        let proved = try MartletCommand.run([
            "prove", "--zkey", file("circuit_final.zkey"), "--witness", file("witness.wtns"), "--r1cs",
            file("circuit.r1cs"),
            "--proof", proof, "--public", publics, "--backend", backend,
        ])
        #expect(proved.status == 0, "\(proved.errors)")
        #expect(proved.output + proved.errors == "", "a piped run is quiet")
        #expect(
            try Data(contentsOf: URL(filePath: publics))
                == Data(contentsOf: circuit.appending(path: "public.json")))

        let vkey = file("verification_key.json")
        for (proof, publics) in [(proof, publics), (file("proof.json"), file("public.json"))] {
            let verified = try MartletCommand.run([
                "verify", "--vkey", vkey, "--public", publics, "--proof", proof,
            ])
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
        let batch = try MartletCommand.run([
            "verify", "--vkey", vkey, "--public", publics, "--proof", proof,
            "--public", file("public.json"), "--proof", file("proof.json"), "--json",
        ])
        #expect(batch.status == 0 && batch.output.contains("\"valid\" : true"))
        if let python = ProcessInfo.processInfo.environment["MARTLET_PYTHON"] {
            let script = Vectors.directory.deletingLastPathComponent().appending(
                path: "Scripts/verify_groth16.py")
            let independent = try MartletCommand.run(
                URL(filePath: python), [script.path, "--vkey", vkey, "--public", publics, "--proof", proof])
            #expect(independent.status == 0 && independent.output.contains("OK"), "\(independent.errors)")
        }

        let key = folder.path("vkey.json")
        #expect(
            try MartletCommand.run(["export", "vkey", "--zkey", file("circuit_final.zkey"), "--vkey", key])
                .status == 0)
        #expect(try Data(contentsOf: URL(filePath: key)) == Data(contentsOf: URL(filePath: vkey)))
    }

    /// The check above with py_ecc is not silently missing.
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["MARTLET_PYTHON"] != nil, "MARTLET_PYTHON is not set"))
    func independentVerifierRefusesAWrongProof() throws {
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let python = try #require(ProcessInfo.processInfo.environment["MARTLET_PYTHON"])
        let script = Vectors.directory.deletingLastPathComponent().appending(
            path: "Scripts/verify_groth16.py")
        let outcome = try MartletCommand.run(
            URL(filePath: python),
            [
                script.path, "--vkey", circuit.appending(path: "verification_key.json").path,
                "--public", circuit.appending(path: "public.json").path,
                "--proof", Vectors.url("snarkjs/malformed/f07_pi_a_negated.json").path,
            ])
        #expect(outcome.status == 1)
    }

    @Test func violatedConstraintIsNamed() throws {
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let folder = try TemporaryFolder()
        let outcome = try MartletCommand.run([
            "prove", "--zkey", circuit.appending(path: "circuit_final.zkey").path,
            "--r1cs", circuit.appending(path: "circuit.r1cs").path,
            "--witness", Vectors.url("snarkjs/malformed/w04_unsatisfied_private.wtns").path,
            "--proof", folder.path("proof.json"), "--public", folder.path("public.json"),
        ])
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("violates constraint"), "\(outcome.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func oneBadProofInABatchIsNamed() throws {
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let good = [
            "--public", circuit.appending(path: "public.json").path, "--proof",
            circuit.appending(path: "proof.json").path,
        ]
        let bad = [
            "--public", circuit.appending(path: "public.json").path,
            "--proof", Vectors.url("snarkjs/malformed/f07_pi_a_negated.json").path,
        ]
        let outcome = try MartletCommand.run(
            ["verify", "--vkey", circuit.appending(path: "verification_key.json").path] + good + bad + good)
        #expect(outcome.status == 1)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.map { $0.hasPrefix("INVALID") } == [false, true, false], "\(outcome.output)")
    }

    /// A reason stands beside the proof's name and the verdict, and says neither again.
    @Test(arguments: [
        ("f07_pi_a_negated.json", "the pairing equation does not hold"),
        ("f01_pi_a_off_curve.json", "pi_a: not a valid point: it does not lie on the curve"),
    ])
    func reasonsSayNothingTwice(file: String, reason: String) throws {
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let proof = Vectors.url("snarkjs/malformed/" + file).path
        let command = [
            "verify", "--vkey", circuit.appending(path: "verification_key.json").path, "--public",
            circuit.appending(path: "public.json").path, "--proof", proof,
        ]
        let table = try MartletCommand.run(command)
        #expect(table.status == 1 && table.output == "INVALID  \(proof)  \(reason)\n", "\(table.output)")
        let outcome = try MartletCommand.run(command + ["--json"])
        let report = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let findings = try #require(report["proofs"] as? [[String: Any]])
        #expect(findings.count == 1 && findings[0]["reason"] as? String == reason, "\(outcome.output)")
        #expect(findings[0]["proof"] as? String == proof && findings[0]["valid"] as? Bool == false)
    }

    /// rapidsnark names no curve: the key says it. A proof that names another one is refused, whatever its
    /// points are, and is not called invalid.
    @Test(arguments: [("bn128", "bls12381"), ("bls12381", "bn254")])
    func theKeySaysTheCurveOfAProofThatDoesNot(curve: String, other: String) throws {
        let circuit = Vectors.url("snarkjs/groth16-\(curve)-multiplier")
        let folder = try TemporaryFolder()
        let text = try String(contentsOf: circuit.appending(path: "proof.json"), encoding: .utf8)
        func verify(_ label: String) throws -> MartletCommand.Outcome {
            let changed = text.replacingOccurrences(of: ",\n \"curve\": \"\(curve)\"", with: label)
            try #require(changed != text || label.contains(curve))
            try Data(changed.utf8).write(to: URL(filePath: folder.path("proof.json")))
            return try MartletCommand.run([
                "verify", "--vkey", circuit.appending(path: "verification_key.json").path, "--public",
                circuit.appending(path: "public.json").path, "--proof", folder.path("proof.json"),
            ])
        }
        for label in ["", ",\n \"curve\": null", ",\n \"curve\": \"\(curve.uppercased())\""] {
            let outcome = try verify(label)
            #expect(
                outcome.status == 0 && outcome.output.hasPrefix("valid"), "\(outcome.output)\(outcome.errors)"
            )
        }
        let refused = try verify(",\n \"curve\": \"\(other)\"")
        #expect(refused.status == 2 && refused.output.isEmpty, "\(refused.output)")
        #expect(refused.errors.contains("curve: made for the curve \(other)"), "\(refused.errors)")
        #expect(try verify(",\n \"curve\": \"\"").status == 2)
        // Without the name, points of one curve are none of the other.
        let foreign = Vectors.url("snarkjs/groth16-\(other == "bn254" ? "bn128" : other)-multiplier")
        let swapped = try String(contentsOf: foreign.appending(path: "proof.json"), encoding: .utf8)
            .replacingOccurrences(of: #",\s*"curve": "[a-z0-9]+""#, with: "", options: .regularExpression)
        try #require(!swapped.contains("curve"))
        try Data(swapped.utf8).write(to: URL(filePath: folder.path("proof.json")))
        let outcome = try MartletCommand.run([
            "verify", "--vkey", circuit.appending(path: "verification_key.json").path, "--public",
            circuit.appending(path: "public.json").path, "--proof", folder.path("proof.json"),
        ])
        #expect(outcome.status != 0 && !outcome.output.hasPrefix("valid"), "\(outcome.output)")
    }

    @Test func calldataIsThatOfTheProof() throws {
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let outcome = try MartletCommand.run([
            "export", "calldata", "--public", circuit.appending(path: "public.json").path,
            "--proof", circuit.appending(path: "proof.json").path,
        ])
        #expect(outcome.status == 0)
        // pi_a's x and the first public input, converted apart from this program.
        #expect(
            outcome.output.hasPrefix(
                ##"["0x1361bf74da8278646d0a3e75b5c4b56cd45b124825f839316906ca2c0a76111b", "##),
            "\(outcome.output)")
        let numbers = try JSONSerialization.jsonObject(with: Data("[\(outcome.output)]".utf8)) as? [Any]
        #expect(numbers?.count == 4)
        #expect((numbers?[3] as? [String])?.map { $0.suffix(2) } == ["6c", "03"])
        let bls = Vectors.url("snarkjs/groth16-bls12381-multiplier")
        let refused = try MartletCommand.run([
            "export", "calldata", "--public", bls.appending(path: "public.json").path,
            "--proof", bls.appending(path: "proof.json").path,
        ])
        #expect(refused.status == 2)
    }

    @Test(arguments: [
        "circuit.r1cs", "witness.wtns", "circuit_final.zkey", "verification_key.json", "proof.json",
        "public.json",
    ])
    func infoKnowsTheFile(name: String) throws {
        let path = Vectors.url("snarkjs/groth16-bn128-multiplier/\(name)").path
        let table = try MartletCommand.run(["info", path])
        #expect(table.status == 0 && !table.output.isEmpty, "\(table.errors)")
        let json = try MartletCommand.run(["info", path, "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(object?["bytes"] as? Int == (try Data(contentsOf: URL(filePath: path)).count))
    }

    @Test(arguments: [
        ["prove"], ["frobnicate"], ["verify", "--vkey", "x"], ["info", "/nonexistent/file"],
        ["prove", "--zkey", "/nonexistent", "--witness", "/nonexistent"],
        ["prove", "--zkey", "a", "--witness", "b", "--backend", "abacus"],
        ["prove", "--zkey", "a", "--witness", "b", "--threads", "-1"],
    ])
    func wrongUsageEndsWithTwo(arguments: [String]) throws {
        let outcome = try MartletCommand.run(arguments)
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(!outcome.errors.isEmpty)
    }

    @Test func unknownKernelsAreRefused() throws {
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let arguments = [
            "prove", "--zkey", circuit.appending(path: "circuit_final.zkey").path,
            "--witness", circuit.appending(path: "witness.wtns").path,
        ]
        let outcome = try MartletCommand.run(arguments, environment: ["MARTLET_CPU": "abacus"])
        #expect(outcome.status == 2 && outcome.errors.contains("abacus"))
    }

    @Test func aPlaceThatIsNotThereEndsWithTwo() throws {
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let outcome = try MartletCommand.run([
            "prove", "--zkey", circuit.appending(path: "circuit_final.zkey").path,
            "--witness", circuit.appending(path: "witness.wtns").path,
            "--proof", "/nonexistent/proof.json", "--public", "/nonexistent/public.json",
        ])
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(outcome.errors.contains("/nonexistent/proof.json"))
    }

    @Test func helpAndVersion() throws {
        for arguments in [["--help"], ["--version"], ["prove", "--help"]] {
            let outcome = try MartletCommand.run(arguments)
            #expect(outcome.status == 0 && !outcome.output.isEmpty)
        }
    }
}
