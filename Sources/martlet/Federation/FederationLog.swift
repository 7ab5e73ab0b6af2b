// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import FederatedLearning
import FiniteFields
import Foundation
import ProvingEngine

struct FederationLog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Lists the rounds: updates taken and refused, state, accuracy on given data.")

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(
        help: ArgumentHelp("Samples to measure each model's accuracy with.", valueName: "file"),
        completion: .file())
    var data: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Entry: Encodable {
        var round: Int
        var accepted: Int
        var refused: [RoundFile.Refusal]
        var state: String
        var accuracy: Double?
    }

    func run() throws {
        let federation = try Federation(directory)
        let samples = try data.map { (path) throws(FederationError) in
            try DataFile(path: path, federation.plan)
        }
        let entries = try federation.links().map { link in
            Entry(
                round: link.round, accepted: link.accepted, refused: link.refused,
                state: link.state.hash.decimal,
                accuracy: samples.flatMap { $0.accuracy(federation.plan, of: link.model) })
        }
        if json { return try Console.printJSON(entries) }
        Console.printTable(
            [["ROUND", "ACCEPTED", "REFUSED", "ACCURACY", "STATE"]]
                + entries.map {
                    [
                        "\($0.round)", "\($0.accepted)", "\($0.refused.count)",
                        $0.accuracy.map { String(format: "%.4f", $0) } ?? "-",
                        String($0.state.prefix(20)) + "…",
                    ]
                })
    }
}
