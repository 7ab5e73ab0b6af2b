// SPDX-License-Identifier: Apache-2.0

import Circuits
package import DataExchange
import Failures
package import Foundation

/// A task that is made from a table: what `martlet fl task new` chooses, and why.
package struct TaskChoice: Sendable {
    /// What a person decides.
    package struct Wishes: Sendable {
        package var name = "task"
        /// The column of the label.
        package var label: String
        /// The units of the hidden layers.
        package var hidden: [Int] = []
        package var batchSize = 32
        package var clientsPerRound = 8
        /// Columns that are no features.
        package var without: [String] = []
        package var missing = TaskData.MissingRule.refuse
        package var learningRate = 0.5

        package init(label: String) { self.label = label }
    }

    /// A member of the task, with the reason for its value.
    package struct Reason: Codable, Sendable {
        package let member: String
        package let value: String
        package let reason: String
    }

    package let plan: Plan
    package let reasons: [Reason]
    /// The largest number of texts of a label that is taken for one.
    package static let mostClasses = 1000

    /// - Throws: what in the table or the wishes is impossible.
    package init(_ table: Table, _ wishes: Wishes) throws(ExchangeError) {
        let (data, rows) = try Self.data(table, wishes)
        let outputs = data.labels.count == 2 ? 1 : data.labels.count
        let layers = [data.features.count] + wishes.hidden + [outputs]
        guard (1...4096).contains(wishes.batchSize) else {
            throw ExchangeError("a batch has 1 to 4096 samples, not \(wishes.batchSize)")
        }
        guard rows >= wishes.batchSize else {
            throw ExchangeError(
                "\(Count.text(rows, "row")) that can be used, and a batch has \(wishes.batchSize)")
        }
        let batches = rows / wishes.batchSize
        let depth = min(Int.bitWidth - 1 - batches.leadingZeroBitCount, 20)
        // Numbers that no round has are refused by their own name.
        let clients = min(max(wishes.clientsPerRound, 1), 1 << 20)
        let room = max(8, Int.bitWidth - (4 * clients - 1).leadingZeroBitCount)
        let weights = zip(layers, layers.dropFirst()).reduce(0.0) { $0 + (Double($1.0) + 1) * Double($1.1) }
        // A gradient of a sample has entries of at most 1 where there is no hidden layer.
        let bound = Self.roundedUp(
            Double(wishes.batchSize) * weights.squareRoot() * (wishes.hidden.isEmpty ? 1 : 4))
        var task = TaskDescription(
            name: wishes.name, model: .init(layers: layers), arithmetic: Self.candidates[0].arithmetic,
            batchSize: wishes.batchSize, datasetDepth: depth, registryDepth: room, normBound: bound,
            clientsPerRound: wishes.clientsPerRound, minimumClients: (clients + 1) / 2,
            learningRate: wishes.learningRate, aggregator: .fedAvg, settlement: .plain, data: data)
        // What no number of bits changes is found first, by its own name.
        do throws(TaskError) { try task.checkFields() } catch { throw ExchangeError(error.message) }
        var plan: Plan?
        var last: TaskError?
        for candidate in Self.candidates {
            task.arithmetic = candidate.arithmetic
            do throws(TaskError) {
                plan = try Plan(task)
                break
            } catch { last = error }
        }
        guard let plan else {
            throw ExchangeError(
                "no bits are few enough for the layers \(layers.map(String.init).joined(separator: ", ")) and batches of \(wishes.batchSize): worst cases grow with each layer's inputs, and an update has 37 bits at most (\(last?.message ?? "")); use fewer or smaller hidden layers, or smaller batches"
            )
        }
        self.plan = plan
        reasons = Self.reasons(plan, rows: rows)
    }

    /// Columns, ranges and labels of a table; and how many of its rows can be used.
    private static func data(
        _ table: Table, _ wishes: Wishes
    ) throws(ExchangeError) -> (data: TaskData, rows: Int) {
        func column(_ name: String) throws(ExchangeError) -> Int {
            if let column = table.heading.firstIndex(of: name), !name.isEmpty { return column }
            throw ExchangeError("there is no column \(ExchangeError.shown(name))", at: "heading")
        }
        let label = try column(wishes.label)
        var out: Set<Int> = [label]
        for name in wishes.without { out.insert(try column(name)) }
        let columns = table.heading.indices.filter { !out.contains($0) && !table.heading[$0].isEmpty }
        guard !columns.isEmpty else { throw ExchangeError("there is no column beside the label's") }
        var texts: Set<String> = []
        var usable = 0
        for row in table.rows {
            if row.isMissing(label) {
                guard wishes.missing != .refuse else {
                    throw ExchangeError(
                        "the label is missing, and nothing says what is done then (the task's `missing`)",
                        at: table.place(row, label))
                }
                continue
            }
            texts.insert(row.text(label))
            guard texts.count <= mostClasses else {
                throw ExchangeError(
                    "the label has more than \(mostClasses) texts: is it a label?",
                    at: table.place(row, label))
            }
            if wishes.missing == .leaveOut, columns.contains(where: { row.isMissing($0) }) { continue }
            usable += 1
        }
        guard texts.count >= 2 else {
            throw ExchangeError(
                "the label has \(Count.text(texts.count, "text")), and there must be two at least")
        }
        var features: [TaskData.Feature] = []
        for column in columns {
            var (low, high) = (Double.infinity, -Double.infinity)
            for row in table.rows {
                if row.isMissing(column) {
                    guard wishes.missing != .refuse else {
                        throw ExchangeError(
                            "the value is missing, and nothing says what is done then (the task's `missing`)",
                            at: table.place(row, column))
                    }
                    continue
                }
                guard let number = row.number(column) else {
                    throw ExchangeError(
                        "\(ExchangeError.shown(row.text(column))) is no number; a column that is no feature has to be left out",
                        at: table.place(row, column))
                }
                (low, high) = (min(low, number), max(high, number))
            }
            let name = ExchangeError.shown(table.heading[column])
            guard low < high else {
                throw ExchangeError(
                    "the column \(name) has \(low > high ? "no value" : "one value only"), which tells a model nothing: it has to be left out"
                )
            }
            if wishes.missing == .zero { (low, high) = (min(low, 0), max(high, 0)) }
            guard let (min, max) = outward(low, high) else {
                throw ExchangeError("the column \(name) has values whose range cannot be computed with")
            }
            features.append(.init(name: table.heading[column], min: min, max: max))
        }
        // Numbers in their order, texts in that of their bytes.
        let numbers = texts.compactMap { text in DecimalNumber.parse(text).map { (text, $0) } }
        let labels =
            numbers.count == texts.count
            ? numbers.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0) : texts.sorted()
        return (
            TaskData(features: features, label: wishes.label, labels: labels, missing: wishes.missing), usable
        )
    }

    /// A range around another one, with ends of few digits: multiples of the power of ten below a tenth of
    /// its length.
    package static func outward(_ low: Double, _ high: Double) -> (min: Double, max: Double)? {
        let length = high - low
        guard length.isFinite, length > 0 else { return nil }
        let exponent = Int(log10(length).rounded(.down)) - 1
        // By division where the step is no binary fraction: the ends print with few digits.
        func rounded(_ value: Double, _ rule: FloatingPointRoundingRule) -> Double {
            exponent < 0
                ? (value * pow(10, Double(-exponent))).rounded(rule) / pow(10, Double(-exponent))
                : (value / pow(10, Double(exponent))).rounded(rule) * pow(10, Double(exponent))
        }
        let (min, max) = (rounded(low, .down), rounded(high, .up))
        guard min.isFinite, max.isFinite, (max - min).isFinite, min <= low, max >= high, min < max else {
            return (low, high)
        }
        // No negative zero, which prints as -0.
        return (min == 0 ? 0 : min, max == 0 ? 0 : max)
    }

    /// The next number with two digits.
    private static func roundedUp(_ value: Double) -> Double {
        let step = pow(10, max(log10(value).rounded(.down) - 1, 0))
        return (value / step).rounded(.up) * step
    }

    /// Arithmetic, with what it costs in exactness.
    private struct Candidate {
        let arithmetic: TaskDescription.Arithmetic
        let cost: Int
    }

    /// All arithmetic that is considered, the best first.
    ///
    /// The costs: a bit of the weights' range, which keeps training from clamping, is dearest where there are
    /// few; then come the weights' fraction, the outputs' and the activations', the features'.
    private static let candidates: [Candidate] = {
        var found: [Candidate] = []
        for range in 1...4 {
            for weightFraction in 6...9 {
                for activation in 3...8 {
                    for probability in 6...12 {
                        for feature in 5...8 {
                            let cost =
                                [0, 14, 6, 2, 0][range] + 3 * (9 - weightFraction) + 2 * (8 - activation)
                                + 2 * (12 - probability) + (8 - feature)
                                + (activation < 5 ? 4 : 0) + (probability < 8 ? 8 : 0)
                            found.append(
                                Candidate(
                                    arithmetic: .init(
                                        featureBits: feature, featureFraction: feature - 1,
                                        weightBits: range + weightFraction, weightFraction: weightFraction,
                                        activationFraction: activation, probabilityFraction: probability,
                                        sigmoidStepBits: min(6, probability - 3)), cost: cost))
                        }
                    }
                }
            }
        }
        return found.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
            .map(\.element)
    }()

    private static func reasons(_ plan: Plan, rows: Int) -> [Reason] {
        let (task, a) = (plan.task, plan.task.arithmetic)
        let range = a.weightBits - a.weightFraction - 1
        let isFull =
            a.weightBits == candidates[0].arithmetic.weightBits
            && a.probabilityFraction == 12 && a.activationFraction == 8
        let widest = plan.layers.map(\.updateBits).max() ?? 0
        let samples = task.batchSize << task.datasetDepth
        return [
            Reason(
                member: "model.layers", value: task.model.layers.map(String.init).joined(separator: ", "),
                reason:
                    "the columns that are numbers, the hidden layers, \(plan.classes == 1 ? "one output for two classes" : "an output for each class"); \(plan.weightCount) weights"
            ),
            Reason(
                member: "arithmetic.featureBits", value: "\(a.featureBits)",
                reason:
                    "features from −1 to 1 in steps of 1/\(1 << a.featureFraction); each bit more is a constraint for each feature of a batch"
            ),
            Reason(
                member: "arithmetic.weightBits", value: "\(a.weightBits)",
                reason: "weights from −\(1 << range) to \(1 << range) in steps of 1/\(1 << a.weightFraction)"
            ),
            Reason(
                member: "arithmetic.activationFraction", value: "\(a.activationFraction)",
                reason: plan.layers.count == 1
                    ? "without hidden layers it has no effect"
                    : "outputs of hidden layers in steps of 1/\(1 << a.activationFraction)"),
            Reason(
                member: "arithmetic.probabilityFraction", value: "\(a.probabilityFraction)",
                reason: "outputs and errors in steps of 1/\(1 << a.probabilityFraction)"),
            Reason(
                member: "arithmetic", value: "updates of \(widest) bits",
                reason:
                    "in the worst case a layer's sums and errors grow by the number of its inputs times the largest weight, and the entries of an update, their product over a batch, may have 37 bits; "
                    + (isFull
                        ? "all that is wanted fits"
                        : "the best that fits has fewer bits than a shallow model's")
            ),
            Reason(
                member: "batchSize", value: "\(task.batchSize)",
                reason: "as given; an update is the gradient of one batch"),
            Reason(
                member: "datasetDepth", value: "\(task.datasetDepth)",
                reason:
                    "each client has \(samples) rows, as this table with \(rows): lower it where some client has fewer"
            ),
            Reason(
                member: "registryDepth", value: "\(task.registryDepth)",
                reason: "room for \(1 << task.registryDepth) clients"),
            Reason(
                member: "normBound", value: DecimalNumber.text(task.normBound),
                reason: plan.layers.count == 1
                    ? "no batch has a larger gradient: batchSize · √weights"
                    : "4 · batchSize · √weights: rarely reached, and an update beyond it cannot be proved"),
            Reason(
                member: "clientsPerRound, minimumClients",
                value: "\(task.clientsPerRound), \(task.minimumClients)",
                reason: "as given; no round with fewer than half of them"),
            Reason(
                member: "learningRate", value: DecimalNumber.text(task.learningRate),
                reason: "a step that suits features from −1 to 1; try others before the federation begins"),
            Reason(
                member: "aggregator, settlement", value: "fedavg, plain",
                reason: "the mean, and rounds that anybody can verify"),
            Reason(
                member: "data.features", value: "\(plan.features) ranges",
                reason: "the smallest and the largest value of each column, rounded outward"),
        ]
    }

    /// The task's file.
    package func file() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(plan.task) + Data("\n".utf8)
    }
}
