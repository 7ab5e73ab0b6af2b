// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields
import Recursion
import TestSupport
import Testing

/// A circuit over BN254's base field: its constraints, and its witness.
struct PairingRun {
    let builder: CircuitBuilder
    let emulation: Emulation

    /// The witness, every value of it.
    var witness: [Scalar.Limbs] {
        let secret = builder.witness()
        return (0..<secret.count).map { secret[$0] }
    }

    /// Whether all constraints hold.
    var holds: Bool { builder.constraintSystem().firstViolated(by: witness.span) == nil }

    /// A challenge that depends on all values, and is made faster than Poseidon's: for provers who do not
    /// choose values by it.
    private static var challenger: Challenger {
        Challenger(
            mask: { _ in .zero },
            challenge: { question in
                let base = Scalar(0x9e37_79b9_7f4a_7c15).squared().squared()
                return (0..<question.committed.count).reduce(base) {
                    $0 * base + (Scalar(canonical: question.committed[$1]) ?? .zero)
                }
            })
    }

    /// Runs `body` with a field, and finishes.
    init(
        mode: CircuitBuilder.Mode = .both, chunkBits: Int = 11, groupSize: Int? = nil,
        _ body: (EmulatedField<BN254.Fp>) -> Void
    ) {
        builder = CircuitBuilder(mode, publicCount: 0, names: false, challenger: Self.challenger)
        emulation = Emulation(builder, .commitment, chunkBits: chunkBits, groupSize: groupSize)
        body(EmulatedField<BN254.Fp>(emulation))
        emulation.finish()
    }
}

/// Points as new elements.
extension EmulatedField<BN254.Fp> {
    func element(_ point: Affine<BN254.G1>) -> G1Element {
        G1Element(x: hinted { point.x }, y: hinted { point.y })
    }

    func element(_ point: Affine<BN254.G2>) -> G2Element {
        G2Element(x: hinted { point.x }, y: hinted { point.y })
    }
}

/// Pairs whose product of pairings is one.
struct PairingInstance {
    var variable: [(g1: Affine<BN254.G1>, g2: Affine<BN254.G2>)] = []
    var fixed: [(g1: Affine<BN254.G1>, g2: Affine<BN254.G2>)] = []

    /// Random pairs, the last of them such that the product is one.
    init(variable: Int, fixed: Int, _ generator: inout SeededGenerator) {
        var sum = BN254.Fr.zero
        var pairs: [(g1: Affine<BN254.G1>, g2: Affine<BN254.G2>)] = []
        for index in 0..<(variable + fixed) {
            let b = BN254.Fr.random(using: &generator)
            let isLast = index == variable + fixed - 1
            let a = isLast ? -sum * b.inverse()! : BN254.Fr.random(using: &generator)
            sum += a * b
            pairs.append(
                (
                    BN254.G1.generator.multiplied(by: a).affine, BN254.G2.generator.multiplied(by: b).affine
                ))
        }
        self.variable = Array(pairs[..<variable])
        self.fixed = Array(pairs[variable...])
    }

    /// The circuit of it.
    func run(
        mode: CircuitBuilder.Mode = .both, chunkBits: Int = 11, groupSize: Int? = nil,
        _ tampering: PairingTampering? = nil
    ) -> PairingRun {
        PairingRun(mode: mode, chunkBits: chunkBits, groupSize: groupSize) { field in
            PairingCircuit(field, tampering: tampering).enforceProductIsOne(
                variable.map { (field.element($0.g1), field.element($0.g2)) },
                fixed: fixed.map { (field.element($0.g1), $0.g2) })
        }
    }
}
