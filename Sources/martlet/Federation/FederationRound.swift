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
            Exit code 1 if fewer updates were taken than the task's minimumClients. A refused update is not an error: the report has the reason. A path that cannot \
            be read, leads to no update at all or is named twice is one: exit code 2, and nothing is published.
            """
    )

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Argument(help: ArgumentHelp("The clients' updates.", valueName: "update"), completion: .file())
    var updates: [String]

    @Option(
        help: ArgumentHelp(
            "How many of the registered clients the next round is for: those whose root the contract has (default: all).",
            valueName: "n"))
    var registered: Int?

    @Option(
        help: ArgumentHelp(
            "The contract's state: where the last round led to another one, nothing is done.",
            valueName: "decimal"))
    var state: String?

    @Option(
        help: ArgumentHelp(
            "The contract's registry: where the next round's would have another root, nothing is done.",
            valueName: "decimal"))
    var registry: String?

    @OptionGroup var prover: FederationProver
    @OptionGroup var openKeys: OpenKeyOption

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var round: Int
        var accepted: Int
        var refused: [Federation.Refusal]
        var oldState: String?
        var newState: String?
        var batch: String?
        /// The root of the next round's registry, which the contract has to have, and its clients.
        var registry: String?
        var registered: Int?
        var verifySeconds: Double
        var proveSeconds: Double
    }

    func run() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        var generator = SystemRandomNumberGenerator()
        let parallel = Parallel.allCores
        let federation = try Federation(directory, allowsOpenKeys: openKeys.allowsOpenKeys)
        AttestedNotice.print(federation.plan, directory)
        let opened = try federation.openRound(
            updates: updates, registered: registered, parallel: parallel, using: &generator)
        let verifySeconds = (clock.now - start).inSeconds
        var report = Report(
            round: try federation.lastRound + 1, accepted: opened.accepted, refused: opened.refused,
            verifySeconds: verifySeconds, proveSeconds: 0)
        guard let round = opened.round else {
            try show(report)
            Console.error(
                opened.accepted == 0
                    ? "martlet: no update was taken, so there is no round \(report.round)"
                    : "martlet: \(Count.text(opened.accepted, "update")) of \(federation.plan.task.minimumClients) at least (minimumClients) could be taken, so there is no round \(report.round)"
            )
            throw Exit.invalid
        }
        try requireContract(state, round.witness.state.hash, "--state", "the last round led to")
        try requireContract(registry, round.next.state.registry, "--registry", "the next round's registry is")
        let proving = clock.now
        let proof = try await RoundProver(federation, prover, parallel).prove(round)
        report.proveSeconds = (clock.now - proving).inSeconds
        try federation.settle(round, proof: proof, parallel: parallel)
        report.oldState = round.witness.state.hash.decimal
        report.newState = round.next.state.hash.decimal
        report.batch = round.next.state.batch.decimal
        report.registry = round.next.state.registry.decimal
        report.registered = round.registered
        try show(report)
    }

    /// Demands that what the contract has is what the round is made for, before that takes its time.
    private func requireContract(
        _ given: String?, _ own: Scalar, _ option: String, _ what: String
    ) throws {
        guard let given, given != own.decimal else { return }
        throw JobFailure(
            code: .badInput,
            message:
                "\(directory): \(what) \(own.decimal), and \(option) is \(given.prefix(100)): the contract would not take this round"
        )
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
