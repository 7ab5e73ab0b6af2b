// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
import EllipticCurves
import FiniteFields

/// Makes PLONK proofs of snarkjs 0.7's form on a backend, and lets none go that does not verify.
///
/// - Reference: Gabizon, Williamson and Ciobotaru 2019, §8.2, "Prover algorithm" (as revised in 2022).
package struct PlonkProver<Suite: ComputeSuite>: Sendable {
    /// What computes the sums and transforms.
    package let backend: any ComputeBackend<Suite>
    /// Threads for all else.
    package let parallel: Parallel

    /// A prover, which keeps nothing of keys or witnesses.
    package init(backend: any ComputeBackend<Suite>, parallel: Parallel) {
        self.backend = backend
        self.parallel = parallel
    }

    /// Proves that a witness satisfies the key's circuit, and verifies the proof.
    ///
    /// The computations are variable-time in the witness.
    ///
    /// - Parameters:
    ///   - key: the circuit's proving key.
    ///   - verifier: a verifier of this key's verifying key.
    ///   - witness: canonical, one value a wire that no addition makes.
    ///   - generator: where blinding factors come from. It must be cryptographically secure: the proof is
    ///     zero-knowledge only when they are fresh and secret.
    ///   - observe: called before each phase.
    /// - Throws: an unsatisfied witness is `.gate`.
    package func prove(
        key: PlonkProvingKey<Suite>, verifier: PlonkVerifier<Suite>, witness: SecretScalars<Suite.Fr>,
        using generator: inout some RandomNumberGenerator, observe: (PlonkPhase) -> Void = { _ in }
    ) throws(PlonkError) -> PlonkProof<Suite> {
        guard witness.count == key.witnessCount else {
            throw .witnessLength(expected: key.witnessCount, found: witness.count)
        }
        guard witness[0] == Suite.Fr.one.canonical else { throw .firstWireNotOne }
        guard verifier.key == key.verifyingKey else { throw .otherKey }
        let run = PlonkRun(
            key, backend, parallel,
            blinding: (0..<PlonkRun<Suite>.blindingCount).map { _ in
                Suite.Fr.random(using: &generator)
            })
        let made = try Plonk.prove(Suite.id, run, witness, observe) as? PlonkProof<Suite>
        let proof: PlonkProof<Suite>
        if let made { proof = made } else { proof = try run.prove(witness, observe) }
        observe(.verify)
        let publics = (1..<key.publicCount + 1).map { witness[$0] }
        guard verifier.verify(proof, publicInputs: publics, parallel: parallel) == .valid else {
            throw .doesNotVerify
        }
        return proof
    }
}

// The same for each curve of the list: a function without generic parameters that hands operands of any curve
// to one that is generic over the suite alone (see `withSuite`).

private func prove(
    _ curve: CurveID, _ run: AnyObject, _ witness: AnyObject, _ observe: (PlonkPhase) -> Void
) throws(PlonkError) -> Any? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return try withSuite(curve) { (suite) throws(PlonkError) in try prove(on: suite, run, witness, observe) }
}

private func prove<Suite: ComputeSuite>(
    on _: Suite.Type, _ run: AnyObject, _ witness: AnyObject, _ observe: (PlonkPhase) -> Void
) throws(PlonkError) -> Any? {
    guard let run = run as? PlonkRun<Suite>, let witness = witness as? SecretScalars<Suite.Fr> else {
        return nil
    }
    return try run.prove(witness, observe)
}
