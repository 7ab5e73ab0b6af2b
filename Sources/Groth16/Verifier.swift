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
    /// The number of commitments in the proof is not the key's.
    case commitmentCount(expected: Int, found: Int)
    /// A point of the proof ("pi_a", "pi_b", "pi_c"; "commitments[0]", "commitment_pok") is not on the curve
    /// or not in the subgroup of order r.
    case invalidPoint(String)
    /// The pairing equation does not hold.
    case equationFails
    /// The proof that the prover knows what its commitments are made of does not hold.
    case knowledgeFails

    /// A sentence for people.
    public var description: String {
        switch self {
        case .valid: "valid"
        case .publicCount(let expected, let found):
            "the key wants \(expected) public input\(expected == 1 ? "" : "s"), \(found) given"
        case .commitmentCount(let expected, let found):
            "the key wants \(expected) commitment\(expected == 1 ? "" : "s"), \(found) in the proof"
        case .publicInputOutOfRange(let index): "public input \(index) is not below the group order"
        case .invalidPoint(let name): "\(name) is not a valid point: not on the curve, or not in the subgroup"
        case .equationFails: "the pairing equation does not hold"
        case .knowledgeFails: "the proof of knowledge of the commitments does not hold"
        }
    }
}

/// Checks Groth16 proofs of one circuit: e(A, B) = e(α, β) · e(L, γ) · e(C, δ) with L = IC₀ + Σ xᵢ·ICᵢ₊₁.
/// Proofs of circuits with commitments are for `CommittedVerifier`.
///
/// Deterministic but for the random coefficients of batches; safe to use from several threads.
public struct Verifier<Suite: ComputeSuite>: Sendable {
    /// A point of G1, affine, Montgomery form.
    public typealias G1 = Suite.G1Affine

    /// The key that proofs are checked against.
    public let key: VerifyingKey<Suite>
    private let equations: PairingEquations<Suite>

    /// Prepares the key's G2 points.
    ///
    /// - Precondition: the key's points are in their subgroups, as all readers ensure.
    public init(_ key: VerifyingKey<Suite>) {
        self.key = key
        equations = PairingEquations(key)
    }

    /// Checks one proof. `publicInputs` are canonical.
    public func verify(_ proof: Proof<Suite>, publicInputs: [Suite.Fr.Limbs], parallel: Parallel) -> Verdict {
        let verdict = admissible(proof, publicInputs)
        guard verdict == .valid else { return verdict }
        return equations.holds(claim(proof, publicInputs), parallel) ? .valid : .equationFails
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
        let claims = items.indices.map {
            verdicts[$0] == .valid ? claim(items[$0].proof, items[$0].publicInputs) : nil
        }
        for culprit in equations.culprits(candidates[...], claims, parallel, using: &generator) {
            verdicts[culprit] = .equationFails
        }
        return verdicts
    }

    private func claim(
        _ proof: Proof<Suite>, _ publicInputs: [Suite.Fr.Limbs]
    ) -> PairingEquations<Suite>.Claim {
        .init(a: proof.a, b: proof.b, c: proof.c, scalars: publicInputs)
    }

    /// Everything but the pairing equation.
    private func admissible(_ proof: Proof<Suite>, _ publicInputs: [Suite.Fr.Limbs]) -> Verdict {
        Verdict(publicInputs, count: key.publicCount, of: Suite.Fr.self)
            ?? Verdict(a: proof.a, b: proof.b, c: proof.c) ?? .valid
    }
}

extension Verdict {
    /// What is wrong with public inputs.
    init?<Scalar: PrimeField>(_ publicInputs: [Scalar.Limbs], count: Int, of _: Scalar.Type) {
        if publicInputs.count != count {
            self = .publicCount(expected: count, found: publicInputs.count)
        } else if let index = publicInputs.firstIndex(where: { !$0.isLess(than: Scalar.modulus) }) {
            self = .publicInputOutOfRange(index: index)
        } else {
            return nil
        }
    }

    /// What is wrong with the points that all proofs have.
    init?<G1: CurveGroup, G2: CurveGroup>(a: Affine<G1>, b: Affine<G2>, c: Affine<G1>) {
        if !a.isValid {
            self = .invalidPoint("pi_a")
        } else if !b.isValid {
            self = .invalidPoint("pi_b")
        } else if !c.isValid {
            self = .invalidPoint("pi_c")
        } else {
            return nil
        }
    }
}
