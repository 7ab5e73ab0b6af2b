// SPDX-License-Identifier: Apache-2.0

import Benchmarking
import Foundation
import Foundations
import OpenCLCompute
import ProvingEngine

/// Runs the steps, each in a process of its own, and writes what is known after each.
struct Conductor {
    private let options: Options
    private let device: Device
    private let output: URL
    private let start = ContinuousClock.now

    init(_ options: Options) throws {
        self.options = options
        device = try Device.chosen(options.device)
        output = URL(filePath: options.output, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    }

    /// - Returns: whether all is right.
    func run() throws -> Bool {
        var report = Report(
            version: MartletVersion.current, platform: MartletVersion.platform,
            started: Date.now.formatted(.iso8601), machine: .current, options: options)
        try write(report)
        for step in options.steps {
            let left = options.budget - elapsed - options.budget * step.reserve
            let limit = min(options.budget * step.share, left)
            print("\(step.rawValue): \(step.title) …")
            let section: Section
            if limit < 1 {
                section = Self.ended(Section(step), .skipped, "there was no time for it")
            } else {
                section = try run(step, seconds: limit)
            }
            report.sections.append(section)
            print("  \(section.outcome.rawValue), \(Summary.number(section.seconds)) s")
            for failure in section.failures.prefix(5) { print("  \(failure)") }
            try write(report)
        }
        print(Summary(report, device).verdict)
        return report.passes
    }

    private var elapsed: Double { start.secondsAgo }

    private func write(_ report: Report) throws {
        var report = report
        report.seconds = elapsed
        try JSON.write(report, to: output.appending(path: "report.json"))
        try Data(Summary(report, device).text.utf8).write(
            to: output.appending(path: "summary.txt"), options: .atomic)
    }

    private func run(_ step: Step, seconds: Double) throws -> Section {
        let file = output.appending(path: ".section.json")
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = options.arguments(
            for: step, seconds: seconds, device: device.index, section: file.path)
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        // Who ends this program ends the step too.
        let signals = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [child = process.processIdentifier] in
                kill(child, SIGKILL)
                exit(1)
            }
            source.resume()
            return source
        }
        defer { for source in signals { source.cancel() } }
        // A step looks at the clock between its parts: one part may take a while longer.
        let patience = max(10, 0.25 * seconds)
        let isLate = ended.wait(timeout: .now() + seconds + patience) == .timedOut
        if isLate {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        var section = (try? JSON.read(file, as: Section.self)) ?? Section(step)
        if isLate {
            section.seconds = seconds + patience
            return Self.ended(section, .timedOut, "it did not come back within \(Int(seconds + patience)) s")
        }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let how =
                process.terminationReason == .uncaughtSignal
                ? "signal \(process.terminationStatus)" : "exit code \(process.terminationStatus)"
            return Self.ended(section, .crashed, "its process ended with \(how)")
        }
        return section
    }

    private static func ended(_ section: Section, _ outcome: Section.Outcome, _ why: String) -> Section {
        var section = section
        section.outcome = outcome
        section.notes.append(why)
        return section
    }
}
