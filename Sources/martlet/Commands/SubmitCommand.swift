// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import JobQueue
import Outcomes
import ProvingEngine

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Submits a job to a queue, and on request waits for its proof.",
        discussion: """
            The witness is copied, so it may be deleted once this returns; the proving key is not, and must stay where \
            it is. The same --id with the same files is the same job, however often it is submitted; with other files it \
            is an error. The witness may come through a pipe, - for standard input. Prints the job's identifier; with --wait, once it \
            has succeeded, the directory in which the spool has proof.json, public.json and result.json.

            A coordinator gets the files themselves: the key if it does not have it yet, and the witness; both may \
            be deleted once this returns. With --output the proof is fetched, and the directory that it went to is printed; \
            with --wait alone the job's address is.

            Exit codes with --wait: 0 the job has succeeded, 2 it was rejected: its input is wrong, 3 it has ended in \
            another way (dead, expired, cancelled) or the time is up.
            """)

    @Option(
        help: ArgumentHelp(
            "The queue: spool:DIR (made if it does not exist), http(s)://HOST:PORT or unix:PATH.",
            valueName: "queue"))
    var queue: QueueLocation

    @OptionGroup var client: ClientArguments

    @Option(help: ArgumentHelp("The proving key.", valueName: "file"), completion: .file())
    var zkey: String

    @Option(help: ArgumentHelp("The witness (.wtns).", valueName: "file"), completion: .file())
    var witness: String

    @Option(
        help: ArgumentHelp(
            "With a spool: the circuit, so that the first violated constraint can be named.",
            valueName: "file"), completion: .file())
    var r1cs: String?

    @Option(help: ArgumentHelp("The job's identifier: 1 to 64 of A-Z a-z 0-9 _ -.", valueName: "key"))
    var id: JobID?

    @Option(help: ArgumentHelp("0 is served first, 9 last.", valueName: "n"))
    var priority = 5

    @Option(
        help: ArgumentHelp(
            "The latest moment at which a worker may begin: seconds from now (or 15m, 12h, 7d), or a time in ISO 8601.",
            valueName: "time"))
    var deadline: Deadline?

    @Flag(help: "Wait until the job has ended.")
    var wait = false

    @Option(help: ArgumentHelp("The longest time to wait (90s, 15m, …).", valueName: "time"))
    var timeout: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "With a coordinator and --wait: writes proof.json, public.json and result.json to this directory.",
            valueName: "dir"), completion: .directory)
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (0...9).contains(priority) else { throw ValidationError("--priority must be from 0 to 9.") }
        guard timeout == nil || wait else { throw ValidationError("--timeout needs --wait.") }
        guard output == nil || wait else { throw ValidationError("--output needs --wait.") }
        try client.validate(for: queue)
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
        let submission = try enqueue(in: spool)
        let id = submission.id
        guard wait else {
            let end = try spool.result(of: id)
            return try show(ResultDocument(end, of: id, in: spool), submission.outcome, line: id.text)
        }
        let end = try await JobWatch(queue: spool, id: id, timeout: timeout?.seconds).wait()
        let document = ResultDocument(end, of: id, in: spool)
        try show(
            document, submission.outcome, line: document.files.map { _ in spool.path + "/done/" + id.text })
        try document.exit()
    }

    private func enqueue(in spool: SpoolQueue) throws -> SubmitOutcome {
        try QueuedProof.enqueue(
            zkey: zkey, witness: QueuedWitness(witness), r1cs: r1cs, id: id, priority: priority,
            deadline: deadline,
            in: spool)
    }

    func show(_ document: ResultDocument, _ outcome: ResultDocument.Outcome, line: String?) throws {
        if json {
            var document = document
            document.outcome = outcome
            try Console.printJSON(document)
        } else if let line {
            print(line)
        }
    }
}

extension SubmitOutcome {
    fileprivate var outcome: ResultDocument.Outcome {
        switch self {
        case .queued: .queued
        case .existing: .existing
        }
    }
}
