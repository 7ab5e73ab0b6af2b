// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Coordination
import Foundation
import MartletClient
import Outcomes

/// `martlet worker`: runs a worker unless told to look after others.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Serves the jobs of a queue; cordons a coordinator's workers, and lets them in again.",
        subcommands: [WorkerRunCommand.self, Cordon.self, Uncordon.self],
        defaultSubcommand: WorkerRunCommand.self)

    struct Cordon: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cordon",
            abstract: "Gives no more jobs to a worker of a coordinator; for operators.",
            discussion: "The worker finishes what it has. It reports that it is not ready, and why.")

        @OptionGroup var choice: WorkerChoiceArguments

        @Option(help: ArgumentHelp("Why, for people.", valueName: "text"))
        var reason: String?

        func run() async throws {
            let client = try choice.arguments.coordinator(for: "worker cordon")
            try choice.show(
                try await client.cordon(choice.name.text, token: choice.token, reason: reason))
        }
    }

    struct Uncordon: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "uncordon",
            abstract: "Gives jobs to a worker of a coordinator again, also after a quarantine; for operators."
        )

        @OptionGroup var choice: WorkerChoiceArguments

        func run() async throws {
            let client = try choice.arguments.coordinator(for: "worker uncordon")
            try choice.show(
                try await client.uncordon(choice.name.text, token: choice.token))
        }
    }
}

/// Which worker is meant.
struct WorkerChoiceArguments: ParsableArguments {
    @OptionGroup var arguments: QueueArguments

    @Argument(help: ArgumentHelp("The worker's name.", valueName: "name"))
    var name: JobID

    @Option(
        help: ArgumentHelp(
            "Only the worker with this token, by the token's public part (default: all workers of that name).",
            valueName: "id"))
    var token: String?

    @Flag(help: "Print JSON.")
    var json = false

    func show(_ workers: [WorkerRecord]) throws {
        if json { return try Console.printJSON(workers) }
        WorkersCommand.show(workers)
    }
}

struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "Lists the workers of a coordinator, also those that get no jobs, and why; for operators.")

    @OptionGroup var arguments: QueueArguments

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let client = try arguments.coordinator(for: "workers")
        let workers = try await client.workers()
        if json { return try Console.printJSON(workers) }
        Self.show(workers)
    }

    static func show(_ workers: [WorkerRecord]) {
        let now = Date().timeIntervalSince1970
        Console.printTable(
            [["WORKER", "TOKEN", "STATE", "LEASES", "FAILED", "SEEN", "REASON"]]
                + workers.map { worker in
                    let age = max(0, now - Double(worker.lastSeen) / 1000)
                    let state =
                        worker.standing != .active
                        ? worker.standing.rawValue
                        : worker.unready != nil ? "unready" : age > 60 ? "silent" : "active"
                    return [
                        ForeignText.plain(worker.name), ForeignText.plain(worker.token), state,
                        "\(worker.leases)",
                        "\(worker.failures) of \(worker.attempts)", TimeSpan.text(age.rounded()) + " ago",
                        ForeignText.plain(worker.reason ?? worker.unready ?? ""),
                    ]
                })
    }
}
