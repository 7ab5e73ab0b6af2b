// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
import EllipticCurves
package import FiniteFields

/// What a check of a PLONK proof found.
package enum PlonkVerdict: Equatable, Sendable, CustomStringConvertible {
    /// The proof holds.
    case valid
    /// The number of public inputs is not the key's.
    case publicCount(expected: Int, found: Int)
    /// A public input is not below the group order.
    case publicInputOutOfRange(index: Int)
    /// A point of the proof, by the name that snarkjs gives it, is not on the curve or not in the subgroup of
    /// order r.
    case invalidPoint(String)
    /// The pairing equation does not hold.
    case equationFails

    /// A sentence for people.
    package var description: String {
        switch self {
        case .valid: "valid"
        case .publicCount(let expected, let found):
            "the key wants \(expected) public input\(expected == 1 ? "" : "s"), \(found) given"
        case .publicInputOutOfRange(let index): "public input \(index) is not below the group order"
        case .invalidPoint(let name): "\(name) is not a valid point: not on the curve, or not in the subgroup"
        case .equationFails: "the pairing equation does not hold"
        }
    }
}

/// Checks PLONK proofs of one circuit, as snarkjs 0.7 makes them: with the linearisation polynomial, whose
/// value at ξ is known, in place of its value in the proof.
///
/// Deterministic but for the random coefficients of batches; safe to use from several threads.
///
/// - Reference: Gabizon, Williamson and Ciobotaru 2019, §8.3, "Verifier algorithm" (as revised in 2022).
package struct PlonkVerifier<Suite: ComputeSuite>: Sendable {
    /// The key that proofs are checked against.
    package let key: PlonkVerifyingKey<Suite>
    private let generator, tau: Suite.PreparedG2
    private let omega: Suite.Fr
    /// 1/n.
    private let sizeInverse: Suite.Fr

    /// Prepares the key's points.
    ///
    /// - Precondition: the key's points are in their subgroups, its domain is one of the field's, and has a
    ///   row for each public input, as all readers ensure.
    package init(_ key: PlonkVerifyingKey<Suite>) {
        precondition(key.logDomainSize < Suite.Fr.twoAdicity && key.publicCount <= key.domainSize)
        self.key = key
        generator = Suite.prepare(.generator)
        tau = Suite.prepare(key.x2)
        omega = EvaluationDomain<Suite.Fr>.root(log: key.logDomainSize)
        sizeInverse = Suite.Fr(UInt64(key.domainSize)).inverse() ?? .zero
    }

    /// Checks one proof. `publicInputs` are canonical.
    package func verify(
        _ proof: PlonkProof<Suite>, publicInputs: [Suite.Fr.Limbs], parallel: Parallel
    ) -> PlonkVerdict {
        let verdict = admissible(proof, publicInputs)
        guard verdict == .valid else { return verdict }
        return holds([claim(proof, publicInputs)], [.one], parallel) ? .valid : .equationFails
    }

    /// Checks many proofs at once with random 128-bit coefficients: two pairings in all, and one sum of
    /// eleven points a proof. The order of the verdicts is that of the proofs.
    ///
    /// A batch with an invalid proof passes with probability at most 2⁻¹²⁸ (over `generator`, which must be
    /// unpredictable to whoever made the proofs). When the whole does not hold it is halved until the
    /// culprits are found.
    ///
    /// - Reference: Bellare–Garay–Rabin 1998, "Fast batch verification for modular exponentiation and digital
    ///   signatures" (small exponents test).
    package func verifyBatch(
        _ items: [(proof: PlonkProof<Suite>, publicInputs: [Suite.Fr.Limbs])], parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) -> [PlonkVerdict] {
        var verdicts = parallel.map(items.count) { admissible(items[$0].proof, items[$0].publicInputs) }
        let sound = items.indices.filter { verdicts[$0] == .valid }
        let claims = parallel.map(sound.count) {
            claim(items[sound[$0]].proof, items[sound[$0]].publicInputs)
        }
        for culprit in culprits(claims.indices[...], claims, parallel, using: &generator) {
            verdicts[sound[culprit]] = .equationFails
        }
        return verdicts
    }

    /// Everything but the pairing equation.
    private func admissible(_ proof: PlonkProof<Suite>, _ publicInputs: [Suite.Fr.Limbs]) -> PlonkVerdict {
        guard publicInputs.count == key.publicCount else {
            return .publicCount(expected: key.publicCount, found: publicInputs.count)
        }
        if let index = publicInputs.firstIndex(where: { !$0.isLess(than: Suite.Fr.modulus) }) {
            return .publicInputOutOfRange(index: index)
        }
        if let (name, _) = proof.points.first(where: { !$0.point.isValid }) { return .invalidPoint(name) }
        return .valid
    }

    /// e(Σ lᵢ·Pᵢ, τ·G₂) = e(Σ rᵢ·Pᵢ + Σ kⱼ·Qⱼ + g·G₁, G₂) for points P of the proof and Q of the key.
    private struct Claim {
        var points: [Affine<Suite.G1>]
        /// One for each point of the proof.
        var right: [Suite.Fr]
        /// u; the left side is Wξ + u·Wξω.
        var u: Suite.Fr
        /// One for each commitment of the key.
        var key: [Suite.Fr]
        var generator: Suite.Fr
    }

    /// - Returns: `nil` where ξ is one of the domain's points, at which nothing can be evaluated; the chance
    ///   is below 2⁻²²⁰.
    private func claim(_ proof: PlonkProof<Suite>, _ publicInputs: [Suite.Fr.Limbs]) -> Claim? {
        let inputs = publicInputs.map { Suite.Fr(canonical: $0) ?? .zero }
        let challenges = PlonkChallenges(key, publicInputs: inputs, proof)
        let (beta, gamma, alpha) = (challenges.beta, challenges.gamma, challenges.alpha)
        let (xi, u) = (challenges.xi, challenges.u)
        let values = proof.evaluations

        let power = (0..<key.logDomainSize).reduce(xi) { power, _ in power.squared() }
        let vanishing = power - .one
        guard !vanishing.isZero else { return nil }
        // L₁(ξ), and those of the public inputs.
        var points = [Suite.Fr.one]
        while points.count < max(1, key.publicCount) { points.append(points[points.count - 1] * omega) }
        var lagrange = points.map { xi - $0 }
        Suite.Fr.batchInvert(&lagrange)
        for index in points.indices { lagrange[index] *= vanishing * sizeInverse * points[index] }
        let publics = zip(inputs, lagrange).reduce(Suite.Fr.zero) { $0 - $1.0 * $1.1 }

        let left = values.a + beta * values.s1 + gamma
        let middle = values.b + beta * values.s2 + gamma
        let first = alpha.squared() * lagrange[0]
        let known = publics - first - alpha * left * middle * (values.c + gamma) * values.zOmega

        var v = [Suite.Fr.one]
        for _ in 0..<5 { v.append(v[v.count - 1] * challenges.v) }
        let wires = (values.a + beta * xi + gamma) * (values.b + beta * key.k1 * xi + gamma)
        let z = wires * (values.c + beta * key.k2 * xi + gamma) * alpha + first + u
        let opened = zip(v.dropFirst(), [values.a, values.b, values.c, values.s1, values.s2])
            .reduce(u * values.zOmega - known) { $0 + $1.0 * $1.1 }
        return Claim(
            points: proof.points.map(\.point),
            // A, B, C, Z, T1, T2, T3, Wξ, Wξω.
            right: [
                v[1], v[2], v[3], z, -vanishing, -vanishing * power, -vanishing * power.squared(), xi,
                u * xi * omega,
            ], u: u,
            // Qm, Ql, Qr, Qo, Qc, S1, S2, S3.
            key: [
                values.a * values.b, values.a, values.b, values.c, .one, v[4], v[5],
                -left * middle * alpha * beta * values.zOmega,
            ], generator: -opened)
    }

    private func culprits(
        _ candidates: Range<Int>.SubSequence, _ claims: [Claim?], _ parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) -> [Int] {
        if candidates.isEmpty { return [] }
        let factors = candidates.map { _ in Self.coefficient(using: &generator) }
        if holds(candidates.map { claims[$0] }, factors, parallel) { return [] }
        if candidates.count == 1 { return [candidates.lowerBound] }
        let middle = (candidates.lowerBound + candidates.upperBound) / 2
        return culprits(candidates.lowerBound..<middle, claims, parallel, using: &generator)
            + culprits(middle..<candidates.upperBound, claims, parallel, using: &generator)
    }

    /// A random number below 2^128.
    private static func coefficient(using generator: inout some RandomNumberGenerator) -> Suite.Fr {
        var limbs = Suite.Fr.Limbs.zero
        (limbs[0], limbs[1]) = (generator.next(), generator.next())
        return Suite.Fr(canonical: limbs) ?? .one
    }

    /// Whether a combination of claims holds.
    private func holds(_ claims: [Claim?], _ factors: [Suite.Fr], _ parallel: Parallel) -> Bool {
        var (left, right): ([(Affine<Suite.G1>, Suite.Fr)], [(Affine<Suite.G1>, Suite.Fr)]) = ([], [])
        var (key, generator) = (
            [Suite.Fr](repeating: .zero, count: self.key.commitments.count), Suite.Fr.zero
        )
        for (claim, factor) in zip(claims, factors) {
            guard let claim else { return false }
            let opening = claim.points.count - 2
            left.append((claim.points[opening], factor))
            left.append((claim.points[opening + 1], factor * claim.u))
            for (point, scalar) in zip(claim.points, claim.right) { right.append((point, factor * scalar)) }
            for index in key.indices { key[index] += factor * claim.key[index] }
            generator += factor * claim.generator
        }
        right += zip(self.key.commitments, key)
        right.append((.generator, generator))
        return Suite.isPairingProductOne([
            (sum(left, parallel), tau), (-sum(right, parallel), self.generator),
        ])
    }

    private func sum(_ terms: [(Affine<Suite.G1>, Suite.Fr)], _ parallel: Parallel) -> Affine<Suite.G1> {
        let scalars = terms.map(\.1.canonical)
        return scalars.withUnsafeBufferPointer {
            Suite.G1.cpuMSM(PointTable(terms.map(\.0)), $0, parallel)
        }
    }
}
