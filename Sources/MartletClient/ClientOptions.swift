// SPDX-License-Identifier: Apache-2.0

/// How a `MartletClient` reaches its coordinator.
public struct ClientOptions: Sendable {
    /// `ID.SECRET`, as `martlet token create` prints it; nil for none.
    public var token: String?
    /// The tenant that an operator acts for; nil for that of the token.
    public var tenant: String?
    /// A PEM file of the authorities whose certificates are trusted; nil for the system's.
    public var caFile: String?
    /// A PEM file of the certificate that this client shows; nil for none. Needs `clientKeyFile`.
    public var clientCertificateFile: String?
    /// A PEM file of the key of `clientCertificateFile`.
    public var clientKeyFile: String?
    /// Seconds for a connection to be made.
    public var connectTimeout: Double = 10
    /// Seconds for an answer, beyond those that a request asks the coordinator to wait.
    public var requestTimeout: Double = 30
    /// Seconds without a byte after which a transfer or a stream is given up, and begun again where it
    /// stopped.
    public var idleTimeout: Double = 90
    /// How often a request is repeated when the coordinator cannot be reached or is overloaded.
    public var retries = 5
    /// Seconds before the first repetition; each further one waits twice as long, up to `longestPause`.
    public var firstPause: Double = 0.2
    /// Seconds between two repetitions at most.
    public var longestPause: Double = 5
    /// How many bytes of a file go into one request.
    public var pieceBytes = 64 << 20

    /// Where a person may change what a coordinator refuses.
    public var hints = ClientHints()

    /// The defaults: no token, the system's authorities.
    public init() {}
}

/// Clauses for errors that tell a person where this program takes what a coordinator did not accept, such as
/// "name them with …"; empty
/// ones are left out.
public struct ClientHints: Sendable {
    /// Where tokens come from.
    public var token = ""
    /// How the authorities are named that a coordinator's certificate may be of.
    public var authorities = ""
    /// How this client's certificate and its key are named.
    public var certificate = ""

    /// No hints.
    public init() {}
}
