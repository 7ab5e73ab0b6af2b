// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// Threads for what blocks or takes long. None of it runs on those that answer requests, and long work does
/// not keep short work waiting.
enum BlockingWork {
    /// Reads and writes of files.
    static let files = pool(16)
    /// Bodies to parse, proofs to verify: fractions of a second.
    static let short = pool(max(2, NIOSingletons.groupLoopCountSuggestion))
    /// Witnesses and keys to check: up to minutes.
    static let long = pool(max(2, NIOSingletons.groupLoopCountSuggestion))

    private static func pool(_ threads: Int) -> NIOThreadPool {
        let pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        return pool
    }
}

/// Runs what blocks on a thread for that.
func offPool<R: Sendable>(
    _ pool: NIOThreadPool = BlockingWork.files, _ body: @escaping @Sendable () throws(ServiceError) -> R
) async throws(ServiceError) -> R {
    let outcome: Result<R, ServiceError>
    do {
        outcome = try await pool.runIfActive {
            do throws(ServiceError) { return .success(try body()) } catch { return .failure(error) }
        }
    } catch {
        throw ServiceError(.unavailable, "the coordinator is shutting down")
    }
    return try outcome.get()
}
