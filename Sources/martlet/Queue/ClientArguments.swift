// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import MartletClient
import ProvingService

/// How a command reaches a coordinator.
struct ClientArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The token for a coordinator, in the file's first line (default: the variable MARTLET_TOKEN).",
            valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "The authorities that a coordinator's certificate may come from, PEM (default: the system's).",
            valueName: "file"))
    var caFile: String?

    @Option(help: ArgumentHelp("The certificate to show to a coordinator, PEM.", valueName: "file"))
    var clientCert: String?

    @Option(help: ArgumentHelp("The key of --client-cert, PEM.", valueName: "file"))
    var clientKey: String?

    func validate() throws {
        guard (clientCert == nil) == (clientKey == nil) else {
            throw ValidationError("--client-cert and --client-key go together.")
        }
    }

    /// - Throws: `JobFailure` for files that cannot be used.
    func client(_ address: QueueAddress) throws(JobFailure) -> MartletClient {
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
        do throws(ClientError) {
            return try MartletClient(address, options: options)
        } catch {
            throw JobFailure(error)
        }
    }
}

/// The queue of a command that works with spools and coordinators alike.
struct QueueArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("The queue: spool:DIR, http(s)://HOST:PORT or unix:PATH.", valueName: "queue"))
    var queue: QueueLocation

    @OptionGroup var client: ClientArguments

    /// A client of the coordinator.
    ///
    /// - Throws: `JobFailure` that says that a spool has no such command.
    func coordinator(for what: String) throws(JobFailure) -> MartletClient {
        guard case .coordinator(let address) = queue else {
            throw JobFailure(code: .badInput, message: "\(queue): \(what) needs a coordinator")
        }
        return try client.client(address)
    }
}

extension JobFailure {
    /// What a refusal, or a coordinator that is not there, means for a command.
    init(_ error: ClientError) {
        let code: Code =
            switch error {
            case .file, .invalidOption: .badInput
            case .refused: error.isTemporary ? .infrastructure : .badInput
            case .unreachable, .invalidAnswer, .wrongContent, .cancelled: .infrastructure
            }
        self.init(code: code, message: error.message)
    }
}

/// Runs `body` and turns what the client says into a failure of the command.
func mappingClientErrors<T>(_ body: () async throws(ClientError) -> T) async throws(JobFailure) -> T {
    do {
        return try await body()
    } catch {
        throw JobFailure(error)
    }
}
