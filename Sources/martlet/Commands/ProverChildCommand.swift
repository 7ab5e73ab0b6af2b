// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Logging
import ProvingEngine
import RemoteWorker
import SpoolWorker

/// Proves for the worker that started it; for nobody else.
struct ProverChildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prover-child", abstract: "Proves what a worker asks for on standard input.",
        shouldDisplay: false)

    @OptionGroup var devices: DeviceArguments
    @OptionGroup var threads: ThreadOption
    @Option var keyMemory = ByteSize(bytes: WorkerOptions.defaultKeyMemory)
    @Option var keyMultiples = ByteSize(bytes: 0)
    @Option var logFormat = LogFormat.text
    @Option var logLevel = LogLevel.info

    func run() throws {
        let logger = logFormat.logger(level: logLevel.level)
        let engine = try devices.makeEngine(threads: threads.count) { incident in
            logger.log(level: incident.isSevere ? .error : .warning, "\(incident)")
        }
        ProverService(engine: engine, keyMemory: keyMemory.bytes, keyMultiples: keyMultiples.bytes).run()
    }
}
