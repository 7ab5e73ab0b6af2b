// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation

/// A thread with a connection that listens to the hints of all coordinators.
///
/// What is told while the connection is lost is never heard of: hints may be lost.
///
/// Unchecked: `condition` guards what changes.
final class HintListener: @unchecked Sendable {
    static let channel = "martlet_jobs"

    private let address: PostgresAddress
    private let hinting: AsyncStream<String>.Continuation
    private let condition = NSCondition()
    private var isStopped = false
    /// The socket to wake the thread by, while it listens.
    private var descriptor: Int32?
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
        condition.withLock {
            isStopped = true
            if let descriptor { shutdown(descriptor, Int32(SHUT_RDWR)) }
            condition.broadcast()
        }
        ended.wait()
        hinting.finish()
    }

    private func listen(_ connection: PostgresConnection) throws(PostgresError) {
        let goesOn = condition.withLock {
            if !isStopped { descriptor = connection.descriptor }
            return !isStopped
        }
        defer { condition.withLock { descriptor = nil } }
        guard goesOn else { return }
        while true {
            for text in try connection.nextNotifications() {
                for uid in text.split(separator: " ") { hinting.yield(String(uid)) }
            }
        }
    }

    /// Waits before the next attempt to connect; `false` when there shall be none.
    private func wait(_ seconds: Double) -> Bool {
        condition.withLock {
            let end = Date(timeIntervalSinceNow: seconds)
            while !isStopped && condition.wait(until: end) {}
            return !isStopped
        }
    }
}
