// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Compute
import Failures
import FederatedLearning
import FiniteFields
import Foundations

struct FederationRound: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "round",
        abstract: "Verifies updates, aggregates those that hold, proves the round and publishes it.",
        discussion:
            """
            Exit code 1 if no update was taken. A refused update is not an error: the report has the reason. A path that cannot \
            be read, leads to no update at all or is named twice is one: exit code 2, and nothing is published.
            """
    )

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Argument(help: ArgumentHelp("The clients' updates.", valueName: "update"), completion: .file())
    var updates: [String]

    @OptionGroup var prover: FederationProver
    @OptionGroup var openKeys: OpenKeyOption

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var round: Int
        var accepted: Int
        var refused: [RoundFile.Refusal]
        var oldState: String?
        var newState: String?
        var batch: String?
        var verifySeconds: Double
        var proveSeconds: Double
    }

    func run() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        var generator = SystemRandomNumberGenerator()
        let parallel = Parallel.allCores
        let federation = try Federation(directory, allowsOpenKeys: openKeys.allowsOpenKeys)
        let opened = try federation.openRound(updates: updates, parallel: parallel, using: &generator)
        let verifySeconds = (clock.now - start).inSeconds
        var report = Report(
            round: try federation.lastRound + 1, accepted: opened.round?.acceptedCount ?? 0,
            refused: opened.refused,
            verifySeconds: verifySeconds, proveSeconds: 0)
        guard let round = opened.round else {
            try show(report)
            Console.error("martlet: no update was taken, so there is no round \(report.round)")
            throw Exit.invalid
        }
        let proving = clock.now
        let values = RoundCircuit(federation.plan).witness(round.witness)
        let proof = try await prover.prove(values, zkey: federation.roundKeyPath)
        report.proveSeconds = (clock.now - proving).inSeconds
        try federation.settle(round, proof: proof, parallel: parallel)
        report.oldState = round.witness.state.hash.decimal
        report.newState = round.next.state.hash.decimal
        report.batch = round.next.state.batch.decimal
        try show(report)
    }

    private func show(_ report: Report) throws {
        if json { return try Console.printJSON(report) }
        for refusal in report.refused {
            print("refused \(ForeignText.plain(refusal.update)): \(ForeignText.plain(refusal.reason))")
        }
        if let state = report.newState {
            print(
                "round \(report.round): \(Count.text(report.accepted, "update")) taken, \(report.refused.count) refused, state \(state)"
            )
        }
    }
}
