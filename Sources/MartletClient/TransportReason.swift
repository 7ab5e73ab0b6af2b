// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import Foundations
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Why no answer came, as a clause.
struct TransportReason {
    /// Whether the address begins with `https`.
    var isEncrypted: Bool
    var hints = ClientHints()

    func text(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: connection(error)
        case let error as IOError: system(error.errnoCode)
        case let error as HTTPClientError: client(error)
        case let error as ChannelError: channel(error)
        case is HTTPParserError:
            isEncrypted
                ? "what answers there is not an HTTP server"
                : "what answers there is not an HTTP server\(perhapsTLS)"
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: tls("\(error)")
        case is NIOTooManyBytesError: "the answer has more bytes than can be"
        default: "the connection failed"
        }
    }

    private var perhapsTLS: String { "; if it is a coordinator with TLS, its address begins with https" }

    private func connection(_ error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first { return text(failure.error) }
        if error.dnsAError != nil || error.dnsAAAAError != nil { return "no host of this name is known" }
        return "the connection failed"
    }

    private func system(_ code: Int32) -> String {
        switch code {
        case ECONNREFUSED: "nobody listens there (connection refused); is the coordinator running?"
        case ENOENT: "there is no such socket; is the coordinator running?"
        case ECONNRESET, EPIPE: closed
        default: SystemReason.text(code)
        }
    }

    private var closed: String {
        "the connection was closed without an answer" + (isEncrypted ? "" : perhapsTLS)
    }

    private func channel(_ error: ChannelError) -> String {
        switch error {
        case .connectTimeout: "no answer when connecting"
        case .ioOnClosedChannel, .alreadyClosed, .inputClosed, .outputClosed, .eof: closed
        default: "the connection failed"
        }
    }

    private func client(_ error: HTTPClientError) -> String {
        switch error {
        case .connectTimeout: "no answer when connecting"
        case .readTimeout, .writeTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout,
            .requestStreamCancelled:
            "no answer in time"
        case .tlsHandshakeTimeout: "no TLS handshake in time\(perhapsPlain)"
        case .remoteConnectionClosed: closed
        case .invalidURL, .emptyHost, .emptyScheme: "not an address of a coordinator"
        default: "what answers there does not keep to HTTP"
        }
    }

    /// A hint behind what it is about.
    static func clause(_ hint: String) -> String { hint.isEmpty ? "" : "; \(hint)" }

    private var perhapsPlain: String { "; if it is a coordinator without TLS, its address begins with http" }

    /// BoringSSL's words for its errors, which are the same in every version, to ours.
    private func tls(_ words: String) -> String {
        let reasons: [([String], String)] = [
            (
                ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"],
                "what answers there does not speak TLS\(perhapsPlain)"
            ),
            (
                ["CERTIFICATE_VERIFY_FAILED", "UNKNOWN_CA"],
                "its certificate is not trusted: by no authority that is known here, or expired\(Self.clause(hints.authorities))"
            ),
            (
                ["failedToValidateHostname", "Hostname"],
                "its certificate is for another name than that in the address"
            ),
            (
                ["CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "HANDSHAKE_FAILURE"],
                "it asks for another certificate from this client\(Self.clause(hints.certificate))"
            ),
            (["CERTIFICATE_EXPIRED"], "the certificate has expired"),
            (["PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL"], "it does not speak TLS 1.2 or later"),
            (["KEY_VALUES_MISMATCH"], "the client's key is not that of its certificate"),
        ]
        let known = reasons.first { $0.0.contains { words.range(of: $0, options: .caseInsensitive) != nil } }
        return known?.1 ?? "the TLS handshake failed"
    }
}
