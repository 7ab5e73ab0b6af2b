// SPDX-License-Identifier: Apache-2.0

import Circuits
import DataExchange
import FederatedLearning
import TestSupport
import Testing

/// Tasks that are chosen for a table.
@Suite struct TaskChoiceTests {
    /// A table of numbers between −1 and 1 with a label that is a rule of the first two.
    private func table(_ features: Int, _ classes: Int, rows: Int, _ generator: inout SeededGenerator)
        throws -> Table
    {
        var lines = [(0..<features).map { "x\($0)" }.joined(separator: ",") + ",y"]
        for row in 0..<rows {
            let values = (0..<features).map { _ in Double.random(in: -1...1, using: &generator) }
            let label = classes == 2 ? (abs(values[0]) + abs(values[1]) < 0.75 ? 1 : 0) : row % classes
            lines.append(values.map { "\($0)" }.joined(separator: ",") + ",\(label)")
        }
        return try Table(Array(lines.joined(separator: "\n").utf8))
    }

    /// Two hidden layers with the arithmetic of one are refused; the choice has bits for any depth that can
    /// be had, and says so where none can.
    @Test func bitsForEveryDepth() throws {
        var generator = SeededGenerator.fresh()
        for (features, hidden, classes, batch) in [
            (4, [], 2, 32), (64, [], 10, 32), (30, [16], 2, 64), (64, [32], 10, 32), (30, [32, 16], 2, 64),
            (64, [32, 16], 10, 64), (10, [16, 16, 8], 3, 32), (10, [8, 8, 8, 8], 2, 16),
        ] as [(Int, [Int], Int, Int)] {
            var wishes = TaskChoice.Wishes(label: "y")
            (wishes.hidden, wishes.batchSize) = (hidden, batch)
            let choice = try TaskChoice(
                try table(features, classes, rows: 200, &generator), wishes)
            let a = choice.plan.task.arithmetic
            #expect(
                a.weightFraction >= 6 && a.probabilityFraction >= 6, "\(features) \(hidden) \(classes): \(a)")
            if hidden.count <= 1 { #expect(a.weightBits - a.weightFraction >= 2) }
        }
        var task = TaskDescription.small(layers: [64, 32, 16, 10])
        task.normBound = 100
        #expect(throws: TaskError.self) { try Plan(task) }
        var wishes = TaskChoice.Wishes(label: "y")
        wishes.hidden = [64, 64, 64, 64, 64, 64]
        #expect {
            _ = try TaskChoice(try table(8, 2, rows: 40, &generator), wishes)
        } throws: { ($0 as? ExchangeError)?.message.contains("worst cases grow") == true }
    }

    /// A network of two hidden layers, with the bits that are chosen for it, learns what none without a
    /// hidden layer can.
    @Test func twoHiddenLayersLearn() throws {
        var generator = SeededGenerator.fresh()
        var wishes = TaskChoice.Wishes(label: "y")
        (wishes.hidden, wishes.batchSize, wishes.clientsPerRound) = ([16, 8], 64, 2)
        let table = try table(2, 2, rows: 2048, &generator)
        let plan = try TaskChoice(table, wishes).plan
        #expect(plan.task.datasetDepth == 5)
        let samples = try SampleTable(table, plan, labels: .required, clips: false).samples
        func batch(_ rows: [SampleTable.Sample]) -> Batch {
            Batch(
                features: Matrix(rows: rows.count, columns: 2, elements: rows.flatMap(\.features)),
                labels: rows.map { $0.label ?? 0 })
        }
        let (training, test) = (samples[..<1536], batch(Array(samples[1536...])))
        // Of three beginnings, since some end in a bad place.
        let accuracies = (0..<3).map { _ in
            var model = Model.initial(plan, using: &generator)
            for _ in 0..<300 {
                let updates = (0..<2).map { _ in
                    let rows = (0..<64).map { _ in training.randomElement(using: &generator)! }
                    return TrainingTrace(plan, model: model, batch: batch(rows)).update
                }
                for update in updates { #expect(plan.normBound.admits(update.layers)) }
                model = Aggregation.step(plan, model: model, updates: updates)
            }
            let answers = TrainingTrace.predictions(plan, model: model, features: test.features)
            return Double(zip(answers, test.labels).count { $0 == $1 }) / Double(answers.count)
        }
        #expect((accuracies.max() ?? 0) > 0.88, "\(accuracies)")
    }

    @Test func rangesAreRoundedOutward() throws {
        for (low, high, min, max) in [
            (4.3, 7.9, 4.3, 7.9), (4.31, 7.89, 4.3, 7.9), (0, 1, 0, 1), (-0.013, 0.951, -0.02, 0.96),
            (18, 90, 18, 90), (1234.5, 98765.4, 1000, 99000), (-1e-7, 2e-7, -1e-7, 2e-7),
        ] {
            let range = try #require(TaskChoice.outward(low, high))
            #expect(range.min == min && range.max == max, "\(low) \(high): \(range)")
        }
        #expect(TaskChoice.outward(-.greatestFiniteMagnitude, .greatestFiniteMagnitude) == nil)
        var generator = SeededGenerator.fresh()
        for _ in 0..<10_000 {
            let scale = Double.random(in: -300...300, using: &generator)
            let ends = [0, 1].map { _ in
                Double.random(in: -1...1, using: &generator)
                    * Double(sign: .plus, exponent: Int(scale), significand: 1)
            }.sorted()
            guard ends[0] < ends[1] else { continue }
            let range = try #require(TaskChoice.outward(ends[0], ends[1]))
            #expect(range.min <= ends[0] && range.max >= ends[1])
            #expect(range.max - range.min <= (ends[1] - ends[0]) * 1.21)
        }
    }

    @Test func whatIsRefused() throws {
        func expect(
            _ text: String, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation,
            _ change: (inout TaskChoice.Wishes) -> Void = { _ in }
        ) throws {
            var wishes = TaskChoice.Wishes(label: "y")
            wishes.batchSize = 2
            change(&wishes)
            let table = try Table(Array(text.utf8))
            #expect(sourceLocation: sourceLocation) {
                _ = try TaskChoice(table, wishes)
            } throws: { error in
                let message = (error as? ExchangeError)?.message ?? "\(error)"
                return message.contains(reason)
            }
        }
        let good = "a,b,y\n1,2,x\n2,3,z\n3,1,x\n"
        try expect(good, "there is no column \"w\"") { $0.label = "w" }
        try expect(good, "there is no column \"\"") { $0.without = [""] }
        try expect(good, "there is no column beside the label's") { $0.without = ["a", "b"] }
        try expect(good, "3 rows that can be used, and a batch has 4") { $0.batchSize = 4 }
        try expect(good, "a batch has 1 to 4096 samples, not 0") { $0.batchSize = 0 }
        try expect(good, "clientsPerRound: 0 is not between") { $0.clientsPerRound = 0 }
        try expect(good, "clientsPerRound") { $0.clientsPerRound = .max / 8 }
        try expect(good, "learningRate: -1.0 is not") { $0.learningRate = -1 }
        try expect(good, "name: must have") { $0.name = "" }
        try expect("a,y\n1,x\n2,x\n", "the label has 1 text")
        try expect("a,y\n1,x\n1,z\n", "the column \"a\" has one value only")
        try expect("a,y\n1,x\nb,z\n", "line 3, column 1 (\"a\"): \"b\" is no number")
        try expect("a,y\n1,x\n,z\n", "line 3, column 1 (\"a\"): the value is missing")
        try expect("a,y\n1,\n2,z\n", "line 2, column 2 (\"y\"): the label is missing")
        try expect("a,y\n1,1\n2,1.0\n3,2\n", "data.labels[1]: \"1.0\" is there already")
        try expect("a,y\n-1e308,x\n1.7e308,z\n", "whose range cannot be computed with")
    }
}
