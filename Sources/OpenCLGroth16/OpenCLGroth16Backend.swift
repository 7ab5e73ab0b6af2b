// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
package import EllipticCurves
package import FiniteFields
package import Groth16
package import OpenCLCompute

/// Makes the sums of Groth16 proofs on an OpenCL device, with nothing handed back between the stages.
///
/// As `OpenCLBackend`, whose sums and transforms it has: its known-answer tests are those and a quotient.
package final class OpenCLGroth16Backend<Suite: ComputeSuite>: Groth16Backend {
    private let backend: OpenCLBackend<Suite>

    package init(_ queue: DeviceQueue) {
        backend = OpenCLBackend(queue) { computations throws(ComputeError) in
            try KnownQuotient<Suite>().failure(of: computations)
        }
    }

    package var queue: DeviceQueue { backend.queue }
    package var name: String { backend.name }

    /// Loads the programs of the curve and runs their known-answer tests, whether they passed before or not.
    ///
    /// - Throws: why the device may not serve.
    package func test() throws(ComputeError) { try backend.test() }

    /// How products are computed: the first of the device's candidates that passes all known-answer tests.
    ///
    /// - Throws: why the last candidate did not.
    package func variant() throws(ComputeError) -> ProductVariant { try backend.variant() }

    /// Products in the base field a second, in chains of products and nothing else.
    package func productsPerSecond() throws -> Double { try backend.productsPerSecond() }

    /// How a proof with these tables will be computed, for people.
    package func explanation(of tables: Groth16Tables<Suite>) throws(ComputeError) -> String {
        try backend.computations().explanation(of: tables)
    }

    package func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == Suite.Fr {
        try backend.msm(bases, scalars)
    }

    package func msm(
        _ tables: PointTables<Suite>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> PointSums<Suite> { try backend.msm(tables, scalars) }

    package func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError) {
        try backend.inverseNTT(values)
    }

    package func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError) { try backend.forwardNTT(values, at: points) }

    package func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        try backend.computations().quotient(
            matrices, witness: witness, logDomainSize: logDomainSize, as: .values)
    }

    package func quotientCoefficients(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        try backend.computations().quotient(
            matrices, witness: witness, logDomainSize: logDomainSize, as: .coefficients)
    }

    package func groth16Sums(
        _ tables: Groth16Tables<Suite>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        observe: (Groth16Stage) -> Void
    ) throws(ComputeError) -> Groth16Sums<Suite> {
        try backend.computations().groth16Sums(tables, witness: witness, observe: observe)
    }
}
