// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import SystemTestSupport
import TestSupport
import Testing
import TrustedSetup

/// A circuit with a commitment through the program: its ceremony, its keys, proofs of it, and what is
/// mistaken for it.
@Suite struct CommittedCommandTests {
    private typealias Scalar = BN254.Fr

    private func run(
        _ words: String..., expecting status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let outcome = try MartletCommand.run(words)
        #expect(
            outcome.status == status, "\(words.joined(separator: " ")): \(outcome.output)\(outcome.errors)",
            sourceLocation: sourceLocation)
        return outcome.output + outcome.errors
    }

    /// a·b = p for public p, m·1 = m and (a + c)·b = s, with a, b and the mask m committed to, and a
    /// challenge c that hashes p: wires 1, one, a 2, b 3, m 4, c 5, s 6, p being 1.
    private func system(hashed: [UInt32] = [1], commits: Bool = true) -> R1CS<Scalar> {
        var system = R1CS<Scalar>(
            wireCount: 7, publicOutputCount: 0, publicInputCount: 1, privateInputCount: 2)
        for wires in [[2], [3], [1], [4], [0], [4], [2, 5], [3], [6]] as [[UInt32]] {
            system.append(combination: wires.map { R1CS<Scalar>.Term(wire: $0, coefficient: .one) })
        }
        if commits {
            system.append(WireCommitment(committed: [2, 3, 4], hashed: hashed, challenge: 5))
        }
        return system
    }

    /// A witness for a key, as a circuit's program makes it.
    private func writeWitness(for zkey: String, to path: String, wrong: Bool = false) throws {
        let any = try CommittedZKey.load(ZKeyFile(MappedFile(path: zkey)))
        let key = try #require(any as? CommittedKey<BN254>)
        var generator = SeededGenerator.fresh()
        var w = (0..<7).map { _ in Scalar.random(using: &generator) }
        (w[0], w[1]) = (.one, w[2] * w[3])
        let prover = CommittedProver(
            backend: CPUBackend<BN254>(parallel: Parallel(threads: 1)), parallel: Parallel(threads: 1))
        let point = try prover.commit(
            key: key.provingKey, number: 0, values: SecretScalars(w[2...4].map(\.canonical)))
        w[5] = key.verifyingKey.challenge(0, of: point, known: [w[1]])
        w[6] = (w[2] + w[5]) * w[3]
        if wrong { w[6] += .one }
        try WitnessFile.write(SecretScalars(w.map(\.canonical)), of: BN254.self, to: path)
    }

    /// A contract's arguments are A, B, C, the commitment, the proof of knowledge and the inputs.
    private func expectCalldata(of proof: String, _ publics: String) throws {
        let calldata = try run("export", "calldata", "--public", publics, "--proof", proof)
        let arguments = try #require(
            JSONSerialization.jsonObject(with: Data("[\(calldata)]".utf8)) as? [Any])
        let json = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: proof))) as? [String: Any])
        let inputs = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: publics))) as? [String])
        try #require(arguments.count == 6)
        func words(_ argument: Any) throws -> [String] { try #require(argument as? [String]) }
        func hexadecimal(_ decimal: String) throws -> String {
            let value = try #require(BN254.Fp(decimal: decimal))
            return "0x" + value.bigEndianBytes.map { String(format: "%02x", $0) }.joined()
        }
        func expect(_ argument: Any, _ point: Any?) throws {
            let coordinates = try #require(point as? [String]).prefix(2)
            #expect(try words(argument) == coordinates.map(hexadecimal))
        }
        try expect(arguments[0], json["pi_a"])
        try expect(arguments[2], json["pi_c"])
        try expect(arguments[3], (json["commitments"] as? [Any])?.first)
        try expect(arguments[4], json["commitment_pok"])
        #expect(try words(arguments[5]) == inputs.map(hexadecimal))
    }

    @Test func aCeremonyToAProof() throws {
        let folder = try TemporaryFolder()
        let (r1cs, ptau) = (folder.path("circuit.r1cs"), folder.path("powers.ptau"))
        try R1CSFile.write(system(), of: BN254.self, to: r1cs)
        _ = try run("setup", "powersoftau", "--insecure-dev", "--power", "3", "--ptau", ptau)
        let keys = (0..<4).map { folder.path("\($0).zkey") }
        _ = try run(
            "setup", "groth16", "--r1cs", r1cs, "--ptau", ptau, "--zkey", keys[0], "--commitment-hash",
            "poseidon")
        let first = try run(
            "zkey", "verify", "--r1cs", r1cs, "--ptau", ptau, "--zkey", keys[0], expecting: 1)
        #expect(first.contains("nobody has contributed"))
        _ = try run("zkey", "contribute", "--zkey", keys[0], "--output", keys[1], "--name", "alice")
        _ = try run("zkey", "contribute", "--zkey", keys[1], "--output", keys[2], "--name", "bob")
        _ = try run("zkey", "beacon", "--zkey", keys[2], "--output", keys[3], "--beacon", "0badcafe")
        let said = try run("zkey", "verify", "--r1cs", r1cs, "--ptau", ptau, "--zkey", keys[3])
        #expect(said.contains("valid") && said.contains("contribution 2 bob") && said.contains("beacon"))
        let info = try run("info", keys[3])
        #expect(info.contains("groth16-commitments") && info.contains("poseidon"))
        #expect(try run("info", r1cs).contains("commitments"))
        // Another list of hashed wires is another circuit.
        let other = folder.path("other.r1cs")
        try R1CSFile.write(system(hashed: []), of: BN254.self, to: other)
        let differs = try run(
            "zkey", "verify", "--r1cs", other, "--ptau", ptau, "--zkey", keys[3], expecting: 1)
        #expect(differs.contains("commitment 0 hashes other wires"))
        let (witness, proof, publics, vkey) = (
            folder.path("w.wtns"), folder.path("proof.json"), folder.path("public.json"),
            folder.path("vkey.json")
        )
        try writeWitness(for: keys[3], to: witness)
        _ = try run(
            "prove", "--zkey", keys[3], "--witness", witness, "--r1cs", r1cs, "--proof", proof, "--public",
            publics)
        _ = try run("export", "vkey", "--zkey", keys[3], "--vkey", vkey)
        let ofKey = try run("info", vkey)
        #expect(ofKey.contains("hash of commitments") && ofKey.contains("poseidon"))
        _ = try run("verify", "--vkey", vkey, "--public", publics, "--proof", proof)
        try expectCalldata(of: proof, publics)
        // Challenges are of one beginning, whatever contributions there are; constraints are named.
        _ = try run(
            "prove", "--zkey", keys[2], "--witness", witness, "--proof", proof, "--public", publics)
        let stranger = folder.path("stranger.zkey")
        _ = try run("setup", "groth16", "--r1cs", r1cs, "--insecure-dev", "--zkey", stranger)
        let words = try run(
            "prove", "--zkey", stranger, "--witness", witness, "--proof", proof, "--public", publics,
            expecting: 2)
        #expect(words.contains("wire 5 is not the challenge of commitment 0"))
        try writeWitness(for: keys[3], to: witness, wrong: true)
        let violated = try run(
            "prove", "--zkey", keys[3], "--witness", witness, "--r1cs", r1cs, "--proof", proof, "--public",
            publics, expecting: 2)
        #expect(violated.contains("constraint 2"))
    }

    /// The options of `prove` that say more, and signals' names.
    @Test func whatProveSays() throws {
        let folder = try TemporaryFolder()
        func path(_ name: String) -> String { Vectors.url("committed/" + name).path }
        let (proof, publics, symbols) = (folder.path("p"), folder.path("q"), folder.path("c.sym"))
        let names = ["p", "a", "b", "m", "c", "s", "n", "d", "t"].enumerated()
        let lines = names.map { "\($0 + 1),\($0 + 1),0,main.\($1)\n" }
        try Data(lines.joined().utf8).write(to: URL(filePath: symbols))
        let said = try run(
            "prove", "--zkey", path("circuit.zkey"), "--witness", path("witness.wtns"), "--proof", proof,
            "--public", publics, "--explain", "--backend", "cpu")
        #expect(said.contains("domain of 8, 10 wires, commitments to 3, 2 of them"), "\(said)")
        let violated = try run(
            "prove", "--zkey", path("circuit.zkey"), "--witness", path("unsatisfied.wtns"), "--r1cs",
            path("circuit.r1cs"), "--sym", symbols, "--proof", proof, "--public", publics, expecting: 2)
        #expect(violated.contains("(main.s + main.d) · main.a = main.t"), "\(violated)")
    }

    /// A key that only a beacon contributed to, which everybody can repeat.
    @Test(arguments: [true, false])
    func keysOfBeaconsAloneAreToldOf(commits: Bool) throws {
        let folder = try TemporaryFolder()
        let (r1cs, ptau) = (folder.path("circuit.r1cs"), folder.path("powers.ptau"))
        try R1CSFile.write(system(commits: commits), of: BN254.self, to: r1cs)
        _ = try run("setup", "powersoftau", "--insecure-dev", "--power", "3", "--ptau", ptau)
        let (first, key) = (folder.path("0.zkey"), folder.path("1.zkey"))
        _ = try run("setup", "groth16", "--r1cs", r1cs, "--ptau", ptau, "--zkey", first)
        _ = try run("zkey", "beacon", "--zkey", first, "--output", key, "--beacon", "0badcafe")
        let words = "nobody but beacons"
        #expect(try run("export", "vkey", "--zkey", key, "--vkey", folder.path("v")).contains(words))
        let refused = try run(
            "export", "verifier", "--zkey", key, "--lang", "vyper", "--output", folder.path("c"),
            expecting: 2)
        #expect(refused.contains(words) && refused.contains("--allow-uncontributed"))
        if commits {
            let witness = folder.path("w.wtns")
            try writeWitness(for: key, to: witness)
            let said = try run(
                "prove", "--zkey", key, "--witness", witness, "--proof", folder.path("p"), "--public",
                folder.path("q"))
            #expect(said.contains(words))
        }
    }

    @Test func neitherKindIsTakenForTheOther() throws {
        let folder = try TemporaryFolder()
        let (r1cs, plain) = (folder.path("circuit.r1cs"), folder.path("plain.r1cs"))
        try R1CSFile.write(system(), of: BN254.self, to: r1cs)
        try R1CSFile.write(system(commits: false), of: BN254.self, to: plain)
        let (zkey, plainKey) = (folder.path("a.zkey"), folder.path("b.zkey"))
        _ = try run("setup", "groth16", "--r1cs", r1cs, "--insecure-dev", "--zkey", zkey)
        _ = try run("setup", "groth16", "--r1cs", plain, "--insecure-dev", "--zkey", plainKey)
        let hash = try run(
            "setup", "groth16", "--r1cs", plain, "--insecure-dev", "--zkey", plainKey, "--commitment-hash",
            "sha256", expecting: 2)
        #expect(hash.contains("no commitments"))
        #expect(
            try run("zkey", "verify", "--r1cs", plain, "--zkey", zkey, expecting: 2).contains("commitments"))
        #expect(
            try run("zkey", "verify", "--r1cs", r1cs, "--zkey", plainKey, expecting: 2).contains(
                "a commitment"))
        #expect(
            try run("export", "verifier", "--lang", "vyper", "--zkey", zkey).contains("one commitment"))
        #expect(
            try run("export", "verifier", "--lang", "vyper", "--kind", "batch", "--zkey", zkey).contains(
                "verify_batch"))
        for kind in ["batch", "single"] {
            let contract = try run(
                "export", "verifier", "--lang", "solidity", "--kind", kind, "--zkey", zkey)
            #expect(contract.contains("pragma solidity") && contract.contains("one commitment"))
        }
        let vkey = folder.path("vkey.json")
        _ = try run("export", "vkey", "--zkey", zkey, "--vkey", vkey)
        #expect(try String(contentsOfFile: vkey, encoding: .utf8).contains("groth16-commitments"))
    }
}
