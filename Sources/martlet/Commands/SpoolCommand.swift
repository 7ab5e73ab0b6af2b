// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Failures
import Foundation
import JobQueue
import Outcomes

struct SpoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spool",
        abstract: "Looks after a spool directory.",
        subcommands: [Status.self, Requeue.self, Purge.self])

    /// The spool that a subcommand is about.
    struct Directory: ParsableArguments {
        @Argument(
            help: ArgumentHelp("The spool's directory; spool:DIR is accepted as well.", valueName: "dir"),
            completion: .directory)
        var path: String

        /// Opens the spool, which must exist.
        func open() throws(SpoolError) -> SpoolQueue {
            try openSpool(QueueLocation.spoolPath(path) ?? path, creating: false)
        }
    }
}

extension SpoolCommand {
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Shows what is in a spool.",
            discussion: """
                Counts by state, and where there are any, of the leased jobs those that are stalled (the worker lives, and is \
                silent) or orphaned (the worker is gone), and foreign entries, which are no jobs. Jobs that are done are only \
                counted, unless --all is given.
                """)

        @OptionGroup var directory: Directory

        @Flag(help: "List finished jobs as well.")
        var all = false

        @Flag(help: "Only count.")
        var counts = false

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard !(all && counts) else {
                throw ValidationError("--all lists more jobs, and --counts lists none: give one of them.")
            }
        }

        func run() throws {
            let spool = try directory.open()
            var status = try spool.status(listingJobs: !counts)
            if !all { status.jobs.removeAll { $0.state == .done } }
            if json {
                let jobs = counts ? nil : status.jobs.map { ResultDocument($0, in: spool) }
                try Console.printJSON(SpoolReport(status, jobs: jobs))
                return
            }
            SpoolTable.print(status)
        }
    }

    struct Requeue: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "requeue",
            abstract:
                "Brings jobs that have no proof (rejected, expired, dead) back to the queue, with no attempt counted.",
            usage: "martlet spool requeue <dir> (<id> ... | --all [--code <code>]) [--json]")

        @OptionGroup var directory: Directory

        @Argument(help: ArgumentHelp("The jobs.", valueName: "id"))
        var ids: [JobID] = []

        @Flag(help: "All jobs in dead/.")
        var all = false

        @Option(
            help: ArgumentHelp(
                "With --all: only those with this reason, such as worker-lost.", valueName: "code"),
            completion: .list(FailureCode.allCases.map(\.rawValue)))
        var code: String?

        @Flag(help: "Print JSON.")
        var json = false

        struct Report: Encodable {
            var requeued: [String] = []
            var failed: [String: String] = [:]
        }

        func validate() throws {
            guard all || !ids.isEmpty else { throw ValidationError("Name jobs, or give --all.") }
            guard !all || ids.isEmpty else {
                throw ValidationError("--all takes all jobs in dead/: give it or names of jobs, not both.")
            }
            guard let code else { return }
            guard all else { throw ValidationError("--code needs --all.") }
            guard FailureCode(rawValue: code) != nil else {
                let names = FailureCode.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--code: '\(code)' is not one of \(names).")
            }
        }

        func run() throws {
            let spool = try directory.open()
            var report = Report()
            var worst: JobFailure?
            for id in all ? try dead(spool) : ids {
                do throws(SpoolError) {
                    try spool.requeue(id)
                    report.requeued.append(id.text)
                } catch {
                    report.failed[id.text] = error.message
                    let failure = JobFailure(error)
                    if worst.map({ $0.exitCode < failure.exitCode }) ?? true { worst = failure }
                    Console.error("martlet: \(error)")
                }
            }
            if json {
                try Console.printJSON(report)
            } else {
                for id in report.requeued { print(id) }
            }
            if let worst { throw ExitCode(worst.exitCode) }
        }

        private func dead(_ spool: SpoolQueue) throws(SpoolError) -> [JobID] {
            let status = try spool.status()
            return status.jobs
                .filter { $0.state == .dead && (code == nil || $0.reason?.code == code) }
                // A foreign entry's name is no identifier: it cannot be requeued.
                .compactMap { try? JobID($0.id) }
        }
    }

    struct Purge: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "purge", abstract: "Deletes jobs that have ended, and frees their identifiers.",
            usage:
                "martlet spool purge <dir> (--done | --dead | --done --dead) [--older-than <time>] [--json]",
            discussion: "Deletes for good, so say what: --done, --dead or both.")

        @OptionGroup var directory: Directory

        @Flag(help: "Delete finished jobs with their proofs.")
        var done = false

        @Flag(
            help:
                "Delete what is in dead/: jobs that have no proof, with their witnesses, and foreign entries."
        )
        var dead = false

        @Option(
            help: ArgumentHelp(
                "Only what ended at least that long ago: 90s, 15m, 12h, 7d.", valueName: "time"))
        var olderThan: TimeSpan?

        @Flag(help: "Print JSON.")
        var json = false

        struct Report: Encodable {
            var done = 0
            var dead = 0
        }

        func validate() throws {
            guard done || dead else { throw ValidationError("Give --done, --dead or both.") }
        }

        func run() throws {
            // Witnesses of dead jobs are overwritten before they are deleted.
            var options = SpoolOptions()
            options.wipesPayloadFiles = true
            let path = QueueLocation.spoolPath(directory.path) ?? directory.path
            let spool = try openSpool(path, creating: false, options: options)
            let age = olderThan?.seconds ?? 0
            let report = Report(
                done: done ? try spool.purge(.done, olderThan: age) : 0,
                dead: dead ? try spool.purge(.dead, olderThan: age) : 0)
            for issue in spool.drainIssues() { Console.error("martlet: \(issue.place): \(issue.message)") }
            if json {
                try Console.printJSON(report)
            } else {
                print("deleted \(report.done) done, \(report.dead) dead")
            }
        }
    }
}
