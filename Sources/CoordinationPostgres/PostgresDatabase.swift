// SPDX-License-Identifier: Apache-2.0

package import Coordination
import Foundation

/// A PostgreSQL database, of version 12 or later, for any number of coordinators.
///
/// libpq is loaded at run time. Every connection has a thread of its own. One that is lost is made anew, with
/// growing pauses; what waits meanwhile is refused after some seconds. A transaction runs again where it was
/// undone by the database's doing, but not where the connection was lost while it was committed: nobody knows
/// then.
package final class PostgresDatabase: SQLDatabase {
    package var bytesType: String { "BYTEA" }
    package var lockClause: String { " FOR UPDATE" }
    package var skipLockedClause: String { " FOR UPDATE SKIP LOCKED" }
    /// The number is the bytes of "martlet".
    package var schemaLock: String? { "SELECT pg_advisory_xact_lock(30787916668888436)" }
    package var nameLock: String? { "SELECT pg_advisory_xact_lock(hashtextextended(?, 30787916668888436))" }
    package var isShared: Bool { true }
    package let place: String
    package let hints: AsyncStream<String>

    private let writes = RequestQueue()
    private let reads = RequestQueue()
    private let lanes: [Lane]
    private let listener: HintListener
    private let clock: Task<Void, Never>

    private static let lanes = (writing: 2, reading: 2)

    /// Connects to the database at `url`: `postgres://user:password@host:port/database`, with libpq's
    /// options.
    ///
    /// - Throws: `.invalid` for an address that cannot be understood; `.unavailable` where libpq cannot be
    ///   loaded or the database does not let this program in.
    package init(url: String) async throws(StoreError) {
        let address = try PostgresAddress(url)
        let outcome: Result<Void, StoreError> = await Self.onThread {
            do throws(PostgresError) {
                _ = try PostgresConnection(address)
                return .success(())
            } catch {
                return .failure(error.storeError)
            }
        }
        try outcome.get()
        place = "postgres://" + address.place
        let (stream, hinting) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(65_536))
        hints = stream
        listener = HintListener(address, hinting)
        let (writes, reads) = (writes, reads)
        lanes =
            (0..<Self.lanes.writing).map { _ in Lane(.writing, address, writes) }
            + (0..<Self.lanes.reading).map { _ in Lane(.reading, address, reads) }
        // Apart from the lanes: all of them may be waiting for the network.
        clock = Task {
            while (try? await Task.sleep(for: .milliseconds(500))) != nil {
                writes.refuseOverdue()
                reads.refuseOverdue()
            }
        }
        for lane in lanes { lane.start() }
        listener.start()
    }

    /// Loads libpq where it is not yet; opens nothing.
    ///
    /// - Throws: `.unavailable` where it cannot be loaded, with the package that has it.
    package static func requireLibrary() throws(StoreError) { _ = try LibPQ.loaded.get() }

    package func write<R: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> R
    ) async throws(StoreError) -> R { try await Self.run(body, in: writes) }

    package func read<R: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> R
    ) async throws(StoreError) -> R { try await Self.run(body, in: reads) }

    private static func run<R: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> R, in queue: RequestQueue
    ) async throws(StoreError) -> R {
        let outcome: Result<R, StoreError> = await withCheckedContinuation { continuation in
            queue.add(Request(body) { continuation.resume(returning: $0) })
        }
        return try outcome.get()
    }

    package func close() async {
        writes.stop()
        reads.stop()
        await Self.onThread { [lanes, listener] in
            for lane in lanes { lane.join() }
            listener.stop()
        }
        clock.cancel()
        writes.refuseAll()
        reads.refuseAll()
    }

    /// Runs what blocks on a thread of its own.
    private static func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: body()) }.start()
        }
    }
}
