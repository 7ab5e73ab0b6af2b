// SPDX-License-Identifier: Apache-2.0

package import Compute
import FiniteFields
package import Groth16

/// A circuit made in memory with a key and a witness: every proof of it can be verified.
package final class SyntheticProof<Suite: ComputeSuite> {
    /// One value a wire; it satisfies the circuit.
    package let witness: [Suite.Fr]
    private let shape: ScalarShape
    private let seed: UInt64
    private let key: ProvingKey<Suite>
    private let verifier: Verifier<Suite>
    private var proof: Proof<Suite>?

    /// - Precondition: there are more rows than public inputs, and few enough for the field's transforms.
    package init(
        logSize: Int, publicCount: Int = 1, shape: ScalarShape, seed: UInt64
    ) throws(BenchmarkError) {
        // Not kept: the key has all of it that a proof needs.
        let circuit = SyntheticCircuit<Suite.Fr>(
            logSize: logSize, publicCount: publicCount, shape: shape, seed: seed)
        witness = circuit.witness
        self.shape = shape
        self.seed = seed
        key = try SyntheticSetup<Suite>(seed: seed).key(for: circuit)
        verifier = Verifier(key.verifyingKey)
    }

    package var verifyingKey: VerifyingKey<Suite> { key.verifyingKey }

    /// A witness of the circuit for other public inputs.
    package func witness(publicInputs: [Suite.Fr]) -> [Suite.Fr] {
        SyntheticCircuit<Suite.Fr>(
            logSize: key.logDomainSize, publicCount: key.publicCount, publicInputs: publicInputs,
            shape: shape, seed: seed
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

    /// The workload of proving the circuit's own witness with `prove`.
    func workload(
        _ prove: @escaping (SecretScalars<Suite.Fr>) throws(ProvingError) -> Proof<Suite>
    ) -> Workload {
        let work = shape == .witness ? "groth16-synthetic-bits" : "groth16-synthetic"
        let witness = SecretScalars<Suite.Fr>(self.witness.map(\.canonical))
        return Workload(
            work: work, logSize: key.logDomainSize, unit: .constraints(key.domainSize),
            inputBytes: inputBytes,
            prepare: { self.proof = nil },
            run: { () throws(BenchmarkError) in
                do throws(ProvingError) {
                    self.proof = try prove(witness)
                } catch {
                    if case .compute(let error) = error { throw .compute(error) }
                    throw .wrongResult("\(work) of 2^\(self.key.logDomainSize)")
                }
            },
            isRight: {
                let publics = (1..<self.key.publicCount + 1).map { witness[$0] }
                return self.proof.map {
                    self.verifier.verify($0, publicInputs: publics, parallel: .allCores) == .valid
                } ?? false
            })
    }

    /// The tables, the coefficients and the witness.
    private var inputBytes: Int {
        [key.a, key.b1, key.c, key.h].reduce(0) { $0 + $1.count } * PointTable<Suite.G1>.stride
            + key.b2.count * PointTable<Suite.G2>.stride
            + key.coefficients.count * CoefficientMatrices<Suite.Fr>.recordSize
            + witness.count * Suite.Fr.byteCount
    }
}
