// SPDX-License-Identifier: Apache-2.0

import DataExchange
import Foundations
import StrictJSON

/// What a task says of the tables that clients bring: the member `data` of `task.json`. With it a table with
/// a heading, in its own units and with labels in words, becomes samples in the same way everywhere.
package struct TaskData: Codable, Hashable, Sendable {
    /// A column of numbers.
    package struct Feature: Codable, Hashable, Sendable {
        /// As in the heading.
        package var name: String
        /// The published range, in the column's unit: it becomes the range from −1 to 1 times the largest
        /// feature of the task's format.
        package var min: Double
        package var max: Double

        package init(name: String, min: Double, max: Double) {
            self.name = name
            self.min = min
            self.max = max
        }
    }

    /// What is done where a feature's value is missing. A row whose label is missing is refused or left out.
    package enum MissingRule: String, CaseIterable, Hashable, Sendable {
        /// The table is refused.
        case refuse
        /// The row is left out.
        case leaveOut = "leave-out"
        /// The value is 0, in the column's unit.
        case zero
        /// The value is the mean of the client's own column, of the values that are there.
        case mean
    }

    /// In the order of the model's inputs.
    package var features: [Feature]
    /// The column of the label, as in the heading.
    package var label: String
    /// The texts of the label, by class from 0 on.
    package var labels: [String]
    package var missing: MissingRule

    package init(features: [Feature], label: String, labels: [String], missing: MissingRule) {
        self.features = features
        self.label = label
        self.labels = labels
        self.missing = missing
    }

    /// Checks names, ranges and numbers.
    ///
    /// - Parameter layers: the model's.
    func checkFields(layers: [Int]) throws(TaskError) {
        func checkName(_ name: String, _ field: String) throws(TaskError) {
            guard !name.isEmpty, name.utf8.count <= 100,
                name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else {
                throw TaskError(field: field, reason: "must have 1 to 100 bytes, and no control characters")
            }
            guard name.first?.isWhitespace == false, name.last?.isWhitespace == false else {
                throw TaskError(
                    field: field, reason: "must not begin or end with a blank: a cell's are none of it")
            }
        }
        guard features.count == layers[0] else {
            throw TaskError(
                field: "data.features (their number)",
                reason: "\(features.count) is not the \(layers[0]) that model.layers begins with")
        }
        var seen: Set<String> = [label]
        try checkName(label, "data.label")
        for (index, feature) in features.enumerated() {
            let field = "data.features[\(index)]"
            try checkName(feature.name, "\(field).name")
            guard seen.insert(feature.name).inserted else {
                throw TaskError(
                    field: "\(field).name", reason: "\(quoted(feature.name, limit: 60)) is there already")
            }
            guard feature.min.isFinite, feature.max.isFinite, (feature.max - feature.min).isFinite,
                feature.min < feature.max
            else {
                throw TaskError(
                    field: "\(field).max", reason: "\(feature.max) is not above min, \(feature.min)")
            }
            guard missing != .zero || (feature.min...feature.max).contains(0) else {
                throw TaskError(
                    field: "data.missing",
                    reason:
                        "0 is not in the range of \(quoted(feature.name, limit: 60)): it cannot stand for what is missing"
                )
            }
        }
        let classes = Swift.max(layers[layers.count - 1], 2)
        guard labels.count == classes else {
            throw TaskError(
                field: "data.labels (their number)",
                reason: "\(labels.count) is not \(classes), the classes of model.layers")
        }
        var texts: Set<String> = []
        var numbers: Set<Double> = []
        for (index, text) in labels.enumerated() {
            try checkName(text, "data.labels[\(index)]")
            guard texts.insert(text).inserted,
                DecimalNumber.parse(text).map({ numbers.insert($0).inserted }) ?? true
            else {
                throw TaskError(
                    field: "data.labels[\(index)]", reason: "\(quoted(text, limit: 60)) is there already")
            }
            guard !Table.missingMarks.contains(text) else {
                throw TaskError(
                    field: "data.labels[\(index)]",
                    reason: "\(quoted(text, limit: 60)) stands for a value that is missing")
            }
        }
    }

    /// The class that a label's text stands for: the same text, or the same number ("1.0" is "1").
    func label(_ text: String) -> Int? {
        if let exact = labels.firstIndex(of: text) { return exact }
        guard let number = DecimalNumber.parse(text) else { return nil }
        return labels.firstIndex { DecimalNumber.parse($0) == number }
    }
}

extension TaskData.MissingRule: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let own = Self(rawValue: text) else {
            throw DecodingError.refused(
                "\(quoted(text, limit: 60)) is not \"refuse\", \"leave-out\", \"zero\" or \"mean\"",
                at: decoder.codingPath)
        }
        self = own
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
