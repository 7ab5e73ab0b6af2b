// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EmulatedArithmetic
import FiniteFields
import Groth16
import ProofFixtures
import Recursion
import TestSupport
import Testing

/// Proofs that several threads verify in a circuit: each member's point and pairing, and parts of what they
/// share.
@Suite struct VerificationPartsTests {
    private static let key = {
        var generator = SeededGenerator(seed: 11)
        return SimulatedKey<BN254>(publicCount: 1, using: &generator)
    }()

    private static let proofs = {
        var generator = SeededGenerator(seed: 12)
        let inputs = (0..<3).map { _ in [Scalar.random(using: &generator)] }
        return zip(key.proofs(inputs, using: &generator), inputs).map { (proof: $0, inputs: $1) }
    }()

    /// - Parameter isPlain: nothing is made in parts, as wherever something is left out.
    private func build(_ mode: CircuitBuilder.Mode, threads: Int, isPlain: Bool = false) -> CircuitBuilder {
        // Nobody chooses values by the challenge.
        let challenger = Challenger(
            mask: { _ in .one }, challenge: { _ in Scalar(1 << 60).squared() })
        let builder = CircuitBuilder(mode, publicCount: 0, challenger: challenger)
        let emulation = Emulation(
            builder, .commitment, chunkBits: 13, Parallel(threads: threads),
            tampering: isPlain ? Tampering() : nil)
        let field = EmulatedField<BN254.Fp>(emulation)
        let elements = Self.proofs.map { member in ProofElements(field) { member.proof } }
        let inputs = Self.proofs.map { $0.inputs.map { builder.wire($0) } }
        let key = ConstantVerifyingKey(Self.key.verifyingKey)
        if isPlain {
            let pairs = Groth16Verification(field, key, tampering: CurveTampering())
                .pairs(elements, publicInputs: inputs)
            PairingCircuit(field, tampering: PairingTampering())
                .enforceProductIsOne(pairs.variable, fixed: pairs.fixed)
        } else {
            Groth16Verification(field, key).enforce(elements, publicInputs: inputs)
        }
        emulation.finish()
        return builder
    }

    private func witness(_ builder: CircuitBuilder) -> [Scalar.Limbs] {
        let values = builder.witness()
        return (0..<values.count).map { values[$0] }
    }

    /// The same circuit and the same values, on however many threads; and the circuit of before there were
    /// parts, which is in keys.
    @Test func partsAreTheSameAsOneAfterAnother() {
        let plain = build(.both, threads: 1, isPlain: true)
        let (system, expected) = (plain.constraintSystem(), witness(plain))
        #expect(system.firstViolated(by: expected.span) == nil)
        for threads in [1, 3] { #expect(witness(build(.witness, threads: threads)) == expected) }
        #expect(build(.constraints, threads: 2).constraintSystem() == system)
        var sum = Fingerprint()
        sum.add(system.wireCount)
        for index in 0..<3 * system.constraintCount {
            let terms = system.combination(index % 3, of: index / 3)
            sum.add(terms.count)
            for term in terms {
                sum.add(UInt64(term.wire))
                sum.add(term.coefficient.canonical[0])
            }
        }
        for wire in system.commitments[0].committed { sum.add(UInt64(wire)) }
        #expect(sum.value == 0x6580_5944_2d13_d989)
    }
}
