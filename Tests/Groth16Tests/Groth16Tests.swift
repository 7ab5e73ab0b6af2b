// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import Groth16
import SnarkFormats
import TestSupport
import Testing

/// Proving and verification with the keys of the bundled circuits, on both curves.
@Suite struct Groth16Tests {
    /// What the tests need of one circuit.
    struct Circuit<Suite: ComputeSuite> {
        var key: ProvingKey<Suite>
        var verifier: Verifier<Suite>
        var witness: [Suite.Fr.Limbs]
        let parallel = Parallel(threads: 2)

        init(_ key: ProvingKey<Suite>, folder: String) throws {
            self.key = key
            verifier = Verifier(key.verifyingKey)
            let file = try WitnessFile(
                MappedFile(path: Vectors.url("\(folder)/witness.wtns").path, access: .onDemand))
            witness = try file.values(of: Suite.self).withElements { Array($0) }
        }

        var publicInputs: [Suite.Fr.Limbs] { Array(witness[1...key.publicCount]) }

        func prove(
            _ witness: [Suite.Fr.Limbs]? = nil, using generator: inout SeededGenerator
        ) throws(ProvingError) -> Proof<Suite> {
            try Prover(backend: CPUBackend<Suite>(parallel: parallel), parallel: parallel).prove(
                key: key, verifier: verifier, witness: SecretScalars(witness ?? self.witness),
                using: &generator)
        }
    }

    static func bn254() throws -> Circuit<BN254> { try circuit("snarkjs/groth16-bn128-multiplier") }

    static func bls12381() throws -> Circuit<BLS12381> { try circuit("snarkjs/groth16-bls12381-multiplier") }

    private static func circuit<Suite: ComputeSuite>(_ folder: String) throws -> Circuit<Suite> {
        let any = try Groth16ZKey.load(
            MappedFile(path: Vectors.url("\(folder)/circuit_final.zkey").path))
        guard let key = any as? ProvingKey<Suite> else { throw CocoaError(.fileReadCorruptFile) }
        return try Circuit(key, folder: folder)
    }

    @Test func proofsVerifyAndAreBlinded() throws {
        var generator = SeededGenerator.fresh()
        try proofsVerifyAndAreBlinded(Self.bn254(), &generator)
        try proofsVerifyAndAreBlinded(Self.bls12381(), &generator)
    }

