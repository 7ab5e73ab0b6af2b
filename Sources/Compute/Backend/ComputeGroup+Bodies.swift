// SPDX-License-Identifier: Apache-2.0

public import EllipticCurves
public import FiniteFields

extension ComputeGroup {
    public static var additionKernel: Int? { nil }

    public static func cpuMSM(
        _ bases: PointTable<Self>, _ scalars: UnsafeBufferPointer<Scalar.Limbs>, _ parallel: Parallel
    ) -> Affine<Self> {
        Pippenger(bases: bases, parallel: parallel).sum(scalars)
    }

    public static func cpuSparseSums(
        _ tables: [PointTable<Self>], _ terms: SparseTerms<Scalar>, _ parallel: Parallel
    ) -> [Affine<Self>] {
        terms.sums(tables, parallel)
    }

    public static func cpuPrecompute(
        _ table: PointTable<Self>, terms: Int, _ plan: MultiplesPlan, _ parallel: Parallel
    ) -> PointTable<Self> {
        table.precomputed(terms: terms, plan, parallel)
    }

    public static func cpuCombine(_ sums: [[XYZZ<Self>]], windowBits: Int) -> Affine<Self> {
        var result = Jacobian<Self>.identity
        for group in (0..<(sums.map(\.count).max() ?? 0)).reversed() {
            for _ in 0..<windowBits { result = result.doubled() }
            for sums in sums where group < sums.count { result += sums[group].jacobian }
        }
        return result.affine
    }

    public static func cpuMultiplesOfGenerator(_ count: Int) -> PointTable<Self> {
        var multiples = [Affine<Self>](repeating: .identity, count: count)
        let chunk = 4096
        multiples.withUnsafeMutableBufferPointer { multiples in
            let multiples = UncheckedSendable(multiples)
            Parallel.allCores.forEach((count + chunk - 1) / chunk) { number in
                let range = number * chunk..<min((number + 1) * chunk, count)
                var sum = Jacobian(generator).multiplied(by: [UInt64(range.lowerBound)])
                let sums = range.map { _ in
                    sum += generator
                    return sum
                }
                for (i, multiple) in zip(range, Jacobian.batchAffine(sums)) { multiples.value[i] = multiple }
            }
        }
        return PointTable(multiples)
    }

    public static func cpuMultiplyEach(
        _ points: [Affine<Self>], by scalars: [Scalar.Limbs], _ parallel: Parallel
    ) -> [Affine<Self>] {
        precondition(points.count == scalars.count)
        let products = parallel.map(points.count) { Jacobian(points[$0]).multiplied(by: scalars[$0].words) }
        return Jacobian.batchAffine(products)
    }

    public static func cpuMultiplyAll(
        _ points: PointTable<Self>, by scalar: Scalar, _ parallel: Parallel
    ) -> [Affine<Self>] {
        let secret = SecretValue(scalar.canonical)
        return perChunk(points.count, parallel) { range in
            withUnsafeBytes(of: secret.value) { words in
                let words = words.bindMemory(to: UInt64.self)
                return Jacobian<Self>.batchAffine(range.map { Jacobian(points[$0]).multiplied(by: words) })
            }
        }
    }

    public static func cpuMultiplyGenerator(by scalars: [Scalar], _ parallel: Parallel) -> [Affine<Self>] {
        FixedBase<Self>.multiples(of: generator, by: scalars, parallel)
    }

    public static func cpuDifferences(
        _ a: PointTable<Self>, _ b: PointTable<Self>, _ parallel: Parallel
    ) -> [Affine<Self>] {
        perChunk(a.count, parallel) { range in
            Jacobian<Self>.batchAffine(range.map { Jacobian(a[$0]) + Jacobian(-b[$0]) })
        }
    }
}
