// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import DataExchange
import Failures
import FederatedLearning
import FiniteFields
import Foundation

extension Separator: ExpressibleByArgument {}

struct FederationPrepare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare", abstract: "Makes a client's samples out of a table with a heading.",
        usage: """
            martlet fl prepare <table> --task <file> --output <file> [--label <column>] [--separator comma|semicolon|tab] \
            [--seed <number> | --keep-order] [--all | --rest <file>] [--clip] [--yes] [--json]
            """,
        discussion: """
            The table is text by RFC 4180, in UTF-8, with commas, semicolons or tabs. The task's member "data" says which \
            columns are features and their ranges, which one is the label and its texts, and what becomes of missing values \
            (docs/task.md). The rows are shuffled, and the seed is printed and stands in the output, which \
            `martlet fl identity` takes.
            """)

    @Argument(help: ArgumentHelp("The table.", valueName: "table"), completion: .file())
    var table: String

    @Option(help: ArgumentHelp("The task's description.", valueName: "file"), completion: .file())
    var task: String

    @Option(help: ArgumentHelp("Where the samples go.", valueName: "file"), completion: .file())
    var output: String

    @Option(help: ArgumentHelp("The column of the label (default: the task's).", valueName: "column"))
    var label: String?

    @Option(
        help: ArgumentHelp(
            "What stands between the cells: comma, semicolon or tab (default: what is most often in the heading).",
            valueName: "separator"))
    var separator: Separator?

    @Option(help: "The seed of the rows' order (default: a random one).")
    var seed: UInt64?

    @Flag(help: "Keep the rows in the order of the table.")
    var keepOrder = false

    @Flag(help: "Use all rows, for a test: otherwise as many as a client of the task has.")
    var all = false

    @Option(
        help: ArgumentHelp("Where the rows beyond those that a client has go.", valueName: "file"),
        completion: .file())
    var rest: String?

    @Flag(
        help: "Bring values beyond a feature's range to its ends, and count them; they are refused otherwise."
    )
    var clip = false

    @Flag(
        help:
            "Go on where a feature has one value in all rows, all rows are of one class, or the order that is kept has batches of one class."
    )
    var yes = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard seed == nil || !keepOrder else {
            throw ValidationError("--seed shuffles the rows, and --keep-order does not: give one of them.")
        }
        guard rest == nil || !all else {
            throw ValidationError("--rest is for the rows that --all does not leave out: give one of them.")
        }
    }

    struct Report: Encodable {
        var output: String
        var rows: Int
        var used: Int
        var seed: UInt64?
        var classes: [Preparation.ClassCount]
        var leftOut: [Preparation.LeftOutCount]
        var filled: [Preparation.ValueCount]
        var clipped: [Preparation.ValueCount]
        var otherColumns: [String]
        var notes: [String]
    }

    func run() throws {
        let files = try OutputFiles(
            [output] + (rest.map { [$0] } ?? []), inputs: [table, task], report: json ? "--json" : nil)
        let plan = try Federation.plan(of: task)
        let seed = keepOrder ? nil : seed ?? UInt64.random(in: .min ... .max)
        let read = try TableFile.read(table, separator: separator)
        let prepared = try TableFile.reading(table) { () throws(ExchangeError) in
            try Preparation(
                SampleTable(read, plan, label: label, labels: .required, clips: clip), plan,
                order: seed.map { .shuffled(seed: $0) } ?? .kept, takesAll: all)
        }
        guard yes || prepared.concerns.isEmpty else {
            throw JobFailure(
                code: .badInput,
                message: "\(table): \(prepared.concerns.joined(separator: "; ")) (--yes goes on all the same)"
            )
        }
        try files.write(
            [Data(prepared.text.utf8)] + (rest == nil ? [] : [Data(prepared.textBeyond.utf8)]))
        let notes = prepared.concerns + prepared.notes
        if json {
            return try Console.printJSON(
                Report(
                    output: output, rows: prepared.rows, used: prepared.used.count, seed: seed,
                    classes: prepared.classes, leftOut: prepared.leftOut, filled: prepared.filled,
                    clipped: prepared.clipped, otherColumns: prepared.otherColumns, notes: notes))
        }
        func shown(_ text: String) -> String { ForeignText.plain(text) }
        files.say(
            "\(OutputFiles.name(output)): \(prepared.used.count) of \(Count.text(prepared.rows, "row")), "
                + (seed.map { "shuffled with seed \($0)" } ?? "in the order of the table"))
        for count in prepared.classes {
            files.say(
                "  \(shown(count.label)) (\(count.number)): \(count.used) used, \(count.leftOut) left out")
        }
        for out in prepared.leftOut {
            files.say("  left out: \(Count.text(out.rows, "row")), since \(out.reason)")
        }
        for (counts, what) in [
            (prepared.filled, "missing and filled"), (prepared.clipped, "beyond the range and clipped"),
        ] {
            for count in counts {
                files.say("  \(shown(count.feature)): \(Count.text(count.values, "value")) \(what)")
            }
        }
        if !prepared.otherColumns.isEmpty {
            files.say(
                "  columns that the task does not use: \(prepared.otherColumns.map(shown).joined(separator: ", "))"
            )
        }
        for note in notes { Console.error("martlet: \(table): \(note)") }
    }
}
