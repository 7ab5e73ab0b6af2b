import Curves
import EllipticCurves
import FiniteFields

/// Multi-scalar multiplication on the CPU: Σ scalars[i] · bases[i].
///
/// Signed-window Pippenger: the terms of each window are ordered by bucket (`BucketOrder`), the buckets summed by batched
/// affine additions (`BucketAccumulator`), and the bucket sums weighted by more of them (`BucketReduction`).
///
/// - Reference: Bernstein–Doumen–Lange–Oosterwijk 2012, "Faster batch forgery identification", §4.
struct Pippenger<Group: CurveGroup> {
    let bases: PointTable<Group>
    let parallel: Parallel

    /// The sum, normalised to affine, so that equal sums are equal bits whatever the schedule.
    ///
    /// - Precondition: as many scalars as bases, fewer than 2^31; scalars below the group order.
    func sum(_ scalars: UnsafeBufferPointer<Group.Scalar.Limbs>) -> Affine<Group> {
        if scalars.count <= SumOfFew<Group>.limit { return SumOfFew(bases: bases, scalars: scalars).sum() }
        let bases = bases
        let windows = ScalarWindows<Group.Scalar>(scalars, parallel: parallel) {
            !bases[unchecked: $0].isIdentity
        }
        let parallel = windows.parallel(parallel)
        let sum = WindowedSum<Group>(bases.base, threads: parallel.threads)
        // A third of what the points take, or what is little anyway.
        let budget = max(8 << 20, scalars.count * WindowedSum<Group>.bytesPerBucket / 3)
        for batch in windows.batches(budget: budget, bytesPerBucket: WindowedSum<Group>.bytesPerBucket) {
            sum.begin(windows.orders(batch, parallel))
            for stage in SumStage.allCases { stage.run([sum.staged], parallel) }
        }
        return sum.total()
    }
}

/// The sums of a Groth16 proof that share the witness: its scalars are cut into digits and ordered once, and each table
/// drops the terms whose base is the identity. The four sums go side by side, so that no thread waits between them.
struct WitnessPippenger<Suite: CurveSuite> {
    let tables: WitnessTables<Suite>
    let witness: UnsafeBufferPointer<Suite.Fr.Limbs>
    let parallel: Parallel

    func sums() -> WitnessSums<Suite> {
        let windows = ScalarWindows<Suite.Fr>(witness, parallel: parallel) { _ in true }
        let parallel = windows.parallel(parallel)
        let threads = parallel.threads
        let a = WindowedSum<Suite.G1>(tables.a.base, keeping: tables.a.nonIdentities, threads: threads)
        let b1 = WindowedSum<Suite.G1>(tables.b1.base, keeping: tables.b1.nonIdentities, threads: threads)
        let b2 = WindowedSum<Suite.G2>(tables.b2.base, keeping: tables.b2.nonIdentities, threads: threads)
        // The first wires have no C point: its table is addressed as if it had one a wire.
        let publics = witness.count - tables.c.count
        let c = WindowedSum<Suite.G1>(
            tables.c.base - publics * PointTable<Suite.G1>.stride,
            keeping: tables.c.nonIdentities.shifted(by: publics), threads: threads)
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

/// What is done to the orders of a sum, one after the other; the tasks of a stage are independent.
enum SumStage: CaseIterable {
    case filter, accumulate, reduce

    /// The tasks of this stage for several sums, in one parallel loop.
    func run(_ sums: [StagedSum], _ parallel: Parallel) {
        let counts = sums.map { $0.taskCount(self) }
        let tasks = zip(sums, counts).flatMap { sum, count in (0..<count).map { (sum: sum, task: $0) } }
        parallel.forEach(tasks.count) { tasks[$0].sum.perform(self, tasks[$0].task) }
        for sum in sums { sum.end(self) }
    }
}

/// A multi-scalar multiplication that goes stage by stage, whatever its group.
///
/// Closures rather than a protocol: those made in specialised code are specialised, a generic class' witnesses are not
/// (which was measured at 2.5 times the time).
struct StagedSum: Sendable {
    /// Takes up the next orders.
    let begin: @Sendable ([BucketOrder]) -> Void
    /// The number of tasks of a stage, whose predecessor has ended.
    let taskCount: @Sendable (SumStage) -> Int
    let perform: @Sendable (SumStage, Int) -> Void
    /// Called when all tasks of the stage were performed.
    let end: @Sendable (SumStage) -> Void
}
