// SPDX-License-Identifier: Apache-2.0

public import Curves
public import EllipticCurves
public import FiniteFields

/// The CPU's implementation of a backend's work, compiled for one curve.
///
/// The bodies are generic and live in this module; each conformance below makes the compiler specialise them.
/// Generic callers in other modules then pay one witness call a computation instead of one a field operation
/// (which was measured at 10 to 25 times the time).
public protocol CPUKernels: CurveSuite {
    static func cpuMSM(
        _ bases: PointTable<G1>, _ scalars: UnsafeBufferPointer<Fr.Limbs>, _ parallel: Parallel
    ) -> Affine<G1>
    static func cpuMSM(
        _ bases: PointTable<G2>, _ scalars: UnsafeBufferPointer<Fr.Limbs>, _ parallel: Parallel
    ) -> Affine<G2>
    static func cpuWitnessSums(
        _ tables: WitnessTables<Self>, _ witness: UnsafeBufferPointer<Fr.Limbs>, _ parallel: Parallel
    ) -> WitnessSums<Self>
    /// For each group of terms the sum of coefficient times point.
    static func cpuSparseSums(
        _ tables: [PointTable<G1>], _ terms: SparseTerms<Fr>, _ parallel: Parallel
    ) -> [Affine<G1>]
    static func cpuSparseSums(
        _ tables: [PointTable<G2>], _ terms: SparseTerms<Fr>, _ parallel: Parallel
    ) -> [Affine<G2>]
    /// The table with multiples of its points attached, for sums over `terms` scalars of which the table's
    /// are the last.
    ///
    /// About 254 doublings a point; the memory is `plan.levels` times `terms` points.
    static func cpuPrecompute(
        _ table: PointTable<G1>, terms: Int, _ plan: MultiplesPlan, _ parallel: Parallel
    ) -> PointTable<G1>
    static func cpuPrecompute(
        _ table: PointTable<G2>, terms: Int, _ plan: MultiplesPlan, _ parallel: Parallel
    ) -> PointTable<G2>
    /// `Σ sums[k][g]·2^(windowBits·g)` over all k and g: what is left to do of sums that a device has done
    /// window by window.
    static func cpuCombine(_ sums: [[XYZZ<G1>]], windowBits: Int) -> Affine<G1>
    static func cpuCombine(_ sums: [[XYZZ<G2>]], windowBits: Int) -> Affine<G2>
    static func cpuInverseNTT(_ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>)
    static func cpuForwardNTT(
        _ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>,
        at points: EvaluationDomain<Fr>.Points)
    static func cpuQuotient(
        _ domain: EvaluationDomain<Fr>, _ matrices: CoefficientMatrices<Fr>,
        _ witness: UnsafeBufferPointer<Fr.Limbs>
    ) -> SecretScalars<Fr>
    /// G, 2G, … count·G: points for tests and measurements that cost one addition each.
    static func cpuMultiplesOfGenerator(_ count: Int) -> PointTable<G1>
    static func cpuMultiplesOfGenerator(_ count: Int) -> PointTable<G2>
    /// Each point times its own scalar, canonical limbs.
    static func cpuMultiplyEach(_ points: [Affine<G1>], by scalars: [Fr.Limbs], _ parallel: Parallel)
        -> [Affine<G1>]
    static func cpuMultiplyEach(_ points: [Affine<G2>], by scalars: [Fr.Limbs], _ parallel: Parallel)
        -> [Affine<G2>]
}

extension BN254: CPUKernels {}
extension BLS12381: CPUKernels {}

extension CPUKernels {
    public static func cpuMSM(
        _ bases: PointTable<G1>, _ scalars: UnsafeBufferPointer<Fr.Limbs>, _ parallel: Parallel
    ) -> Affine<G1> {
        Pippenger(bases: bases, parallel: parallel).sum(scalars)
    }

    public static func cpuMSM(
        _ bases: PointTable<G2>, _ scalars: UnsafeBufferPointer<Fr.Limbs>, _ parallel: Parallel
    ) -> Affine<G2> {
        Pippenger(bases: bases, parallel: parallel).sum(scalars)
    }

    public static func cpuWitnessSums(
        _ tables: WitnessTables<Self>, _ witness: UnsafeBufferPointer<Fr.Limbs>, _ parallel: Parallel
    ) -> WitnessSums<Self> {
        WitnessPippenger(tables: tables, witness: witness, parallel: parallel).sums()
    }

    public static func cpuSparseSums(
        _ tables: [PointTable<G1>], _ terms: SparseTerms<Fr>, _ parallel: Parallel
    ) -> [Affine<G1>] {
        terms.sums(tables, parallel)
    }

