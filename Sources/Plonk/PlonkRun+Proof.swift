// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields

extension PlonkRun {
    /// The proof of a witness; not verified.
    func prove(
        _ witness: SecretScalars<F>, _ observe: (PlonkPhase) -> Void
    ) throws(PlonkError) -> PlonkProof<Suite> {
        observe(.wires)
        if let gate = assign(witness) { throw .gate(gate) }
        let publicInputs = (1..<key.publicCount + 1).map { wires[$0] }
        for index in 0..<3 {
            polynomials.append(try interpolated(values[index], blinding: [2 * index + 1, 2 * index]))
        }
        let (a, b, c) = (
            try commit(polynomials[0]), try commit(polynomials[1]), try commit(polynomials[2])
        )
        var challenges = PlonkChallenges(key.verifyingKey, publicInputs: publicInputs, wires: [a, b, c])

        observe(.permutation)
        let product = Vector(count: n)
        multiply(challenges, into: product)
        polynomials.append(try interpolated(product, blinding: [8, 7, 6]))
        let z = try commit(polynomials[3])
        challenges.add(z: z)

        observe(.quotient)
        let parts = try quotient(challenges, publicInputs)
        let (t1, t2, t3) = (try commit(parts[0]), try commit(parts[1]), try commit(parts[2]))
        challenges.add(quotient: [t1, t2, t3])

        observe(.openings)
        let evaluations = evaluate(challenges)
        challenges.add(evaluations)
        let (atXi, atXiOmega) = open(challenges, evaluations, parts)
        return PlonkProof(
            a: a, b: b, c: c, z: z, t1: t1, t2: t2, t3: t3, wXi: try commit(atXi),
            wXiOmega: try commit(atXiOmega), evaluations: evaluations)
    }

    // MARK: What the backend does

    /// The coefficients of the polynomial with these values, plus (b₀ + b₁·X + …)·(Xⁿ − 1).
    private func interpolated(_ values: Vector, blinding: [Int]) throws(PlonkError) -> Vector {
        let result = Vector(count: n + blinding.count)
        let low = UnsafeMutableBufferPointer(rebasing: result.elements[..<n])
        _ = low.update(from: values.elements)
        try transformed { () throws(ComputeError) in try backend.inverseNTT(low) }
        Self.reverse(low)
        for (power, index) in blinding.enumerated() {
            result[power] -= self.blinding[index]
            result[n + power] += self.blinding[index]
        }
        return result
    }

    /// The values of a polynomial at ω₄ₙ^coset·ω^i.
    private func evaluated(_ polynomial: Vector, coset: Int) throws(PlonkError) -> Vector {
        let result = Vector(count: n)
        fold(polynomial, coset: coset, into: result.elements)
        Self.reverse(result.elements)
        try transformed { () throws(ComputeError) in try backend.forwardNTT(result.elements, at: .subgroup) }
        return result
    }

    private func transformed(_ body: () throws(ComputeError) -> Void) throws(PlonkError) {
        do throws(ComputeError) { try body() } catch { throw .compute(error) }
    }

    private func commit(_ polynomial: Vector) throws(PlonkError) -> Affine<Suite.G1> {
        let scalars = SecretScalars<F>(count: polynomial.count)
        scalars.withUnsafeMutableElements { canonical(polynomial, into: $0) }
        do throws(ComputeError) {
            return try scalars.withElements { elements throws(ComputeError) in
                try backend.msm(key.powers.slice(0..<elements.count), elements)
            }
        } catch {
            throw .compute(error)
        }
    }

    // MARK: The quotient

    /// The thirds of t, blinded: n + 1, n + 1 and n + 6 coefficients.
    private func quotient(
        _ challenges: PlonkChallenges<Suite>, _ publicInputs: [F]
    ) throws(PlonkError) -> [Vector] {
        // −Σ xᵢ·Lᵢ, by its values.
        let publics = Vector(count: n)
        for (index, input) in publicInputs.enumerated() { publics[index] = -input }
        let inputs = try interpolated(publics, blinding: [])
        let top = topCoefficients(challenges)
        var cosets: [Vector] = []
        for coset in 1...3 {
            var factors: [Vector] = []
            for polynomial in polynomials { factors.append(try evaluated(polynomial, coset: coset)) }
            let publics = try evaluated(inputs, coset: coset)
            let result = Vector(count: n)
            divide(challenges, factors, publics, top, coset: coset, into: result.elements)
            try transformed { () throws(ComputeError) in try backend.inverseNTT(result.elements) }
            Self.reverse(result.elements)
            cosets.append(result)
        }
        let parts = [Vector(count: n + 1), Vector(count: n + 1), Vector(count: n + 6)]
        separate(cosets, into: parts)
        for (index, coefficient) in top.enumerated() { parts[2][n + index] = coefficient }
        // t₁ + b·Xⁿ and t₂ − b and so on.
        for (index, part) in [9, 10].enumerated() {
            parts[index][n] += blinding[part]
            parts[index + 1][0] -= blinding[part]
        }
        return parts
    }
}
