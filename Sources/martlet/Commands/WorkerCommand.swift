// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Compute
import Foundation
import JobQueue
import Logging
import MartletClient
import Outcomes
import ProvingEngine
public import RemoteWorker
import ServiceLifecycle
public import SpoolWorker
import UnixSignals

struct WorkerRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract:
            "Serves the jobs of a queue: claims, proves, verifies, publishes. The default; its name may be left out.",
        usage: "martlet worker --queue <queue> [<options>]",
        discussion: """
            Several workers may serve one queue. On SIGTERM or SIGINT a worker claims no more, finishes what runs, and exits with 0. A second \
            signal, or the end of --drain-timeout, returns what runs to the queue at once, with the attempt not counted. \
            With --drain the worker exits with 0 once no job waits, whether jobs ended in done/ or dead/: what became of a job \
            is in the queue. A job that was tried before runs alone, so that one which kills its worker harms no other. \
            Witnesses are overwritten and removed once their proof is published; the log, on standard error, \
            has no values of witnesses or public inputs.

            A worker of a coordinator proves each job in a process of its own, which may die without harm to the others. \
            It takes no connections. A finished proof is brought to its disk as it is reported, and is reported by its \
            next run where this one is killed. Failures of its own, its disk or its device say, do not count against jobs: \
            it asks more slowly, and after five jobs in a row no more until its look at itself finds nothing.
            """)

    @Option(
        help: ArgumentHelp(
            "The queue: spool:DIR (made if it does not exist), http(s)://HOST:PORT or unix:PATH.",
            valueName: "queue"))
    var queue: QueueLocation

    @OptionGroup var client: ClientArguments

    @OptionGroup var remote: RemoteWorkerArguments

    @Flag(help: "Exit once no job waits.")
    var drain = false

    @Option(help: ArgumentHelp("How many jobs run at the same time; they share the threads.", valueName: "n"))
    var jobs = 1

    @OptionGroup var threads: ThreadOption

    @OptionGroup var devices: DeviceArguments

    @Option(
        help: ArgumentHelp(
            "How much memory loaded keys may take, such as 512M or 4G (default: a quarter of the machine's).",
            valueName: "size"))
    var keyMemory: ByteSize?

    @Option(
        help: ArgumentHelp(
            "How much memory precomputed multiples of each key's points may take, such as 1G: shorter proofs, longer loading (default: none).",
            valueName: "size"))
    var keyMultiples: ByteSize?

    @Option(
        name: .customLong("keys"), parsing: .singleValue,
        help: ArgumentHelp(
            "With a spool: only takes proving keys and circuits from below this directory; may be repeated (default: any file).",
            valueName: "dir"), completion: .directory)
    var keyRoots: [String] = []

    @Option(
        help: ArgumentHelp(
            "With a spool: the number of attempts after which a job is given up (default: 3).", valueName: "n"
        ))
    var maxAttempts: Int?

    @Option(
        help: ArgumentHelp(
            "How long a shutdown waits for the running jobs (default: for ever).", valueName: "time"))
    var drainTimeout: TimeSpan?

    @Option(help: "The form of the log on standard error.")
    var logFormat = LogFormat.text

    @Option(help: "The least level that is logged.")
    var logLevel = LogLevel.info

    func validate() throws {
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs must be from 1 to 256.") }
        guard (1...998).contains(maxAttempts ?? 1) else {
            throw ValidationError("--max-attempts must be from 1 to 998.")
        }
        try client.validate(for: queue)
        switch queue {
        case .spool:
            if let option = remote.given.first {
                throw ValidationError("\(option) goes with a coordinator only, and \(queue) is a spool.")
            }
        case .coordinator:
            guard keyRoots.isEmpty else { throw ValidationError("--keys needs a spool.") }
            guard maxAttempts == nil else { throw ValidationError("--max-attempts needs a spool.") }
        }
    }

    func run() async throws {
        switch queue {
        case .spool(let path): try await serve(spool: path)
        case .coordinator(let address): try await serve(coordinator: address)
        }
    }

    private func serve(spool path: String) async throws {
        var spoolOptions = SpoolOptions()
        if let maxAttempts { spoolOptions.maxAttempts = maxAttempts }
        spoolOptions.wipesPayloadFiles = true
        let spool = try openSpool(path, creating: true, options: spoolOptions)
        let logger = logFormat.logger(level: logLevel.level)
        let engine = try devices.makeEngine(threads: threadsOfJob) { incident in
            logger.log(level: incident.isSevere ? .error : .warning, "\(incident)")
        }
        var options = WorkerOptions()
        options.jobs = jobs
        options.drains = drain
        options.keyRoots = keyRoots
        if let keyMemory { options.keyMemory = keyMemory.bytes }
        if let keyMultiples { options.keyMultiples = keyMultiples.bytes }
        try await serve(
            try ProofWorker(queue: spool, engine: engine, options: options, logger: logger), logger)
    }

    private var threadsOfJob: Int {
        max(1, threads.parallel.threads / jobs)
    }

    private func serve(coordinator address: QueueAddress) async throws {
        let keyMemory = (keyMemory?.bytes ?? WorkerOptions.defaultKeyMemory) / jobs
        var prover = ["/proc/self/exe", "prover-child", "--threads", "\(threadsOfJob)"] + devices.arguments
        prover += ["--key-memory", "\(keyMemory)", "--key-multiples", "\(keyMultiples?.bytes ?? 0)"]
        prover += ["--log-format", logFormat.rawValue, "--log-level", logLevel.rawValue]
        var options = remote.options(prover: prover)
        try OutputFile.requireNoFile(inTheWayOf: options.directory)
        options.jobs = jobs
        options.drains = drain
        let logger = logFormat.logger(level: logLevel.level)
        let client = try client.client(address)
        let worker = try RemoteWorker(client: client, options: options, logger: logger)
        let health = remote.health.map { WorkerHealth(worker: worker, address: $0, logger: logger) }
        try await serve(worker, logger, beside: health.map { [$0] } ?? [])
        await client.close()
    }

    /// Runs the worker under its signals.
    ///
    /// - Parameter services: what runs beside it and ends after it.
    private func serve(
        _ worker: some StoppableWorker, _ logger: Logger, beside services: [any Service] = []
    ) async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .notice)
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) } + [
                .init(service: worker, successTerminationBehavior: .gracefullyShutdownGroup)
            ],
            logger: quiet)
        if let drainTimeout { configuration.maximumGracefulShutdownDuration = .seconds(drainTimeout.seconds) }
        let group = ServiceGroup(configuration: configuration)
        // One handler for both meanings of a signal: the group's own has no second one.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let listener = Task {
            var isStopping = false
            for await signal in signals {
                logger.notice("signal caught", metadata: ["signal": .string("\(signal)")])
                if isStopping { worker.handBackNow() } else { await group.triggerGracefulShutdown() }
                isStopping = true
            }
        }
        defer { listener.cancel() }
        try await group.run()
    }
}

