// SPDX-License-Identifier: Apache-2.0

import Foundations

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    package import Musl
#endif

/// Which process holds an entry of `cur/`: host, process and start of the machine.
package struct WorkerIdentity: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The name of the host.
    package let host: String
    /// The process.
    package let pid: Int32
    /// The first 8 hexadecimal digits of the kernel's boot identifier, or `00000000` where there is none.
    package let boot: String

    /// This process.
    ///
    /// - Parameter host: the name to write instead of the machine's own.
    package static func current(host: String? = nil) -> WorkerIdentity {
        WorkerIdentity(host: host ?? machineName(), pid: getpid(), boot: bootIdentifier)
    }

    /// `host.pid.boot` as in the name of an entry.
    package var description: String { "\(WorkerIdentity.escape(host)).\(pid).\(boot)" }

    /// Writes a host's name with letters, digits and `-` only; every other byte becomes `_` and two digits.
    ///
    /// A name is cut so that the result has at most 64 characters; an empty one becomes `_`.
    static func escape(_ host: String) -> String {
        var result = ""
        // Whole characters: half of one is no text any more, and not the same when it is read and written.
        for scalar in host.unicodeScalars {
            let next = scalar.utf8.map { byte in
                byte.isAlphanumeric || byte == UInt8(ascii: "-")
                    ? String(UnicodeScalar(byte)) : "_" + byte.hexadecimal(digits: 2)
            }.joined()
            if result.utf8.count + next.utf8.count > 64 { break }
            result += next
        }
        return result.isEmpty ? "_" : result
    }

    /// The reverse of `escape(_:)`; nil when the text was not made by it.
    static func unescape(_ text: Substring) -> String? {
        if text == "_" { return "" }
        guard (1...64).contains(text.utf8.count) else { return nil }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "_") {
                guard rest.count >= 2, let value = [UInt8](hexadecimal: rest.prefix(2)) else { return nil }
                rest = rest.dropFirst(2)
                bytes += value
            } else {
                guard byte.isAlphanumeric || byte == UInt8(ascii: "-") else { return nil }
                bytes.append(byte)
            }
        }
        guard let host = String(validating: bytes, as: UTF8.self), escape(host) == text else { return nil }
        return host
    }

    private static func machineName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static let bootIdentifier: String = {
        let none = "00000000"
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "re") else { return none }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 8)
        guard fread(&buffer, 1, 8, file) == 8, buffer.allSatisfy(\.isAlphanumeric) else { return none }
        return String(decoding: buffer, as: UTF8.self)
    }()
}
