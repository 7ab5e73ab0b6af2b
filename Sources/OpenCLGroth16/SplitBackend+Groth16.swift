// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import FiniteFields
package import Groth16
package import OpenCLCompute

/// The quotient is not cut, as its transforms are not, and is computed on the first device.
extension SplitBackend: Groth16Backend where Part: Groth16Backend {
    package func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        try parts[0].quotient(matrices, witness: witness, logDomainSize: logDomainSize)
    }

    package func quotientCoefficients(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        try parts[0].quotientCoefficients(matrices, witness: witness, logDomainSize: logDomainSize)
    }
}
