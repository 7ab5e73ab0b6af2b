// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Foundations

/// Where a coordinator listens: `http://HOST:PORT`, `https://HOST:PORT` or `unix:PATH`.
public struct QueueAddress: Sendable, Hashable, CustomStringConvertible {
    private enum Place: Hashable {
        /// Scheme, host and port as the beginning of an address, without a slash at the end.
        case network(base: String, isEncrypted: Bool)
        case socket(path: String)
    }

    private let place: Place

    /// Nil unless `text` is one of the three forms. An address with a user, a query, a fragment or a port
    /// beyond 65,535 is none.
    public init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            // A socket's path has to fit into sockaddr_un.
            guard !path.isEmpty, path.utf8.count <= 107, !path.utf8.contains(0) else { return nil }
            let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
            guard absolute.utf8.count <= 107 else { return nil }
            place = .socket(path: absolute)
            return
        }
        // Strictly: what is left to the HTTP client has a port that exists, and a host that all programs read
        // alike.
        guard let web = try? WebAddress(text), !web.target.contains("?") else { return nil }
        var base = text
        while base.hasSuffix("/") { base.removeLast() }
        place = .network(base: base, isEncrypted: web.isEncrypted)
    }

    /// Whether the connection is encrypted and the coordinator's certificate checked.
    public var isEncrypted: Bool {
        if case .network(_, true) = place { true } else { false }
    }

    /// The path of the socket, where it is one.
    var socketPath: String? {
        if case .socket(let path) = place { path } else { nil }
    }

    /// The address as it is given on the command line.
    public var description: String {
        switch place {
        case .network(let base, _): base
        case .socket(let path): "unix:" + path
        }
    }

    /// The address of a path that begins with a slash and is escaped already.
    func url(_ path: String) -> String {
        switch place {
        case .network(let base, _): base + path
        case .socket(let socket): "http+unix://" + escaped(socket) + path
        }
    }
}

/// `text` as one segment of an address: everything but letters, digits, `-`, `.`, `_` and `~` becomes `%XX`.
func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            result.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            result += "%" + byte.hexadecimal(digits: 2).uppercased()
        }
    }
    return result
}
