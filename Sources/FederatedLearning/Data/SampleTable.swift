// SPDX-License-Identifier: Apache-2.0

import Circuits
package import DataExchange

/// The samples of a table with a heading, as a task's `data` says: columns by name, scaled to the task's
/// feature format, labels as classes.
///
/// A value x of a column with the range from a to b becomes ⌊(2(x − a)/(b − a) − 1) · (2^(featureBits − 1) −
/// 1)⌉: the whole format is used, and the middle of the range is 0.
package struct SampleTable: Sendable {
    /// Whether a table has labels.
    package enum Labels: Sendable {
        /// The column must be there, and rows without a label are refused or left out by the task's rule.
        case required
        /// It may be missing, as a whole or in a row.
        case optional
    }

    package struct Sample: Sendable {
        /// The row's first line in its file.
        package let line: Int
        /// Integers of the task's feature format.
        package let features: [Int]
        package let label: Int?
    }

    /// Why a row is left out.
    package enum Reason: String, CaseIterable, Codable, Sendable {
        case missingFeature = "a value is missing"
        case missingLabel = "the label is missing"
    }

    /// A row that is left out by the task's rule.
    package struct LeftOut: Sendable {
        package let line: Int
        package let reason: Reason
        /// Its class, where it has a label.
        package let label: Int?
    }

    package private(set) var samples: [Sample] = []
    package private(set) var leftOut: [LeftOut] = []
    /// For each feature, how many values the task's rule put in.
    package private(set) var filled: [Int]
    /// For each feature, how many values were beyond the range and brought to its ends.
    package private(set) var clipped: [Int]
    /// Named columns that are neither a feature nor the label.
    package private(set) var otherColumns: [String]
    /// Whether there is a column of labels.
    package let hasLabels: Bool

    /// - Parameters:
    ///   - label: the column of the label, where it is not the task's `data.label`.
    ///   - clips: brings values beyond a feature's range to its ends, and counts them; they are refused
    ///     otherwise.
    /// - Throws: what is wrong, with line and column.
    package init(
        _ table: Table, _ plan: Plan, label labelName: String? = nil, labels: Labels, clips: Bool = false
    ) throws(ExchangeError) {
        guard let data = plan.task.data else {
            throw ExchangeError(
                "the table has a heading, but the task has no \"data\": nothing says how its columns become features"
            )
        }
        let labelName = labelName ?? data.label
        func column(_ name: String) throws(ExchangeError) -> Int {
            if let column = table.heading.firstIndex(of: name) { return column }
            let names = table.heading.prefix(8).map { ExchangeError.shown($0) }.joined(separator: ", ")
            throw ExchangeError(
                "there is no column \(ExchangeError.shown(name)); there \(table.heading.count == 1 ? "is" : "are") \(names)\(table.heading.count > 8 ? " and \(table.heading.count - 8) more" : "")",
                at: "heading")
        }
        var columns: [Int] = []
        for feature in data.features {
            guard feature.name != labelName else {
                throw ExchangeError(
                    "the column \(ExchangeError.shown(labelName)) is a feature of the task, and cannot be the label"
                )
            }
            columns.append(try column(feature.name))
        }
        let labelColumn =
            labels == .required ? try column(labelName) : table.heading.firstIndex(of: labelName)
        hasLabels = labelColumn != nil
        filled = [Int](repeating: 0, count: columns.count)
        clipped = filled
        let used = Set(columns + (labelColumn.map { [$0] } ?? []))
        otherColumns = table.heading.indices.filter { !used.contains($0) && !table.heading[$0].isEmpty }
            .map { table.heading[$0] }
        let largest = Double(plan.featurePacking.offset - 1)
        let means = data.missing == .mean ? Self.means(table, columns) : []
        for row in table.rows {
            var label: Int?
            var isOut: Reason?
            if let labelColumn {
                if row.isMissing(labelColumn) {
                    if labels == .required {
                        guard data.missing != .refuse else {
                            throw ExchangeError(
                                "the label is missing, and the task says to refuse that (data.missing)",
                                at: table.place(row, labelColumn))
                        }
                        isOut = .missingLabel
                    }
                } else {
                    let text = row.text(labelColumn)
                    label = data.label(text)
                    guard label != nil else {
                        let known = data.labels.prefix(8).map { ExchangeError.shown($0) }
                        throw ExchangeError(
                            "the label \(ExchangeError.shown(text)) is none of the task's: \(known.joined(separator: ", "))\(data.labels.count > 8 ? " and so on" : "")",
                            at: table.place(row, labelColumn))
                    }
                }
            }
            var features: [Int] = []
            features.reserveCapacity(columns.count)
            for (index, column) in columns.enumerated() {
                let feature = data.features[index]
                var value = 0.0
                if row.isMissing(column) {
                    switch data.missing {
                    case .refuse:
                        throw ExchangeError(
                            "the value is missing, and the task says to refuse that (data.missing)",
                            at: table.place(row, column))
                    case .leaveOut: isOut = isOut ?? .missingFeature
                    case .zero: filled[index] += 1
                    case .mean:
                        guard let mean = means[index] else {
                            throw ExchangeError(
                                "the value is missing, and the column has none to take the mean of",
                                at: table.place(row, column))
                        }
                        value = min(max(mean, feature.min), feature.max)
                        filled[index] += 1
                    }
                } else {
                    guard let number = row.number(column) else {
                        let text = row.text(column)
                        let hint =
                            DecimalNumber.parse(text.replacing(",", with: ".")) == nil
                            ? "" : ": write a point for the comma"
                        throw ExchangeError(
                            "\(ExchangeError.shown(text)) is no number\(hint)", at: table.place(row, column))
                    }
                    value = number
                    if value < feature.min || value > feature.max {
                        guard clips else {
                            throw ExchangeError(
                                "\(DecimalNumber.text(value)) is not in the task's range, from \(DecimalNumber.text(feature.min)) to \(DecimalNumber.text(feature.max))",
                                at: table.place(row, column))
                        }
                        clipped[index] += 1
                        value = min(max(value, feature.min), feature.max)
                    }
                }
                let part = (value - feature.min) / (feature.max - feature.min)
                features.append(isOut == nil ? Int(((2 * part - 1) * largest).rounded()) : 0)
            }
            if let isOut {
                leftOut.append(LeftOut(line: row.line, reason: isOut, label: label))
            } else {
                samples.append(Sample(line: row.line, features: features, label: label))
            }
        }
    }

    /// The mean of each column's numbers; `nil` for one without any. What is no number is found later.
    private static func means(_ table: Table, _ columns: [Int]) -> [Double?] {
        columns.map { column in
            var (mean, count) = (0.0, 0.0)
            for row in table.rows where !row.isMissing(column) {
                guard let number = row.number(column) else { continue }
                count += 1
                // As a running mean: no sum that could be infinite.
                mean += number / count - mean / count
            }
            return count > 0 ? mean : nil
        }
    }
}
