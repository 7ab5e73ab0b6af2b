// SPDX-License-Identifier: Apache-2.0

import Coordination
import Failures
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import Outcomes
import ProvingEngine
import ServiceLifecycle

extension Coordinator: Service, CustomStringConvertible {
    /// The name of the service in logs.
    package var description: String { "Coordinator" }

    /// Serves until a shutdown.
    ///
    /// - Throws: where the folder is another store's, the listener cannot be opened, or the certificates
    ///   cannot be used.
    package func run() async throws {
        let folderLock = try await folder.bind(to: store)
        defer { withExtendedLifetime(folderLock) {} }
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
            additionalChannelHandlers: [
                AnswersFirst(),
                ConnectionGuard(
                    connections, rate: rate, window: window, refusal: RequestError.broken.whole),
            ],
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
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw JobFailure(
                code: .badInput, message: "cannot listen at unix:\(path): what is there is not a socket")
        }
        if UnixSocket.isListening(path) {
            throw JobFailure(code: .infrastructure, message: "unix:\(path): another program listens there")
        }
        unlink(path)
    }
}