/// A worker that can be told to give back what it has.
protocol StoppableWorker: Service {
    func handBackNow()
}

extension ProofWorker: StoppableWorker {}
extension RemoteWorker: StoppableWorker {}

/// What only a worker of a coordinator is told.
struct RemoteWorkerArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "With a coordinator: the directory for keys, finished proofs and witnesses in use, a separate one for each worker (default: martlet/worker below the user's data folder).",
            valueName: "dir"), completion: .directory)
    var data: String?

    @Option(
        help: ArgumentHelp(
            "With a coordinator: how much disk space proving keys may take (default: 64G).", valueName: "size"
        ))
    var keyDisk: ByteSize?

    @Option(
        help: ArgumentHelp(
            "With a coordinator: how much memory jobs may take together (default: three quarters of the machine's).",
            valueName: "size"))
    var memory: ByteSize?

    @Option(
        help: ArgumentHelp(
            "With a coordinator: how many jobs to lease ahead while others are proved (default: 0).",
            valueName: "n"))
    var prefetch: Int?

    @Option(
        help: ArgumentHelp(
            "With a coordinator: how long one proof may take before its prover is considered hung and is killed (default: 1h).",
            valueName: "time"))
    var proofTimeout: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "With a coordinator: the worker's name (default: the machine's).", valueName: "name"))
    var name: JobID?

    @Option(
        help: ArgumentHelp(
            "With a coordinator: the address at which to serve /healthz, /readyz and /metrics.",
            valueName: "host:port"))
    var health: ListenAddress?

    func validate() throws {
        guard (0...64).contains(prefetch ?? 0) else {
            throw ValidationError("--prefetch must be from 0 to 64.")
        }
        guard proofTimeout.map({ $0.seconds > 0 }) ?? true else {
            throw ValidationError("--proof-timeout must be longer than nothing.")
        }
    }

    /// The options that were given.
    var given: [String] {
        let all = [
            ("--data", data != nil), ("--key-disk", keyDisk != nil), ("--memory", memory != nil),
            ("--prefetch", prefetch != nil), ("--proof-timeout", proofTimeout != nil),
            ("--name", name != nil),
            ("--health", health != nil),
        ]
        return all.filter(\.1).map(\.0)
    }

    func options(prover: [String]) -> RemoteWorkerOptions {
        var options = RemoteWorkerOptions(directory: data ?? UserData.folder + "/worker", prover: prover)
        options.keyDisk = Int64(keyDisk?.bytes ?? 64 << 30)
        if let memory { options.memory = Int64(memory.bytes) }
        options.prefetch = prefetch ?? 0
        options.proofSeconds = proofTimeout?.seconds ?? 3600
        if let name { options.name = name.text }
        return options
    }
}
