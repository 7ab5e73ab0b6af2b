// SPDX-License-Identifier: Apache-2.0

public import Curves
public import FiniteFields

/// A pairing-friendly curve with the CPU's implementation of a backend's work, compiled for it.
///
/// What is of one group is in `ComputeGroup`. Here are the transforms over the scalars, and what needs both
/// groups. As there the bodies are generic, and the conformances in `Suites.swift` make the compiler
/// specialise them.
public protocol ComputeSuite: CurveSuite where G1: ComputeGroup, G2: ComputeGroup {
    /// The sums of several tables over the same scalars, canonical.
    ///
    /// - Precondition: no table has more points than there are scalars, fewer than 2^31; scalars below the
    ///   group order.
    static func cpuMSM(
        _ tables: PointTables<Self>, _ scalars: UnsafeBufferPointer<Fr.Limbs>, _ parallel: Parallel
    ) -> PointSums<Self>
    /// Makes the factors that the inverse transform and the forward one at `points` need and keep, which the
    /// first of each would make.
    static func cpuPrepare(_ domain: EvaluationDomain<Fr>, forwardAt points: EvaluationDomain<Fr>.Points)
    /// `ComputeBackend.inverseNTT` on the CPU, for as many values as the domain has points: from natural to
    /// bit-reversed order, in place, Montgomery form.
    static func cpuInverseNTT(_ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>)
    /// `ComputeBackend.forwardNTT` on the CPU, for as many coefficients as the domain has points: from
    /// bit-reversed to natural order, in place, Montgomery form.
    static func cpuForwardNTT(
        _ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>,
        at points: EvaluationDomain<Fr>.Points)
    /// As `cpuInverseNTT`, but times the domain's size: whoever multiplies the coefficients anyway divides
    /// there.
    static func cpuUnscaledInverseNTT(
        _ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>)
    /// Coordinates as canonical integers, big-endian: each has `degree` coefficients over Fp, and the one of
    /// the highest power comes first.
    ///
    /// - Parameters:
    ///   - coordinates: the memory of a table of points.
    ///   - degree: coefficients over Fp of a coordinate: 1 in G1, 2 in G2.
    static func cpuBigEndianBytes(of coordinates: UnsafeRawBufferPointer, degree: Int) -> [UInt8]
}
