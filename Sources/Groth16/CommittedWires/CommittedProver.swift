// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import EllipticCurves
import FiniteFields

/// Makes Groth16 proofs with keys in gnark's form, with and without commitments, and lets none go that does
/// not verify.
///
/// A circuit with commitments is proved in two phases: whoever makes its witness gets the challenge of a
/// commitment, of `commit` and the verification key, as soon as the committed wires are known, and goes on
/// with it; `prove` takes the whole witness, and makes the same commitments again. What hides committed wires
/// is a random wire among them, which is the circuit's to have: two proofs of one witness have the same
/// commitments.
package struct CommittedProver<Backend: Groth16Backend>: Sendable {
    /// The curve of the keys and proofs.
    package typealias Suite = Backend.Suite

    /// What computes the sums and transforms.
    package let backend: Backend
    /// Threads for the final check.
    package let parallel: Parallel

    /// A prover, which keeps nothing of keys or witnesses.
    package init(backend: Backend, parallel: Parallel) {
        self.backend = backend
        self.parallel = parallel
    }

    /// The point of commitment `number` of a key.
    ///
    /// - Parameter values: of the committed wires, canonical, in the order of the commitment's wires.
    /// - Throws: `ComputeError`; `.lengthMismatch` for another number of values.
    package func commit(
        key: CommittedProvingKey<Suite>, number: Int, values: SecretScalars<Suite.Fr>
    ) throws(ComputeError) -> Affine<Suite.G1> {
        let basis = key.commitments[number].basis
        if basis.count == 0 && values.count == 0 { return .identity }
        return try values.withElements { values throws(ComputeError) in try backend.msm(basis, values) }
    }

    /// Proves that a witness satisfies the circuit of a key with commitments, and verifies the proof.
    ///
    /// - Parameters:
    ///   - verifier: a verifier of the key's verification key.
    ///   - witness: canonical, one value a wire, challenges included.
    ///   - generator: where what blinds comes from: it must be cryptographically secure.
    ///   - observe: called before each phase.
    /// - Throws: `ProvingError`: `.challenge` for a wire that is not its commitment's challenge, `.otherKey`,
    ///   `.doesNotVerify` for a witness that does not satisfy the circuit, and others.
    package func prove(
        key: CommittedProvingKey<Suite>, verifier: CommittedVerifier<Suite>,
        witness: SecretScalars<Suite.Fr>, using generator: inout some RandomNumberGenerator,
        observe: (ProvingPhase) -> Void = { _ in }
    ) throws(ProvingError) -> CommittedProof<Suite> {
        let publics = try publics(of: witness, key, verifier.key.publicCount)
        guard verifier.key.commitments.count == key.commitments.count else { throw .otherKey }
        observe(.commitments)
        let (commitments, knowledge) = try commitments(key, verifier.key, witness, publics)
        let points = try points(key, witness, using: &generator, observe: observe)
        observe(.verify)
        let proof = CommittedProof<Suite>(
            a: points.a, b: points.b, c: points.c, commitments: commitments, knowledge: knowledge)
        guard verifier.verify(proof, publicInputs: publics, parallel: parallel) == .valid else {
            throw .doesNotVerify
        }
        return proof
    }

    /// The same for a key without commitments.
    ///
    /// - Throws: as for keys with commitments.
    package func prove(
        key: CommittedProvingKey<Suite>, verifier: Verifier<Suite>, witness: SecretScalars<Suite.Fr>,
        using generator: inout some RandomNumberGenerator, observe: (ProvingPhase) -> Void = { _ in }
    ) throws(ProvingError) -> Proof<Suite> {
        let publics = try publics(of: witness, key, verifier.key.publicCount)
        guard key.commitments.isEmpty else { throw .otherKey }
        let points = try points(key, witness, using: &generator, observe: observe)
        observe(.verify)
        let proof = Proof<Suite>(a: points.a, b: points.b, c: points.c)
        guard verifier.verify(proof, publicInputs: publics, parallel: parallel) == .valid else {
            throw .doesNotVerify
        }
        return proof
    }

    private func publics(
        of witness: SecretScalars<Suite.Fr>, _ key: CommittedProvingKey<Suite>, _ publicCount: Int
    ) throws(ProvingError) -> [Suite.Fr.Limbs] {
        guard witness.count == key.variableCount else {
            throw .witnessLength(expected: key.variableCount, found: witness.count)
        }
        guard witness[0] == Suite.Fr.one.canonical else { throw .firstWireNotOne }
        guard publicCount == key.publicCount else { throw .otherKey }
        return (1..<publicCount + 1).map { witness[$0] }
    }

    /// The commitments, whose challenges the witness must have, and the proof that their openings are known.
    private func commitments(
        _ key: CommittedProvingKey<Suite>, _ verifyingKey: CommittedVerifyingKey<Suite>,
        _ witness: SecretScalars<Suite.Fr>, _ publics: [Suite.Fr.Limbs]
    ) throws(ProvingError) -> (points: [Affine<Suite.G1>], knowledge: Affine<Suite.G1>) {
        var known = publics.map { Suite.Fr(canonical: $0) ?? .zero }
        var points: [Affine<Suite.G1>] = []
        var opened: [Affine<Suite.G1>] = []
        for (number, commitment) in key.commitments.enumerated() {
            let sums = try sums(of: commitment, witness)
            points.append(sums.g1[0])
            opened.append(sums.g1[1])
            let challenge = verifyingKey.challenge(number, of: points[number], known: known)
            guard challenge.canonical == witness[commitment.challengeWire] else {
                throw .challenge(wire: commitment.challengeWire, commitment: number)
            }
            known.append(challenge)
        }
        let factor: Suite.Fr = verifyingKey.hash.foldingFactor(Array(known[publics.count...]))
        var powers = [Suite.Fr.one]
        while powers.count < opened.count { powers.append(powers[powers.count - 1] * factor) }
        return (points, BlindedPoints<Suite>.sum(opened, times: powers))
    }

    /// A commitment, and the same times its σ.
    private func sums(
        of commitment: CommittedProvingKey<Suite>.Commitment, _ witness: SecretScalars<Suite.Fr>
    ) throws(ProvingError) -> PointSums<Suite> {
        // No backend has to take a sum of nothing.
        if commitment.wires.isEmpty { return PointSums(g1: [.identity, .identity], g2: []) }
        let values = SecretScalars<Suite.Fr>(count: commitment.wires.count)
        values.withUnsafeMutableElements { values in
            for (i, wire) in commitment.wires.enumerated() { values[i] = witness[wire] }
        }
        let tables = PointTables<Suite>(g1: [commitment.basis, commitment.sigmaBasis])
        do throws(ComputeError) {
            return try values.withElements { values throws(ComputeError) in try backend.msm(tables, values) }
        } catch {
            throw .compute(error)
        }
    }

    private func points(
        _ key: CommittedProvingKey<Suite>, _ witness: SecretScalars<Suite.Fr>,
        using generator: inout some RandomNumberGenerator, observe: (ProvingPhase) -> Void
    ) throws(ProvingError) -> BlindedPoints<Suite> {
        let sums: Groth16Sums<Suite>
        do {
            sums = try witness.withElements { elements throws(ComputeError) in
                try backend.groth16Sums(key.tables, witness: elements) { observe(ProvingPhase($0)) }
            }
        } catch {
            throw .compute(error)
        }
        return BlindedPoints(
            alpha1: key.alpha1, beta1: key.beta1, delta1: key.delta1, beta2: key.beta2, delta2: key.delta2,
            sums: sums, using: &generator)
    }
}
