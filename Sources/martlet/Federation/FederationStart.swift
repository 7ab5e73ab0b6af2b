// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import FederatedLearning
import FiniteFields

struct FederationStart: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Fixes the first state: whoever is registered later takes part from the second round on.",
        discussion: """
            To be called before a contract is deployed: it prints what the contract's constructor is given. Without it the \
            first state changes with each client that is registered, until the first round is settled.
            """)

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var state: String
        var registry: String
        var settlement: String
    }

    func run() throws {
        let federation = try Federation(directory)
        let state = try federation.start()
        let report = Report(
            state: state.hash.decimal, registry: state.registry.decimal,
            settlement: federation.plan.task.settlement.rawValue)
        AttestedNotice.print(federation.plan, directory)
        if json { return try Console.printJSON(report) }
        print("first state \(report.state), registry \(report.registry)")
    }
}
