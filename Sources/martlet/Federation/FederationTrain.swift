// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Compute
import FederatedLearning
import Foundation
import Foundations

struct FederationTrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Computes a client's update for the open round, and proves it.",
        discussion: """
            The first time the client pins what it finds: keys, its registration and the state, after the whole history was \
            verified. From then on it verifies the history from the state that it has seen last, and answers no other \
            federation. What it answers is in its journal before it is proved: a round is answered from one state only, and a \
            second call gives the same bytes.
            """)

    @Argument(help: ArgumentHelp("The client's own directory.", valueName: "dir"), completion: .directory)
    var client: String

    @Option(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var federation: String

    @Option(
        help: ArgumentHelp("Where the update with its proof goes.", valueName: "file"), completion: .file())
    var output: String

    @OptionGroup var prover: FederationProver
    @OptionGroup var openKeys: OpenKeyOption

    @Flag(
        help:
            "Takes other keys, another place in the registry or another history than those that the client has pinned for its own from now on: where you know why they changed."
    )
    var repin = false

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var client: String
        var round: Int
        var update: String
        /// The client had made this update before.
        var isRepeated: Bool
        var trainSeconds: Double
        var witnessSeconds: Double
        var proveSeconds: Double
    }

    func run() async throws {
        let inputs =
            ["identity.json", "dataset.json", "registration.json", "journal.jsonl"].map { "\(client)/\($0)" }
            + [Client.keptPath(client)]
            + ["task.json", "registry.json", "client.zkey", "client.vkey.json"].map { "\(federation)/\($0)" }
        let files = try OutputFiles([output], inputs: inputs, report: json ? "--json" : nil)
        try FederationOutput.require([output], outside: federation)
        let clock = ContinuousClock()
        func seconds(since start: ContinuousClock.Instant) -> Double { (clock.now - start).inSeconds }
        var start = clock.now
        let published = try Federation(federation, allowsOpenKeys: openKeys.allowsOpenKeys)
        let own = try Client(client, published)
        var generator = SystemRandomNumberGenerator()
        let answer = try own.answer(
            published, repins: repin, parallel: .allCores, using: &generator, notice: shout)
        var report = Report(
            client: client, round: 0, update: output, isRepeated: true,
            trainSeconds: seconds(since: start), witnessSeconds: 0, proveSeconds: 0)
        let bytes: Data
        switch answer {
        case .given(let round, let kept):
            report.round = round
            bytes = kept
        case .open(let open):
            report.round = open.update.round
            report.isRepeated = false
            start = clock.now
            let values = ClientCircuit(published.plan).witness(open.witness).values
            report.witnessSeconds = seconds(since: start)
            start = clock.now
            let proof = try await prover.prove(values, zkey: published.keyPath(.client))
            report.proveSeconds = seconds(since: start)
            bytes = try own.keep(open, proof: proof, published.plan, parallel: .allCores)
        }
        try files.write([bytes])
        if json {
            try Console.printJSON(report)
        } else {
            let what =
                report.isRepeated
                ? "the update that was made before"
                : "proved in \(String(format: "%.2f", report.proveSeconds)) s"
            files.say("\(output): round \(report.round), \(what)")
        }
    }

    private func shout(_ change: String) {
        Console.endProgress()
        Console.error(
            """
            ***********************************************************************
            **  PINNED ANEW: \(ForeignText.plain(change))
            ***********************************************************************
            """)
    }
}
