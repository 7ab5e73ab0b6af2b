// SPDX-License-Identifier: Apache-2.0

import Compute
import FiniteFields
import Groth16
import ProofFixtures

extension SyntheticProof {
    /// The workload of proving the circuit's own witness with `prove`.
    func workload(
        _ prove: @escaping (SecretScalars<Suite.Fr>) throws(ProvingError) -> Proof<Suite>
    ) -> Workload {
        let work = shape == .witness ? "groth16-synthetic-bits" : "groth16-synthetic"
        let witness = SecretScalars<Suite.Fr>(self.witness.map(\.canonical))
        let last = LastProof<Suite>()
        return Workload(
            work: work, logSize: key.logDomainSize, unit: .constraints(key.domainSize),
            inputBytes: inputBytes,
            prepare: { last.proof = nil },
            run: { () throws(BenchmarkError) in
                do throws(ProvingError) {
                    last.proof = try prove(witness)
                } catch {
                    if case .compute(let error) = error { throw .compute(error) }
                    throw .wrongResult("\(work) of 2^\(key.logDomainSize)")
                }
            },
            isRight: {
                let publics = (1..<key.publicCount + 1).map { witness[$0] }
                return last.proof.map {
                    verifier.verify($0, publicInputs: publics, parallel: .allCores) == .valid
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

/// What the last run made.
private final class LastProof<Suite: ComputeSuite> {
    var proof: Proof<Suite>?
}
