// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Coordination
import Failures
import Foundation
import JobQueue
import MartletClient
import Outcomes
import ProvingEngine

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Lists the jobs of a queue, oldest first.")

    @OptionGroup var arguments: QueueArguments

    @Option(
        name: .customLong("state"), parsing: .singleValue,
        help: ArgumentHelp(
            "Only jobs in this state; may be repeated: \(ResultDocument.State.names).", valueName: "state"),
        completion: .list(ResultDocument.State.allCases.map(\.rawValue)))
    var stateNames: [String] = []

    @Flag(help: "Print JSON: an array of results (docs/results.md).")
    var json = false

    private var states: [ResultDocument.State] { stateNames.compactMap(ResultDocument.State.init(rawValue:)) }

    func validate() throws {
        for name in stateNames where ResultDocument.State(rawValue: name) == nil {
            throw ValidationError("--state: '\(name)' is not one of \(ResultDocument.State.names).")
        }
    }

    func run() async throws {
        switch arguments.queue {
        case .spool(let path): try listSpool(path)
        case .coordinator(let address): try await list(try arguments.client.client(address))
        }
    }

    private func listSpool(_ path: String) throws {
        let spool = try openSpool(path, creating: false)
        let status = try spool.status()
        try show(
            status.jobsByAge.map { ResultDocument($0, in: json ? spool : nil) }.filter {
                states.isEmpty || states.contains($0.state)
            })
    }

    private func list(_ client: MartletClient) async throws {
        var jobs: [ResultDocument] = []
        var after: String?
        repeat {
            let page = try await client.jobs(states: states, after: after)
            jobs += page.jobs
            after = page.next
        } while after != nil
        try show(jobs)
    }

    private func show(_ jobs: [ResultDocument]) throws {
        if json { return try Console.printJSON(jobs) }
        guard !jobs.isEmpty else { return }
        Console.printTable(
            [["JOB", "STATE", "DETAIL"]]
                + jobs.map { job in
                    [
                        ForeignText.plain(job.id ?? ""), job.state.rawValue,
                        job.error.map(ForeignText.text) ?? ForeignText.plain(job.phase ?? ""),
                    ]
                })
    }
}

extension ResultDocument.State {
    /// All states, for people.
    fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Shows a job, and on request fetches its proof.")

    @OptionGroup var arguments: QueueArguments

    @Argument(help: ArgumentHelp("The job.", valueName: "id"))
    var id: JobID

    @Option(
        help: ArgumentHelp(
            "Writes proof.json, public.json and result.json to this directory.", valueName: "dir"),
        completion: .directory)
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        switch arguments.queue {
        case .spool(let path): try showSpool(path)
        case .coordinator(let address): try await show(try arguments.client.client(address))
        }
    }

    private func showSpool(_ path: String) throws {
        let spool = try openSpool(path, creating: false)
        let status = try spool.status()
        guard let job = status.jobs.first(where: { $0.id == id.text }) else {
            throw JobFailure(code: .badInput, message: "no job \(id) in the spool")
        }
        let document =
            job.state == .done
            ? ResultDocument(.done(directory: spool.path + "/done/" + id.text), of: id, in: spool)
            : ResultDocument(job)
        if let output {
            try document.requireProof()
            let contents = try ResultFiles.names.map { (name) throws(SpoolError) in
                try spool.readResult(name, of: id)
            }
            try ResultFiles(in: output, inputs: [])
                .write(proof: contents[0], publicInputs: contents[1], result: contents[2])
        }
        try show(document)
    }

    private func show(_ client: MartletClient) async throws {
        let job = try await client.job(id.text)
        if let output {
            try job.requireProof()
            try await CoordinatorJob(client: client, id: id.text)
                .write(job, to: ResultFiles(in: output, inputs: []))
        }
        try show(job)
    }

    private func show(_ job: ResultDocument) throws {
        if json { return try Console.printJSON(job) }
        var rows = [["job", id.text], ["state", job.state.rawValue]]
        if let circuit = job.facts.digests?.zkey { rows.append(["circuit", ForeignText.plain(circuit)]) }
        if let worker = job.worker { rows.append(["worker", ForeignText.plain(worker.name)]) }
        if let phase = job.phase { rows.append(["phase", ForeignText.plain(phase)]) }
        if let error = job.error { rows.append(["error", ForeignText.text(error)]) }
        if let timings = job.facts.timings {
            rows.append(["seconds", String(format: "%.3f", timings.total)])
        }
        if let backend = job.facts.backend { rows.append(["backend", ForeignText.plain(backend)]) }
        Console.printTable(rows)
    }
}

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancels a job of a coordinator.")

    @OptionGroup var arguments: QueueArguments

    @Argument(help: ArgumentHelp("The job.", valueName: "id"))
    var id: JobID

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let client = try arguments.coordinator(for: "cancel")
        let job = try await client.cancel(id.text)
        if json { try Console.printJSON(job) } else { print(job.state.rawValue) }
    }
}

struct RequeueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requeue",
        abstract:
            "Brings a dead job of a coordinator back to the queue, with no attempt counted; for operators.",
        discussion: "For a spool's jobs there is `martlet spool requeue`.")

    @OptionGroup var arguments: QueueArguments

    @Argument(help: ArgumentHelp("The job.", valueName: "id"))
    var id: JobID

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let client = try arguments.coordinator(for: "requeue")
        let job = try await client.requeue(id.text)
        if json { try Console.printJSON(job) } else { print(job.state.rawValue) }
    }
}

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Waits for a job's end.",
        discussion: """
            Prints the state. Exit codes: 0 the job has succeeded, 2 it was rejected: its input is wrong, 3 it has ended in \
            another way (dead, expired, cancelled) or the time is up.
            """)

    @OptionGroup var arguments: QueueArguments

    @Argument(help: ArgumentHelp("The job.", valueName: "id"))
    var id: JobID

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("The longest time to wait (90s, 15m, …).", valueName: "time"))
    var timeout: TimeSpan?

    func run() async throws {
        let job = try await end()
        if json { try Console.printJSON(job) } else { print(job.state.rawValue) }
        try job.exit()
    }

    private func end() async throws -> ResultDocument {
        switch arguments.queue {
        case .spool(let path):
            let spool = try openSpool(path, creating: false)
            let end = try await JobWatch(queue: spool, id: id, timeout: timeout?.seconds).wait()
            return ResultDocument(end, of: id, in: spool)
        case .coordinator(let address):
            return try await CoordinatorJob(client: try arguments.client.client(address), id: id.text)
                .wait(timeout: timeout?.seconds)
        }
    }
}
