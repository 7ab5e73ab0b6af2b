// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import FiniteFields

/// Multi-scalar multiplication on the CPU: Σ scalars[i] · bases[i].
///
/// Signed-window Pippenger: the terms of each window are ordered by bucket (`BucketOrder`), the buckets
/// summed by batched affine additions (`BucketAccumulator`), and the bucket sums weighted by more of them
/// (`BucketReduction`).
///
/// - Reference: Bernstein–Doumen–Lange–Oosterwijk 2012, "Faster batch forgery identification", §4.
struct Pippenger<Group: ComputeGroup> {
    let bases: PointTable<Group>
    let parallel: Parallel

    /// The sum, normalised to affine, so that equal sums are equal bits whatever the schedule.
    ///
    /// - Precondition: as many scalars as bases, fewer than 2^31; scalars below the group order.
    func sum(_ scalars: UnsafeBufferPointer<Group.Scalar.Limbs>) -> Affine<Group> {
        if scalars.count <= SumOfFew<Group>.limit { return SumOfFew(bases: bases, scalars: scalars).sum() }
        let bases = bases
        let multiples = bases.multiples.flatMap { $0.stride == scalars.count ? $0 : nil }
        let windows = ScalarWindows<Group.Scalar>(scalars, plan: multiples?.plan, parallel: parallel) {
            !bases[unchecked: $0].isIdentity
        }
        let parallel = windows.parallel(parallel)
        let sum = WindowedSum<Group>(
            multiples.map { UnsafeRawPointer($0.points) } ?? bases.base, threads: parallel.threads)
        // A third of what the points take, or what is little anyway.
        let budget = max(8 << 20, scalars.count * WindowedSum<Group>.bytesPerBucket / 3)
        for batch in windows.batches(budget: budget, bytesPerBucket: WindowedSum<Group>.bytesPerBucket) {
            sum.begin(windows.orders(batch, parallel))
            for stage in SumStage.allCases { stage.run([sum.staged], parallel) }
        }
        return sum.total()
    }
}

/// The sums of a Groth16 proof that share the witness: its scalars are cut into digits and ordered once, and
/// each table drops the terms whose base is the identity. The four sums go side by side, so that no thread
/// waits between them.
struct WitnessPippenger<Suite: ComputeSuite> {
    let tables: WitnessTables<Suite>
    let witness: UnsafeBufferPointer<Suite.Fr.Limbs>
    let parallel: Parallel

    /// How the multiples of all four tables were precomputed; nil when they were not, or not for each other.
    private var plan: MultiplesPlan? {
        guard let plan = tables.a.multiples?.plan, tables.a.multiples?.stride == witness.count else {
            return nil
        }
        func fits<Group>(_ table: PointTable<Group>) -> Bool {
            table.multiples.map { $0.plan == plan && $0.stride == witness.count } ?? false
        }
        return fits(tables.b1) && fits(tables.b2) && fits(tables.c) ? plan : nil
    }

    func sums() -> WitnessSums<Suite> {
        let plan = plan
        let windows = ScalarWindows<Suite.Fr>(witness, plan: plan, parallel: parallel) { _ in true }
        let parallel = windows.parallel(parallel)
        func sum<Group>(_ table: PointTable<Group>, from first: Int = 0) -> WindowedSum<Group> {
            if plan != nil, let multiples = table.multiples {
                return WindowedSum(
                    multiples.points, keeping: multiples.nonIdentities, threads: parallel.threads)
            }
            // Where the first wires have no point, the table is addressed as if it had one a wire.
            return WindowedSum(
                table.base - first * PointTable<Group>.stride,
                keeping: table.nonIdentities.shifted(by: first), threads: parallel.threads)
        }
        let (a, b1, b2) = (sum(tables.a), sum(tables.b1), sum(tables.b2))
        let c = sum(tables.c, from: witness.count - tables.c.count)
        // The longest first.
        let all: [StagedSum] = [b2.staged, c.staged, a.staged, b1.staged]
        let budget = max(64 << 20, witness.count * WindowedSum<Suite.G2>.bytesPerBucket)
        for batch in windows.batches(budget: budget, bytesPerBucket: 5 * WindowedSum<Suite.G1>.bytesPerBucket)
        {
            let orders = windows.orders(batch, parallel)
            for sum in all { sum.begin(orders) }
            for stage in SumStage.allCases { stage.run(all, parallel) }
        }
        return WitnessSums(a: a.total(), b1: b1.total(), b2: b2.total(), c: c.total())
    }
}
