// SPDX-License-Identifier: Apache-2.0

package import Coordination
import Foundation

/// What a coordinator is told.
package struct CoordinatorOptions: Sendable {
    /// Where it listens.
    package enum Listener: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case unix(path: String)

        /// Whether only programs of this machine get there.
        package var isLocal: Bool {
            switch self {
            case .unix: true
            case .tcp(let host, _):
                // A name may lead anywhere, but for this one.
                IPAddress(host)?.isLoopback ?? (host.lowercased() == "localhost")
            }
        }
    }

    /// Certificates, as PEM files.
    package struct TLS: Sendable {
        package var certificate: String
        package var key: String
        /// Whoever connects must have a certificate of this authority; `nil` to take anybody.
        package var clientAuthority: String?

        package init(certificate: String, key: String, clientAuthority: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clientAuthority = clientAuthority
        }
    }

    package var listener = Listener.tcp(host: "127.0.0.1", port: 8080)
    package var tls: TLS?
    /// Whether requests without a token are served, as an operator's, as long as the store has no token.
    package var allowsAnonymous = true
    /// Seconds for which a lease is valid without a sign of life.
    package var leaseSeconds: Double = 30
    /// Seconds for which a lease is renewed at most: a worker that still has no proof then is taken for
    /// stuck.
    package var proofSeconds: Double = 7200
    /// Seconds between signs of life.
    package var renewSeconds: Double = 5
    /// Seconds between two looks for lost workers and missed deadlines.
    package var sweepSeconds: Double = 1
    /// Seconds for which jobs that have ended are kept, with their proofs; `nil` for ever.
    package var keepSeconds: Double?
    /// Bytes of a witness, and of a proving key, at most.
    package var maxWitness: Int64 = 1 << 30
    package var maxBlob: Int64 = 64 << 30
    /// Free bytes below which nothing is taken in.
    package var minFreeSpace: Int64 = 1 << 30
    /// Connections at the same time.
    package var maxConnections = 16_384
    /// Seconds after which a connection without traffic is closed.
    package var idleSeconds: Int64 = 90
    /// Seconds that the body of a request that is no upload may take.
    package var bodySeconds: Double = 20
    /// What an hour of one worker costs, for the cost of a proof.
    package var costPerHour: Double?
    package var currency = "USD"
    /// Of which the tenants' secrets are made that callbacks are signed with; `nil` to take no job with a
    /// callback.
    package var callbackSecret: String?
    /// Where callbacks may go.
    package var callbackAllowance = CallbackAllowance()
    /// What finds the addresses of callbacks' hosts; for tests another than the system's.
    package var resolve: @Sendable (String) async throws -> [IPAddress] = {
        try await HostResolver.addresses(of: $0)
    }
    /// Connections of one address, or of one /64 network of IPv6, at the same time.
    package var maxConnectionsPerAddress = 8192
    /// Requests with one token that are being answered at the same time.
    package var maxRequestsPerToken = 8192
    /// Event streams with one token at the same time.
    package var maxStreamsPerToken = 1024
    /// Bytes of the requests' bodies that are held in memory, all together; of one token's a quarter.
    package var maxBodyMemory = 256 << 20
    /// Seconds that a new connection may take for the head of its first request.
    package var headSeconds: Int64 = 15
    /// Bytes a second that the body of a request comes with at least, on average over `bodyWindow` seconds.
    package var minBodyRate = 4096
    package var bodyWindow: Int64 = 10

    package init() {}
}
