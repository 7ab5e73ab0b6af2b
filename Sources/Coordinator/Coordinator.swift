// SPDX-License-Identifier: Apache-2.0

package import Coordination
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOSSL
import Outcomes
package import ProvingEngine
import ServiceLifecycle

/// The network service between those who want proofs and those who make them: jobs, circuits and blobs over
/// HTTP.
///
/// A service of swift-service-lifecycle. Everything that counts is in the store and the data folder before it
/// is
/// acknowledged; a coordinator may be killed at any time.
package final class Coordinator: Sendable {
    let store: any JobStore
    let folder: DataFolder
    let blobs: BlobStore
    let vault: WitnessVault
    let tags: WitnessTags
    let circuits: CircuitRegistry
    let access: AccessControl
    let options: CoordinatorOptions
    let logger: Logger
    let news = JobNews()
    let workers = WorkerRegister()
    let metrics = Metrics()
    let disk: DiskLog
    let load: RequestLoad
    let connections: ConnectionTable
    let onListening: @Sendable (Int?) -> Void

    /// Bytes of the largest body in JSON, that of a batch of jobs.
    static let largestBody = 16 << 20

    /// - Parameters:
    ///   - engine: checks the proving keys that are registered.
    ///   - onListening: called once requests are served, with the TCP port.
    package init(
        store: any JobStore, folder: DataFolder, engine: ProvingEngine, options: CoordinatorOptions,
        logger: Logger, onListening: @escaping @Sendable (Int?) -> Void = { _ in }
    ) {
        self.store = store
        self.folder = folder
        self.options = options
        self.logger = logger
        disk = DiskLog(logger)
        self.onListening = onListening
        blobs = BlobStore(folder: folder, limit: options.maxBlob)
        vault = WitnessVault(folder: folder, limit: options.maxWitness)
        tags = WitnessTags(secret: folder.tagSecret)
        circuits = CircuitRegistry(store: store, blobs: blobs, engine: engine)
        let isTCP = if case .tcp = options.listener { true } else { false }
        access = AccessControl(
            store: store, folder: folder, allowsAnonymous: options.allowsAnonymous,
            isLocal: isTCP && options.listener.isLocal)
        load = RequestLoad(
            .init(
                requestsPerToken: options.maxRequestsPerToken, streamsPerToken: options.maxStreamsPerToken,
                bodies: options.maxBodyMemory), largestBody: Self.largestBody)
        connections = ConnectionTable(
            total: options.maxConnections, perAddress: options.maxConnectionsPerAddress,
            headSeconds: options.headSeconds)
    }

    // MARK: Beside the requests

    func forwardHints() async {
        for await uid in store.hints {
            news.changed(uid)
            if store.isShared { news.queued() }
        }
    }

    /// Sweeps, and looks at the store for those who wait, where hints may be lost.
    func keepHouse() async {
        var rounds = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(options.sweepSeconds))
            rounds += 1
            await disk.look(at: folder)
            do throws(StoreError) {
                let changed = try await store.sweep(ttl: options.leaseSeconds)
                for stored in changed { swept(stored) }
                if rounds % 5 == 1 { try await watchStandings() }
                if store.isShared, rounds % 5 == 0 {
                    let watched = news.watchedJobs
                    for uid in try await store.ended(watched) { news.changed(uid) }
                }
                if rounds % 60 == 1 { try await collectGarbage() }
            } catch {
                // Told to end in the middle of a look at the store.
                guard !Task.isCancelled else { return }
                logger.error("the store does not answer", metadata: ["reason": .string(error.message)])
            }
        }
    }

    /// Removes witnesses of jobs that have ended, jobs that ended long ago, blobs without a circuit and
    /// uploads that nobody goes on with.
    private func collectGarbage() async throws(StoreError) {
        for uid in try await store.ended(vault.uids) { vault.remove(uid) }
        if let keep = options.keepSeconds {
            var (forgotten, latest) = (0, 0)
            repeat {
                latest = try await store.forgetEnded(olderThan: keep)
                forgotten += latest
            } while latest > 0 && !Task.isCancelled
            if forgotten > 0 {
                logger.info("old jobs are forgotten", metadata: ["jobs": .stringConvertible(forgotten)])
            }
        }
        try await store.forgetWorkers()
        let registered = Set(try await store.circuits().map(\.digest))
        let blobs = blobs
        Thread.detachNewThread {
            blobs.removeUnregistered(registered, olderThan: 24 * 3600)
            blobs.removeAbandonedUploads(olderThan: 24 * 3600)
        }
    }
}
