// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields
import Foundation
import Groth16
import Recursion
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

/// Groth16 proofs verified in circuits, pairings and all.
@Suite struct VerificationTests {
    typealias G1 = Affine<BN254.G1>

    /// Proofs of a key with their public inputs, and a circuit that verifies them.
    struct Verified {
        let key: ConstantVerifyingKey
        var proofs: [Proof<BN254>]
        var inputs: [[Scalar]]

        var source = ChallengeSource.commitment

        private func describe(_ field: EmulatedField<BN254.Fp>) {
            Groth16Verification(field, key).enforce(
                proofs.map { proof in ProofElements(field) { proof } },
                publicInputs: inputs.map { $0.map { value in field.builder.wire(value) } })
        }

        /// The circuit, without a witness.
        var system: R1CS<Scalar> {
            PointCircuit.run(.constraints, source, chunkBits: 13) { describe($0) }.constraintSystem()
        }

        /// The witness for these proofs and inputs.
        var witness: [Scalar.Limbs] {
            let values = PointCircuit.run(.witness, source, chunkBits: 13) { describe($0) }.witness()
            return (0..<values.count).map { values[$0] }
        }

        /// The first constraint of a circuit that does not hold.
        func violated(in system: R1CS<Scalar>) -> Int? { system.firstViolated(by: witness.span) }
    }

    /// x, y ↦ x·y and x·y + x as public inputs, y·y as a third.
    private static func describe(_ builder: CircuitBuilder, _ x: Scalar, _ y: Scalar) {
        let (x, y) = (builder.wire(x), builder.wire(y))
        let product = builder.multiply(x, y)
        builder.bindPublic(0, to: product)
        builder.bindPublic(1, to: product + x)
        builder.bindPublic(2, to: builder.multiply(y, y))
    }

    /// A key made for development, and proofs made by Martlet's prover.
    static let made: Result<Verified, any Error> = Result {
        var generator = SeededGenerator.fresh()
        let constraints = CircuitBuilder(.constraints, publicCount: 3)
        describe(constraints, .zero, .zero)
        let parallel = Parallel(threads: 2)
        let key = try Groth16Setup<BN254>(constraints.constraintSystem(), parallel: parallel)
            .development(using: &generator).key
        let prover = Prover(backend: CPUBackend<BN254>(parallel: parallel), parallel: parallel)
        let verifier = Verifier(key.verifyingKey)
        var own = Verified(key: ConstantVerifyingKey(key.verifyingKey), proofs: [], inputs: [])
        for _ in 0..<2 {
            let (x, y) = (Scalar.random(using: &generator), Scalar.random(using: &generator))
            let run = CircuitBuilder(.witness, publicCount: 3)
            describe(run, x, y)
            own.proofs.append(
                try prover.prove(key: key, verifier: verifier, witness: run.witness(), using: &generator))
            own.inputs.append([x * y, x * y + x, y * y])
        }
        return own
    }

    @Test func oneProof() throws {
        var own = try Self.made.get()
        own.proofs.removeLast()
        own.inputs.removeLast()
        let system = own.system
        #expect(own.violated(in: system) == nil)
        own.inputs[0][2] += .one
        #expect(own.violated(in: system) != nil)
    }

    /// (0, 0) in the place of each point, and a B that is on the twist but of the order 10,069.
    @Test func pointsThatAreNone() throws {
        var generator = SeededGenerator.fresh()
        var good = try Self.made.get()
        good.proofs.removeLast()
        good.inputs.removeLast()
        let system = good.system
        #expect(good.violated(in: system) == nil)
        let small = PairingAttackTests().pointOfSmallOrder(&generator)
        let changes: [(inout Verified) -> Void] = [
            { $0.proofs[0].a = G1(x: .zero, y: .zero) }, { $0.proofs[0].c = G1(x: .zero, y: .zero) },
            { $0.proofs[0].b = Affine(x: .zero, y: .zero) }, { $0.proofs[0].b = small },
            // As if e(A, B) were one.
            {
                $0.proofs[0].a = G1(x: .zero, y: .zero)
                $0.proofs[0].b = Affine(x: .zero, y: .zero)
            },
        ]
        for (number, change) in changes.enumerated() {
            var own = good
            change(&own)
            #expect(own.violated(in: system) != nil, "change \(number)")
        }
    }

    /// In a circuit without commitments, as a wrap is.
    @Test func withoutCommitments() throws {
        var own = try Self.made.get()
        own.proofs.removeLast()
        own.inputs.removeLast()
        own.source = .poseidon
        let system = own.system
        #expect(own.violated(in: system) == nil)
        own.proofs[0].c = -own.proofs[0].c
        #expect(own.violated(in: system) != nil)
    }

