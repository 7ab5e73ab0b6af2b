// SPDX-License-Identifier: Apache-2.0

import Commitments
import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Plonk
import SnarkFormats
import TestSupport
import Testing

/// A circuit with constraints of every form, and a witness of it.
private struct RandomCircuit<F: PrimeField> {
    var system: R1CS<F>
    var witness: [F] = [.one]

    init(constraints: Int, publics: Int, using generator: inout SeededGenerator) {
        system = R1CS(
            wireCount: 1 + publics + constraints, publicOutputCount: 0, publicInputCount: publics,
            privateInputCount: 0)
        for _ in 0..<publics { witness.append(.random(using: &generator)) }
        for row in 0..<constraints {
            let wire = UInt32(witness.count)
            // A and B: constants, nothing, single wires and sums.
            let left = append(
                terms: [0, 0, 1, 2, 4][row % 5], constant: row % 5 == 0 || row % 3 == 0, &generator)
            let right = append(
                terms: [3, 2, 1, 0, 5][row % 5], constant: row % 5 == 3 || row % 2 == 0, &generator)
            // C: the new wire and a sum beside it.
            var terms = [R1CS<F>.Term(wire: wire, coefficient: F(3))]
            var rest = F.zero
            if row % 4 == 1 {
                for _ in 0..<3 {
                    let other = Int.random(in: 0..<Int(wire), using: &generator)
                    terms.append(.init(wire: UInt32(other), coefficient: F(5)))
                    rest += F(5) * witness[other]
                }
            }
            system.append(combination: terms)
            witness.append((left * right - rest) * (F(3).inverse() ?? .zero))
        }
    }

    private mutating func append(terms count: Int, constant: Bool, _ generator: inout SeededGenerator) -> F {
        var (terms, sum): ([R1CS<F>.Term], F) = ([], .zero)
        for place in 0..<count + (constant ? 1 : 0) {
            let wire = place == count ? 0 : Int.random(in: 1..<max(2, witness.count), using: &generator)
            guard wire < witness.count else { continue }
            let factor = F.random(using: &generator)
            terms.append(.init(wire: UInt32(wire), coefficient: factor))
            sum += factor * witness[wire]
        }
        system.append(combination: terms)
        return sum
    }
}

/// Keys of ours, proofs with them, and who accepts these.
@Suite struct RandomCircuitTests {
    private let parallel = Parallel(threads: 2)

    private func powers<Suite: ComputeSuite>(
        _ count: Int, using generator: inout SeededGenerator
    ) throws -> KZG<Suite>.Setup {
        let tau = Suite.Fr.random(using: &generator)
        var (points, power): ([Affine<Suite.G1>], Suite.Fr) = ([], .one)
        for _ in 0..<count {
            points.append(Suite.G1.generator.multiplied(by: power).affine)
            power *= tau
        }
        return try .init(
            powers: PointTable(points),
            verifyingKey: .init(tau2: Suite.G2.generator.multiplied(by: tau).affine))
    }

    private func goesTheWay<Suite: ComputeSuite>(_: Suite.Type, constraints: Int, publics: Int) throws {
        var generator = SeededGenerator.fresh()
        let made = RandomCircuit<Suite.Fr>(constraints: constraints, publics: publics, using: &generator)
        let circuit = try #require(PlonkCircuit(made.system))
        let backend = CPUBackend<Suite>(parallel: parallel)
        let setup = try PlonkSetup<Suite>(
            circuit, powers(PlonkSetup<Suite>.powersNeeded(circuit), using: &generator), backend: backend)
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-plonk-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "key.zkey").path
        _ = try PlonkZKey.write(setup, to: path)
        let key = try PlonkZKey.load(ZKeyFile(MappedFile(path: path)), of: Suite.self, threads: 2)

