// SPDX-License-Identifier: Apache-2.0

import Foundation
import JobQueue
import Outcomes
import SystemTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A spool in a temporary directory that goes with the object.
final class TestSpool: Sendable {
    let path: String
    let queue: SpoolQueue

    init(_ change: (inout SpoolOptions) -> Void = { _ in }) throws {
        path = try makeTemporaryDirectory() + "/spool"
        var options = SpoolOptions()
        change(&options)
        queue = try SpoolQueue(path: path, options: options)
    }

    deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

    /// A second view of the same spool, as another process would have it.
    func another(_ change: (inout SpoolOptions) -> Void = { _ in }) throws -> SpoolQueue {
        var options = queue.options
        change(&options)
        return try SpoolQueue(path: path, options: options)
    }

    @discardableResult
    func submit(
        _ id: String, priority: Int = 5, deadline: UInt64? = nil, digest: String? = nil, body: String = "{}",
        witness: Int = 16
    ) throws -> SubmitOutcome {
        try queue.submit(
            JobSubmission(
                id: try JobID(id), priority: priority, deadline: deadline, body: Data(body.utf8),
                bodyDigest: digest ?? "digest-\(id)",
                files: [JobFile(name: "witness.wtns", source: .bytes(Data(repeating: 7, count: witness)))]))
    }

    func claim() throws -> ClaimedJob { try #require(try queue.claim()) }

    func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + directory).sorted()
    }

    func read(_ file: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + "/" + file)), as: UTF8.self)
    }

    func write(_ file: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + file))
    }

    func makeDirectory(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: path + "/" + name, withIntermediateDirectories: false)
    }

    /// Writes a job as any program may: no martlet code, no record unless `digest` is given.
    func produce(_ id: String, entry: String? = nil, digest: String? = nil) throws {
        let entry = entry ?? "5.9999999999.000.\(id)"
        try makeDirectory("tmp/\(id)")
        try write("tmp/\(id)/job.json", "{}")
        try write("tmp/\(id)/witness.wtns", "witness")
        if let digest { try write("tmp/\(id)/digest", digest + "\n") }
        try FileManager.default.moveItem(atPath: path + "/tmp/\(id)", toPath: path + "/new/\(entry)")
    }

    func setAge(_ file: String, seconds: Double) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: path + "/" + file)
    }
}

let accept: @Sendable (StagedResult) throws -> Void = { _ in }
let proof = ["proof.json": Data("proof".utf8)]

func id(_ text: String) throws -> JobID { try JobID(text) }

/// The error that `operation` throws; nil when it throws none.
func spoolError(_ operation: () throws -> Void) -> SpoolError? {
    do {
        try operation()
        return nil
    } catch {
        return error as? SpoolError
    }
}

/// What a helper process did.
struct HelperResult {
    var output: String
    var errors: String
    /// The number of the signal that killed it, or nil when it exited.
    var signal: Int32?
    var status: Int32
}

/// A running `spool-test-helper`.
final class Helper {
    let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    init(_ arguments: [String], fault: String? = nil, program: URL? = nil) throws {
        process.executableURL = try program ?? BuiltProgram.url("spool-test-helper")
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["MARTLET_FAULT"] = fault
        process.environment = environment
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    /// Waits for the end. What the process prints must fit into a pipe, 64 KiB.
    func finish() -> HelperResult {
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let killed = process.terminationReason == .uncaughtSignal
        return HelperResult(
            output: String(decoding: text, as: UTF8.self), errors: String(decoding: complaint, as: UTF8.self),
            signal: killed ? process.terminationStatus : nil, status: process.terminationStatus)
    }

    /// Waits until the process has printed something.
    func waitForOutput() -> String {
        String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    }

    func kill() { send(SIGKILL, to: process.processIdentifier) }

    static func run(_ arguments: [String], fault: String? = nil) throws -> HelperResult {
        try Helper(arguments, fault: fault).finish()
    }
}

func send(_ signal: Int32, to process: Int32) { _ = kill(process, signal) }
