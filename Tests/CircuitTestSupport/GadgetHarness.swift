// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Compute
package import ConstraintSystems
import Curves
package import FiniteFields
package import TestSupport
package import Testing

/// A circuit run in both modes at once: its constraints, and its witness.
package struct BuiltGadget {
    package let system: R1CS<Scalar>
    package var witness: [Scalar.Limbs]
    package let builder: CircuitBuilder

    /// Runs `body`, and demands that the three modes agree on wires, constraints and values.
    package init(publicCount: Int = 0, challenger: Challenger? = nil, _ body: (CircuitBuilder) -> Void) {
        func run(_ mode: CircuitBuilder.Mode) -> CircuitBuilder {
            let builder = CircuitBuilder(
                mode, publicCount: publicCount, names: mode == .both, challenger: challenger)
            body(builder)
            return builder
        }
        builder = run(.both)
        system = builder.constraintSystem()
        let secret = builder.witness()
        witness = (0..<secret.count).map { secret[$0] }
        let alone = run(.witness).witness()
        #expect((0..<alone.count).map { alone[$0] } == witness)
        #expect(run(.constraints).constraintSystem() == system)
    }

    package var firstViolated: Int? { system.firstViolated(by: witness.span) }

    /// The wires that can be given another value without a violated constraint.
    ///
    /// - Parameter sample: how many are tried, chosen at random; all where it is not given.
    package func freeWires(using generator: inout SeededGenerator, sample: Int? = nil) -> [Int] {
        var changed = witness
        let tried = sample.map { count in
            (0..<count).map { _ in Int.random(in: 1..<witness.count, using: &generator) }
        }
        return (tried ?? Array(1..<witness.count)).filter { wire in
            defer { changed[wire] = witness[wire] }
            // A random value, and the neighbours, which forgotten range checks let through.
            let own = Scalar(canonical: witness[wire])!
            return [Scalar.random(using: &generator), own + .one, own - .one, .one - own].contains { other in
                guard other != own else { return false }
                changed[wire] = other.canonical
                return system.firstViolated(by: changed.span) == nil
            }
        }
    }
}

/// Builds a gadget whose inputs and outputs are all pinned, and demands that it holds and that no wire is
/// free.
///
/// - Parameters:
///   - sample: how many wires are changed, chosen at random; all where it is not given.
///   - body: makes the gadget and returns what its outputs should be, beside what they are.
package func expectSound(
    _ generator: inout SeededGenerator, inputs: [Scalar], sample: Int? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (CircuitBuilder, [Linear]) -> [(Linear, Scalar)]
) {
    let built = BuiltGadget(publicCount: inputs.count) { builder in
        let wires = inputs.map { builder.wire($0) }
        for (index, wire) in wires.enumerated() { builder.bindPublic(index, to: wire) }
        for (output, expected) in body(builder, wires) {
            if builder.hasValues { #expect(output.value == expected, sourceLocation: sourceLocation) }
            // Outputs are pinned to what they are, so that a free output is a free wire.
            builder.enforceEqual(output, Linear(expected))
        }
    }
    #expect(built.firstViolated == nil, sourceLocation: sourceLocation)
    #expect(built.freeWires(using: &generator, sample: sample) == [], sourceLocation: sourceLocation)
}

/// Demands that no constraint system with these inputs is satisfied by the honest computation.
package func expectRefused(
    inputs: [Scalar], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (CircuitBuilder, [Linear]) -> Void
) {
    let builder = CircuitBuilder(.both, publicCount: inputs.count)
    let wires = inputs.map { builder.wire($0) }
    for (index, wire) in wires.enumerated() { builder.bindPublic(index, to: wire) }
    body(builder, wires)
    let secret = builder.witness()
    let violated = secret.withSpan { builder.constraintSystem().firstViolated(by: $0) }
    #expect(violated != nil, sourceLocation: sourceLocation)
}

/// The number of constraints that `body` makes.
package func constraintCount(inputs: Int, _ body: (CircuitBuilder, [Linear]) -> Void) -> Int {
    let builder = CircuitBuilder(.constraints, publicCount: 0)
    let wires = (0..<inputs).map { _ in builder.wire(.zero) }
    body(builder, wires)
    return builder.constraintCount
}
