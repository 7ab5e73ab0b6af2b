// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields

/// Multi-scalar multiplications on the CPU that share their scalars: these are cut into digits and ordered
/// once, and each table drops the terms whose base is the identity. The sums go side by side, so that no
/// thread waits between them.
struct SharedPippenger<Suite: ComputeSuite> {
    let tables: PointTables<Suite>
    let scalars: UnsafeBufferPointer<Suite.Fr.Limbs>
    let parallel: Parallel

    /// How the multiples of all tables were precomputed; nil when they were not, or not for each other.
    private var plan: MultiplesPlan? {
        func plan<Group>(_ table: PointTable<Group>) -> MultiplesPlan? {
            table.multiples.flatMap { $0.stride == scalars.count ? $0.plan : nil }
        }
        let plans = tables.g1.map { plan($0) } + tables.g2.map { plan($0) }
        guard let first = plans.first, plans.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// The sums, normalised to affine.
    ///
    /// - Precondition: no table has more points than there are scalars, fewer than 2^31; scalars below the
    ///   group order.
    func sums() -> PointSums<Suite> {
        if scalars.isEmpty {
            return PointSums(
                g1: tables.g1.map { _ in .identity }, g2: tables.g2.map { _ in .identity })
        }
        let plan = plan
        let windows = ScalarWindows<Suite.Fr>(scalars, plan: plan, parallel: parallel) { _ in true }
        let parallel = windows.parallel(parallel)
        func sum<Group>(_ table: PointTable<Group>) -> WindowedSum<Group> {
            if plan != nil, let multiples = table.multiples {
                return WindowedSum(
                    multiples.points, keeping: multiples.nonIdentities, threads: parallel.threads)
            }
            // Where the first scalars have no point, the table is addressed as if it had one a scalar.
            let first = scalars.count - table.count
            return WindowedSum(
                table.base - first * PointTable<Group>.stride,
                keeping: table.nonIdentities.shifted(by: first), threads: parallel.threads)
        }
        let g1 = tables.g1.map { sum($0) }
        let g2 = tables.g2.map { sum($0) }
        // The longest first.
        let all = g2.map { $0.staged } + g1.map { $0.staged }
        // A bucket of G2 takes twice what one of G1 takes.
        let bytesPerBucket = (g1.count + 2 * g2.count) * WindowedSum<Suite.G1>.bytesPerBucket
        let budget = max(64 << 20, scalars.count * WindowedSum<Suite.G2>.bytesPerBucket)
        for batch in windows.batches(budget: budget, bytesPerBucket: bytesPerBucket) {
            let orders = windows.orders(batch, parallel)
            for sum in all { sum.begin(orders) }
            for stage in SumStage.allCases { stage.run(all, parallel) }
        }
        return PointSums(g1: g1.map { $0.total() }, g2: g2.map { $0.total() })
    }
}
