// SPDX-License-Identifier: Apache-2.0

import Foundation
import MartletClient
import SystemTestSupport
import Testing

/// A coordinator or a worker that runs, with its log in a file so that no pipe can fill up.
final class ServiceProcess {
    private let process = Process()
    private let folder: TemporaryFolder

    init(_ arguments: [String], fault: String? = nil) throws {
        folder = try TemporaryFolder()
        process.executableURL = try BuiltProgram.url("martlet")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
        process.environment?["MARTLET_FAULT"] = fault
        _ = FileManager.default.createFile(atPath: folder.path("log"), contents: nil)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: folder.url.appending(path: "log"))
        try process.run()
    }

    deinit { if process.isRunning { send(SIGKILL) } }

    var log: String {
        String(decoding: FileManager.default.contents(atPath: folder.path("log")) ?? Data(), as: UTF8.self)
    }

    /// The processes that this one has started, by what the system says.
    var children: [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { pid in
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let name = text.lastIndex(of: ")")
            else { return false }
            let fields = text[text.index(after: name)...].split(separator: " ")
            return fields.count > 1 && pid_t(fields[1]) == process.processIdentifier
        }
    }

    /// Stops the one prover of a worker, as a driver that hangs would.
    func stopProver() throws {
        #expect(says("worker starts"), "\(log)")
        let provers = children
        try #require(provers.count == 1, "\(provers)")
        kill(provers[0], SIGSTOP)
    }

    func send(_ signal: Int32) { _ = kill(process.processIdentifier, signal) }

    /// Waits for the end: the exit status, or the negative signal.
    func end(within seconds: Double = 60) throws -> Int32 {
        if !eventually(seconds, { !process.isRunning }) {
            Issue.record("the process did not end: \(log.suffix(2000))")
            send(SIGKILL)
        }
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// Waits until the log has `text`.
    func says(_ text: String, within seconds: Double = 60) -> Bool {
        eventually(seconds) { log.contains(text) }
    }
}

/// Looks every few milliseconds whether `condition` holds, for up to `seconds`.
func eventually(_ seconds: Double = 60, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = Date(timeIntervalSinceNow: seconds)
    while Date() < end {
        if try condition() { return true }
        usleep(10_000)
    }
    return try condition()
}

/// A coordinator with its folder, and what is wanted of it.
final class Service {
    let folder: TemporaryFolder
    let queue: String
    private(set) var coordinator: ServiceProcess
    private let arguments: [String]

    /// - Parameters:
    ///   - overTCP: listens on a port of 127.0.0.1 instead of a socket in the folder.
    ///   - fault: where the coordinator is to kill itself.
    init(overTCP: Bool = false, leaseTime: String = "2s", fault: String? = nil) throws {
        folder = try TemporaryFolder()
        let listen = overTCP ? "127.0.0.1:0" : "unix:" + folder.path("s")
        arguments = [
            "serve", "--listen", listen, "--store", "sqlite:" + folder.path("jobs.sqlite"), "--data",
            folder.path("data"), "--lease-time", leaseTime, "--min-free-space", "0",
        ]
        coordinator = try ServiceProcess(arguments, fault: fault)
        guard coordinator.says("coordinator listens") else { throw CocoaError(.fileReadUnknown) }
        let address = coordinator.log.split(separator: " ").first { $0.hasPrefix("address=") }
        let text = String(try #require(address).dropFirst("address=".count))
        queue = overTCP ? "http://" + text : listen
    }

    /// Starts a coordinator in the place of one that has ended.
    func restart() throws {
        coordinator = try ServiceProcess(arguments)
        #expect(coordinator.says("coordinator listens"), "\(coordinator.log)")
    }

    /// The address as commands print it.
    var address: String { QueueAddress(queue)?.description ?? "" }

    /// A worker, in the folder `worker` unless the options name another.
    func worker(_ options: [String] = [], fault: String? = nil) throws -> ServiceProcess {
        let place = options.contains("--data") ? [] : ["--data", folder.path("worker")]
        return try ServiceProcess(
            ["worker", "--queue", queue, "--threads", "1", "--backend", "cpu"] + place + options, fault: fault
        )
    }

    func run(_ command: String, _ options: [String]) throws -> MartletCommand.Outcome {
        try MartletCommand.run([command, "--queue", queue] + options)
    }

    func submit(
        _ id: String, _ options: [String] = [], witness: String = Multiplier.witness
    ) throws -> MartletCommand.Outcome {
        try run("submit", ["--zkey", Multiplier.zkey, "--witness", witness, "--id", id] + options)
    }

    /// Waits for a job's proof, fetches it and demands that it verifies.
    func expectProof(_ id: String) throws {
        let wait = try run("wait", [id, "--timeout", "60s"])
        #expect(wait.status == 0 && wait.output == "succeeded\n", "\(id): \(wait.output) \(wait.errors)")
        let output = folder.path("proof-" + id)
        let fetch = try run("job", [id, "--output", output])
        #expect(fetch.status == 0, "\(fetch.errors)")
        #expect(try Multiplier.verifies(output))
    }

    /// The states of all jobs, by their names.
    func states() throws -> [String: String] {
        struct Item: Decodable {
            var id: String
            var state: String
        }
        let list = try run("jobs", ["--json"])
        let items = try JSONDecoder().decode([Item].self, from: Data(list.output.utf8))
        return Dictionary(items.map { ($0.id, $0.state) }, uniquingKeysWith: { first, _ in first })
    }
}
