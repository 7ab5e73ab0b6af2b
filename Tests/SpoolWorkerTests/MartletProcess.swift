// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A running `martlet`, with its output in files so that no pipe can fill up.
final class MartletProcess {
    /// What a process did.
    struct Ending {
        var output: String
        var errors: String
        /// The number of the signal that killed it; nil when it exited.
        var signal: Int32?
        var status: Int32
    }

    let process = Process()
    private let folder: String

    init(_ arguments: [String], fault: String? = nil, program: URL? = nil, directory: String? = nil) throws {
        folder = try makeTemporaryDirectory()
        process.executableURL = try program ?? BuiltProgram.url("martlet")
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["MARTLET_FAULT"] = fault
        process.environment = environment
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        for name in ["out", "err"] {
            _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil)
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/out"))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/err"))
        try process.run()
    }

    deinit {
        if process.isRunning { send(SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// What was logged so far.
    var errors: String { text("err") }

    /// Waits for the end; a process that does not end within `seconds` is killed.
    func finish(within seconds: Double = 60) -> Ending {
        if !eventually(seconds, { !process.isRunning }) {
            Issue.record("the process did not end: \(process.arguments ?? []): \(errors.suffix(2000))")
            send(SIGKILL)
        }
        process.waitUntilExit()
        let isKilled = process.terminationReason == .uncaughtSignal
        return Ending(
            output: text("out"), errors: errors, signal: isKilled ? process.terminationStatus : nil,
            status: process.terminationStatus)
    }

    func send(_ signal: Int32) { _ = kill(process.processIdentifier, signal) }

    static func run(_ arguments: [String], fault: String? = nil) throws -> Ending {
        try MartletProcess(arguments, fault: fault).finish()
    }

    /// A worker that ends when the spool is empty.
    static func drain(_ spool: String, _ options: [String] = [], fault: String? = nil) throws -> Ending {
        try run(["worker", "--queue", "spool:" + spool, "--drain", "--threads", "1"] + options, fault: fault)
    }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data(), as: UTF8.self)
    }
}
