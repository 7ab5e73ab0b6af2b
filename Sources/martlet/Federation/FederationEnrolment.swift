// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import Failures
import FederatedLearning
import Foundation
import ProvingEngine

struct FederationInvite: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "Makes an invitation and prints its code; from then on nobody can register without one.")

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(help: "Whom the invitation is for: the --name of the client's identity must be the same.")
    var name: String

    func validate() throws {
        if let fault = Federation.fault(ofName: name) { throw ValidationError("--name: \(fault).") }
    }

    func run() throws {
        var generator = SystemRandomNumberGenerator()
        print(
            try Federation(directory).invite(name: name, using: &generator))
    }
}

struct FederationIdentity: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity",
        abstract: "Makes a client: draws its secret identity, and commits to its data.",
        usage: """
            martlet fl identity <dir> (--federation <dir> | --task <file>) --data <file> [--name <name>] \
            [--invitation <code>] [--json]
            """,
        discussion: """
            For the client, by itself: of the federation only what is published is read, and nothing is written there. \
            The data are lines of numbers separated by commas, first the features and then the label. They stay, with the \
            secret, in the client's own directory; registration.json in it is for the operator (`martlet fl register`), and \
            has two hashes and the name. Nothing in it is secret, nor does it tell the invitation's code.
            """)

    @Argument(help: ArgumentHelp("The client's own directory.", valueName: "dir"), completion: .directory)
    var client: String

    @Option(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var federation: String?

    @Option(
        help: ArgumentHelp("In place of --federation: the task's description.", valueName: "file"),
        completion: .file())
    var task: String?

    @Option(help: ArgumentHelp("The client's samples.", valueName: "file"), completion: .file())
    var data: String

    @Option(
        help:
            "What the operator is to know the client by, and what an invitation was made for; it is published (default: made of the identity's hash)."
    )
    var name: String?

    @Option(
        help: "The code that `martlet fl invite` printed for this name, where the federation has invitations."
    )
    var invitation: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var client: String
        var name: String
        /// The file for the operator.
        var registration: String
        /// The samples of the file beyond those that a client of the task has.
        var samplesLeftOut: Int
    }

    func validate() throws {
        guard (federation == nil) != (task == nil) else {
            throw ValidationError("Give either --federation or --task.")
        }
        if let name, let fault = Federation.fault(ofName: name) {
            throw ValidationError("--name: \(fault).")
        }
        if let invitation, !Federation.isCode(invitation) {
            throw ValidationError("--invitation: '\(invitation.prefix(100))' is no code of an invitation.")
        }
        guard invitation == nil || name != nil else {
            throw ValidationError("--invitation goes with --name, the one that the invitation is for.")
        }
    }

    func run() throws {
        var generator = SystemRandomNumberGenerator()
        let plan = try federation.map { try Federation($0).plan } ?? Federation.plan(of: task ?? "")
        try OutputFile.requireNoFile(inTheWayOf: client)
        let (registration, leftOut) = try Client.create(
            client, plan, name: name, data: data, invitation: invitation, using: &generator)
        if leftOut > 0 {
            Console.error(
                "martlet: \(data): the last \(Count.text(leftOut, "sample")) left out, since a client of the task has \(1 << plan.task.datasetDepth) · \(plan.task.batchSize)"
            )
        }
        let report = Report(
            client: client, name: registration.name, registration: Client.registrationPath(client),
            samplesLeftOut: leftOut)
        if json { return try Console.printJSON(report) }
        print("\(report.registration): for the operator, who registers \(report.name) with it")
    }
}

struct FederationRegister: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Registers clients, by the registrations that they made.",
        discussion: """
            All of them or none. A registration that is in the registry already stays where it is, so the command can be \
            repeated; its name, identity and data are nobody else's. Where the federation has invitations, each registers one \
            client.
            """)

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Argument(
        help: ArgumentHelp("The clients' registrations.", valueName: "registration"), completion: .file())
    var registrations: [String]

    @Flag(help: "Print JSON.")
    var json = false

    struct Entry: Encodable {
        var name: String
        var index: Int
        /// False for a client that was registered before.
        var isNew: Bool
    }

    func run() throws {
        let clients = try Federation(directory).register(registrations).map {
            Entry(name: $0.name, index: $0.index, isNew: $0.isNew)
        }
        if json { return try Console.printJSON(clients) }
        for client in clients {
            print(
                "\(client.name): \(client.isNew ? "registered" : "was registered before"), number \(client.index)"
            )
        }
    }
}
