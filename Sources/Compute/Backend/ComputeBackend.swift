// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves
public import FiniteFields

/// The heavy computations of a proof on one curve: what runs on a CPU or on a device.
///
/// Every backend gives bit-equal results; the conformance suite in TestSupport holds them to it.
/// Calls block the calling thread until the result is there and may come from several threads.
public protocol ComputeBackend<Suite>: Sendable {
    associatedtype Suite: ComputeSuite

    /// What the backend is called in results and reports, such as "cpu-adx".
    var name: String { get }

    /// Computes `Σ scalars[i] · bases[i]` in one of the curve's groups.
    ///
    /// `bases` are affine, Montgomery form; the identity is allowed. `scalars` are canonical, below the group
    /// order. Not constant-time.
    ///
    /// - Throws: `ComputeError.lengthMismatch` before any work.
    func msm<Group: ComputeGroup>(
        _ bases: PointTable<Group>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> Affine<Group> where Group.Scalar == Suite.Fr

    /// Computes the four sums of a Groth16 proof that share the witness, which is canonical.
    ///
    /// - Throws: `ComputeError.lengthMismatch` before any work.
    func witnessSums(
        _ tables: WitnessTables<Suite>, _ witness: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> WitnessSums<Suite>

    /// Turns evaluations at ω^i, natural order, in place into coefficients, bit-reversed order. Montgomery
    /// form.
    ///
    /// - Throws: `ComputeError.unsupportedSize` when the length is not a power of two or too large for the
    ///   field.
    func inverseNTT(_ values: UnsafeMutableBufferPointer<Suite.Fr>) throws(ComputeError)

    /// Turns coefficients, bit-reversed order, in place into evaluations, natural order. Montgomery form.
    ///
    /// - Throws: `ComputeError.unsupportedSize` when the length is not a power of two or too large for the
    ///   field.
    func forwardNTT(
        _ values: UnsafeMutableBufferPointer<Suite.Fr>, at points: EvaluationDomain<Suite.Fr>.Points
    ) throws(ComputeError)

    /// The scalars of a Groth16 key's H points: `(A·B − C)(ω₂ₙ^(2i+1))` for i < n = 2^logDomainSize,
    /// canonical, where A and B interpolate ⟨Aᵢ, w⟩ and ⟨Bᵢ, w⟩ on the n-th roots of unity and C interpolates
    /// their products.
    ///
    /// `witness` is canonical and has one value a column.
    ///
    /// - Throws: `ComputeError.lengthMismatch` or `.unsupportedSize` before any work.
    func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr>

    /// Computes all sums of a Groth16 proof, which a device can do without handing anything else back.
    ///
    /// `witness` is canonical and has one value a wire.
    ///
    /// - Parameters:
    ///   - tables: the key's points and matrices.
    ///   - witness: canonical, one value a wire.
    ///   - observe: called before each stage.
    /// - Throws: as the functions for the stages.
    func groth16Sums(
        _ tables: Groth16Tables<Suite>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        observe: (Groth16Stage) -> Void
    ) throws(ComputeError) -> Groth16Sums<Suite>
}

extension ComputeBackend {
    /// One sum after the other.
    public func witnessSums(
        _ tables: WitnessTables<Suite>, _ witness: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> WitnessSums<Suite> {
        try tables.check(witness.count)
        let privates = UnsafeBufferPointer(rebasing: witness[(witness.count - tables.c.count)...])
        return WitnessSums(
            a: try msm(tables.a, witness), b1: try msm(tables.b1, witness), b2: try msm(tables.b2, witness),
            c: try msm(tables.c, privates))
    }

    /// One stage after the other, through the functions for each.
    public func groth16Sums(
        _ tables: Groth16Tables<Suite>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        observe: (Groth16Stage) -> Void
    ) throws(ComputeError) -> Groth16Sums<Suite> {
        observe(.quotient)
        let quotient = try quotient(
            tables.coefficients, witness: witness, logDomainSize: tables.logDomainSize)
        observe(.msmH)
        let h = try quotient.withElements { scalars throws(ComputeError) in try msm(tables.h, scalars) }
        observe(.msmWitness)
        return Groth16Sums(h: h, witness: try witnessSums(tables.witness, witness))
    }
}
