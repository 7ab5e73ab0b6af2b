// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import FiniteFields

/// What computes the sums of Groth16 proofs on one curve: a backend whose sums and transforms make up the
/// stages of a proof.
///
/// There are bodies for all of it, so `extension MyBackend: Groth16Backend {}` makes a prover of any backend.
/// A backend that can do more than one operation at a time has its own, as the CPU's quotient, or a device
/// that does all stages without handing anything back between them.
///
/// Every backend gives bit-equal results; `BackendConformance` in ProofFixtures holds them to it.
public protocol Groth16Backend<Suite>: ComputeBackend {
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

    /// The coefficients of (A·B − C)/(Xⁿ − 1), canonical, in bit-reversed order; A, B and C are those of
    /// `quotient`.
    ///
    /// `witness` is canonical and has one value a column.
    ///
    /// - Throws: as `quotient`.
    func quotientCoefficients(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr>

    /// Computes all sums of a Groth16 proof, which a device can do without handing anything else back.
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

extension Groth16Backend {
    /// The matrices' rows on the CPU, with all its cores, and transforms by the backend.
    public func quotient(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        try matrices.check(witnessCount: witness.count, logDomainSize: logDomainSize)
        return try Quotient<Suite>(matrices, witness: witness, parallel: .allCores).scalars {
            values throws(ComputeError) in
            try inverseNTT(values)
            try forwardNTT(values, at: .oddCoset)
        }
    }

    /// What `quotient` gives, transformed back by the backend and scaled on the CPU, with all its cores.
    public func quotientCoefficients(
        _ matrices: CoefficientMatrices<Suite.Fr>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        logDomainSize: Int
    ) throws(ComputeError) -> SecretScalars<Suite.Fr> {
        let values = try quotient(matrices, witness: witness, logDomainSize: logDomainSize)
        try QuotientCoefficients<Suite>.replace(values, logDomainSize: logDomainSize) {
            values throws(ComputeError) in
            try inverseNTT(values)
        }
        return values
    }

    /// One stage after the other, through the functions for each.
    public func groth16Sums(
        _ tables: Groth16Tables<Suite>, witness: UnsafeBufferPointer<Suite.Fr.Limbs>,
        observe: (Groth16Stage) -> Void
    ) throws(ComputeError) -> Groth16Sums<Suite> {
        observe(.quotient)
        let (matrices, log) = (tables.coefficients, tables.logDomainSize)
        let quotient =
            switch tables.form {
            case .values: try quotient(matrices, witness: witness, logDomainSize: log)
            case .coefficients: try quotientCoefficients(matrices, witness: witness, logDomainSize: log)
            }
        observe(.msmH)
        let h = try quotient.withElements { scalars throws(ComputeError) in try msm(tables.h, scalars) }
        observe(.msmWitness)
        return Groth16Sums(h: h, witness: try witnessSums(tables.witness, witness))
    }

    /// Computes the four sums of a proof that share the witness, which is canonical.
    ///
    /// - Throws: `ComputeError.lengthMismatch` before any work.
    public func witnessSums(
        _ tables: WitnessTables<Suite>, _ witness: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> WitnessSums<Suite> {
        try tables.check(witness.count)
        return WitnessSums(try msm(tables.points, witness))
    }
}
