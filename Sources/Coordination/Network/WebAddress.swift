// SPDX-License-Identifier: Apache-2.0

package import Failures
import Foundations

/// A host, with or without a port: what stands in a `Host` header, and in an address between the slashes.
package struct HostAndPort: Sendable, Hashable {
    package enum Host: Sendable, Hashable, CustomStringConvertible {
        case address(IPAddress)
        /// In lower case, without the dot that may stand at a full name's end.
        case name(String)

        /// As it stands in an address: IPv6 in brackets.
        package var description: String {
            switch self {
            case .address(let address): address.isVersion6 ? "[\(address)]" : "\(address)"
            case .name(let name): name
            }
        }

        /// Whether it can only be this machine: a loopback address, or `localhost` (RFC 6761, section 6.3).
        package var isThisMachine: Bool {
            switch self {
            case .address(let address): address.isLoopback
            case .name(let name): name == "localhost" || name.hasSuffix(".localhost")
            }
        }
    }

    package var host: Host
    /// 1 to 65,535; `nil` where none is named.
    package var port: Int?

    /// `nil` for anything but `HOST` or `HOST:PORT`.
    ///
    /// A host whose last part is a number must be an IPv4 address in four decimal numbers: programs disagree
    /// about other spellings (WHATWG URL, section 3.5, "ends in a number"). Names are of ASCII letters,
    /// digits, `-` and `_`.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"),
                let address = IPAddress(text[text.index(after: text.startIndex)..<end]),
                // What stands in brackets is written as IPv6.
                text[..<end].contains(":")
            else { return nil }
            host = .address(address)
            let rest = text[text.index(after: end)...]
            if rest.isEmpty { return }
            guard rest.hasPrefix(":"), let port = Self.port(rest.dropFirst()) else { return nil }
            self.port = port
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let host = Self.host(parts[0]) else { return nil }
        self.host = host
        if parts.count == 2 {
            guard let port = Self.port(parts[1]) else { return nil }
            self.port = port
        }
    }

    /// The port that `text` names: 1 to 65,535 in decimal digits.
    package static func port(_ text: some StringProtocol) -> Int? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(text), (1...65_535).contains(port)
        else { return nil }
        return port
    }

    private static func host(_ text: some StringProtocol) -> Host? {
        if let address = IPAddress(text) { return .address(address) }
        var name = text.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        guard (1...253).contains(name.utf8.count) else { return nil }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.utf8.count),
                label.utf8.allSatisfy({
                    (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-")
                        || $0 == UInt8(ascii: "_")
                })
            else { return nil }
        }
        guard let last = labels.last else { return nil }
        let isNumber =
            last.utf8.allSatisfy { (0x30...0x39).contains($0) }
            || (last.hasPrefix("0x") && last.dropFirst(2).utf8.allSatisfy { $0.hexadecimalValue != nil })
        return isNumber ? nil : .name(name)
    }
}

/// An address of the web in a strict form, `http://HOST[:PORT][/PATH][?QUERY]` or the same with `https`.
///
/// Only what every program reads alike: ASCII, no user, no fragment, no escaped host, a port that exists.
/// What is sent on is put together from these parts, so that no other parser sees another host than was
/// checked here.
package struct WebAddress: Sendable, Hashable, CustomStringConvertible {
    package let isEncrypted: Bool
    package let host: HostAndPort.Host
    /// The one that is named, or that of the scheme.
    package let port: Int
    /// Path and query, from the slash on.
    package let target: String

    /// - Throws: what is wrong with `text`, for people.
    package init(_ text: String) throws(WebAddressError) {
        guard text.utf8.count <= 2000 else { throw .init("longer than 2000 bytes") }
        let allowed = text.utf8.allSatisfy { byte in
            (0x21...0x7e).contains(byte) && !#"\"<>^`{|}"#.utf8.contains(byte)
        }
        guard allowed else { throw .init("has a character that must be escaped") }
        let lower = text.lowercased()
        let scheme: String
        if lower.hasPrefix("http://") {
            (isEncrypted, scheme) = (false, "http://")
        } else if lower.hasPrefix("https://") {
            (isEncrypted, scheme) = (true, "https://")
        } else {
            throw .init("not an http or https address")
        }
        let rest = text.dropFirst(scheme.count)
        guard !rest.contains("#") else { throw .init("has a fragment") }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@") else { throw .init("has a user in it") }
        guard let place = HostAndPort(authority) else {
            throw .init("the host is neither a name nor an address, or the port is not from 1 to 65535")
        }
        host = place.host
        port = place.port ?? (isEncrypted ? 443 : 80)
        target = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
    }

    private var isUsualPort: Bool { port == (isEncrypted ? 443 : 80) }

    /// Scheme, host and port, without a slash at the end.
    package var origin: String {
        "\(isEncrypted ? "https" : "http")://\(host)\(isUsualPort ? "" : ":\(port)")"
    }

    package var description: String { origin + target }
}

/// Why a text is no `WebAddress`.
package struct WebAddressError: CodedError, Equatable {
    package let message: String
    package var code: FailureCode { .badInput }

    init(_ message: String) { self.message = message }
}
