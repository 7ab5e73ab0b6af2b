// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves
public import FiniteFields

/// The heavy computations that proofs on one curve are made of, multi-scalar multiplications and transforms:
/// what runs on a CPU or on a device. What one proof system makes of them is that system's
/// (`Groth16Backend`).
///
/// Every backend gives bit-equal results; `BackendConformance` in ProofFixtures holds them to it.
/// Calls block the calling thread until the result is there and may come from several threads.
public protocol ComputeBackend<Suite>: Sendable {
    /// The curve that it computes on.
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

    /// Computes the sums of several tables over the same scalars, each with the last `table.count` of them.
    ///
    /// Points and scalars are as in the sum of one table.
    ///
    /// - Throws: `ComputeError.lengthMismatch`, where a table has more points than there are scalars, before
    ///   any work.
    func msm(
        _ tables: PointTables<Suite>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> PointSums<Suite>

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
}

extension ComputeBackend {
    /// One sum after the other.
    public func msm(
        _ tables: PointTables<Suite>, _ scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    ) throws(ComputeError) -> PointSums<Suite> {
        try tables.check(scalars.count)
        func sum<Group: ComputeGroup>(_ table: PointTable<Group>) throws(ComputeError) -> Affine<Group>
        where Group.Scalar == Suite.Fr {
            try msm(table, UnsafeBufferPointer(rebasing: scalars[(scalars.count - table.count)...]))
        }
        var (g1, g2): ([Affine<Suite.G1>], [Affine<Suite.G2>]) = ([], [])
        for table in tables.g1 { g1.append(try sum(table)) }
        for table in tables.g2 { g2.append(try sum(table)) }
        return PointSums(g1: g1, g2: g2)
    }
}
