import ArgumentParser
import Coordination
import Foundation
import JobQueue
import MartletClient
import ProvingService

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Lists the jobs of a queue, the oldest first.")

    @OptionGroup var arguments: QueueArguments

    @Option(
        name: .customLong("state"), parsing: .singleValue,
        help: ArgumentHelp(
            "Only jobs in this state; may be repeated. receiving, queued, leased, succeeded, rejected, cancelled, expired or dead; in a spool queued, running, done or dead.",
            valueName: "state"))
    var states: [String] = []

    @Flag(help: "Print JSON: an array of objects with id and state, and more.")
    var json = false

    func run() async throws {
        switch arguments.queue {
        case .spool(let path): try listSpool(path)
        case .coordinator(let address): try await list(try arguments.client.client(address))
        }
    }

    private func listSpool(_ path: String) throws {
        let wanted = try states.map {
            try known(JobState(rawValue: $0), $0, JobState.allCases.map(\.rawValue))
        }
        let spool = try openSpool(path, creating: false)
        let status = try mappingSpoolErrors { () throws(SpoolError) in try spool.status() }
        let jobs = status.jobs.filter { wanted.isEmpty || wanted.contains($0.state) }
        if json { return try Console.printJSON(jobs) }
        Console.printTable(
            jobs.map { [SpoolTable.plain($0.id), $0.state.rawValue, $0.reason.map(SpoolTable.text) ?? ""] })
    }

    private func list(_ client: MartletClient) async throws {
        let wanted = try states.map {
            try known(Job.State(rawValue: $0), $0, Job.State.allCases.map(\.rawValue))
        }
        var jobs: [Job] = []
        var after: String?
        repeat {
            let page = try await mappingClientErrors { [after] () async throws(ClientError) in
                try await client.jobs(states: wanted, after: after)
            }
            jobs += page.jobs
            after = page.next
        } while after != nil
        if json { return try Console.printJSON(jobs) }
        Console.printTable(
            jobs.map { job in
                [
                    SpoolTable.plain(job.id), job.state.rawValue,
                    SpoolTable.plain(job.reason?.message ?? job.phase ?? ""),
                ]
            })
    }

    private func known<State>(_ state: State?, _ name: String, _ all: [String]) throws -> State {
        guard let state else {
            throw ValidationError("--state: '\(name)' is none of \(all.joined(separator: ", ")).")
        }
        return state
    }
}

struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Shows a job, and on demand fetches its proof.")

    @OptionGroup var arguments: QueueArguments

    @Argument(help: ArgumentHelp("The job.", valueName: "id"))
    var id: JobID

    @Option(
        help: ArgumentHelp(
            "Writes proof.json, public.json and result.json to this directory.", valueName: "dir"))
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
        let status = try mappingSpoolErrors { () throws(SpoolError) in try spool.status() }
        guard let job = status.jobs.first(where: { $0.id == id.text }) else {
            throw JobFailure(code: .badInput, message: "there is no job \(id) in the spool")
        }
        if let output {
            let files = try mappingSpoolErrors { () throws(SpoolError) in
                try ["proof.json", "public.json", "result.json"].map { (name) throws(SpoolError) in
                    (path: "\(output)/\(name)", data: try spool.readResult(name, of: id))
                }
            }
            try OutputFile.make(directory: output)
            try OutputFile.write(files)
        }
        if json { return try Console.printJSON(job) }
        Console.printTable([[id.text, job.state.rawValue, job.reason.map(SpoolTable.text) ?? ""]])
    }

    private func show(_ client: MartletClient) async throws {
        let job = try await mappingClientErrors { () async throws(ClientError) in
            try await client.job(id.text)
        }
        if let output { try await CoordinatorJob(client: client, id: id.text).write(job, to: output) }
        if json { return try Console.printJSON(job) }
        var rows = [
            ["state", job.state.rawValue], ["circuit", SpoolTable.plain(job.specification.circuit)],
        ]
        if let worker = job.worker { rows.append(["worker", SpoolTable.plain(worker)]) }
        if let phase = job.phase { rows.append(["phase", SpoolTable.plain(phase)]) }
        if let reason = job.reason {
            rows.append(["reason", SpoolTable.plain("\(reason.code): \(reason.message)")])
        }
        if let result = job.result {
            rows.append(["seconds", String(format: "%.3f", result.seconds)])
            rows.append(["backend", SpoolTable.plain(result.backend)])
        }
        Console.printTable([["job", id.text]] + rows)
    }
}

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Ends a job of a coordinator that nobody wants any more.")

    @OptionGroup var arguments: QueueArguments

    @Argument(help: ArgumentHelp("The job.", valueName: "id"))
    var id: JobID

    func run() async throws {
        let client = try arguments.coordinator(for: "cancel")
        let job = try await mappingClientErrors { () async throws(ClientError) in
            try await client.cancel(id.text)
        }
        print(job.state.rawValue)
    }
}

struct RequeueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requeue",
        abstract:
            "Brings a dead job of a coordinator back to the queue, with no attempt counted; for operators.",
        discussion: "A spool's dead jobs come back by 'spool requeue'.")

    @OptionGroup var arguments: QueueArguments

    @Argument(help: ArgumentHelp("The job.", valueName: "id"))
    var id: JobID

    func run() async throws {
        let client = try arguments.coordinator(for: "requeue")
        let job = try await mappingClientErrors { () async throws(ClientError) in
            try await client.requeue(id.text)
        }
        print(job.state.rawValue)
    }
}

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Waits for a job's end.",
        discussion: """
            Prints the state. Exit codes: 0 the proof is there, 2 the input is wrong, 3 the job ended otherwise or the \
            time is up.
            """)

    @OptionGroup var arguments: QueueArguments

    @Argument(help: ArgumentHelp("The job.", valueName: "id"))
    var id: JobID

    @Option(help: ArgumentHelp("How long to wait at most (90s, 15m, …).", valueName: "time"))
    var timeout: TimeSpan?

    func run() async throws {
        switch arguments.queue {
        case .spool(let path):
            let spool = try openSpool(path, creating: false)
            try SubmitCommand.exit(
                as: try await JobWatch(queue: spool, id: id, timeout: timeout?.seconds).wait(), of: id,
                in: spool
            ) { state, _, _ in print(state) }
        case .coordinator(let address):
            let job = try await CoordinatorJob(client: try arguments.client.client(address), id: id.text)
                .wait(timeout: timeout?.seconds)
            print(job.state.rawValue)
            try CoordinatorJob.exit(as: job)
        }
    }
}