    public static func cpuSparseSums(
        _ tables: [PointTable<G2>], _ terms: SparseTerms<Fr>, _ parallel: Parallel
    ) -> [Affine<G2>] {
        terms.sums(tables, parallel)
    }

    public static func cpuPrecompute(
        _ table: PointTable<G1>, terms: Int, _ plan: MultiplesPlan, _ parallel: Parallel
    ) -> PointTable<G1> {
        table.precomputed(terms: terms, plan, parallel)
    }

    public static func cpuPrecompute(
        _ table: PointTable<G2>, terms: Int, _ plan: MultiplesPlan, _ parallel: Parallel
    ) -> PointTable<G2> {
        table.precomputed(terms: terms, plan, parallel)
    }

    public static func cpuCombine(_ sums: [[XYZZ<G1>]], windowBits: Int) -> Affine<G1> {
        combine(sums, windowBits)
    }

    public static func cpuCombine(_ sums: [[XYZZ<G2>]], windowBits: Int) -> Affine<G2> {
        combine(sums, windowBits)
    }

    @inline(__always)
    private static func combine<Group: CurveGroup>(
        _ sums: [[XYZZ<Group>]], _ windowBits: Int
    ) -> Affine<Group> {
        var result = Jacobian<Group>.identity
        for group in (0..<(sums.map(\.count).max() ?? 0)).reversed() {
            for _ in 0..<windowBits { result = result.doubled() }
            for sums in sums where group < sums.count { result += sums[group].jacobian }
        }
        return result.affine
    }

    public static func cpuInverseNTT(_ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>)
    {
        domain.inverseUnscaled(values)
        guard let factor = Fr(UInt64(domain.size)).inverse() else { return }
        let shared = UncheckedSendable(values)
        let lanes = LaneKernels<Fr>.current
        domain.parallel.forEachRange(values.count, minimum: 4096) { range in
            if let lanes {
                let part = UnsafeMutableBufferPointer(rebasing: shared.value[range])
                return lanes.multiply(UnsafeBufferPointer(part), by: factor, into: part)
            }
            for i in range { shared.value[i] *= factor }
        }
    }

    public static func cpuForwardNTT(
        _ domain: EvaluationDomain<Fr>, _ values: UnsafeMutableBufferPointer<Fr>,
        at points: EvaluationDomain<Fr>.Points
    ) {
        domain.forward(values, at: points)
    }

    public static func cpuQuotient(
        _ domain: EvaluationDomain<Fr>, _ matrices: CoefficientMatrices<Fr>,
        _ witness: UnsafeBufferPointer<Fr.Limbs>
    ) -> SecretScalars<Fr> {
        Quotient(domain: domain, matrices: matrices, witness: witness).scalars()
    }

    public static func cpuMultiplesOfGenerator(_ count: Int) -> PointTable<G1> {
        PointTable(multiples(of: G1.generator, count: count))
    }

    public static func cpuMultiplesOfGenerator(_ count: Int) -> PointTable<G2> {
        PointTable(multiples(of: G2.generator, count: count))
    }

    private static func multiples<Group: CurveGroup>(of point: Affine<Group>, count: Int) -> [Affine<Group>] {
        var multiples = [Affine<Group>](repeating: .identity, count: count)
        let chunk = 4096
        multiples.withUnsafeMutableBufferPointer { multiples in
            let multiples = UncheckedSendable(multiples)
            Parallel.allCores.forEach((count + chunk - 1) / chunk) { number in
                let range = number * chunk..<min((number + 1) * chunk, count)
                var sum = Jacobian(point).multiplied(by: [UInt64(range.lowerBound)])
                let sums = range.map { _ in
                    sum += point
                    return sum
                }
                for (i, multiple) in zip(range, Jacobian.batchAffine(sums)) { multiples.value[i] = multiple }
            }
        }
        return multiples
    }

    public static func cpuMultiplyEach(
        _ points: [Affine<G1>], by scalars: [Fr.Limbs], _ parallel: Parallel
    ) -> [Affine<G1>] {
        multiplyEach(points, by: scalars, parallel)
    }

    public static func cpuMultiplyEach(
        _ points: [Affine<G2>], by scalars: [Fr.Limbs], _ parallel: Parallel
    ) -> [Affine<G2>] {
        multiplyEach(points, by: scalars, parallel)
    }

    @inline(__always)
    private static func multiplyEach<Group: CurveGroup>(
        _ points: [Affine<Group>], by scalars: [Fr.Limbs], _ parallel: Parallel
    ) -> [Affine<Group>] {
        precondition(points.count == scalars.count)
        let products = parallel.map(points.count) { Jacobian(points[$0]).multiplied(by: scalars[$0].words) }
        return Jacobian.batchAffine(products)
    }
}
