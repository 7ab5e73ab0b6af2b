// SPDX-License-Identifier: Apache-2.0

package import Compute
import FiniteFields
package import Groth16
package import TrustedSetup

/// A circuit made in memory with a key from a seed and a witness: every proof of it can be verified, and
/// whoever knows the seed can forge one.
package struct SyntheticProof<Suite: ComputeSuite>: Sendable {
    /// One value a wire; it satisfies the circuit.
    package let witness: [Suite.Fr]
    /// How the witness was drawn.
    package let shape: ScalarShape
    /// The proving key.
    package let key: ProvingKey<Suite>
    /// The verifier of its proofs.
    package let verifier: Verifier<Suite>
    private let seed: UInt64

    /// - Parameters:
    ///   - logSize: log₂ of the rows and of the wires.
    ///   - publicCount: how many public inputs there are.
    ///   - shape: how wires are drawn.
    ///   - seed: all else comes from it.
    /// - Precondition: there are more rows than public inputs.
    /// - Throws: `.tooLarge` where the field has no domain of the size.
    package init(
        logSize: Int, publicCount: Int = 1, shape: ScalarShape, seed: UInt64
    ) throws(SetupError) {
        // Not kept: the key has all of it that a proof needs.
        let circuit = SyntheticCircuit<Suite.Fr>.make(
            for: Suite.self, .init(logSize: logSize, publicCount: publicCount, shape: shape, seed: seed))
        witness = circuit.witness
        self.shape = shape
        self.seed = seed
        var stream = SeededStream(seed: seed, "\(Suite.Fr.name) setup")
        key = try Groth16Setup<Suite>(circuit.system, parallel: .allCores).development(using: &stream).key
        verifier = Verifier(key.verifyingKey)
    }

    /// What verifies the proofs.
    package var verifyingKey: VerifyingKey<Suite> { key.verifyingKey }

    /// A witness of the circuit for other public inputs.
    package func witness(publicInputs: [Suite.Fr]) -> [Suite.Fr] {
        SyntheticCircuit<Suite.Fr>.make(
            for: Suite.self,
            .init(
                logSize: key.logDomainSize, publicCount: key.publicCount, publicInputs: publicInputs,
                shape: shape, seed: seed)
        ).witness
    }

    /// Proves, with fresh blinding factors, that a witness satisfies the circuit.
    package func prove(
        _ witness: SecretScalars<Suite.Fr>, on backend: some Groth16Backend<Suite>, parallel: Parallel
    ) throws(ProvingError) -> Proof<Suite> {
        var generator = SystemRandomNumberGenerator()
        return try Prover(backend: backend, parallel: parallel).prove(
            key: key, verifier: verifier, witness: witness, using: &generator)
    }
}
