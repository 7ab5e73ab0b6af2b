// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import FederatedLearning
import FiniteFields

struct FederationRetract: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retract",
        abstract: "Takes the last round back, which no chain has settled.",
        discussion: """
            For a round that the contract did not take, or will not, such as one of a registry that has changed since. Its files are kept in \
            DIR/retracted. The updates that it took can be handed to `martlet fl round` again; a client who has trained \
            from its model trains again from the one before. Never for a round that the contract has settled: the contract \
            goes on from its state, and with --state, the contract's, that is refused.
            """)

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(help: ArgumentHelp("The round: the last one.", valueName: "n"))
    var round: Int

    @Option(
        help: ArgumentHelp(
            "The contract's state: where it is not the one before the round, nothing is done.",
            valueName: "decimal"))
    var state: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var round: Int
        /// The state that the round had led to; nil where its file does not tell.
        var retracted: String?
        /// The state that the federation is in again.
        var state: String
        /// Where the files are.
        var files: String
    }

    func validate() throws {
        guard round >= 1 else { throw ValidationError("--round must be 1 or more.") }
        guard state.map(Self.isDecimal) ?? true else {
            throw ValidationError("--state must be a decimal number.")
        }
    }

    private static func isDecimal(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber }
    }

    func run() throws {
        let done = try Federation(directory).retract(round, contractState: state)
        let report = Report(
            round: round, retracted: done.retracted?.decimal, state: done.state.hash.decimal,
            files: done.files)
        if json { return try Console.printJSON(report) }
        print(
            """
            round \(round): retracted; whoever trained from its state has to train again
            Its files are in \(report.files). The last state is \(report.state) again.
            """)
    }
}
