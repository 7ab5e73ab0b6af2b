// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Curves
package import EllipticCurves
package import EmulatedArithmetic
import FiniteFields
import Groth16

/// Verifies n Groth16 proofs of one constant key in a circuit, by one product of pairings:
///
///     Π e(sᵢ·Aᵢ, Bᵢ) · e(Σ sᵢ·Cᵢ, −δ) · e(Σ sᵢ·K₀ + Σⱼ (Σ sᵢ·xᵢⱼ)·Kⱼ, −γ) · e(Σ sᵢ·α, −β) = 1
///
/// with s₀ = 1 and all others of 128 bits each, from a hash of all points and inputs of all proofs. So one
/// proof alone has no scalars.
///
/// A proof with a point at infinity is refused, though Groth16 would allow it. Why it is sound is in
/// docs/recursion.md, "Points and proofs".
package struct Groth16Verification {
    /// What goes into the product of pairings: points of G1, and points of G2 that are elements or constants.
    package struct Pairs {
        /// sᵢ·Aᵢ and Bᵢ, of which it is for the pairing to say that they are in G2.
        package var variable: [(g1: G1Element, g2: G2Element)]
        /// Points for −δ, −γ and −β.
        package var fixed: [(g1: G1Element, g2: Affine<BN254.G2>)]
    }

    private enum Domain {
        /// All points and inputs to the seed.
        static let proofs: UInt64 = 0x5265_0002
        /// The seed to scalars.
        static let scalars: UInt64 = 0x5265_0003
    }

    /// The key.
    package let key: ConstantVerifyingKey
    private let curve: CurveCircuit

    /// A verification of proofs of a key, in a circuit.
    ///
    /// - Parameter tampering: for tests only.
    package init(
        _ field: EmulatedField<BN254.Fp>, _ key: ConstantVerifyingKey, tampering: CurveTampering? = nil
    ) {
        self.key = key
        curve = CurveCircuit(field, tampering: tampering)
    }

    private var field: EmulatedField<BN254.Fp> { curve.field }
    private var builder: CircuitBuilder { field.builder }

    /// The pairs whose product is one for valid proofs, and with probability below 2^−127.9 where one is not
    /// (docs/recursion.md).
    ///
    /// A and C are on their curve afterwards. B is hashed, and for the pairing to check.
    ///
    /// - Parameters:
    ///   - proofs: one proof or more.
    ///   - publicInputs: a row for each proof, with an element for each of the key's inputs.
    package func pairs(_ proofs: [ProofElements], publicInputs: [[Linear]]) -> Pairs {
        precondition(!proofs.isEmpty && proofs.count == publicInputs.count)
        precondition(publicInputs.allSatisfy { $0.count == key.publicCount })
        for proof in proofs {
            curve.enforceOnCurve(proof.a)
            curve.enforceOnCurve(proof.c)
        }
        let scalars = builder.scope("scalars") { self.scalars(proofs, publicInputs) }
        let a = builder.scope("scaled points") {
            [proofs[0].a]
                + zip(proofs.dropFirst(), scalars).map { curve.multiply(curve.multiples($0.a), by: $1) }
        }
        let c = builder.scope("sum of C") { sumOfC(proofs, scalars) }
        var pairs = Pairs(
            variable: zip(a, proofs).map { ($0, $1.b) }, fixed: [(c, -key.key.delta2)])
        let (inputs, alpha) = builder.scope("inputs") { fixedSums(publicInputs, scalars) }
        if let inputs { pairs.fixed.append((inputs, -key.key.gamma2)) }
        pairs.fixed.append((alpha, -key.key.beta2))
        return pairs
    }

    /// s₁, s₂ …; none for one proof.
    private func scalars(_ proofs: [ProofElements], _ publicInputs: [[Linear]]) -> [ChallengeScalar] {
        if proofs.count == 1 { return [] }
        let elements = zip(proofs, publicInputs).flatMap { field.packed($0.coordinates) + $1 }
        return ChallengeScalar.scalars(
            field.emulation, seed: builder.poseidon(elements, domain: Domain.proofs),
            domain: Domain.scalars, count: proofs.count - 1, curve.tampering)
    }

    private func sumOfC(_ proofs: [ProofElements], _ scalars: [ChallengeScalar]) -> G1Element {
        if scalars.isEmpty { return proofs[0].c }
        let products = zip(proofs.dropFirst(), scalars).map { (curve.multiples($0.c), $1) }
        return curve.sum(products, plus: [proofs[0].c], offset: key.offset)
    }

    /// Σ sᵢ·K₀ + Σⱼ (Σ sᵢ·xᵢⱼ)·Kⱼ, `nil` where all Kⱼ are the identity, and Σ sᵢ·α.
    private func fixedSums(
        _ publicInputs: [[Linear]], _ scalars: [ChallengeScalar]
    ) -> (inputs: G1Element?, alpha: G1Element) {
        var products: [(ScalarWindows, FixedBaseTable)] = []
        var alpha = G1Element(key.key.alpha1)
        var constant = key.key.ic[0]
        if !scalars.isEmpty {
            let sum = scalars.reduce(Linear.one) { $0 + $1.value }
            let windows = ScalarWindows(field.emulation, of: sum)
            alpha = curve.fixedSum([(windows, key.alpha)], plus: .identity, offset: key.offset)
            if let table = key.inputs[0] { products.append((windows, table)) }
            constant = .identity
        }
        for (column, table) in key.inputs.dropFirst().enumerated() {
            guard let table else { continue }
            var sum = publicInputs[0][column]
            for (row, scalar) in zip(publicInputs.dropFirst(), scalars) {
                sum += builder.multiply(scalar.value, row[column])
            }
            products.append((ScalarWindows(field.emulation, of: sum), table))
        }
        if products.isEmpty { return (constant.isIdentity ? nil : G1Element(constant), alpha) }
        return (curve.fixedSum(products, plus: constant, offset: key.offset), alpha)
    }
}