    @Test func severalProofs() throws {
        var generator = SeededGenerator.fresh()
        let good = try Self.made.get()
        let system = good.system
        let witness = good.witness
        #expect(system.firstViolated(by: witness.span) == nil)
        // Some wires, each changed alone.
        for _ in 0..<24 {
            let wire = Int.random(in: 1..<witness.count, using: &generator)
            var changed = witness
            changed[wire] = (Scalar(canonical: witness[wire])! + .random(using: &generator)).canonical
            #expect(system.firstViolated(by: changed.span) != nil, "wire \(wire)")
        }
        try refusals(good, system)
    }

    /// Proofs that are wrong in some way, with all that follows from it.
    private func refusals(_ good: Verified, _ system: R1CS<Scalar>) throws {
        let changes: [(inout Verified) -> Void] = [
            // Another proof's points.
            { $0.proofs[0].a = $0.proofs[1].a }, { $0.proofs[1].b = $0.proofs[0].b },
            { ($0.proofs[0].c, $0.proofs[1].c) = ($0.proofs[1].c, $0.proofs[0].c) },
            // Its points exchanged, or negatives.
            { ($0.proofs[0].a, $0.proofs[0].c) = ($0.proofs[0].c, $0.proofs[0].a) },
            { $0.proofs[1].a = -$0.proofs[1].a }, { $0.proofs[0].b = -$0.proofs[0].b },
            { $0.proofs[1].c = -$0.proofs[1].c },
            // Another proof's inputs, and a wrong one.
            { $0.inputs.swapAt(0, 1) }, { $0.inputs[1][0] += .one },
            // Errors that cancel each other where all scalars are one.
            {
                $0.proofs[0].c = (Jacobian($0.proofs[0].c) + G1.generator).affine
                $0.proofs[1].c = (Jacobian($0.proofs[1].c) + -G1.generator).affine
            },
        ]
        for (number, change) in changes.enumerated() {
            var own = good
            change(&own)
            #expect(own.violated(in: system) != nil, "change \(number)")
        }
        // The change that every verifier accepts.
        var own = good
        (own.proofs[1].a, own.proofs[1].b) = (-own.proofs[1].a, -own.proofs[1].b)
        #expect(own.violated(in: system) == nil)
    }

    @Test func proofOfSnarkjs() throws {
        try expectVerifies(Vectors.url("snarkjs/groth16-bn128-multiplier"), count: 1)
    }

    @Test(
        .enabled(if: Fixtures.arePresent, "MARTLET_FIXTURES is not set"), arguments: ["poseidon30", "sha256"])
    func proofsOfSnarkjs(_ name: String) throws {
        let folder = try #require(Fixtures.directory).appending(path: "groth16-bn128-\(name)")
        try expectVerifies(folder, count: 2)
    }

    /// A folder's proof, several times, and not with other inputs.
    private func expectVerifies(_ folder: URL, count: Int) throws {
        func file(_ name: String) throws -> MappedFile {
            try MappedFile(path: folder.appending(path: name).path)
        }
        let read = try Groth16JSON.verifyingKey(file("verification_key.json"))
        let key = try #require(read as? VerifyingKeyFile<BN254>).key
        let proof = try Groth16JSON.proof(file("proof.json"), of: BN254.self)
        let inputs = try JSONDecoder().decode(
            [String].self, from: Data(contentsOf: folder.appending(path: "public.json")))
        let row = try inputs.map { try #require(Scalar(decimal: $0)) }
        var own = Verified(
            key: ConstantVerifyingKey(key), proofs: [Proof<BN254>](repeating: proof, count: count),
            inputs: [[Scalar]](repeating: row, count: count))
        let system = own.system
        #expect(own.violated(in: system) == nil)
        own.inputs[count - 1][0] += .one
        #expect(own.violated(in: system) != nil)
    }

    /// No larger than docs/recursion.md says: one, two and three proofs with three public inputs, chunks of
    /// 17 bits, groups of 512 checks.
    @Test func constraintCounts() throws {
        let key = try Self.made.get().key
        let none = Proof<BN254>(a: .identity, b: .identity, c: .identity)
        let counts = (1...3).map { count in
            PointCircuit.run(.constraints, chunkBits: 17, groupSize: 512) { field in
                Groth16Verification(field, key).enforce(
                    (0..<count).map { _ in ProofElements(field) { none } },
                    publicInputs: (0..<count).map { _ in (0..<3).map { _ in field.builder.wire(.zero) } })
            }.constraintCount
        }
        print("constraints: \(counts)")
        #expect(counts[0] < 308_000)
        #expect(counts[1] - counts[0] < 53_000)
        #expect(counts[2] - counts[1] < 41_000)
    }
}
