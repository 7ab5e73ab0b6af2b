// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Circuits
import FederatedLearning
import Foundation
import ProvingEngine

struct FederationInvite: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "Makes an invitation and prints its code; from then on nobody can register without one.")

    @Argument(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var directory: String

    @Option(help: "Whom the invitation is for: the name that the client enrolls with must be the same.")
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

struct FederationEnroll: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll",
        abstract: "Registers a client: commits to its data, and draws its secret identity.",
        discussion: """
            The data are lines of numbers separated by commas, first the features and then the label. They stay, with the secret, \
            in the client's own directory; the registry gets two hashes.
            """)

    @Argument(help: ArgumentHelp("The client's own directory.", valueName: "dir"), completion: .directory)
    var client: String

    @Option(help: ArgumentHelp("The federation's directory.", valueName: "dir"), completion: .directory)
    var federation: String

    @Option(help: ArgumentHelp("The client's samples.", valueName: "file"), completion: .file())
    var data: String

    @Option(
        help:
            "What the operator knows the client by, and what an invitation was made for (default: the last part of the directory)."
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
        var index: Int
    }

    func validate() throws {
        if let name, let fault = Federation.fault(ofName: name) {
            throw ValidationError("--name: \(fault).")
        }
        if let invitation, !Federation.isCode(invitation) {
            throw ValidationError("--invitation: '\(invitation.prefix(100))' is no code of an invitation.")
        }
    }

    func run() throws {
        var generator = SystemRandomNumberGenerator()
        let name = self.name ?? (client as NSString).lastPathComponent
        if let fault = Federation.fault(ofName: name) {
            throw ValidationError("--name is needed, the directory's last part is none: \(fault).")
        }
        let published = try Federation(federation)
        guard invitation == nil || published.hasInvitations else {
            throw ValidationError("--invitation: this federation registers without one.")
        }
        try OutputFile.requireNoFile(inTheWayOf: client)
        let index = try published.enroll(
            client: client, name: name, data: data, invitation: invitation, using: &generator)
        if json { return try Console.printJSON(Report(client: client, name: name, index: index)) }
        print("\(name): registered, number \(index)")
    }
}
