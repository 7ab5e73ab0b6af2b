// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Coordination
import Coordinator
import Failures
import Foundation
import Foundations
import Logging
import ProvingEngine
import ServiceLifecycle
import SpoolWorker
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract:
            "Serves jobs, circuits and proofs over HTTP: the coordinator between submitters and workers.",
        usage: "martlet serve [<options>]",
        discussion: """
            Listens on this machine only unless told otherwise, and needs no token there as long as none was ever made \
            (martlet token create). Elsewhere tokens are required; to serve anybody, say --insecure-no-tokens. \
            On SIGTERM or SIGINT it answers what is under way and exits with 0. Nothing is lost however it ends: start it again.
            """)

    @Option(help: ArgumentHelp("Where to listen: HOST:PORT or unix:PATH.", valueName: "address"))
    var listen = ListenAddress(listener: .tcp(host: "127.0.0.1", port: 8080))

    @OptionGroup var store: StoreArguments

    @Option(
        help: ArgumentHelp(
            "The folder for proving keys and witnesses (default: martlet/data below the user's data folder).",
            valueName: "dir"), completion: .directory)
    var data: String?

    @Option(
        help: ArgumentHelp("The server's certificates, PEM: serves HTTPS.", valueName: "file"),
        completion: .file())
    var tlsCert: String?

    @Option(help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"), completion: .file())
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "Requires certificates from clients, signed by one of these authorities, PEM.", valueName: "file"),
        completion: .file()
    )
    var tlsClientCa: String?

    @Flag(help: "Require tokens on this machine as well, and even as long as there is none.")
    var tokenRequired = false

    @Flag(
        help: "Serve anybody who can reach the address. Only for networks where everybody may do everything.")
    var insecureNoTokens = false

    @Option(help: ArgumentHelp("Free space below which no jobs and uploads are accepted.", valueName: "size"))
    var minFreeSpace = ByteSize(bytes: 1 << 30)

    @Option(help: ArgumentHelp("The largest witness.", valueName: "size"))
    var maxWitness = ByteSize(bytes: 1 << 30)

    @Option(help: ArgumentHelp("The largest proving key.", valueName: "size"))
    var maxBlob = ByteSize(bytes: 64 << 30)

    @Option(
        help: ArgumentHelp(
            "How long a worker may be silent before its job goes to another.", valueName: "time"))
    var leaseTime = TimeSpan(seconds: 30)

    @Option(
        help: ArgumentHelp(
            "The longest time that a worker may have a job, however often it is heard from.",
            valueName: "time"))
    var proofLimit = TimeSpan(seconds: 7200)

    @Option(
        help: ArgumentHelp(
            "How long jobs that have ended are kept, with their proofs; dead ones stay (default: for ever).",
            valueName: "time"))
    var keep: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "What an hour of one worker costs, to estimate the cost of a proof.", valueName: "price"))
    var costPerHour: Double?

    @Option(help: ArgumentHelp("The currency of --cost-per-hour (default: USD).", valueName: "code"))
    var currency: String?

    @Option(
        help: ArgumentHelp(
            "Enables callbacks, signed with each tenant's secret, which is made from the one in the first line of this file.",
            valueName: "file"), completion: .file())
    var callbackSecretFile: String?

    @OptionGroup(title: "Network") var network: NetworkArguments

    @Option(help: "The form of the log on standard error.")
    var logFormat = LogFormat.text

    @Option(help: "The least level that is logged.")
    var logLevel = LogLevel.info

    func validate() throws {
        guard (tlsCert == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-cert and --tls-key go together.")
        }
        guard tlsClientCa == nil || tlsCert != nil else {
            throw ValidationError("--tls-client-ca needs --tls-cert.")
        }
        guard !(tokenRequired && insecureNoTokens) else {
            throw ValidationError("--token-required and --insecure-no-tokens contradict each other.")
        }
        guard keep.map({ $0.seconds > 0 }) ?? true else {
            throw ValidationError("--keep must be positive: no job would be there to be asked for.")
        }
        guard costPerHour.map({ $0.isFinite && $0 >= 0 }) ?? true else {
            throw ValidationError("--cost-per-hour must be a price.")
        }
        guard currency == nil || costPerHour != nil else {
            throw ValidationError("--currency goes with --cost-per-hour only.")
        }
        guard network.callbackAllow.isEmpty || callbackSecretFile != nil else {
            throw ValidationError(
                "--callback-allow needs --callback-secret-file: without it there are no callbacks.")
        }
        guard leaseTime.seconds >= 1 else { throw ValidationError("--lease-time must be at least 1s.") }
        guard proofLimit.seconds >= leaseTime.seconds else {
            throw ValidationError("--proof-limit must be at least --lease-time.")
        }
    }

    func run() async throws {
        let logger = logFormat.logger(level: logLevel.level)
        OpenFiles.allowAll()
        let jobs = try await store.open(serving: true)
        let options = try options()
        if !options.allowsAnonymous {
            let tokens = try await tokens(jobs)
            guard tokens > 0 else {
                throw JobFailure(
                    code: .badInput,
                    message:
                        "nobody could do anything here: make a token first (martlet token create), or say --insecure-no-tokens"
                )
            }
        } else if !options.listener.isLocal {
            logger.warning("anybody who reaches the address may do everything: --insecure-no-tokens")
        }
        let folder: DataFolder
        let path = data ?? UserData.folder + "/data"
        try OutputFile.requireNoFile(inTheWayOf: path)
        do throws(StoreError) {
            folder = try DataFolder(path: path, watermark: options.minFreeSpace)
        } catch {
            throw JobFailure(code: .infrastructure, message: error.message)
        }
        let engine = try ProvingEngine(backend: .cpu, threads: 0)
        let listen = listen
        let coordinator = Coordinator(
            store: jobs, folder: folder, engine: engine, options: options, logger: logger
        ) { port in
            logger.info(
                "coordinator listens",
                metadata: [
                    "address": .string(listen.text(port: port)), "version": .string(MartletVersion.current),
                ])
        }
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .notice)
        var configuration = ServiceGroupConfiguration(
            // Told to end in the reverse order.
            services: [
                .init(service: coordinator),
                .init(service: ShutdownLimit(logger: logger), successTerminationBehavior: .ignore),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(ShutdownLimit.grace)
        let group = ServiceGroup(configuration: configuration)
        do { try await group.run() } catch { throw JobFailure(listeningAt: listen, error) }
    }

    private func tokens(_ store: any JobStore) async throws(JobFailure) -> Int {
        do throws(StoreError) { return try await store.tokens().count } catch {
            throw JobFailure(code: .infrastructure, message: error.message)
        }
    }

    private func options() throws(JobFailure) -> CoordinatorOptions {
        var options = CoordinatorOptions()
        options.listener = listen.listener
        if let tlsCert, let tlsKey {
            options.tls = .init(certificate: tlsCert, key: tlsKey, clientAuthority: tlsClientCa)
        }
        options.allowsAnonymous = insecureNoTokens || (listen.listener.isLocal && !tokenRequired)
        options.leaseSeconds = leaseTime.seconds
        options.proofSeconds = proofLimit.seconds
        options.renewSeconds = max(0.2, min(5, leaseTime.seconds / 6))
        options.sweepSeconds = min(1, leaseTime.seconds / 4)
        options.minFreeSpace = Int64(minFreeSpace.bytes)
        options.maxWitness = Int64(maxWitness.bytes)
        options.maxBlob = Int64(maxBlob.bytes)
        options.costPerHour = costPerHour
        options.keepSeconds = keep?.seconds
        if let currency { options.currency = currency }
        options.callbackSecret = try callbackSecretFile.map { (path) throws(JobFailure) in
            try SecretFile.callbackSecret(path)
        }
        network.apply(to: &options)
        return options
    }
}

/// Sees to it that a coordinator that was told to end does, whatever its clients do: what it has promised is
/// in the store.
private struct ShutdownLimit: Service {
    /// Seconds that requests under way have to end by themselves; their tasks are cancelled then.
    static let grace: Int64 = 20
    /// Seconds after which the process ends with them or without.
    private static let limit: UInt32 = 40

    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        let logger = logger
        Thread.detachNewThread {
            _ = sleep(Self.limit)
            logger.error("requests did not end; the coordinator ends without them")
            _exit(3)
        }
    }
}

/// The limit of open files of this process.
enum OpenFiles {
    /// As many as the system lets it have: each client that waits holds a connection.
    static func allowAll() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
