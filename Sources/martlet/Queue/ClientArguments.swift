// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Failures
import Foundation
import MartletClient
import ProvingEngine

/// How a command reaches a coordinator.
struct ClientArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The token for a coordinator, in the file's first line (default: the variable MARTLET_TOKEN).",
            valueName: "file"), completion: .file())
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "The authorities that a coordinator's certificate may come from, PEM (default: the system's).",
            valueName: "file"), completion: .file())
    var caFile: String?

    @Option(
        help: ArgumentHelp("The certificate to show to a coordinator, PEM.", valueName: "file"),
        completion: .file())
    var clientCert: String?

    @Option(help: ArgumentHelp("The key of --client-cert, PEM.", valueName: "file"), completion: .file())
    var clientKey: String?

    func validate() throws {
        guard (clientCert == nil) == (clientKey == nil) else {
            throw ValidationError("--client-cert and --client-key go together.")
        }
    }

    /// Refuses what a queue would ignore.
    ///
    /// - Throws: `ValidationError`.
    func validate(for queue: QueueLocation) throws {
        switch queue {
        case .spool:
            guard let option = given.first else { return }
            throw ValidationError("\(option) goes with a coordinator only, and \(queue) is a spool.")
        case .coordinator(let address):
            guard !address.isEncrypted, let option = given.first(where: { $0 != "--token-file" })
            else { return }
            throw ValidationError("\(option) goes with https:// only, and the queue is \(queue).")
        }
    }

    /// The options that were given.
    var given: [String] {
        [
            ("--token-file", tokenFile), ("--ca-file", caFile), ("--client-cert", clientCert),
            ("--client-key", clientKey),
        ].filter { $0.1 != nil }.map(\.0)
    }

    /// - Throws: for files that cannot be used.
    func client(_ address: QueueAddress) throws -> MartletClient {
        var options = ClientOptions()
        if let tokenFile {
            options.token = try SecretFile.firstLine(of: tokenFile)
        } else if let token = ProcessInfo.processInfo.environment["MARTLET_TOKEN"], !token.isEmpty {
            options.token = token
        }
        options.caFile = caFile
        options.clientCertificateFile = clientCert
        options.clientKeyFile = clientKey
        options.hints.token = "tokens come from --token-file or MARTLET_TOKEN"
        options.hints.authorities = "name the authority with --ca-file"
        options.hints.certificate = "see --client-cert and --client-key"
        return try MartletClient(address, options: options)
    }
}

/// The queue of a command that works with spools and coordinators alike.
struct QueueArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("The queue: spool:DIR, http(s)://HOST:PORT or unix:PATH.", valueName: "queue"))
    var queue: QueueLocation

    @OptionGroup var client: ClientArguments

    func validate() throws { try client.validate(for: queue) }

    /// A client of the coordinator.
    ///
    /// - Throws: `ValidationError` that says that a spool has no such command.
    func coordinator(for what: String) throws -> MartletClient {
        guard case .coordinator(let address) = queue else {
            throw ValidationError("--queue: \(what) needs a coordinator, and \(queue) is a spool.")
        }
        return try client.client(address)
    }
}
