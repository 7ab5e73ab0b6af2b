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

/// A circuit of BN254's base field, and its witness.
struct PointCircuit {
    let system: R1CS<Scalar>
    let witness: [Scalar.Limbs]
    let builder: CircuitBuilder

    /// The circuit and its witness in one run, with a stand-in for a commitment where challenges come from
    /// one.
    init(
        _ source: ChallengeSource = .commitment, chunkBits: Int = 8,
        _ body: (EmulatedField<BN254.Fp>) throws -> Void
    ) rethrows {
        builder = try Self.run(.both, source, chunkBits: chunkBits, body)
        system = builder.constraintSystem()
        let values = builder.witness()
        witness = (0..<values.count).map { values[$0] }
    }

    /// The first violated constraint.
    var firstViolated: Int? { system.firstViolated(by: witness.span) }
    /// Whether all constraints hold.
    var holds: Bool { firstViolated == nil }
    /// Where the first violated constraint is.
    var violation: String { firstViolated.map { "constraint \($0), \(builder.scope(of: $0))" } ?? "none" }

    /// A challenge that depends on all values, and is made sooner than Poseidon's: for provers who do not
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

    /// A run of the description for constraints, values or both.
    static func run(
        _ mode: CircuitBuilder.Mode, _ source: ChallengeSource = .commitment, chunkBits: Int = 8,
        groupSize: Int? = nil, _ body: (EmulatedField<BN254.Fp>) throws -> Void
    ) rethrows -> CircuitBuilder {
        let builder = CircuitBuilder(mode, publicCount: 0, names: true, challenger: challenger)
        let emulation = Emulation(builder, source, chunkBits: chunkBits, groupSize: groupSize)
        let field = EmulatedField<BN254.Fp>(emulation)
        defer { emulation.finish() }
        try builder.scope("body") { try body(field) }
        return builder
    }

    /// The constraints of a description with chunks of 17 bits.
    static func constraints(_ body: (EmulatedField<BN254.Fp>) -> Void) -> Int {
        run(.constraints, chunkBits: 17, groupSize: 1_024, body).constraintCount
    }
}

extension PointCircuit {
    /// The wires of which a value of its own can be changed, each alone, without a violated constraint: with
    /// a random difference for each.
    func unconstrainedWires(using generator: inout SeededGenerator) -> [Int] {
        let values = witness.map { Scalar(canonical: $0)! }
        let changes = values.map { _ in Scalar.random(using: &generator) }
        var isConstrained = [Bool](repeating: false, count: values.count)
        // The constant one.
        isConstrained[0] = true
        for constraint in 0..<system.constraintCount {
            var sums = [Scalar](repeating: .zero, count: 3)
            var factors: [Int: [Scalar]] = [:]
            for part in 0..<3 {
                for term in system.combination(part, of: constraint) {
                    let wire = Int(term.wire)
                    sums[part] += term.coefficient * values[wire]
                    if !isConstrained[wire] {
                        factors[wire, default: [.zero, .zero, .zero]][part] += term.coefficient
                    }
                }
            }
            for (wire, own) in factors {
                let changed = zip(sums, own).map { $0 + $1 * changes[wire] }
                if changed[0] * changed[1] != changed[2] { isConstrained[wire] = true }
            }
        }
        return isConstrained.indices.filter { !isConstrained[$0] }
    }
}

extension PointCircuit: CustomTestStringConvertible {
    /// Without the circuit, which has millions of numbers.
    var testDescription: String { "a circuit, violated: \(violation)" }
}

extension G1Element {
    /// The point that it is under the witness being made.
    var affine: Affine<BN254.G1> { Affine(x: x.value, y: y.value) }
}

extension G2Element {
    /// The point that it is under the witness being made.
    var affine: Affine<BN254.G2> { Affine(x: x.value, y: y.value) }
}
