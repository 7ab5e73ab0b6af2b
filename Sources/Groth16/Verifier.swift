// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves
public import FiniteFields

/// What a check of a proof found.
public enum Verdict: Equatable, Sendable, CustomStringConvertible {
    /// The proof holds.
    case valid
    /// The number of public inputs is not the key's.
    case publicCount(expected: Int, found: Int)
    /// A public input is not below the group order.
    case publicInputOutOfRange(index: Int)
    /// A point of the proof ("pi_a", "pi_b" or "pi_c") is not on the curve or not in the subgroup of order r.
    case invalidPoint(String)
    /// The pairing equation does not hold.
    case equationFails

    /// A sentence for people.
    public var description: String {
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

/// Checks Groth16 proofs of one circuit: e(A, B) = e(α, β) · e(L, γ) · e(C, δ) with L = IC₀ + Σ xᵢ·ICᵢ₊₁.
///
/// Deterministic but for the random coefficients of batches; safe to use from several threads.
public struct Verifier<Suite: ComputeSuite>: Sendable {
    /// A point of G1, affine, Montgomery form.
    public typealias G1 = Suite.G1Affine

    /// The key that proofs are checked against.
    public let key: VerifyingKey<Suite>
    private let beta: Suite.PreparedG2
    private let gamma: Suite.PreparedG2
    private let delta: Suite.PreparedG2

    /// Prepares the key's G2 points.
    ///
    /// - Precondition: the key's points are in their subgroups, as all readers ensure.
    public init(_ key: VerifyingKey<Suite>) {
        self.key = key
        beta = Suite.prepare(key.beta2)
        gamma = Suite.prepare(key.gamma2)
        delta = Suite.prepare(key.delta2)
    }

    /// Checks one proof. `publicInputs` are canonical.
    public func verify(_ proof: Proof<Suite>, publicInputs: [Suite.Fr.Limbs], parallel: Parallel) -> Verdict {
        let verdict = admissible(proof, publicInputs)
        guard verdict == .valid else { return verdict }
        let inputs = sum(key.ic, times: [Suite.Fr.one.canonical] + publicInputs, parallel)
        let pairs = [
            (-proof.a, Suite.prepare(proof.b)), (key.alpha1, beta), (inputs, gamma), (proof.c, delta),
        ]
        return productIsOne(pairs, parallel) ? .valid : .equationFails
    }

    /// Checks many proofs at once with random 128-bit coefficients: one Miller loop a proof and three more,
    /// one final exponentiation in all. The order of the verdicts is that of the proofs.
    ///
    /// A batch with an invalid proof passes with probability at most 2⁻¹²⁸ (over `generator`, which must be
    /// unpredictable to whoever made the proofs). When the whole does not hold it is halved until the
    /// culprits are found.
    ///
    /// - Reference: Bellare–Garay–Rabin 1998, "Fast batch verification for modular exponentiation and digital
    ///   signatures" (small exponents test).
    public func verifyBatch(
        _ items: [(proof: Proof<Suite>, publicInputs: [Suite.Fr.Limbs])], parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) -> [Verdict] {
        var verdicts = parallel.map(items.count) { admissible(items[$0].proof, items[$0].publicInputs) }
        let candidates = items.indices.filter { verdicts[$0] == .valid }
        for culprit in culprits(candidates[...], items, parallel, using: &generator) {
            verdicts[culprit] = .equationFails
        }
        return verdicts
    }

    private func culprits(
        _ candidates: ArraySlice<Int>, _ items: [(proof: Proof<Suite>, publicInputs: [Suite.Fr.Limbs])],
        _ parallel: Parallel, using generator: inout some RandomNumberGenerator
    ) -> [Int] {
        if candidates.isEmpty || equationHolds(candidates, items, parallel, using: &generator) { return [] }
        if candidates.count == 1 { return [candidates[candidates.startIndex]] }
        let middle = (candidates.startIndex + candidates.endIndex) / 2
        return culprits(candidates[..<middle], items, parallel, using: &generator)
            + culprits(candidates[middle...], items, parallel, using: &generator)
    }

    /// Π e(zᵢAᵢ, Bᵢ) · e(−Σzᵢ·α, β) · e(−Σ zᵢLᵢ, γ) · e(−Σ zᵢCᵢ, δ) = 1 for random zᵢ of 128 bits.
    private func equationHolds(
        _ candidates: ArraySlice<Int>, _ items: [(proof: Proof<Suite>, publicInputs: [Suite.Fr.Limbs])],
        _ parallel: Parallel, using generator: inout some RandomNumberGenerator
    ) -> Bool {
        let coefficients = candidates.map { _ in
            var limbs = Suite.Fr.Limbs.zero
            limbs[0] = generator.next()
            limbs[1] = generator.next()
            return limbs
        }
        var icScalars = [Suite.Fr](repeating: .zero, count: key.ic.count)
        for (index, coefficient) in zip(candidates, coefficients) {
            guard let z = Suite.Fr(canonical: coefficient) else { return false }
            icScalars[0] += z
            for (i, input) in items[index].publicInputs.enumerated() {
                guard let x = Suite.Fr(canonical: input) else { return false }
                icScalars[i + 1] += z * x
            }
        }
        let inputs = sum(key.ic, times: icScalars.map(\.canonical), parallel)
        let cs = sum(candidates.map { items[$0].proof.c }, times: coefficients, parallel)
        let alpha = sum([key.alpha1], times: [icScalars[0].canonical], parallel)
        let scaled = Suite.G1.cpuMultiplyEach(
            candidates.map { items[$0].proof.a }, by: coefficients, parallel)
        let fixed = [(-alpha, beta), (-inputs, gamma), (-cs, delta)]
        let chunk = 16
        let chunks = (candidates.count + chunk - 1) / chunk
        let base = candidates.startIndex
        let products = parallel.map(chunks + 1) { task in
            if task == chunks { return Suite.millerLoop(fixed) }
            let range = task * chunk..<min((task + 1) * chunk, candidates.count)
            return Suite.millerLoop(
                range.map { (scaled[$0], Suite.prepare(items[candidates[base + $0]].proof.b)) })
        }
        return Suite.finalExponentiation(products.reduce(.one, *)) == .one
    }

    /// Everything but the pairing equation.
    private func admissible(_ proof: Proof<Suite>, _ publicInputs: [Suite.Fr.Limbs]) -> Verdict {
        guard publicInputs.count == key.publicCount else {
            return .publicCount(expected: key.publicCount, found: publicInputs.count)
        }
        if let index = publicInputs.firstIndex(where: { !$0.isLess(than: Suite.Fr.modulus) }) {
            return .publicInputOutOfRange(index: index)
        }
        guard proof.a.isValid else { return .invalidPoint("pi_a") }
        guard proof.b.isValid else { return .invalidPoint("pi_b") }
        guard proof.c.isValid else { return .invalidPoint("pi_c") }
        return .valid
    }

    private func productIsOne(_ pairs: [(G1, Suite.PreparedG2)], _ parallel: Parallel) -> Bool {
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