        let verifier = PlonkVerifier(key.verifyingKey)
        let prover = PlonkProver<Suite>(backend: backend, parallel: parallel)
        let witness = made.witness.map(\.canonical)
        let publicInputs = Array(witness[1..<publics + 1])
        var proofs: [PlonkProof<Suite>] = []
        for _ in 0..<3 {
            proofs.append(
                try prover.prove(
                    key: key, verifier: verifier, witness: SecretScalars(witness), using: &generator))
        }
        // Blinded: two proofs of one witness have nothing in common.
        #expect(Set(proofs.map(\.a)).count == 3 && Set(proofs.map(\.z)).count == 3)
        #expect(Set(proofs.map(\.evaluations.zOmega)).count == 3 && Set(proofs.map(\.t3)).count == 3)
        var items = proofs.map { (proof: $0, publicInputs: publicInputs) }
        #expect(
            verifier.verifyBatch(items, parallel: parallel, using: &generator)
                == [.valid, .valid, .valid])
        items[1].proof.evaluations.b += .one
        items.append((proofs[0], publicInputs + [.zero]))
        #expect(
            verifier.verifyBatch(items, parallel: parallel, using: &generator)
                == [
                    .valid, .equationFails, .valid, .publicCount(expected: publics, found: publics + 1),
                ])
        // A wire that is changed violates a gate, the first of those that it is in.
        for _ in 0..<4 {
            let wire = Int.random(in: 1..<witness.count, using: &generator)
            var other = made.witness
            other[wire] += .random(using: &generator)
            let values = other + [Suite.Fr](repeating: .zero, count: circuit.additions.count)
            let expected = firstViolated(circuit, values)
            do throws(PlonkError) {
                _ = try prover.prove(
                    key: key, verifier: verifier, witness: SecretScalars(other.map(\.canonical)),
                    using: &generator)
                // A wire that no constraint has may be anything.
                #expect(expected == nil)
            } catch {
                #expect(expected.map { .gate($0) } == error)
            }
        }
        // Another key's proof.
        let stranger = try PlonkSetup<Suite>(
            circuit, powers(PlonkSetup<Suite>.powersNeeded(circuit), using: &generator), backend: backend
        ).key()
        #expect(
            PlonkVerifier(stranger.verifyingKey).verify(
                proofs[0], publicInputs: publicInputs, parallel: parallel) == .equationFails)
        #expect(throws: PlonkError.otherKey) {
            try prover.prove(
                key: stranger, verifier: verifier, witness: SecretScalars(witness), using: &generator)
        }
        try isAcceptedByPython(proofs[0], publicInputs, key.verifyingKey, folder)
    }

    /// The first gate that a witness violates, computed from the gates as they are.
    private func firstViolated<F: PrimeField>(_ circuit: PlonkCircuit<F>, _ wires: [F]) -> Int? {
        var wires = wires
        let publics = wires
        wires[0] = .zero
        for (index, addition) in circuit.additions.enumerated() {
            wires[circuit.wireCount + index] =
                wires[Int(addition.left)] * addition.leftFactor
                + wires[Int(addition.right)] * addition.rightFactor
        }
        return circuit.gates.indices.first { row in
            let gate = circuit.gates[row]
            let (a, b, c) = (wires[Int(gate.a)], wires[Int(gate.b)], wires[Int(gate.c)])
            let sum = gate.qm * a * b + gate.ql * a + gate.qr * b + gate.qo * c + gate.qc
            return !(row < circuit.publicCount ? sum - publics[row + 1] : sum).isZero
        }
    }

    private func isAcceptedByPython<Suite: ComputeSuite>(
        _ proof: PlonkProof<Suite>, _ publicInputs: [Suite.Fr.Limbs], _ key: PlonkVerifyingKey<Suite>,
        _ folder: URL
    ) throws {
        // py_ecc has two curves.
        guard let python = ProcessInfo.processInfo.environment["MARTLET_PYTHON"],
            [BN254.id, BLS12381.id].contains(Suite.id)
        else { return }
        let publics = PublicInputsJSON.text(publicInputs.compactMap { Suite.Fr(canonical: $0) })
        for (name, text) in [("proof", proof.json), ("public", publics), ("vkey", key.json)] {
            try Data(text.utf8).write(to: folder.appending(path: "\(name).json"))
        }
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [
            Vectors.directory.deletingLastPathComponent().appending(path: "Scripts/verify_plonk.py").path,
            "--vkey", folder.appending(path: "vkey.json").path, "--public",
            folder.appending(path: "public.json").path, "--proof", folder.appending(path: "proof.json").path,
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test(arguments: [(1, 0), (2, 1), (9, 3), (60, 0), (700, 40)])
    func onBN254(constraints: Int, publics: Int) throws {
        try goesTheWay(BN254.self, constraints: constraints, publics: publics)
    }

    @Test func onBLS12381() throws { try goesTheWay(BLS12381.self, constraints: 20, publics: 2) }
    @Test func onBLS12377() throws { try goesTheWay(BLS12377.self, constraints: 20, publics: 2) }
}
