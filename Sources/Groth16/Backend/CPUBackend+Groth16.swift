// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import FiniteFields

extension CPUBackend: Groth16Backend {
    public func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        try matrices.check(witnessCount: witness.count, logDomainSize: logDomainSize)
        let domain = try domain("quotient", size: 1 << logDomainSize)
        return Quotient<Suite>(matrices, witness: witness, parallel: parallel).scalars(on: domain)
    }
}
