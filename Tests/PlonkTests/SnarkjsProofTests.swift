// SPDX-License-Identifier: Apache-2.0

import Commitments
import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Plonk
import SnarkFormats
import TestSupport
import Testing

/// The files of one of snarkjs' PLONK circuits.
struct PlonkFixture<Suite: ComputeSuite> {
    let folder: URL
    let parallel = Parallel(threads: 2)

    func path(_ name: String) -> String { folder.appending(path: name).path }
    func file(_ name: String) throws -> MappedFile { try MappedFile(path: path(name)) }

    var verifyingKey: PlonkVerifyingKey<Suite> {
        get throws { try PlonkJSON.verifyingKey(file("verification_key.json"), of: Suite.self) }
    }
    var proof: PlonkProof<Suite> {
        get throws { try PlonkJSON.proof(file("proof.json"), of: Suite.self) }
    }
    var publicInputs: [Suite.Fr.Limbs] {
        get throws {
            try PublicInputsJSON.read(file("public.json"), of: Suite.self).map(\.canonical)
        }
    }
    var provingKey: PlonkProvingKey<Suite> {
        get throws {
            try PlonkZKey.load(ZKeyFile(file("circuit_final.zkey")), of: Suite.self, threads: 2)
        }
    }
}

@Suite struct SnarkjsProofTests {
    private static let bn254 = PlonkFixture<BN254>(folder: Vectors.url("snarkjs/plonk-bn128-multiplier"))
    private static let bls12381 = Fixtures.directory.map {
        PlonkFixture<BLS12381>(folder: $0.appending(path: "plonk-bls12381-multiplier"))
    }

    private func verifies<Suite: ComputeSuite>(_ fixture: PlonkFixture<Suite>) throws {
        let (key, proof, inputs) = (
            try fixture.verifyingKey, try fixture.proof, try fixture.publicInputs
        )
        let verifier = PlonkVerifier(key)
        func verdict(_ proof: PlonkProof<Suite>, _ inputs: [Suite.Fr.Limbs]) -> PlonkVerdict {
            verifier.verify(proof, publicInputs: inputs, parallel: fixture.parallel)
        }
        #expect(verdict(proof, inputs) == .valid)
        // Every part of the proof, and every public input, once.
        for path in parts() as [WritableKeyPath<PlonkProof<Suite>, Affine<Suite.G1>>] {
            var other = proof
            other[keyPath: path] = (Jacobian(other[keyPath: path]) + Jacobian(.generator)).affine
            #expect(verdict(other, inputs) == .equationFails, "\(path)")
        }
        for path in values() as [WritableKeyPath<PlonkProof<Suite>, Suite.Fr>] {
            var other = proof
            other[keyPath: path] += .one
            #expect(verdict(other, inputs) == .equationFails, "\(path)")
        }
        for index in inputs.indices {
            var other = inputs
            other[index] = ((Suite.Fr(canonical: inputs[index]) ?? .zero) + .one).canonical
            #expect(verdict(proof, other) == .equationFails)
            other[index] = Suite.Fr.modulus
            #expect(verdict(proof, other) == .publicInputOutOfRange(index: index))
        }
        #expect(
            verdict(proof, inputs.dropLast())
                == .publicCount(expected: inputs.count, found: inputs.count - 1))
        var off = proof
        off.t2 = Affine(x: off.t2.x, y: off.t2.x)
        #expect(verdict(off, inputs) == .invalidPoint("T2"))
    }

    private func parts<Suite>() -> [WritableKeyPath<PlonkProof<Suite>, Affine<Suite.G1>>] {
        [\.a, \.b, \.c, \.z, \.t1, \.t2, \.t3, \.wXi, \.wXiOmega]
    }

    private func values<Suite>() -> [WritableKeyPath<PlonkProof<Suite>, Suite.Fr>] {
        [
            \.evaluations.a, \.evaluations.b, \.evaluations.c, \.evaluations.s1, \.evaluations.s2,
            \.evaluations.zOmega,
        ]
    }

    @Test func proofsOfSnarkjsVerify() throws {
        try verifies(Self.bn254)
        if let fixture = Self.bls12381 { try verifies(fixture) }
    }

    private func proves<Suite: ComputeSuite>(_ fixture: PlonkFixture<Suite>) throws {
        var generator = SeededGenerator.fresh()
        let key = try fixture.provingKey
        #expect(try key.verifyingKey == fixture.verifyingKey)
        let verifier = PlonkVerifier(key.verifyingKey)
        let backend = CPUBackend<Suite>(parallel: fixture.parallel)
        let prover = PlonkProver<Suite>(backend: backend, parallel: fixture.parallel)
        let values = try WitnessFile(fixture.file("witness.wtns")).values(of: Suite.self)
        let witness = (0..<values.count).map { values[$0] }
        let proof = try prover.prove(
            key: key, verifier: verifier, witness: SecretScalars(witness), using: &generator)
        #expect(
            verifier.verify(proof, publicInputs: try fixture.publicInputs, parallel: fixture.parallel)
                == .valid)
        for index in 1..<witness.count {
            var other = witness
            other[index] = ((Suite.Fr(canonical: other[index]) ?? .zero) + .one).canonical
            #expect(throws: PlonkError.self) {
                try prover.prove(
                    key: key, verifier: verifier, witness: SecretScalars(other), using: &generator)
            }
        }
    }

    @Test func proofsOfOursVerify() throws {
        try proves(Self.bn254)
        if let fixture = Self.bls12381 { try proves(fixture) }
    }

    /// The key that snarkjs made, byte for byte, of the same circuit and powers.
    private func makes<Suite: ComputeSuite>(_ fixture: PlonkFixture<Suite>) throws {
        let theirs = try fixture.provingKey
        let system = try #require(try AnyR1CS.load(fixture.file("circuit.r1cs")).system(on: Suite.self))
        let circuit = try #require(PlonkCircuit(system))
        let powers = try KZG<Suite>.Setup(
            powers: theirs.powers, verifyingKey: .init(tau2: theirs.verifyingKey.x2))
        let setup = try PlonkSetup(
            circuit, powers, backend: CPUBackend<Suite>(parallel: fixture.parallel))
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).zkey")
        defer { try? FileManager.default.removeItem(at: path) }
        _ = try PlonkZKey.write(setup, to: path.path)
        #expect(
            try Data(contentsOf: path) == Data(contentsOf: URL(filePath: fixture.path("circuit_final.zkey"))))
    }

    @Test func keysAreThoseOfSnarkjs() throws {
        try makes(Self.bn254)
        if let fixture = Self.bls12381 { try makes(fixture) }
    }

    /// The files of snarkjs, as it writes them.
    @Test func documentsAreThoseOfSnarkjs() throws {
        let fixture = Self.bn254
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: fixture.path(name), encoding: .utf8)
        }
        #expect(try fixture.proof.json == text("proof.json"))
        #expect(try fixture.verifyingKey.json == text("verification_key.json"))
    }
}
