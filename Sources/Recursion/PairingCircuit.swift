// SPDX-License-Identifier: Apache-2.0

package import Curves
package import EllipticCurves
package import EmulatedArithmetic
package import FiniteFields

/// BN254's optimal ate pairing in a circuit over its own scalar field: that a product of pairings is one.
///
/// ```swift
/// let pairing = PairingCircuit(field)
/// pairing.enforceProductIsOne([(a, b)], fixed: [(c, minusDelta), (inputs, minusGamma), (sum, minusBeta)])
/// ```
///
/// What is enforced, why, and what it costs is in docs/recursion.md, "Pairings". No witness satisfies the
/// circuit where the product is not one; making one then goes on with whatever values, and ends no program.
/// Not constant-time in the witness.
package struct PairingCircuit {
    private let field: EmulatedField<BN254.Fp>
    private let tampering: PairingTampering?

    /// Pairings over a field of the circuit.
    package init(_ field: EmulatedField<BN254.Fp>) { self.init(field, tampering: nil) }

    /// The same; for tests, with checks left out.
    package init(_ field: EmulatedField<BN254.Fp>, tampering: PairingTampering?) {
        (self.field, self.tampering) = (field, tampering)
    }

    /// Demands that a point is on the twist, y² = x³ + 3/(9 + u); (0, 0) is not, nor has the identity
    /// coordinates.
    ///
    /// Nothing is said of G2, which is a subgroup.
    package func enforceOnTwist(_ q: G2Element) {
        let square = field.reduced(field.square(q.x))
        field.enforceZero(
            field.square(q.y) - field.product(square, q.x) - QuadraticElement(BN254.G2.b))
    }

    /// Demands Π e(P, Q) = 1 over all pairs, and that each variable Q is on the twist and in G2.
    ///
    /// - Parameters:
    ///   - variable: pairs of which both points are elements.
    ///   - fixed: pairs whose points of G2 are constants. They share functions three at a time, so that more
    ///     than three cost more.
    /// - Precondition: all P are on the curve by checks elsewhere, so that neither x nor y is zero (the order
    ///   of G1 is neither even nor a multiple of three); constants are in G2, and are not the identity. There
    ///   is a pair.
    package func enforceProductIsOne(
        _ variable: [(g1: G1Element, g2: G2Element)], fixed: [(g1: G1Element, g2: Affine<BN254.G2>)]
    ) {
        let steps = factors(variable, fixed: fixed)
        if tampering?.omitted.contains(.product) != true { enforceResidue(steps) }
    }

    /// The factors by which the Miller loop's value is multiplied, step by step, with the checks that make
    /// them right; those of `enforceProductIsOne`, and for tests.
    package func factors(
        _ variable: [(g1: G1Element, g2: G2Element)], fixed: [(g1: G1Element, g2: Affine<BN254.G2>)]
    ) -> [[TorusElement]] {
        precondition(variable.count + fixed.count > 0)
        precondition(fixed.allSatisfy { !$0.g2.isIdentity && $0.g2.isValid })
        let variables = parts(variable.count) { field, index in
            let pair = variable[index]
            if tampering?.omitted.contains(.onTwist) != true {
                PairingCircuit(field, tampering: tampering).enforceOnTwist(pair.g2)
            }
            return VariablePair(field, pair.g1, pair.g2, tampering).factors
        }
        let constants = stride(from: 0, to: fixed.count, by: FixedPairs.most).map { start in
            FixedPairs(field, Array(fixed[start..<min(start + FixedPairs.most, fixed.count)])).factors
        }
        return (0..<MillerSteps.count).map { step in
            variables.flatMap { $0[step] } + constants.map { $0[step] }
        }
    }

    /// Parts of one shape: on several threads, but one after another where something is left out.
    private func parts<Result>(
        _ count: Int, _ part: (EmulatedField<BN254.Fp>, Int) -> Result
    ) -> [Result] {
        tampering == nil ? field.inParallel(count, part) : (0..<count).map { part(field, $0) }
    }

    /// The value of the Miller loop with these factors, under the witness being made. It is known up to what
    /// the final exponentiation removes.
    package static func loopValue(_ steps: [[TorusElement]]) -> Fp12<BN254.Tower> {
        var value = Fp12<BN254.Tower>.one
        for (step, factors) in steps.enumerated() {
            if step < MillerSteps.digits.count { value = value.squared() }
            for factor in factors { value *= factor.value }
        }
        return value
    }

    /// Demands that f·(c⁻¹)^λ is in Fp6 for the value f of the loop, λ = 6z + 2 + p − p² + p³. All values are
    /// known up to factors in Fp6.
    private func enforceResidue(_ steps: [[TorusElement]]) {
        let root: TorusElement = field.hinted { witness(steps) }
        let inverse = root.inverse
        // f·(c⁻¹)^(6z + 2): the first digit is one.
        var operations: [TorusChain.Operation] = []
        for (step, factors) in steps.enumerated() {
            if step < MillerSteps.digits.count {
                operations.append(.square)
                let digit = MillerSteps.digits[step]
                if digit != 0 { operations.append(.product(digit > 0 ? inverse : root)) }
            }
            operations += factors.map { .product($0) }
        }
        var value = TorusChain(start: inverse, operations).enforce(field)
        let once = field.frobenius(inverse)
        value = field.multiply(field.multiply(value, once), field.frobeniusSquared(once))
        // Times c^(p²) it is in Fp6: it is (c⁻¹)^(p²).
        field.enforceEqual(value, field.frobeniusSquared(inverse))
    }

    /// The residue witness for the value of the loop; any where there is none.
    private func witness(_ steps: [[TorusElement]]) -> Fp6<BN254.Tower> {
        let value = Self.loopValue(steps)
        let witness = ResidueWitness(value)?.torus ?? .one
        return tampering?.witness?(value, witness) ?? witness
    }
}
