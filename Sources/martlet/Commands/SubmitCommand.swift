import ArgumentParser
import Foundation
import JobQueue
import ProvingService

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Brings a job to a queue, and on demand waits for its proof.",
        discussion: """
            The witness is copied, so it may be deleted once this returns; the proving key is not, and must stay where \
            it is. The same --id with the same files is the same job, however often it is submitted; with other files it \
            is an error. The witness may come through a pipe, - for standard input. Prints the job's identifier, with --wait the directory of the result: proof.json, public.json \
            and result.json.

            A coordinator gets the files themselves: the key where it does not have it yet, and the witness; both may \
            be deleted once this returns. With --output the proof is fetched.

            Exit codes with --wait: 0 the proof is there, 2 the job is dead because of its input, 3 it is dead for \
            another reason or the time is up.
            """)

    @Option(
        help: ArgumentHelp(
            "The queue: spool:DIR, made when it does not exist, http(s)://HOST:PORT or unix:PATH.",
            valueName: "queue"))
    var queue: QueueLocation

    @OptionGroup var client: ClientArguments

    @Option(help: ArgumentHelp("The proving key.", valueName: "file"))
    var zkey: String

    @Option(help: ArgumentHelp("The witness (.wtns).", valueName: "file"))
    var witness: String

    @Option(
        help: ArgumentHelp(
            "With a spool: the circuit, to have the first violated constraint named.", valueName: "file"))
    var r1cs: String?

    @Option(help: ArgumentHelp("The job's identifier: 1 to 64 of A-Z a-z 0-9 _ -.", valueName: "key"))
    var id: JobID?

    @Option(help: ArgumentHelp("0 is served first, 9 last.", valueName: "n"))
    var priority = 5

    @Option(
        help: ArgumentHelp(
            "Until when a worker may begin: seconds from now (or 15m, 12h, 7d), or a moment in ISO 8601.",
            valueName: "time"))
    var deadline: Deadline?

    @Flag(help: "Wait until the job has ended.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait at most (90s, 15m, …).", valueName: "time"))
    var timeout: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "With a coordinator and --wait: writes proof.json, public.json and result.json to this directory.",
            valueName: "dir"))
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        var id: String
        /// `queued`, or `existing` when the job was submitted before.
        var outcome: String
        var state: String
        var directory: String?
        var reason: DeadReason?
    }

    func validate() throws {
        guard (0...9).contains(priority) else { throw ValidationError("--priority is one of 0 to 9.") }
        guard timeout == nil || wait else { throw ValidationError("--timeout needs --wait.") }
        guard output == nil || wait else { throw ValidationError("--output needs --wait.") }
        switch queue {
        case .spool:
            guard output == nil else { throw ValidationError("--output needs a coordinator.") }
        case .coordinator:
            guard r1cs == nil else { throw ValidationError("--r1cs needs a spool.") }
        }
    }

    func run() async throws {
        switch queue {
        case .spool(let path): try await submit(to: try openSpool(path, creating: true))
        case .coordinator(let address): try await submit(to: try client.client(address))
        }
    }

    private func submit(to spool: SpoolQueue) async throws {
        let outcome = try enqueue(in: spool)
        var report =
            switch outcome {
            case .queued(let id): Report(id: id.text, outcome: "queued", state: JobState.queued.rawValue)
            case .existing(let id, let state): Report(id: id.text, outcome: "existing", state: state.rawValue)
            }
        guard wait else {
            try show(report, line: outcome.id.text)
            return
        }
        let watch = JobWatch(queue: spool, id: outcome.id, timeout: timeout?.seconds)
        try SubmitCommand.exit(as: try await watch.wait(), of: outcome.id, in: spool) {
            state, directory, reason in
            report.state = state
            report.directory = directory
            report.reason = reason
            try show(report, line: directory)
        }
    }

    /// Ends the command as the job of a spool has ended, once `show` has told of it; nil is a job that has not ended.
    ///
    /// - Throws: `ExitCode` unless the proof is there.
    static func exit(
        as end: JobResult?, of id: JobID, in spool: SpoolQueue,
        show: (_ state: String, _ directory: String?, _ reason: DeadReason?) throws -> Void
    ) throws {
        switch end {
        case .done(let directory): try show(JobState.done.rawValue, directory, nil)
        case .dead(let reason):
            try show(JobState.dead.rawValue, nil, reason)
            Console.error("martlet: job \(id) is dead: \(SpoolTable.text(reason))")
            throw ExitCode(exitCode(of: reason.code))
        case nil:
            let state = (try? spool.state(of: id))?.rawValue ?? "unknown"
            try show(state, nil, nil)
            Console.error("martlet: job \(id) has not ended in time; it stays \(state)")
            throw ExitCode(3)
        }
    }

    private func enqueue(in spool: SpoolQueue) throws(JobFailure) -> SubmitOutcome {
        try QueuedProof.enqueue(
            zkey: zkey, witness: QueuedWitness(witness), r1cs: r1cs, id: id, priority: priority,
            deadline: deadline,
            in: spool)
    }

    func show(_ report: some Encodable, line: String?) throws {
        if json {
            try Console.printJSON(report)
        } else if let line {
            print(line)
        }
    }

    /// 2 for a job that its producer has to change, 3 for everything else.
    private static func exitCode(of code: String) -> Int32 {
        if let code = JobFailure.Code(rawValue: code) { return code.isCausedByInput ? 2 : 3 }
        return [DeadReason.Code.damaged, DeadReason.Code.duplicate, DeadReason.Code.foreign].contains(code)
            ? 2 : 3
    }
}
