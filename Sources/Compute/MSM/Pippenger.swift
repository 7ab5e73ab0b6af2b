// SPDX-License-Identifier: Apache-2.0

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
