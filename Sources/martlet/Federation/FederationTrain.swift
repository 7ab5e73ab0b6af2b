// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import FederatedLearning
import Foundation
import Foundations

struct FederationTrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Computes a client's update for the open round, and proves it.")

    @Argument(help: ArgumentHelp("The client's own directory.", valueName: "dir"), completion: .directory)
    var client: String

    @Option(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var federation: String

    @Option(
        help: ArgumentHelp("Where the update with its proof goes.", valueName: "file"), completion: .file())
    var output: String

    @OptionGroup var prover: FederationProver

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var client: String
        var round: Int
        var update: String
        var trainSeconds: Double
        var witnessSeconds: Double
        var proveSeconds: Double
    }

    func run() async throws {
        let inputs =
            ["identity.json", "dataset.json"].map { "\(client)/\($0)" }
            + ["task.json", "registry.json", "client.zkey", "client.vkey.json"].map { "\(federation)/\($0)" }
        let files = try OutputFiles([output], inputs: inputs, report: json ? "--json" : nil)
        try FederationOutput.require([output], outside: federation)
        let clock = ContinuousClock()
        func seconds(since start: ContinuousClock.Instant) -> Double { (clock.now - start).inSeconds }
        var start = clock.now
        let published = try Federation(federation)
        let prepared = try Client(client, published).train(published)
        var update = prepared.update
        let trainSeconds = seconds(since: start)
        start = clock.now
        let values = ClientCircuit(published.plan).witness(prepared.witness).values
        let witnessSeconds = seconds(since: start)
        start = clock.now
        update.proof = try await prover.prove(values, zkey: published.keyPath(.client))
        let proveSeconds = seconds(since: start)
        try update.write(to: output)
        if json {
            try Console.printJSON(
                Report(
                    client: client, round: update.round, update: output, trainSeconds: trainSeconds,
                    witnessSeconds: witnessSeconds, proveSeconds: proveSeconds))
        } else {
            files.say("\(output): round \(update.round), proved in \(String(format: "%.2f", proveSeconds)) s")
        }
    }
}
