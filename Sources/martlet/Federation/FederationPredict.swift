// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import DataExchange
import Failures
import FederatedLearning
import FiniteFields
import Foundation

/// Which model of a federation a command works with.
struct PublishedModelOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A federation's directory, or the file of a state (with --task).", valueName: "federation"),
        completion: .file())
    var federation: String

    @Option(help: ArgumentHelp("The state whose model is taken (default: the last one).", valueName: "state"))
    var state: String?

    @Option(
        help: ArgumentHelp("The task's description, for the file of a state.", valueName: "file"),
        completion: .file())
    var task: String?

    /// - Throws: what is wrong with the files, and for options that do not go together.
    func model() throws -> PublishedModel {
        guard let task else {
            return try PublishedModel(of: Federation(federation), state: state)
        }
        guard state == nil else {
            throw ValidationError(
                "--state is for a federation's directory, and --task for the file of a state.")
        }
        return try PublishedModel(stateFile: federation, Federation.plan(of: task))
    }
}

struct FederationPredict: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict", abstract: "Says which class a federation's model gives each row of a table.",
        usage: """
            martlet fl predict <federation> <table> [--state <state>] [--task <file>] [--output <file>] [--clip] \
            [--separator comma|semicolon|tab] [--json]
            """,
        discussion: """
            The table has a heading, where the task has "data", or is a file as clients enroll with; labels may be missing. \
            The result is a table of line, class and score: the model's output for that class, between 0 and 1.
            """)

    @OptionGroup var source: PublishedModelOptions

    @Argument(help: ArgumentHelp("The rows.", valueName: "table"), completion: .file())
    var table: String

    @Option(
        help: ArgumentHelp("Where the answers go (default: standard output).", valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(help: "Bring values beyond a feature's range to its ends; they are refused otherwise.")
    var clip = false

    @Option(
        help: ArgumentHelp(
            "What stands between the cells: comma, semicolon or tab (default: what is most often in the heading).",
            valueName: "separator"))
    var separator: Separator?

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        struct Answer: Encodable {
            /// The row's first line in its file.
            var line: Int
            /// As the task calls it, or its number; null for a row that the task leaves out.
            var `class`: String?
            /// For each output, between 0 and 1.
            var outputs: [Double]?
        }

        var round: Int
        var state: String
        var clipped: Int
        var answers: [Answer]
        /// Where the table has labels: over the rows that have one.
        var metrics: Metrics?
    }

    func run() throws {
        let files = try output.map {
            try OutputFiles(
                [$0], inputs: [source.federation, table, source.task], report: json ? "--json" : nil)
        }
        let published = try source.model()
        let plan = published.plan
        let samples = try TestSamples(
            path: table, plan, labels: .optional, clips: clip, separator: separator)
        let sums = TrainingTrace.sums(plan, model: published.model, features: samples.features)
        let classes = TrainingTrace.answers(sums)
        let one = Double(1 << plan.task.arithmetic.probabilityFraction)
        var answers = samples.lines.indices.map { row in
            Report.Answer(
                line: samples.lines[row],
                class: plan.task.data?.labels[classes[row]] ?? "\(classes[row])",
                outputs: (0..<sums.columns).map { Double(plan.sigmoid(sums[row, $0])) / one })
        }
        answers += samples.leftOut.map { Report.Answer(line: $0.line, class: nil, outputs: nil) }
        answers.sort { $0.line < $1.line }
        samples.sayWhatIsNotThere(in: table)
        let known = samples.labelled
        let text = Self.text(answers, binary: plan.classes == 1)
        try files?.write([Data(text.utf8)])
        if json {
            return try Console.printJSON(
                Report(
                    round: published.round, state: published.state.decimal, clipped: samples.clipped,
                    answers: answers,
                    metrics: Metrics(
                        plan, model: published.model, features: known.features, labels: known.labels)))
        }
        if files == nil { print(text, terminator: "") }
    }

    /// A table by RFC 4180.
    private static func text(_ answers: [Report.Answer], binary: Bool) -> String {
        var lines = ["line,class,score"]
        for answer in answers {
            guard let name = answer.class, let outputs = answer.outputs else {
                lines.append("\(answer.line),,")
                continue
            }
            // Of two classes the output is that of class 1.
            let score = binary ? max(outputs[0], 1 - outputs[0]) : outputs.max() ?? 0
            let isPlain = !name.contains { ",;\"\n\r".contains($0) }
            let cell = isPlain ? name : "\"\(name.replacing("\"", with: "\"\""))\""
            lines.append("\(answer.line),\(cell),\(DecimalNumber.text(score))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension TestSamples {
    /// Says on standard error which rows have no answer, and which values are not the table's.
    func sayWhatIsNotThere(in table: String) {
        if !leftOut.isEmpty {
            Console.error(
                "martlet: \(table): \(Count.text(leftOut.count, "row")) without an answer: a value or the label is missing, and the task leaves such rows out"
            )
        }
        if clipped > 0 {
            Console.error(
                "martlet: \(table): \(Count.text(clipped, "value")) beyond the range of the feature, and brought to its end"
            )
        }
    }
}
