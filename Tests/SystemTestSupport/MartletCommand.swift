// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Runs the `martlet` program that was built beside the tests.
package enum MartletCommand {
    /// What a finished run left.
    package struct Outcome: Sendable {
        package let status: Int32
        package let output: String
        package let errors: String
        package let seconds: Double
        /// True when the run was ended by its time limit.
        package let timedOut: Bool
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - addressSpaceMiB: the most address space it may have; more makes its allocations fail. Without
    ///     effect on a substitute: a sanitizer reserves terabytes.
    ///   - cpuSeconds: the most processor time it may take; then the kernel kills it. Without effect on a
    ///     substitute.
    ///   - limit: seconds after which it is killed.
    package static func run(
        _ arguments: [String], environment: [String: String] = [:], addressSpaceMiB: Int? = nil,
        cpuSeconds: Int? = nil, limit: Double = 120
    ) throws -> Outcome {
        var limits = ""
        if BuiltProgram.substitute == nil {
            if let addressSpaceMiB { limits += "ulimit -v \(addressSpaceMiB * 1024); " }
            if let cpuSeconds { limits += "ulimit -t \(cpuSeconds); " }
        }
        return try run(
            URL(filePath: "/bin/sh"),
            ["-c", limits + "exec \"$0\" \"$@\"", try BuiltProgram.url("martlet").path] + arguments,
            environment: environment, limit: limit)
    }

    /// Runs any program to its end.
    package static func run(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:], limit: Double = 120
    ) throws -> Outcome {
        let folder = try TemporaryFolder()
        let output = folder.url.appending(path: "output")
        let errors = folder.url.appending(path: "errors")
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let start = Date()
        try process.run()
        let deadline = start.addingTimeInterval(limit)
        while process.isRunning && Date() < deadline { usleep(2000) }
        let timedOut = process.isRunning
        if timedOut { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return Outcome(
            status: process.terminationReason == .exit
                ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self),
            seconds: Date().timeIntervalSince(start), timedOut: timedOut)
    }
}
