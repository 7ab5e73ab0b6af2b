// SPDX-License-Identifier: Apache-2.0

package import Circuits
import Foundation

/// How well a model answers samples whose classes are known.
package struct Metrics: Codable, Equatable, Sendable {
    package let samples: Int
    /// The mean over the samples of the cross entropy, summed over the outputs: −log p where the output
    /// should be 1, and −log(1 − p) where it should be 0. p is kept half a step of the task's probabilities
    /// from 0 and 1.
    package let loss: Double
    /// The share of samples whose class is right.
    package let accuracy: Double
    /// Of the samples that the model gives a class, the share that is of it; of class 1 where there are two,
    /// else the mean over the classes. `nil` where the model gives a class to no sample.
    package let precision: Double?
    /// Of the samples of a class, the share that the model finds; of class 1 where there are two, else the
    /// mean over the classes. `nil` where the samples lack a class.
    package let recall: Double?
    /// The probability that a sample of a class has a larger sum for it than one of another class has, ties
    /// by half (the area under the ROC curve); of class 1 where there are two, else the mean over the
    /// classes. `nil` where the samples lack a class.
    package let auc: Double?

    /// - Returns: `nil` without samples.
    package init?(_ plan: Plan, model: Model, features: Matrix<Int>, labels: [Int]) {
        guard !labels.isEmpty else { return nil }
        let sums = TrainingTrace.sums(plan, model: model, features: features)
        let answers = TrainingTrace.answers(sums)
        samples = labels.count
        accuracy = Double(zip(answers, labels).count { $0 == $1 }) / Double(labels.count)
        let fraction = plan.task.arithmetic.probabilityFraction
        let one = Double(1 << fraction)
        let least = 0.5 / one
        loss =
            (0..<sums.rows).reduce(0.0) { total, row in
                (0..<sums.columns).reduce(total) { total, output in
                    let p = Double(plan.sigmoid(sums[row, output])) / one
                    let target = plan.classes == 1 ? labels[row] == 1 : labels[row] == output
                    return total - log(max(target ? p : 1 - p, least))
                }
            } / Double(labels.count)
        let classes = plan.classes == 1 ? [1] : Array(0..<plan.classes)
        func mean(_ values: [Double?]) -> Double? {
            let there = values.compactMap(\.self)
            return there.count == values.count ? there.reduce(0, +) / Double(there.count) : nil
        }
        func share(_ part: Int, _ whole: Int) -> Double? {
            whole == 0 ? nil : Double(part) / Double(whole)
        }
        let pairs = Array(zip(answers, labels))
        func right(_ own: Int) -> Int { pairs.count { $0.0 == own && $0.1 == own } }
        precision = mean(classes.map { own in share(right(own), pairs.count { $0.0 == own }) })
        recall = mean(classes.map { own in share(right(own), pairs.count { $0.1 == own }) })
        auc = mean(
            classes.map { own in
                Self.auc(
                    (0..<sums.rows).map { row in
                        (sums[row, plan.classes == 1 ? 0 : own], labels[row] == own)
                    })
            })
    }

    /// By the ranks of the positive samples (Mann and Whitney 1947), in integers.
    private static func auc(_ scores: [(score: Int, isPositive: Bool)]) -> Double? {
        let positives = scores.count(where: \.isPositive)
        let negatives = scores.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        let sorted = scores.sorted { $0.score < $1.score }
        // Twice the number of pairs in the right order, ties once.
        var (twice, below, start) = (0, 0, 0)
        while start < sorted.count {
            var (equalPositives, equalNegatives, end) = (0, 0, start)
            while end < sorted.count, sorted[end].score == sorted[start].score {
                if sorted[end].isPositive { equalPositives += 1 } else { equalNegatives += 1 }
                end += 1
            }
            twice += equalPositives * (2 * below + equalNegatives)
            below += equalNegatives
            start = end
        }
        return Double(twice) / (2 * Double(positives) * Double(negatives))
    }
}
