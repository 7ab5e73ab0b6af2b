// SPDX-License-Identifier: Apache-2.0

package import DataExchange
import Failures
import FiniteFields

/// A client's samples, chosen and ordered for a task: what `martlet fl prepare` writes, and what it says of
/// it.
package struct Preparation: Sendable {
    /// The order of the rows.
    package enum Order: Sendable {
        /// That of the table.
        case kept
        /// `SeededOrder`'s.
        case shuffled(seed: UInt64)
    }

    /// Of one class, how many rows there are.
    package struct ClassCount: Codable, Sendable {
        package let label: String
        /// As the samples have it.
        package let number: Int
        package let used: Int
        package let leftOut: Int
    }

    /// Rows that are not used, by reason.
    package struct LeftOutCount: Codable, Sendable {
        package let reason: String
        package let rows: Int
    }

    /// A number of values of a feature.
    package struct ValueCount: Codable, Sendable {
        package let feature: String
        package let values: Int
    }

    /// In the order of the file.
    package let used: [SampleTable.Sample]
    /// The rows of the table.
    package let rows: Int
    /// Behind the samples that the task takes.
    package let beyond: [SampleTable.Sample]
    package let classes: [ClassCount]
    package let leftOut: [LeftOutCount]
    package let filled: [ValueCount]
    package let clipped: [ValueCount]
    package let otherColumns: [String]
    /// Why these samples are probably a mistake, in sentences.
    package let concerns: [String]
    /// What else should be known.
    package let notes: [String]
    private let plan: Plan
    private let order: Order

    /// - Parameters:
    ///   - table: with labels.
    ///   - takesAll: uses every row, as a test needs it; otherwise as many as a client's dataset has.
    /// - Throws: where there are fewer rows than the task needs.
    package init(
        _ table: SampleTable, _ plan: Plan, order: Order, takesAll: Bool
    ) throws(ExchangeError) {
        guard let data = plan.task.data else { throw ExchangeError("the task has no \"data\"") }
        self.plan = plan
        self.order = order
        var samples = table.samples
        if case .shuffled(let seed) = order {
            samples = SeededOrder.permutation(of: samples.count, seed: seed).map { samples[$0] }
        }
        rows = table.samples.count + table.leftOut.count
        let needed = (1 << plan.task.datasetDepth) * plan.task.batchSize
        guard takesAll ? !samples.isEmpty : samples.count >= needed else {
            let found = Count.text(samples.count, "row") + " that can be used"
            throw ExchangeError(
                takesAll
                    ? found
                    : "\(found) of \(rows), but the task needs \(needed): \(Count.text(needed / plan.task.batchSize, "batche")) of \(plan.task.batchSize)"
                        .replacing("1 batche ", with: "1 batch "))
        }
        let taken = takesAll ? samples.count : needed
        used = Array(samples[..<taken])
        beyond = Array(samples[taken...])
        var counts = [(used: Int, out: Int)](repeating: (0, 0), count: data.labels.count)
        for sample in used { if let label = sample.label { counts[label].used += 1 } }
        for label in beyond.map(\.label) + table.leftOut.map(\.label) {
            if let label { counts[label].out += 1 }
        }
        classes = counts.enumerated().map { index, count in
            ClassCount(label: data.labels[index], number: index, used: count.used, leftOut: count.out)
        }
        var leftOut: [LeftOutCount] = []
        for reason in SampleTable.Reason.allCases {
            let rows = table.leftOut.count { $0.reason == reason }
            if rows > 0 { leftOut.append(LeftOutCount(reason: reason.rawValue, rows: rows)) }
        }
        if !beyond.isEmpty {
            leftOut.append(
                LeftOutCount(reason: "the task takes \(needed) rows of each client", rows: beyond.count))
        }
        self.leftOut = leftOut
        func values(_ counts: [Int]) -> [ValueCount] {
            zip(data.features, counts).filter { $1 > 0 }.map { ValueCount(feature: $0.name, values: $1) }
        }
        filled = values(table.filled)
        clipped = values(table.clipped)
        otherColumns = table.otherColumns
        (concerns, notes) = Self.judge(used, data, batchSize: plan.task.batchSize, order)
    }

    private static func judge(
        _ samples: [SampleTable.Sample], _ data: TaskData, batchSize: Int, _ order: Order
    ) -> (concerns: [String], notes: [String]) {
        var (concerns, notes): ([String], [String]) = ([], [])
        let labels = samples.compactMap(\.label)
        for (index, feature) in data.features.enumerated() {
            let first = samples.first?.features[index]
            if samples.allSatisfy({ $0.features[index] == first }) {
                concerns.append("the feature \(ExchangeError.shown(feature.name)) has one value in all rows")
            }
        }
        if let first = labels.first, labels.allSatisfy({ $0 == first }) {
            concerns.append("all rows are of one class, \(ExchangeError.shown(data.labels[first]))")
            return (concerns, notes)
        }
        let batches = labels.count / batchSize
        let single = (0..<batches).count { batch in
            let batch = labels[(batch * batchSize)..<((batch + 1) * batchSize)]
            return batch.allSatisfy { $0 == batch.first }
        }
        if single > 0, batchSize > 1 {
            let text = "\(single) of \(Count.text(batches, "batche")) have rows of one class only"
            switch order {
            case .kept:
                let isSorted = zip(labels, labels.dropFirst()).allSatisfy { $0 <= $1 }
                concerns.append((isSorted ? "the rows are sorted by label: " : "") + text)
            case .shuffled: notes.append(text)
            }
        }
        return (concerns, notes)
    }

    /// The samples as `DataFile` reads them, with what they are in lines of comment.
    package var text: String { text(of: used) }

    /// The rows behind those that the task takes, in the same form.
    package var textBeyond: String { text(of: beyond) }

    private var orderText: String {
        switch order {
        case .kept: "in the order of the table"
        case .shuffled(let seed): "shuffled with seed \(seed)"
        }
    }

    private func text(of samples: [SampleTable.Sample]) -> String {
        let scale = Double(1 << plan.task.arithmetic.featureFraction)
        func names(_ names: [String]) -> String { names.map { $0.debugDescription }.joined(separator: ", ") }
        let data = plan.task.data
        var lines = [
            "# martlet fl prepare: task \(plan.taskID.decimal)",
            "# \(orderText)",
            "# features: \(names(data?.features.map(\.name) ?? []))",
            "# labels, from 0 on: \(names(data?.labels ?? []))",
        ]
        for sample in samples {
            let cells = sample.features.map { DecimalNumber.text(Double($0) / scale) }
            lines.append(cells.joined(separator: ",") + ",\(sample.label ?? 0)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
