// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import DataExchange
import Failures
import FederatedLearning
import FiniteFields
import Foundation

extension TaskData.MissingRule: ExpressibleByArgument {}

struct FederationTask: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Makes the description of a task.", subcommands: [New.self])

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new", abstract: "Chooses a task for a table, and says why.",
            usage: """
                martlet fl task new --from <table> --label <column> --output <file> [--hidden <units,…>] [--batch <samples>] \
                [--clients <number>] [--name <text>] [--without <column> …] [--missing <rule>] [--learning-rate <number>] \
                [--separator comma|semicolon|tab] [--json]
                """,
            discussion: """
                The bits of features, weights, activations and outputs are the best ones with which the model can be proved. \
                The ranges of the features are those of the table, rounded outward, and are published with the task: where the \
                table is private, write ranges of your own into the file that do not come from it.
                """)

        @Option(help: ArgumentHelp("A table with a heading.", valueName: "table"), completion: .file())
        var from: String

        @Option(help: ArgumentHelp("The column of the label.", valueName: "column"))
        var label: String

        @Option(help: ArgumentHelp("Where the task goes.", valueName: "file"), completion: .file())
        var output: String

        @Option(
            help: ArgumentHelp(
                "The units of the hidden layers, as 32,16 (default: no hidden layer).", valueName: "units"))
        var hidden: String?

        @Option(help: ArgumentHelp("The samples of a batch.", valueName: "samples"))
        var batch = 32

        @Option(help: ArgumentHelp("The clients of a round.", valueName: "number"))
        var clients = 8

        @Option(help: ArgumentHelp("The task's name (default: that of the output).", valueName: "text"))
        var name: String?

        @Option(help: ArgumentHelp("A column that is no feature; as often as needed.", valueName: "column"))
        var without: [String] = []

        @Option(
            help: ArgumentHelp(
                "What is done where a value is missing: refuse, leave-out, zero or mean.", valueName: "rule"))
        var missing = TaskData.MissingRule.refuse

        @Option(help: ArgumentHelp("The step along the mean gradient.", valueName: "number"))
        var learningRate = 0.5

        @Option(
            help: ArgumentHelp(
                "What stands between the cells: comma, semicolon or tab (default: what is most often in the heading).",
                valueName: "separator"))
        var separator: Separator?

        @Flag(help: "Print JSON.")
        var json = false

        struct Report: Encodable {
            var output: String
            var taskID: String
            var weights: Int
            var features: [TaskData.Feature]
            var labels: [String]
            var choices: [TaskChoice.Reason]
        }

        private func hiddenLayers() throws -> [Int] {
            guard let hidden else { return [] }
            return try hidden.split(separator: ",", omittingEmptySubsequences: false).map { part in
                guard let units = Int(part), (1...65536).contains(units), "\(units)" == part else {
                    throw ValidationError(
                        "--hidden: '\(part.prefix(20))' is no number of units, from 1 to 65536; write 32,16.")
                }
                return units
            }
        }

        func validate() throws {
            guard try hiddenLayers().count <= 7 else {
                throw ValidationError("--hidden: there are 7 hidden layers at most.")
            }
        }

        func run() throws {
            let files = try OutputFiles([output], inputs: [from], report: json ? "--json" : nil)
            var wishes = TaskChoice.Wishes(label: label)
            let file = (output as NSString).lastPathComponent
            wishes.name = name ?? (output == "-" ? "task" : (file as NSString).deletingPathExtension)
            wishes.hidden = try hiddenLayers()
            wishes.batchSize = batch
            wishes.clientsPerRound = clients
            wishes.without = without
            wishes.missing = missing
            wishes.learningRate = learningRate
            let table = try TableFile.read(from, separator: separator)
            let choice = try TableFile.reading(from) { () throws(ExchangeError) in
                try TaskChoice(table, wishes)
            }
            try files.write([try choice.file()])
            Console.error(
                "martlet: \(OutputFiles.name(output)): the ranges of the features are computed from \(from), and everybody sees them: where it is private, put ranges there that are known anyway"
            )
            let data = choice.plan.task.data
            if json {
                return try Console.printJSON(
                    Report(
                        output: output, taskID: choice.plan.taskID.decimal, weights: choice.plan.weightCount,
                        features: data?.features ?? [], labels: data?.labels ?? [], choices: choice.reasons))
            }
            files.say(
                "\(OutputFiles.name(output)): \(ForeignText.plain(wishes.name)), \(Count.text(choice.plan.weightCount, "weight"))"
            )
            for reason in choice.reasons {
                files.say("  \(reason.member): \(reason.value)\n    \(reason.reason)")
            }
        }
    }
}
