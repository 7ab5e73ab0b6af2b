// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Coordination
import Foundation
import NIOCore
import NIOSSL
import Outcomes
import Synchronization

/// Speaks with a Martlet coordinator: brings jobs and fetches proofs.
///
/// Every call may be made from any task. Calls that do no harm when they are made twice are repeated with
/// growing pauses while the coordinator cannot be reached or says that it is overloaded; all calls of this
/// client are of that kind. Answers are read up to a limit, files are streamed. End with `close()`.
public final class MartletClient: Sendable {
    /// The coordinator.
    public let address: QueueAddress
    /// What the client was made with.
    public let options: ClientOptions
    let http: HTTPClient
    private let isClosed = Atomic<Bool>(false)

    /// A client that has not connected yet.
    ///
    /// - Throws: `ClientError.file` or `.invalidOption` for certificates, keys or tokens that cannot be used.
    public init(_ address: QueueAddress, options: ClientOptions = ClientOptions()) throws(ClientError) {
        self.address = address
        self.options = options
        if let token = options.token {
            guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                throw .invalidOption("the token is empty or has a character that no token has")
            }
        }
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(options.connectTimeout)
        configuration.timeout.read = .seconds(options.idleTimeout)
        configuration.timeout.write = .seconds(options.idleTimeout)
        // Long polls hold connections; a worker with many slots needs others beside them.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        // Repetitions are this client's own: whether anybody is there is known after one try.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tlsConfiguration = try Self.tls(options)
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit {
        if !isClosed.load(ordering: .relaxed) { http.shutdown { _ in } }
    }

    /// Ends all connections; calls under way fail. The client cannot be used any more.
    public func close() async {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        try? await http.shutdown()
    }

    private static func tls(_ options: ClientOptions) throws(ClientError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let path = options.caFile {
            tls.trustRoots = .certificates(
                try pem(path, .certificates) { try NIOSSLCertificate.fromPEMFile(path) })
        }
        switch (options.clientCertificateFile, options.clientKeyFile) {
        case (nil, nil): break
        case (let certificate?, let key?):
            let chain = try pem(certificate, .certificates) { try NIOSSLCertificate.fromPEMFile(certificate) }
            let secret = try pem(key, .privateKey) { try NIOSSLPrivateKey(file: key, format: .pem) }
            tls.certificateChain = chain.map { .certificate($0) }
            tls.privateKey = .privateKey(secret)
            // What is wrong with both together would be found only when it connects.
            guard (try? NIOSSLContext(configuration: tls)) != nil else {
                throw .invalidOption("\(key) is not the key of the certificate in \(certificate)")
            }
        default: throw .invalidOption("a client's certificate and its key are given together")
        }
        return tls
    }

    private static func pem<T>(
        _ path: String, _ kind: PEMFile.Kind, _ read: () throws -> T
    ) throws(ClientError) -> T {
        if let fault = PEMFile.fault(path, kind) { throw .file(path: path, reason: fault) }
        do {
            return try read()
        } catch {
            throw .file(path: path, reason: PEMFile.undecodable(kind))
        }
    }
}

extension TimeAmount {
    static func seconds(_ seconds: Double) -> TimeAmount {
        .milliseconds(Int64(max(0, min(seconds, 1e9)) * 1000))
    }
}
