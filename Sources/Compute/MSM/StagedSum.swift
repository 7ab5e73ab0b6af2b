// SPDX-License-Identifier: Apache-2.0

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
/// Closures rather than a protocol: those made in specialised code are specialised, a generic class'
/// witnesses are not
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
