// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Coordinator
import Failures
import ProvingEngine

/// What a coordinator takes from those who connect to it, and where it connects itself.
struct NetworkArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where callbacks may go: public, ADDRESS[/BITS], NAME or *.NAME; may be repeated (default: public).",
            valueName: "where"))
    var callbackAllow: [CallbackAllowance.Entry] = []

    @Option(help: ArgumentHelp("Connections at the same time.", valueName: "n"))
    var maxConnections = 16_384

    @Option(
        help: ArgumentHelp("The same from one address, or from one /64 network of IPv6.", valueName: "n"))
    var maxConnectionsPerAddress = 8192

    @Option(
        help: ArgumentHelp("Requests with one token that are answered at the same time.", valueName: "n"))
    var maxRequestsPerToken = 8192

    @Option(help: ArgumentHelp("Event streams with one token at the same time.", valueName: "n"))
    var maxStreamsPerToken = 1024

    @Option(
        help: ArgumentHelp(
            "Memory for the bodies of requests, all together; a quarter of it for one token.",
            valueName: "size"))
    var maxBodyMemory = ByteSize(bytes: 256 << 20)

    @Option(
        help: ArgumentHelp("The least that the body of a request must bring each second.", valueName: "size"))
    var minUploadRate = ByteSize(bytes: 4096)

    func validate() throws {
        for (name, value) in [
            ("--max-connections", maxConnections),
            ("--max-connections-per-address", maxConnectionsPerAddress),
            ("--max-requests-per-token", maxRequestsPerToken),
            ("--max-streams-per-token", maxStreamsPerToken),
        ] where value < 1 {
            throw ValidationError("\(name) must be a positive number.")
        }
        // The largest body must fit.
        guard maxBodyMemory.bytes >= 16 << 20 else {
            throw ValidationError("--max-body-memory must be at least 16M.")
        }
    }

    func apply(to options: inout CoordinatorOptions) {
        if !callbackAllow.isEmpty { options.callbackAllowance = CallbackAllowance(callbackAllow) }
        options.maxConnections = maxConnections
        options.maxConnectionsPerAddress = maxConnectionsPerAddress
        options.maxRequestsPerToken = maxRequestsPerToken
        options.maxStreamsPerToken = maxStreamsPerToken
        options.maxBodyMemory = Int(clamping: maxBodyMemory.bytes)
        options.minBodyRate = Int(clamping: minUploadRate.bytes)
    }
}

extension CallbackAllowance.Entry: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension SecretFile {
    /// The operator's secret for callbacks.
    ///
    /// - Throws: `JobFailure`, also for one that could be guessed.
    static func callbackSecret(_ path: String) throws(JobFailure) -> String {
        let secret = try firstLine(of: path)
        guard secret.utf8.count >= CallbackSecret.shortest else {
            throw JobFailure(
                code: .badInput,
                message:
                    "\(path): a secret for callbacks has at least \(CallbackSecret.shortest) characters: openssl rand -hex 32 makes one"
            )
        }
        return secret
    }
}
