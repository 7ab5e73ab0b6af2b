// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Failures
import FederatedLearning
import FiniteFields

struct FederationRegistry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry",
        abstract: "Shows how many clients are registered, and the root over them that the contract is given.",
        discussion: """
            The contract's registrar calls set_registry with the root; the next settled round must then be made with \
            `martlet fl round --registered` and that number, and the round after it takes updates of these clients. Below \
            the root stand the signature of set_registry, its argument, and both as a transaction's data.
            """)

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(help: ArgumentHelp("Only the first clients (default: all).", valueName: "n"))
    var registered: Int?

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var registered: Int
        var root: String
        /// The clients whose updates the open round takes.
        var openRound: Int
        /// The registrar's call.
        var setRegistry: ContractCall
    }

    func run() throws {
        let federation = try Federation(directory)
        let registry = try federation.registry()
        let open = try federation.openState()
        let count = registered ?? registry.clients.count
        guard (0...registry.clients.count).contains(count) else {
            throw ValidationError("--registered must be from 0 to \(registry.clients.count).")
        }
        let root = registry.tree(federation.plan, count: count).root
        let report = Report(
            registered: count, root: root.decimal, openRound: open.registered,
            setRegistry: .setRegistry(root))
        if json { return try Console.printJSON(report) }
        print(
            "\(Count.text(report.registered, "client")): root \(report.root); the open round is for the first \(report.openRound)"
        )
        print(report.setRegistry.lines)
    }
}
