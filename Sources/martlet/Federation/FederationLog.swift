// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import DataExchange
import FederatedLearning
import FiniteFields
import Foundation
import ProvingEngine

struct FederationLog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract:
            "Lists the rounds: updates taken and refused, state, and how well each model answers given data.")

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(
        help: ArgumentHelp(
            "Samples to measure each model with, as clients enroll with or, where the task has \"data\", a table with a heading.",
            valueName: "file"),
        completion: .file())
    var data: String?

    @Flag(help: "Bring values of a table beyond a feature's range to its ends; they are refused otherwise.")
    var clip = false

    @Option(
        help: ArgumentHelp("Draw the measures of --data by round, as SVG.", valueName: "file"),
        completion: .file())
    var plot: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Entry: Encodable {
        var round: Int
        var accepted: Int
        var refused: [RoundFile.Refusal]
        var state: String
        var loss: Double?
        var accuracy: Double?
        var precision: Double?
        var recall: Double?
        var auc: Double?
    }

    func validate() throws {
        guard plot == nil || data != nil else {
            throw ValidationError("--plot draws what is measured with --data: give that, too.")
        }
        guard !clip || data != nil else { throw ValidationError("--clip is for the table of --data.") }
    }

    func run() throws {
        let files = try plot.map { try OutputFiles([$0], inputs: [data], report: json ? "--json" : nil) }
        let federation = try Federation(directory)
        let samples = try data.map { (path) throws(FederationError) in
            let samples = try TestSamples(path: path, federation.plan, labels: .required, clips: clip)
            samples.sayWhatIsNotThere(in: path)
            return samples.labelled
        }
        let entries = try federation.links().map { link in
            let metrics = samples.flatMap {
                Metrics(federation.plan, model: link.model, features: $0.features, labels: $0.labels)
            }
            return Entry(
                round: link.round, accepted: link.accepted, refused: link.refused,
                state: link.state.hash.decimal, loss: metrics?.loss, accuracy: metrics?.accuracy,
                precision: metrics?.precision, recall: metrics?.recall, auc: metrics?.auc)
        }
        try files?.write([Data(Self.drawing(entries).utf8)])
        if json { return try Console.printJSON(entries) }
        guard files?.takesStandardOutput != true else { return }
        func number(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "-" }
        let measures = samples == nil ? ["ACCURACY"] : ["LOSS", "ACCURACY", "PRECISION", "RECALL", "AUC"]
        Console.printTable(
            [["ROUND", "ACCEPTED", "REFUSED"] + measures + ["STATE"]]
                + entries.map { entry in
                    let values = [entry.loss, entry.accuracy, entry.precision, entry.recall, entry.auc]
                    return [
                        "\(entry.round)", "\(entry.accepted)",
                        "\(entry.refused.reduce(0) { $0 + $1.updates })",
                    ]
                        + (samples == nil ? ["-"] : values.map(number))
                        + [String(entry.state.prefix(20)) + "…"]
                })
    }

    private static func drawing(_ entries: [Entry]) -> String {
        LinePlot(
            panels: [
                .init(
                    title: "Shares",
                    lines: [
                        .init(name: "accuracy", values: entries.map(\.accuracy)),
                        .init(name: "precision", values: entries.map(\.precision)),
                        .init(name: "recall", values: entries.map(\.recall)),
                        .init(name: "AUC", values: entries.map(\.auc)),
                    ], range: 0...1),
                .init(title: "Loss", lines: [.init(name: "cross entropy", values: entries.map(\.loss))]),
            ], axis: "round"
        ).svg
    }
}
