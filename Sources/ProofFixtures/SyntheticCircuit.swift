// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
import FiniteFields

/// A random circuit of n = 2^k rows and n wires, the first of them public, and a witness of it.
///
/// With p public inputs row i, i < n − p − 1, determines wire i + p + 1; any public inputs have a witness. A
/// product row makes it the product of two sums of one to three earlier wires with random coefficients; the
/// latest product is in both sums, so hardly any point of the key's tables is the identity, as is the most
/// costly case. A bit row is w·(w − 1) = 0. The last rows are the setup's own: those of the constant and the
/// public wires.
struct SyntheticCircuit<F: PrimeField> {
    private(set) var system: R1CS<F>
    /// One value a wire.
    private(set) var witness: [F] = [.one]

    /// What a circuit and its witness come from.
    struct Recipe {
        var logSize: Int
        /// How many public inputs there are: fewer than rows.
        var publicCount: Int
        /// Their values; random ones where it is nil. The constraints do not depend on them.
        var publicInputs: [F]?
        var shape: ScalarShape
        var seed: UInt64
    }

    fileprivate init(_ recipe: Recipe) {
        let (logSize, publicCount, shape) = (recipe.logSize, recipe.publicCount, recipe.shape)
        let publicInputs = recipe.publicInputs
        precondition(1 << logSize > publicCount && publicInputs?.count ?? publicCount == publicCount)
        let constraints = (1 << logSize) - publicCount - 1
        system = R1CS(
            wireCount: 1 << logSize, publicOutputCount: 0, publicInputCount: publicCount,
            privateInputCount: 0)
        system.reserve(terms: 5 * constraints, constraints: constraints)
        witness.reserveCapacity(1 << logSize)
        var stream = SeededStream(seed: recipe.seed, "\(F.name) circuit")
        for i in 0..<publicCount {
            let value = F.random(using: &stream)
            witness.append(publicInputs?[i] ?? value)
        }
        var latestProduct = min(1, publicCount)
        for _ in 0..<constraints {
            let wire = UInt32(witness.count)
            if shape.drawsBit(using: &stream) {
                append(wire, .one)
                system.endCombination()
                append(wire, .one)
                append(0, -.one)
                system.endCombination()
                witness.append(F(stream.next() & 1))
            } else {
                let left = appendSum(of: latestProduct, using: &stream)
                let right = appendSum(of: latestProduct, using: &stream)
                append(wire, .one)
                witness.append(left * right)
                latestProduct = Int(wire)
            }
            system.endCombination()
        }
    }

    private mutating func append(_ wire: UInt32, _ coefficient: F) {
        system.append(R1CS.Term(wire: wire, coefficient: coefficient))
    }

    /// A combination of a wire and up to two others, with random coefficients; returns its value.
    private mutating func appendSum(of first: Int, using stream: inout SeededStream) -> F {
        var sum = F.zero
        for term in 0..<Int.random(in: 1...3, using: &stream) {
            let wire = term == 0 ? first : Int.random(in: 0..<witness.count, using: &stream)
            let coefficient = F.random(using: &stream)
            append(UInt32(wire), coefficient)
            sum += coefficient * witness[wire]
        }
        system.endCombination()
        return sum
    }

    /// A circuit over the scalars of a curve.
    ///
    /// - Precondition: there are more rows than public inputs, and as many values of these as it says.
    static func make<Suite: ComputeSuite>(
        for _: Suite.Type, _ recipe: Recipe
    ) -> SyntheticCircuit where F == Suite.Fr {
        made(Suite.id, recipe) as? SyntheticCircuit ?? SyntheticCircuit(recipe)
    }
}

// What makes rows, compiled for each curve of the list (see `withSuite`).

private func made(_ curve: CurveID, _ recipe: Any) -> Any? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { made(on: $0, recipe) }
}

private func made<Suite: ComputeSuite>(on _: Suite.Type, _ recipe: Any) -> Any? {
    (recipe as? SyntheticCircuit<Suite.Fr>.Recipe).map { SyntheticCircuit($0) }
}
