// SPDX-License-Identifier: Apache-2.0

public import EllipticCurves
public import FiniteFields

/// A group whose sums the CPU computes: each operation is written once, and compiled for each group.
///
/// The bodies are generic and live in this module; the conformances in `Suites.swift` make the compiler
/// specialise them. Generic callers in other modules then pay one witness call a computation instead of one a
/// field operation (which was measured at 10 to 25 times the time). A caller in another module that is itself
/// compiled for one group gets the generic body: call these where the group is a parameter. A group needs no
/// pairing, and its scalars no transforms.
public protocol ComputeGroup: CurveGroup {
    /// What C calls the group's batched additions in lanes, `MARTLET_BN254_G1` for one; nil where it has
    /// none.
    static var additionKernel: Int? { get }

    /// Σ scalars[i] · bases[i]; scalars are canonical.
    ///
    /// - Precondition: as many scalars as bases, fewer than 2^31; scalars below the group order.
    static func cpuMSM(
        _ bases: PointTable<Self>, _ scalars: UnsafeBufferPointer<Scalar.Limbs>, _ parallel: Parallel
    ) -> Affine<Self>
    /// For each group of terms the sum of coefficient times point.
    static func cpuSparseSums(
        _ tables: [PointTable<Self>], _ terms: SparseTerms<Scalar>, _ parallel: Parallel
    ) -> [Affine<Self>]
    /// The table with multiples of its points attached, for sums over `terms` scalars of which the table's
    /// are the last.
    ///
    /// About as many doublings a point as scalars have bits; the memory is `plan.levels` times `terms`
    /// points.
    ///
    /// - Precondition: the plan is for the group's scalars.
    static func cpuPrecompute(
        _ table: PointTable<Self>, terms: Int, _ plan: MultiplesPlan, _ parallel: Parallel
    ) -> PointTable<Self>
    /// `Σ sums[k][g]·2^(windowBits·g)` over all k and g: what is left to do of sums that a device has done
    /// window by window.
    static func cpuCombine(_ sums: [[XYZZ<Self>]], windowBits: Int) -> Affine<Self>
    /// G, 2G, … count·G: points for tests and measurements that cost one addition each.
    static func cpuMultiplesOfGenerator(_ count: Int) -> PointTable<Self>
    /// Each point times its own scalar, canonical limbs.
    static func cpuMultiplyEach(
        _ points: [Affine<Self>], by scalars: [Scalar.Limbs], _ parallel: Parallel
    ) -> [Affine<Self>]
    /// Each point times one scalar, of which no copy is left in memory.
    static func cpuMultiplyAll(
        _ points: PointTable<Self>, by scalar: Scalar, _ parallel: Parallel
    ) -> [Affine<Self>]
    /// Each scalar times the generator, in the order of the scalars.
    static func cpuMultiplyGenerator(by scalars: [Scalar], _ parallel: Parallel) -> [Affine<Self>]
    /// Each point aᵢ − bᵢ.
    static func cpuDifferences(
        _ a: PointTable<Self>, _ b: PointTable<Self>, _ parallel: Parallel
    ) -> [Affine<Self>]
}
