// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
import EllipticCurves
public import FiniteFields

/// Checks Groth16 proofs of one circuit with commitments:
///
/// - e(A, B) = e(α, β) · e(L, γ) · e(C, δ) with L = IC₀ + Σ xᵢ·ICᵢ₊₁ + Σ cₖ·ICₙ₊₁₊ₖ + Σ Dₖ, where n is the
///   number of public inputs and cₖ the hash of Dₖ and of what the key says;
/// - e(P, G) · Π e(fᵏ·Dₖ, −σₖ·G) = 1, where P is the proof of knowledge and f a hash of all cₖ.
///
/// The points D and P, too, must be on their curve and in the subgroup. Deterministic but for the random
/// coefficients of batches; safe to use from several threads.
public struct CommittedVerifier<Suite: ComputeSuite>: Sendable {
    /// The key that proofs are checked against.
    public let key: CommittedVerifyingKey<Suite>
    private let equations: PairingEquations<Suite>

    /// Prepares the key's G2 points.
    ///
    /// - Precondition: the key's points are in their subgroups, as all readers ensure.
    public init(_ key: CommittedVerifyingKey<Suite>) {
        self.key = key
        equations = PairingEquations(
            key.base, knowledgeKey: [key.generator] + key.commitments.map(\.negativeSigma))
    }

    /// Checks one proof. `publicInputs` are canonical.
    public func verify(
        _ proof: CommittedProof<Suite>, publicInputs: [Suite.Fr.Limbs], parallel: Parallel
    ) -> Verdict {
        let verdict = admissible(proof, publicInputs)
        guard verdict == .valid else { return verdict }
        return self.verdict(claim(proof, publicInputs), parallel)
    }

    /// Checks many proofs at once, as `Verifier.verifyBatch` does; the two equations of a proof have
    /// independent random coefficients. The order of the verdicts is that of the proofs.
    public func verifyBatch(
        _ items: [(proof: CommittedProof<Suite>, publicInputs: [Suite.Fr.Limbs])], parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) -> [Verdict] {
        var verdicts = parallel.map(items.count) { admissible(items[$0].proof, items[$0].publicInputs) }
        let candidates = items.indices.filter { verdicts[$0] == .valid }
        let claims = parallel.map(items.count) {
            verdicts[$0] == .valid ? claim(items[$0].proof, items[$0].publicInputs) : nil
        }
        for culprit in equations.culprits(candidates[...], claims, parallel, using: &generator) {
            // Which of the two equations it is.
            verdicts[culprit] = claims[culprit].map { verdict($0, parallel) } ?? .equationFails
        }
        return verdicts
    }

    private func verdict(_ claim: PairingEquations<Suite>.Claim, _ parallel: Parallel) -> Verdict {
        guard equations.knowledgeHolds(claim, parallel) else { return .knowledgeFails }
        return equations.holds(claim, parallel) ? .valid : .equationFails
    }

    /// - Precondition: proof and inputs are admissible.
    private func claim(
        _ proof: CommittedProof<Suite>, _ publicInputs: [Suite.Fr.Limbs]
    ) -> PairingEquations<Suite>.Claim {
        let inputs = publicInputs.map { Suite.Fr(canonical: $0) ?? .zero }
        let challenges = key.challenges(of: proof.commitments, publicInputs: inputs)
        let factor: Suite.Fr = key.hash.foldingFactor(challenges)
        var (power, folded) = (Suite.Fr.one, [Suite.G1Affine]())
        for point in proof.commitments {
            folded.append(folded.isEmpty ? point : point.multiplied(by: power).affine)
            power *= factor
        }
        return .init(
            a: proof.a, b: proof.b, c: proof.c, scalars: publicInputs + challenges.map(\.canonical),
            summands: proof.commitments, knowledge: [proof.knowledge] + folded)
    }

    /// Everything but the equations.
    private func admissible(_ proof: CommittedProof<Suite>, _ publicInputs: [Suite.Fr.Limbs]) -> Verdict {
        if let verdict = Verdict(publicInputs, count: key.publicCount, of: Suite.Fr.self) { return verdict }
        guard proof.commitments.count == key.commitments.count else {
            return .commitmentCount(expected: key.commitments.count, found: proof.commitments.count)
        }
        if let verdict = Verdict(a: proof.a, b: proof.b, c: proof.c) { return verdict }
        if let index = proof.commitments.firstIndex(where: { !$0.isValid }) {
            return .invalidPoint("commitments[\(index)]")
        }
        return proof.knowledge.isValid ? .valid : .invalidPoint("commitment_pok")
    }
}
