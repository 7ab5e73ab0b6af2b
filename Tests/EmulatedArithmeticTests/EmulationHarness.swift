// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import EmulatedArithmetic
import FiniteFields
import TestSupport
import Testing

/// A circuit with emulated arithmetic: its constraints, and its witness.
struct EmulatedCircuit {
    let system: R1CS<Scalar>
    let witness: [Scalar.Limbs]
    let builder: CircuitBuilder
    let emulation: Emulation

    /// The first violated constraint.
    var firstViolated: Int? { system.firstViolated(by: witness.span) }
    /// Whether all constraints hold.
    var holds: Bool { firstViolated == nil }

    /// The constraints of a part of the circuit.
    func constraints(of scope: String) -> Int {
        builder.constraintsByScope().filter { $0.scope == scope }.reduce(0) { $0 + $1.constraints }
    }
}

/// How the tests draw a first challenge.
enum Source: CaseIterable, CustomTestStringConvertible {
    case commitment
    case poseidon

    var testDescription: String { "\(self)" }
}

/// What draws challenges, and how.
struct Drawing {
    var source: ChallengeSource
    var challenger: Challenger?

    /// A stand-in for a commitment: a hash of the values.
    static var transcript: Drawing { Drawing(source: .commitment, challenger: .standIn) }
    /// Bits, and no commitment.
    static var poseidon: Drawing { Drawing(source: .poseidon, challenger: nil) }
    /// A first challenge that depends on nothing; it must not be in the table.
    static func fixed(_ value: Scalar) -> Drawing {
        Drawing(source: .commitment, challenger: Challenger(mask: { _ in .zero }, challenge: { _ in value }))
    }
    static func of(_ source: Source) -> Drawing { source == .commitment ? transcript : poseidon }
}

/// Runs `body` with a field, and finishes.
func emulate<Field: PrimeField>(
    _ type: Field.Type, mode: CircuitBuilder.Mode = .both, _ drawing: Drawing,
    chunkBits: Int = 8, groupSize: Int? = nil, tampering: Tampering? = nil,
    _ body: (EmulatedField<Field>) -> Void
) -> (builder: CircuitBuilder, emulation: Emulation) {
    let builder = CircuitBuilder(
        mode, publicCount: 0, names: mode == .both, challenger: drawing.challenger)
    let emulation = Emulation(
        builder, drawing.source, chunkBits: chunkBits, groupSize: groupSize, tampering: tampering)
    let field = EmulatedField<Field>(emulation)
    builder.scope("body") { body(field) }
    emulation.finish()
    return (builder, emulation)
}

/// The circuit and its witness in one run.
func circuit<Field: PrimeField>(
    _ type: Field.Type, _ drawing: Drawing = .transcript, chunkBits: Int = 8,
    groupSize: Int? = nil, tampering: Tampering? = nil, _ body: (EmulatedField<Field>) -> Void
) -> EmulatedCircuit {
    let (builder, emulation) = emulate(
        type, drawing, chunkBits: chunkBits, groupSize: groupSize, tampering: tampering, body)
    let secret = builder.witness()
    return EmulatedCircuit(
        system: builder.constraintSystem(), witness: (0..<secret.count).map { secret[$0] }, builder: builder,
        emulation: emulation)
}

/// The same, where the source is one of the two.
func circuit<Field: PrimeField>(
    _ type: Field.Type, source: Source, chunkBits: Int = 8, groupSize: Int? = nil,
    _ body: (EmulatedField<Field>) -> Void
) -> EmulatedCircuit {
    circuit(
        type, .of(source), chunkBits: chunkBits,
        groupSize: groupSize, body)
}

/// Demands that the circuit holds, and that it is the same whether constraints, values or both are made.
func expectHolds<Field: PrimeField>(
    _ type: Field.Type, source: Source, chunkBits: Int = 8, groupSize: Int? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: (EmulatedField<Field>) -> Void
) {
    let both = circuit(type, source: source, chunkBits: chunkBits, groupSize: groupSize, body)
    #expect(both.holds, "violated in \(violated(both))", sourceLocation: sourceLocation)
    func run(_ mode: CircuitBuilder.Mode) -> CircuitBuilder {
        emulate(
            type, mode: mode, .of(source), chunkBits: chunkBits,
            groupSize: groupSize, body
        ).builder
    }
    let alone = run(.witness).witness()
    #expect((0..<alone.count).map { alone[$0] } == both.witness, sourceLocation: sourceLocation)
    #expect(run(.constraints).constraintSystem() == both.system, sourceLocation: sourceLocation)
}

/// Demands that no constraint system with these inputs holds for a prover who goes on as if nothing were
/// wrong.
func expectRefused<Field: PrimeField>(
    _ type: Field.Type, source: Source = .commitment, chunkBits: Int = 8,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: (EmulatedField<Field>) -> Void
) {
    let built = circuit(type, source: source, chunkBits: chunkBits, body)
    #expect(!built.holds, sourceLocation: sourceLocation)
}

private func violated(_ circuit: EmulatedCircuit) -> String {
    circuit.firstViolated.map { "constraint \($0), \(circuit.builder.scope(of: $0))" } ?? "none"
}
