// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Curves
package import EllipticCurves
package import EmulatedArithmetic
import FieldHashes
import FiniteFields

/// Verifies n Groth16 proofs of one constant key in a circuit, by one product of pairings:
///
///     Π e(sᵢ·Aᵢ, Bᵢ) · e(Σ sᵢ·Cᵢ, −δ) · e(Σ sᵢ·K₀ + Σⱼ (Σ sᵢ·xᵢⱼ)·Kⱼ, −γ) · e(Σ sᵢ·α, −β) = 1
///
/// with s₀ = 1 and all others of 128 bits each, from a hash of all points and inputs of all proofs. So one
/// proof alone has no scalars. For a key with commitments, a proof has a D for each and P as well, its
/// challenges are further inputs, the sum of all sᵢ·Dᵢₖ is added to the point for −γ, and there are more
/// pairs,
///
///     e(Σ tᵢ·Pᵢ, G) · Πₖ e(Σ tᵢ·fᵢᵏ·Dᵢₖ, −σₖ·G)
///
/// with tᵢ of 128 bits each from the same hash, t₀ too, and fᵢ the hash of the proof's challenges.
///
/// A proof with a point at infinity is refused, though Groth16 would allow it. Why it is sound is in
/// docs/recursion.md, "Points and proofs".
package struct Groth16Verification {
    /// What goes into the product of pairings: points of G1, and points of G2 that are elements or constants.
    package struct Pairs {
        /// sᵢ·Aᵢ and Bᵢ, of which it is for the pairing to say that they are in G2.
        package var variable: [(g1: G1Element, g2: G2Element)]
        /// Points for −δ, −γ and −β, then for G and each −σ·G; without that for −γ where it would be the
        /// identity.
        package var fixed: [(g1: G1Element, g2: Affine<BN254.G2>)]
    }

    private enum Domain {
        /// All points and inputs to the seed.
        static let proofs: UInt64 = 0x5265_0002
        /// The seed to scalars.
        static let scalars: UInt64 = 0x5265_0003
    }

    /// The scalars of the proofs.
    private struct Scalars {
        /// s₁, s₂ …; s₀ = 1.
        var equation: [ChallengeScalar]
        /// t₀, t₁ …; none for a plain key.
        var knowledge: [ChallengeScalar]
    }

    /// The key.
    package let key: ConstantVerifyingKey
    let curve: CurveCircuit

    /// A verification of proofs of a key, in a circuit.
    ///
    /// - Parameter tampering: for tests only.
    /// - Precondition: for a key with commitments, the field's chunks have 4, 8 or 17 bits, or are bits.
    package init(
        _ field: EmulatedField<BN254.Fp>, _ key: ConstantVerifyingKey, tampering: CurveTampering? = nil
    ) {
        self.key = key
        curve = CurveCircuit(field, tampering: tampering)
    }

    /// The width of chunks with the fewest constraints for so many proofs of a key.
    package static func chunkBits(proofs count: Int, _ key: ConstantVerifyingKey) -> Int {
        // About how many new elements there are, for each proof and beside them.
        let further = (key.commitments?.count ?? 1) - 1
        let isPlain = key.commitments == nil
        let elements = (isPlain ? 2_000 + 1_700 * count : 4_000 + 2_600 * count) + inputElements(key)
        // Limbs of a commitment's coordinates have to end where its words do.
        return LimbShape.chunkBits(
            forElements: [(elements + (1_400 + 400 * count) * further, BN254.Fp.bitWidth)],
            of: isPlain ? nil : [4, 8, 17])
    }

    /// How many elements, at most, a verification of two or more proofs has: those of each, and all others.
    package static func elementCount(_ key: ConstantVerifyingKey) -> (each: Int, shared: Int) {
        let inputs = inputElements(key)
        guard let count = key.commitments?.count else { return (1_674, 1_740 + inputs) }
        return (1_890 + 396 * count, 2_300 + 800 * count + inputs)
    }

    /// The elements of the sum of public inputs' points: two for each addition of a window's point.
    private static func inputElements(_ key: ConstantVerifyingKey) -> Int {
        2 * FixedBaseTable.windows.count * key.tables.dropFirst().count { $0 != nil }
    }

    private var field: EmulatedField<BN254.Fp> { curve.field }
    private var builder: CircuitBuilder { field.builder }

    /// The pairs whose product is one for valid proofs, and with a probability of some 2^−128 where one is
    /// not (docs/recursion.md).
    ///
    /// The points of G1 are on their curve afterwards. B is hashed, and for the pairing to check.
    ///
    /// - Parameters:
    ///   - proofs: one proof or more, of the key's kind.
    ///   - publicInputs: a row for each proof, with an element for each of the key's inputs.
    package func pairs(_ proofs: [ProofElements], publicInputs: [[Linear]]) -> Pairs {
        precondition(!proofs.isEmpty && proofs.count == publicInputs.count)
        precondition(publicInputs.allSatisfy { $0.count == key.publicCount })
        let commitments = key.commitments?.count ?? 0
        precondition(
            proofs.allSatisfy {
                $0.commitments.count == commitments && ($0.knowledge == nil) == (commitments == 0)
            })
        for point in proofs.flatMap(\.pointsOfG1) { curve.enforceOnCurve(point) }
        let scalars = builder.scope("scalars") { self.scalars(proofs, publicInputs) }
        let a = builder.scope("scaled points") {
            [proofs[0].a]
                + curve.parts(scalars.equation.count) { curve, index in
                    curve.multiply(curve.multiples(proofs[index + 1].a), by: scalars.equation[index])
                }
        }
        let c = builder.scope("sum of C") {
            let products = zip(proofs.dropFirst(), scalars.equation).map { (curve.multiples($0.c), $1) }
            return products.isEmpty
                ? proofs[0].c : curve.sum(products, plus: [proofs[0].c], offset: key.offset)
        }
        let challenges = zip(proofs, publicInputs).map { self.challenges($0, $1) }
        let inputs = zip(publicInputs, challenges).map { $0 + $1 }
        let (sum, alpha) = builder.scope("inputs") { fixedSums(inputs, scalars.equation) }
        var pairs = Pairs(
            variable: zip(a, proofs).map { ($0, $1.b) }, fixed: [(c, key.negativeDelta)])
        if let commitments = key.commitments {
            let own = builder.scope("commitments") { sums(proofs, challenges, scalars, plus: sum) }
            pairs.fixed += [
                (own.inputs, key.negativeGamma), (alpha, key.negativeBeta),
                (own.knowledge, commitments.generator),
            ]
            pairs.fixed += zip(own.opened, commitments.negativeSigmas).map { ($0, $1) }
        } else {
            if let sum { pairs.fixed.append((sum, key.negativeGamma)) }
            pairs.fixed.append((alpha, key.negativeBeta))
        }
        return pairs
    }

    private func scalars(_ proofs: [ProofElements], _ publicInputs: [[Linear]]) -> Scalars {
        let count = proofs.count - 1
        let others = key.commitments == nil ? 0 : proofs.count
        if count + others == 0 { return Scalars(equation: [], knowledge: []) }
        let elements = zip(proofs, publicInputs).flatMap { proof, inputs in
            field.packed(proof.coordinates(withC: !curve.omits(.hashOfC))) + inputs
        }
        let all = ChallengeScalar.scalars(
            field.emulation, seed: builder.poseidon(elements, domain: Domain.proofs),
            domain: Domain.scalars, count: count + others, curve.tampering)
        if curve.omits(.independentScalars) {
            return Scalars(equation: Array(all[1..<proofs.count]), knowledge: Array(all[..<proofs.count]))
        }
        return Scalars(equation: Array(all[..<count]), knowledge: Array(all[count...]))
    }

    /// The challenges of a proof's commitments; none for a plain key.
    ///
    /// Each is hashed from the one representation of the coordinates that is below the base field's modulus,
    /// or a prover could choose among several.
    private func challenges(_ proof: ProofElements, _ publicInputs: [Linear]) -> [Linear] {
        var known = publicInputs
        for (point, hashed) in zip(proof.commitments, key.commitments?.hashed ?? []) {
            let words = [point.x, point.y].flatMap { coordinate in
                let words = field.words(coordinate, low: CommitmentChallenge.lowBits)
                return [words.low, words.high]
            }
            known.append(builder.commitmentChallenge(words: words, values: hashed.map { known[$0 - 1] }))
        }
        return Array(known[publicInputs.count...])
    }

    /// Σ sᵢ·K₀ + Σⱼ (Σ sᵢ·xᵢⱼ)·Kⱼ, `nil` where all Kⱼ are the identity, and Σ sᵢ·α.
    private func fixedSums(
        _ inputs: [[Linear]], _ scalars: [ChallengeScalar]
    ) -> (inputs: G1Element?, alpha: G1Element) {
        var products: [(ScalarWindows, FixedBaseTable)] = []
        var alpha = G1Element(key.alpha)
        var constant = key.constant
        if !scalars.isEmpty {
            let sum = scalars.reduce(Linear.one) { $0 + $1.value }
            let windows = ScalarWindows(field.emulation, of: sum)
            alpha = curve.fixedSum([(windows, key.alphaTable)], plus: .identity, offset: key.offset)
            if let table = key.tables[0] { products.append((windows, table)) }
            constant = .identity
        }
        for (column, table) in key.tables.dropFirst().enumerated() {
            guard let table else { continue }
            var sum = inputs[0][column]
            for (row, scalar) in zip(inputs.dropFirst(), scalars) {
                sum += builder.multiply(scalar.value, row[column])
            }
            products.append((ScalarWindows(field.emulation, of: sum), table))
        }
        if products.isEmpty { return (constant.isIdentity ? nil : G1Element(constant), alpha) }
        return (curve.fixedSum(products, plus: constant, offset: key.offset), alpha)
    }

    /// Σ sᵢ·Dᵢₖ over all i and k + the sum of inputs, Σ tᵢ·Pᵢ, and Σ tᵢ·fᵢᵏ·Dᵢₖ for each k.
    private func sums(
        _ proofs: [ProofElements], _ challenges: [[Linear]], _ scalars: Scalars, plus inputs: G1Element?
    ) -> (inputs: G1Element, knowledge: G1Element, opened: [G1Element]) {
        func sum(_ points: [PointMultiples]) -> G1Element {
            points.count == 1
                ? curve.multiply(points[0], by: scalars.knowledge[0])
                : curve.sum(Array(zip(points, scalars.knowledge)), plus: [], offset: key.offset)
        }
        let points = proofs.map { $0.commitments.map { curve.multiples($0) } }
        let knowledge = proofs.compactMap(\.knowledge).map { curve.multiples($0) }
        // What a proof commits to, all in all; of the first one the parts are added to the sum as they are.
        let own = zip(proofs, points).dropFirst().map { proof, points in
            points.count == 1 ? points[0] : curve.multiples(curve.sum(proof.commitments, offset: key.offset))
        }
        let whole = curve.sum(
            Array(zip(own, scalars.equation)), plus: proofs[0].commitments + (inputs.map { [$0] } ?? []),
            offset: key.offset)
        let opening = sum(knowledge)
        let factors = challenges.map { $0.count == 1 ? [] : powers(foldedBy: $0) }
        let opened = points[0].indices.map { number in
            let row = points.map { $0[number] }
            if number == 0 { return sum(row) }
            let products = zip(zip(row, factors), scalars.knowledge).map { point, scalar in
                let factor = builder.multiply(scalar.value, point.1[number - 1])
                return (point.0, WholeScalar(field.emulation, of: factor, curve.tampering))
            }
            return curve.sum(products, plus: [], offset: key.offset)
        }
        return (whole, opening, opened)
    }

    /// f, f² … for the factor of a proof's challenges: one less than there are commitments.
    private func powers(foldedBy challenges: [Linear]) -> [Linear] {
        let factor = curve.omits(.foldingFactor) ? .one : builder.commitmentFoldingFactor(challenges)
        var powers = [factor]
        for _ in challenges.dropFirst(2) { powers.append(builder.multiply(powers[powers.count - 1], factor)) }
        return powers
    }
}
