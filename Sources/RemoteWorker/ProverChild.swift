// SPDX-License-Identifier: Apache-2.0

package import Failures
package import Foundation
import Foundations
package import Outcomes
import StrictJSON
import Synchronization

/// A process that proves, as its worker sees it. It makes one proof at a time.
package final class ProverChild: Sendable {
    private struct State {
        var isReaped = false
        var ready: ProverMessage.Ready?
        var ending: JobFailure?
        var waitingForReady: [CheckedContinuation<Result<ProverMessage.Ready, JobFailure>, Never>] = []
        var current: Current?
        /// The digests of the keys that were used last, the latest last.
        var circuits: [String] = []
    }

    private struct Current {
        var id: String
        var observe: @Sendable (JobPhase) -> Void
        var answer: CheckedContinuation<Result<ProofFacts, JobFailure>, Never>
    }

    /// How many keys are said to be loaded; the process drops the oldest when memory is short, and loads them
    /// again.
    private static let remembered = 16

    package let pid: pid_t
    /// This end of the socket that is the process' input and output.
    private let socket: Int32
    private let state = Mutex(State())

    /// Starts a program with its arguments.
    ///
    /// - Parameter environment: variables that the process has beside those of this one.
    /// - Throws: `.infrastructure` when the system does not.
    package init(_ command: [String], environment: [String: String] = [:]) throws(JobFailure) {
        (pid, socket) = try Self.spawn(command, environment)
        let reader = Thread { self.read() }
        reader.name = "martlet-prover"
        reader.start()
    }

    /// What the process says of itself once it can take requests.
    package func ready() async throws(JobFailure) -> ProverMessage.Ready {
        try await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Result<ProverMessage.Ready, JobFailure>? in
                if let ending = state.ending { return .failure(ending) }
                if let ready = state.ready { return .success(ready) }
                state.waitingForReady.append(continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }.get()
    }

    /// Makes a proof.
    ///
    /// - Parameters:
    ///   - circuit: the digest of the key, which will be loaded.
    ///   - observe: called with each phase as it begins.
    /// - Throws: what the process says, or `.internal` when it dies.
    package func prove(
        _ request: ProverRequest, circuit: String, observe: @escaping @Sendable (JobPhase) -> Void
    ) async throws(JobFailure) -> ProofFacts {
        try await withCheckedContinuation { continuation in
            let ending = state.withLock { state -> JobFailure? in
                if let ending = state.ending { return ending }
                state.current = Current(id: request.id, observe: observe, answer: continuation)
                state.circuits.removeAll { $0 == circuit }
                state.circuits.append(circuit)
                if state.circuits.count > Self.remembered { state.circuits.removeFirst() }
                return nil
            }
            if let ending {
                continuation.resume(returning: .failure(ending))
            } else {
                send(request)
            }
        }.get()
    }

    /// Whether the process is there.
    package var isAlive: Bool { state.withLock { $0.ending == nil } }

    /// The digests of the keys that were used last, the latest last.
    var circuits: [String] { state.withLock { $0.circuits } }

    /// Ends the process at once; a proof under way fails.
    package func kill() {
        state.withLock { state in
            // Until it is reaped nobody else has the number.
            if !state.isReaped { _ = Foundation.kill(pid, SIGKILL) }
        }
    }

    private func send(_ request: ProverRequest) {
        guard var line = try? JSONEncoder().encode(request) else { return kill() }
        line.append(UInt8(ascii: "\n"))
        // A line is far shorter than a socket's buffer, and the process reads all the time: this does not
        // block.
        let sent = line.withUnsafeBytes {
            Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent != line.count { kill() }
    }

    // MARK: The reader's thread

    private func read() {
        var lines = LineBuffer(limit: 1 << 20)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Foundation.read(socket, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0, let complete = lines.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            else { break }
            for line in complete {
                guard let message = try? StrictJSONDecoder().decode(ProverMessage.self, from: line) else {
                    kill()
                    continue
                }
                take(message)
            }
        }
        end()
    }

    private func take(_ message: ProverMessage) {
        if let ready = message.ready {
            let waiting = state.withLock { state in
                state.ready = ready
                defer { state.waitingForReady = [] }
                return state.waitingForReady
            }
            for continuation in waiting { continuation.resume(returning: .success(ready)) }
            return
        }
        guard let current = state.withLock({ $0.current }), current.id == message.id else { return }
        if let phase = message.phase {
            current.observe(phase)
            return
        }
        let answer: Result<ProofFacts, JobFailure>
        if let report = message.done {
            answer = .success(report)
        } else if let failed = message.failed {
            answer = .failure(JobFailure(code: failed.code, message: failed.message))
        } else {
            return
        }
        state.withLock { $0.current = nil }
        current.answer.resume(returning: answer)
    }

    /// Waits for the process' end and tells everybody who waits for something.
    private func end() {
        kill()
        var facts = siginfo_t()
        while waitid(P_PID, id_t(pid), &facts, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        let (current, waiting, ending) = state.withLock { state in
            var status: Int32 = 0
            _ = waitpid(pid, &status, 0)
            state.isReaped = true
            let signal = status & 0x7f
            let ending = JobFailure(
                code: .internal,
                message: signal == 0
                    ? "the prover ended with status \(status >> 8 & 0xff)"
                    : "the prover was killed by signal \(signal)")
            state.ending = ending
            defer { (state.current, state.waitingForReady) = (nil, []) }
            return (state.current, state.waitingForReady, ending)
        }
        _ = close(socket)
        current?.answer.resume(returning: .failure(ending))
        for continuation in waiting { continuation.resume(returning: .failure(ending)) }
    }

    // MARK: Starting

    private static func spawn(
        _ command: [String], _ environment: [String: String]
    ) throws(JobFailure) -> (pid_t, Int32) {
        var ends: [Int32] = [-1, -1]
        guard
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
        else { throw failure("no socket for a prover", errno) }
        defer { _ = close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Out of reach of the terminal's signals: the worker lets it finish.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var arguments: [UnsafeMutablePointer<CChar>?] = (["martlet"] + command.dropFirst()).map { strdup($0) }
        var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") }
        arguments.append(nil)
        settings.append(nil)
        defer { for pointer in arguments + settings { free(pointer) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command.first ?? "", &actions, &attributes, arguments, settings)
        guard code == 0 else {
            _ = close(ends[0])
            throw failure("the prover cannot be started", code)
        }
        return (pid, ends[0])
    }

    private static func failure(_ what: String, _ code: Int32) -> JobFailure {
        JobFailure(code: .infrastructure, message: "\(what): \(SystemReason.text(code))")
    }
}
