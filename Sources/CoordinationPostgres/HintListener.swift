// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Foundations

/// A thread with a connection that listens to the hints of all coordinators.
///
/// What is told while the connection is lost is never heard of: hints may be lost.
final class HintListener: Sendable {
    static let channel = "martlet_jobs"

    private let address: PostgresAddress
    private let hinting: AsyncStream<String>.Continuation
    private struct State {
        var isStopped = false
        /// The socket to wake the thread by, while it listens.
        var descriptor: Int32?
    }

    private let state = Monitor(State())
    private let ended = DispatchSemaphore(value: 0)

    init(_ address: PostgresAddress, _ hinting: AsyncStream<String>.Continuation) {
        self.address = address
        self.hinting = hinting
    }

    func start() {
        let thread = Thread { [self] in
            var pause = 0.05
            while true {
                do throws(PostgresError) {
                    let connection = try PostgresConnection(address)
                    _ = try connection.execute("LISTEN \(Self.channel)")
                    pause = 0.05
                    try listen(connection)
                } catch {}
                guard wait(pause) else { break }
                pause = min(pause * 2, 1)
            }
            ended.signal()
        }
        thread.name = "martlet-hints"
        thread.start()
    }

    /// Returns when the thread has ended.
    func stop() {
        state.change { state in
            state.isStopped = true
            if let descriptor = state.descriptor { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        ended.wait()
        hinting.finish()
    }

    private func listen(_ connection: PostgresConnection) throws(PostgresError) {
        let goesOn = state.withLock { state in
            if !state.isStopped { state.descriptor = connection.descriptor }
            return !state.isStopped
        }
        defer { state.withLock { $0.descriptor = nil } }
        guard goesOn else { return }
        while true {
            for text in try connection.nextNotifications() {
                for uid in text.split(separator: " ") { hinting.yield(String(uid)) }
            }
        }
    }

    /// Waits before the next attempt to connect; `false` when there shall be none.
    private func wait(_ seconds: Double) -> Bool {
        state.wait(until: Date(timeIntervalSinceNow: seconds)) { $0.isStopped ? false : nil } ?? true
    }
}
