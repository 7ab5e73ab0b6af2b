// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Compute
import FederatedLearning
import FiniteFields

struct FederationCalldata: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calldata",
        abstract: "Prints the call that settles a round on a chain.",
        discussion: """
            The signature of the contract's submit_round, its arguments, one a line, and all of it as the data of a \
            transaction, which `cast send CONTRACT DATA` and wallets take. The proof is verified first. Where the registry \
            is another one than in the state before, the contract must have it already: the registrar sets it (`martlet fl \
            registry`).
            """)

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(help: ArgumentHelp("The round.", valueName: "n"))
    var round: Int

    @Flag(help: "Print the data alone.")
    var data = false

    @OptionGroup var openKeys: OpenKeyOption

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var round: Int
        /// What the contract must have before.
        var oldState: String
        var newState: String
        var registry: String
        var submitRound: ContractCall
        /// The registrar's call before that one; nil where the registry is that of the state before.
        var setRegistry: ContractCall?
    }

    func validate() throws {
        guard round >= 1 else { throw ValidationError("--round must be 1 or more.") }
        guard !(data && json) else { throw ValidationError("Give --data or --json, not both.") }
    }

    func run() throws {
        let federation = try Federation(directory, allowsOpenKeys: openKeys.allowsOpenKeys)
        AttestedNotice.print(federation.plan, directory)
        let settled = try federation.settled(round, parallel: .allCores)
        let isNew = settled.after.registry != settled.before.registry
        let report = Report(
            round: round, oldState: settled.before.hash.decimal, newState: settled.after.hash.decimal,
            registry: settled.after.registry.decimal,
            submitRound: .submitRound(settled.proof, newState: settled.after.hash),
            setRegistry: isNew ? .setRegistry(settled.after.registry) : nil)
        if json { return try Console.printJSON(report) }
        if isNew {
            Console.error(
                "martlet: round \(round) has another registry than the state before: the contract must have \(report.registry) (martlet fl registry \(directory) --registered \(settled.registered))"
            )
        }
        print(data ? report.submitRound.data : report.submitRound.lines)
    }
}
