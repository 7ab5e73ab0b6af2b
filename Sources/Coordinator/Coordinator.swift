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
package import ProvingService
import ServiceLifecycle

/// The network service between those who want proofs and those who make them: jobs, circuits and blobs over
/// HTTP.
///
/// A service of swift-service-lifecycle. Everything that counts is in the store and the data folder before it
/// is acknowledged; a coordinator may be killed at any time.
package final class Coordinator: Service, CustomStringConvertible {
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
    let load: RequestLoad
    let connections: ConnectionTable
    private let onListening: @Sendable (Int?) -> Void

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
                bodies: options.maxBodyMemory), largestBody: Routes.batchLimit.bytes)
        connections = ConnectionTable(
            total: options.maxConnections, perAddress: options.maxConnectionsPerAddress,
            headSeconds: options.headSeconds)
    }

    /// The name of the service in logs.
    package var description: String { "Coordinator" }

    /// Serves until a shutdown.
    ///
    /// - Throws: where the listener cannot be opened, or the certificates cannot be used.
    package func run() async throws {
        let application = try application()
        // Who waits gets his answer at once, and asks again elsewhere, or after the restart.
        try await withGracefulShutdownHandler {
            try await serve(application)
        } onGracefulShutdown: {
            self.news.close()
        }
        await store.close()
    }

    private func serve(_ application: some ApplicationProtocol) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.news.run() }
            group.addTask { await self.forwardHints() }
            group.addTask { await self.keepHouse() }
            group.addTask { await self.connections.run() }
            if let secret = options.callbackSecret {
                let callbacks = Callbacks(
                    store: store, secret: secret, allowance: options.callbackAllowance,
                    resolve: options.resolve, logger: logger)
                group.addTask { await callbacks.run() }
            }
            defer { group.cancelAll() }
            try await application.run()
        }
    }

    private func application() throws -> some ApplicationProtocol {
        let address: BindAddress =
            switch options.listener {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        if case .unix(let path) = options.listener { try removeDeadSocket(path) }
        let (connections, rate, window) = (connections, options.minBodyRate, options.bodyWindow)
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard(connections, rate: rate, window: window)],
            idleTimeout: .seconds(options.idleSeconds),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
        let server: HTTPServerBuilder =
            if let tls = options.tls {
                try Self.encrypted(http, tls)
            } else {
                .http1(configuration: http)
            }
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let onListening = onListening
        return Application(
            responder: Routes(coordinator: self).responder(), server: server,
            configuration: .init(
                address: address, serverName: nil, backlog: 4096),
            onServerRunning: { channel in onListening(channel.localAddress?.port) }, logger: quiet)
    }

    private static func encrypted(
        _ http: HTTP1Channel.Configuration, _ files: CoordinatorOptions.TLS
    ) throws(JobFailure) -> HTTPServerBuilder {
        let configuration = try configuration(files)
        do {
            // What is wrong with both together would be found only when it listens.
            _ = try NIOSSLContext(configuration: configuration)
            return try .tls(.http1(configuration: http), tlsConfiguration: configuration)
        } catch {
            throw JobFailure(
                code: .badInput,
                message: "\(files.key) is not the key of the certificate in \(files.certificate)")
        }
    }

    private static func configuration(_ files: CoordinatorOptions.TLS) throws(JobFailure) -> TLSConfiguration
    {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try pem(files.certificate, .certificates) {
                try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) }
            },
            privateKey: .privateKey(
                try pem(files.key, .privateKey) { try NIOSSLPrivateKey(file: files.key, format: .pem) }))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let authority = files.clientAuthority {
            configuration.trustRoots = .certificates(
                try pem(authority, .certificates) { try NIOSSLCertificate.fromPEMFile(authority) })
            configuration.certificateVerification = .noHostnameVerification
        }
        return configuration
    }

    private static func pem<T>(
        _ path: String, _ kind: PEMFile.Kind, _ read: () throws -> T
    ) throws(JobFailure) -> T {
        if let fault = PEMFile.fault(path, kind) {
            throw JobFailure(code: .badInput, message: "\(path): \(fault)")
        }
        do {
            return try read()
        } catch {
            throw JobFailure(code: .badInput, message: "\(path): \(PEMFile.undecodable(kind))")
        }
    }

    /// A socket that nobody listens on is left over from a coordinator that was killed.
    private func removeDeadSocket(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        if UnixSocket.isListening(path) {
            throw JobFailure(code: .infrastructure, message: "unix:\(path): another program listens there")
        }
        unlink(path)
    }

    // MARK: Beside the requests

    private func forwardHints() async {
        for await uid in store.hints {
            news.changed(uid)
            if store.isShared { news.queued() }
        }
    }

    /// Sweeps, and looks at the store for those who wait, where hints may be lost.
    private func keepHouse() async {
        var rounds = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(options.sweepSeconds))
            rounds += 1
            do throws(StoreError) {
                let changed = try await store.sweep()
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