    private func proofsVerifyAndAreBlinded<Suite: ComputeSuite>(
        _ circuit: Circuit<Suite>, _ generator: inout SeededGenerator
    ) throws {
        let (first, second) = (try circuit.prove(using: &generator), try circuit.prove(using: &generator))
        for proof in [first, second] {
            #expect(
                circuit.verifier.verify(proof, publicInputs: circuit.publicInputs, parallel: circuit.parallel)
                    == .valid)
        }
        // Two proofs of one witness share no point.
        #expect(first.a != second.a && first.b != second.b && first.c != second.c)
    }

    @Test func everyWrongWireIsRefused() throws {
        var generator = SeededGenerator.fresh()
        let circuit = try Self.bn254()
        for wire in 1..<circuit.witness.count {
            var witness = circuit.witness
            witness[wire] = BN254.Fr.random(using: &generator).canonical
            #expect(throws: ProvingError.doesNotVerify) { try circuit.prove(witness, using: &generator) }
        }
        var witness = circuit.witness
        witness[0] = BN254.Fr(2).canonical
        #expect(throws: ProvingError.firstWireNotOne) { try circuit.prove(witness, using: &generator) }
        #expect(throws: ProvingError.witnessLength(expected: 6, found: 5)) {
            try circuit.prove(Array(circuit.witness.dropLast()), using: &generator)
        }
    }

    @Test func verifierRefuses() throws {
        var generator = SeededGenerator.fresh()
        try verifierRefuses(Self.bn254(), &generator)
        try verifierRefuses(Self.bls12381(), &generator)
    }

    private func verifierRefuses<Suite: ComputeSuite>(
        _ circuit: Circuit<Suite>, _ generator: inout SeededGenerator
    ) throws {
        let good = try circuit.prove(using: &generator)
        func verdict(_ change: (inout Proof<Suite>) -> Void) -> Verdict {
            var proof = good
            change(&proof)
            return circuit.verifier.verify(
                proof, publicInputs: circuit.publicInputs, parallel: circuit.parallel)
        }
        #expect(verdict { _ in } == .valid)
        // The one malleation that every Groth16 verifier accepts.
        #expect(
            verdict {
                $0.a = -$0.a
                $0.b = -$0.b
            } == .valid)
        #expect(verdict { $0.a = -$0.a } == .equationFails)
        #expect(verdict { $0.b = -$0.b } == .equationFails)
        #expect(verdict { $0.c = -$0.c } == .equationFails)
        #expect(verdict { $0.a = .identity } == .equationFails)
        #expect(verdict { $0.b = .identity } == .equationFails)
        #expect(verdict { $0.c = .identity } == .equationFails)
        #expect(verdict { swap(&$0.a, &$0.c) } == .equationFails)
        #expect(verdict { $0.a.y += .one } == .invalidPoint("pi_a"))
        #expect(verdict { $0.b.x += .one } == .invalidPoint("pi_b"))
        #expect(verdict { $0.c.x += .one } == .invalidPoint("pi_c"))
        for i in 0..<circuit.key.publicCount {
            var inputs = circuit.publicInputs
            inputs[i] = Suite.Fr.random(using: &generator).canonical
            #expect(
                circuit.verifier.verify(good, publicInputs: inputs, parallel: circuit.parallel)
                    == .equationFails)
            inputs[i] = Suite.Fr.modulus
            #expect(
                circuit.verifier.verify(good, publicInputs: inputs, parallel: circuit.parallel)
                    == .publicInputOutOfRange(index: i))
        }
        let long = circuit.publicInputs + [.zero]
        #expect(
            circuit.verifier.verify(good, publicInputs: long, parallel: circuit.parallel)
                == .publicCount(expected: circuit.key.publicCount, found: circuit.key.publicCount + 1))
    }

    @Test func batchesFindTheirCulprits() throws {
        var generator = SeededGenerator.fresh()
        try batchesFindTheirCulprits(Self.bn254(), size: 37, &generator)
        try batchesFindTheirCulprits(Self.bls12381(), size: 5, &generator)
    }

    private func batchesFindTheirCulprits<Suite: ComputeSuite>(
        _ circuit: Circuit<Suite>, size: Int, _ generator: inout SeededGenerator
    ) throws {
        var items: [(proof: Proof<Suite>, publicInputs: [Suite.Fr.Limbs])] = []
        for _ in 0..<size { items.append((try circuit.prove(using: &generator), circuit.publicInputs)) }
        func verdicts(_ items: [(proof: Proof<Suite>, publicInputs: [Suite.Fr.Limbs])]) -> [Verdict] {
            circuit.verifier.verifyBatch(items, parallel: circuit.parallel, using: &generator)
        }
        #expect(verdicts([]) == [])
        #expect(verdicts(items) == [Verdict](repeating: .valid, count: size))
        // Each position in turn, each point of it in turn.
        for i in 0..<size {
            var spoilt = items
            switch i % 4 {
            case 0: spoilt[i].proof.a = -spoilt[i].proof.a
            case 1: spoilt[i].proof.b = -spoilt[i].proof.b
            case 2: spoilt[i].proof.c = -spoilt[i].proof.c
            default: spoilt[i].publicInputs[0] = Suite.Fr.random(using: &generator).canonical
            }
            var expected = [Verdict](repeating: .valid, count: size)
            expected[i] = .equationFails
            #expect(verdicts(spoilt) == expected)
        }
        // Errors that cancel in a plain sum are found too: C of one proof moved into another.
        var cancelling = items
        let shift = Suite.G1.generator
        cancelling[0].proof.c = (Jacobian(items[0].proof.c) + shift).affine
        cancelling[1].proof.c = (Jacobian(items[1].proof.c) + -shift).affine
        #expect(verdicts(cancelling).prefix(2) == [.equationFails, .equationFails])
        // Inadmissible items do not hide the others.
        var mixed = items
        mixed[0].proof.a.x += .one
        mixed[1].publicInputs.removeLast()
        mixed[2].proof.c = -mixed[2].proof.c
        let found = verdicts(mixed)
        #expect(found[0] == .invalidPoint("pi_a"))
        #expect(
            found[1] == .publicCount(expected: circuit.key.publicCount, found: circuit.key.publicCount - 1))
        #expect(found[2] == .equationFails)
        #expect(found.dropFirst(3).allSatisfy { $0 == .valid })
    }

    /// A point of the twist outside the subgroup is refused, though it is on the curve.
    @Test func pointsOutsideTheSubgroupAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let circuit = try Self.bn254()
        var proof = try circuit.prove(using: &generator)
        repeat {
            let x = BN254.Fp2.random(using: &generator)
            guard let y = (x.squared() * x + BN254.G2.b).squareRoot() else { continue }
            proof.b = Affine(x: x, y: y)
        } while !proof.b.isOnCurve || BN254.G2.hasOrderDividingR(proof.b)
        #expect(
            circuit.verifier.verify(proof, publicInputs: circuit.publicInputs, parallel: circuit.parallel)
                == .invalidPoint("pi_b"))
    }

    /// A backend that computes wrongly cannot make the prover let a proof go.
    @Test func aWrongBackendMakesNoProof() throws {
        var generator = SeededGenerator.fresh()
        let circuit = try Self.bn254()
        for fault in FaultyBackend.Fault.allCases {
            let backend = FaultyBackend(fault: fault)
            #expect(throws: ProvingError.doesNotVerify) {
                try Prover(backend: backend, parallel: circuit.parallel).prove(
                    key: circuit.key, verifier: circuit.verifier, witness: SecretScalars(circuit.witness),
                    using: &generator)
            }
        }
    }
}

/// Computes on the CPU and gets one kind of result wrong.
private struct FaultyBackend: Groth16Backend {
    enum Fault: CaseIterable { case g1, g2, quotient }

    typealias Suite = BN254
    let fault: Fault
    let good = CPUBackend<BN254>(parallel: Parallel(threads: 1))
    var name: String { "faulty" }

    func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Limbs4>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == BN254.Fr {
        let sum = try good.msm(bases, scalars)
        let isWrong = fault == (Group.self == BN254.G1.self ? .g1 : .g2)
        return isWrong ? (Jacobian(sum) + Group.generator).affine : sum
    }

    func inverseNTT(_ values: UnsafeMutableBufferPointer<BN254.Fr>) throws(ComputeError) {
        try good.inverseNTT(values)
    }

    func forwardNTT(
        _ values: UnsafeMutableBufferPointer<BN254.Fr>, at points: EvaluationDomain<BN254.Fr>.Points
    ) throws(ComputeError) { try good.forwardNTT(values, at: points) }

    func quotient(
        _ matrices: CoefficientMatrices<BN254.Fr>, witness: UnsafeBufferPointer<Limbs4>, logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<BN254.Fr> {
        let result = try good.quotient(matrices, witness: witness, logDomainSize: logDomainSize)
        if fault == .quotient { result.withUnsafeMutableElements { $0[3] = BN254.Fr(7).canonical } }
        return result
    }
}
