// SPDX-License-Identifier: Apache-2.0

public import Curves
public import FiniteFields

/// A pairing-friendly curve with the CPU's implementation of a backend's work, compiled for it.
///
/// What is of one group is in `ComputeGroup`. Here are the transforms over the scalars, and what needs both
/// groups. As there the bodies are generic, and the conformances in `Suites.swift` make the compiler
/// specialise them.
public protocol ComputeSuite: CurveSuite where G1: ComputeGroup, G2: ComputeGroup {
    static func cpuWitnessSums(
        _ tables: WitnessTables<Self>, _ witness: UnsafeBufferPointer<Fr.Limbs>, _ parallel: Parallel
    ) -> WitnessSums<Self>
    static func cpuInverseNTT(_ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>)
    static func cpuForwardNTT(
        _ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>,
        at points: EvaluationDomain<Fr>.Points)
    static func cpuQuotient(
        _ domain: EvaluationDomain<Fr>, _ matrices: CoefficientMatrices<Fr>,
        _ witness: UnsafeBufferPointer<Fr.Limbs>
    ) -> SecretScalars<Fr>
    /// Coordinates as canonical integers, big-endian: each has `degree` coefficients over Fp, and the one of
    /// the highest power comes first.
    ///
    /// - Parameter coordinates: the memory of a table of points.
    static func cpuBigEndianBytes(of coordinates: UnsafeRawBufferPointer, degree: Int) -> [UInt8]
}
