// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields

/// The equations of a proof under one key, with the key's G2 points prepared: e(A, B) = e(α, β) · e(L, γ) ·
/// e(C, δ) with L = IC₀ + Σ xᵢ·ICᵢ₊₁ + Σ D, and, for keys with commitments, Π e(Pₖ, Qₖ) = 1 with Q of the
/// key. The one place where they are computed; `Verifier` and `CommittedVerifier` say what goes into them.
struct PairingEquations<Suite: ComputeSuite>: Sendable {
    typealias G1 = Suite.G1Affine
    typealias PreparedPair = (G1, Suite.PreparedG2)

    /// What one proof puts into the equations: points of their subgroups.
    struct Claim: Sendable {
        var a: G1
        var b: Suite.G2Affine
        var c: G1
        /// A scalar for each point of the key but the first, canonical.
        var scalars: [Suite.Fr.Limbs]
        /// D: further points of L.
        var summands: [G1] = []
        /// P of the second equation, one for each Q.
        var knowledge: [G1] = []
    }

    private let alpha1: G1
    private let ic: [G1]
    private let beta, gamma, delta: Suite.PreparedG2
    /// Q of the second equation; none for a plain key.
    private let knowledgeKey: [Suite.PreparedG2]

    /// - Precondition: the points are in their subgroups.
    init(_ key: VerifyingKey<Suite>, knowledgeKey: [Suite.G2Affine] = []) {
        alpha1 = key.alpha1
        ic = key.ic
        beta = Suite.prepare(key.beta2)
        gamma = Suite.prepare(key.gamma2)
        delta = Suite.prepare(key.delta2)
        self.knowledgeKey = knowledgeKey.map { Suite.prepare($0) }
    }

    /// The first equation for one proof.
    func holds(_ claim: Claim, _ parallel: Parallel) -> Bool {
        var inputs = sum(ic, times: [Suite.Fr.one.canonical] + claim.scalars, parallel)
        if !claim.summands.isEmpty {
            inputs = claim.summands.reduce(Jacobian(inputs)) { $0 + $1 }.affine
        }
        return productIsOne(
            [(-claim.a, Suite.prepare(claim.b)), (alpha1, beta), (inputs, gamma), (claim.c, delta)], parallel)
    }

    /// The second equation for one proof.
    func knowledgeHolds(_ claim: Claim, _ parallel: Parallel) -> Bool {
        knowledgeKey.isEmpty || productIsOne(Array(zip(claim.knowledge, knowledgeKey)), parallel)
    }

    /// The claims, by number, for which an equation does not hold: by random coefficients of 128 bits, one
    /// for each equation of a claim, and halves of what does not hold as a whole.
    func culprits(
        _ candidates: ArraySlice<Int>, _ claims: [Claim?], _ parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) -> [Int] {
        if candidates.isEmpty || hold(candidates, claims, parallel, using: &generator) { return [] }
        if candidates.count == 1 { return [candidates[candidates.startIndex]] }
        let middle = (candidates.startIndex + candidates.endIndex) / 2
        return culprits(candidates[..<middle], claims, parallel, using: &generator)
            + culprits(candidates[middle...], claims, parallel, using: &generator)
    }

    /// Π e(zᵢAᵢ, Bᵢ) · e(−Σzᵢ·α, β) · e(−Σ zᵢLᵢ, γ) · e(−Σ zᵢCᵢ, δ) · Πₖ e(Σ tᵢPᵢₖ, Qₖ) = 1 for random zᵢ and
    /// tᵢ of 128 bits.
    private func hold(
        _ candidates: ArraySlice<Int>, _ claims: [Claim?], _ parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) -> Bool {
        let members = candidates.compactMap { claims[$0] }
        guard members.count == candidates.count else { return false }
        let coefficients = members.map { _ in Self.coefficient(using: &generator) }
        var icScalars = [Suite.Fr](repeating: .zero, count: ic.count)
        for (claim, coefficient) in zip(members, coefficients) {
            guard let z = Suite.Fr(canonical: coefficient) else { return false }
            icScalars[0] += z
            for (i, scalar) in claim.scalars.enumerated() {
                guard let x = Suite.Fr(canonical: scalar) else { return false }
                icScalars[i + 1] += z * x
            }
        }
        var (points, scalars) = (ic, icScalars.map(\.canonical))
        for (claim, coefficient) in zip(members, coefficients) {
            points += claim.summands
            scalars += repeatElement(coefficient, count: claim.summands.count)
        }
        let inputs = sum(points, times: scalars, parallel)
        let cs = sum(members.map(\.c), times: coefficients, parallel)
        let alpha = sum([alpha1], times: [icScalars[0].canonical], parallel)
        var fixed = [(-alpha, beta), (-inputs, gamma), (-cs, delta)]
        if !knowledgeKey.isEmpty {
            let coefficients = members.map { _ in Self.coefficient(using: &generator) }
            for (k, prepared) in knowledgeKey.enumerated() {
                fixed.append((sum(members.map { $0.knowledge[k] }, times: coefficients, parallel), prepared))
            }
        }
        let scaled = Suite.G1.cpuMultiplyEach(members.map(\.a), by: coefficients, parallel)
        let chunk = 16
        let chunks = (members.count + chunk - 1) / chunk
        let products = parallel.map(chunks + 1) { task in
            if task == chunks { return Suite.millerLoop(fixed) }
            let range = task * chunk..<min((task + 1) * chunk, members.count)
            return Suite.millerLoop(range.map { (scaled[$0], Suite.prepare(members[$0].b)) })
        }
        return Suite.finalExponentiation(products.reduce(.one, *)) == .one
    }

    private static func coefficient(using generator: inout some RandomNumberGenerator) -> Suite.Fr.Limbs {
        var limbs = Suite.Fr.Limbs.zero
        limbs[0] = generator.next()
        limbs[1] = generator.next()
        return limbs
    }

    private func productIsOne(_ pairs: [PreparedPair], _ parallel: Parallel) -> Bool {
        if parallel.threads == 1 { return Suite.isPairingProductOne(pairs) }
        let middle = pairs.count / 2
        let halves = parallel.map(2) { half in
            Suite.millerLoop(Array(half == 0 ? pairs[..<middle] : pairs[middle...]))
        }
        return Suite.finalExponentiation(halves[0] * halves[1]) == .one
    }

    private func sum(_ points: [G1], times scalars: [Suite.Fr.Limbs], _ parallel: Parallel) -> G1 {
        scalars.withUnsafeBufferPointer { Suite.G1.cpuMSM(PointTable(points), $0, parallel) }
    }
}
