// SPDX-License-Identifier: Apache-2.0

import Foundations

/// An address of the Internet Protocol, version 4 or 6, without a zone.
///
/// An IPv4 address that is written as IPv6 (`::ffff:127.0.0.1`) is that IPv4 address: what is refused in one
/// spelling is refused in all.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 of them, the most significant first.
    package let bytes: [UInt8]

    /// - Parameter bytes: 4 or 16; `nil` for any other number.
    package init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self.bytes = bytes
        case 16:
            let mapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
            self.bytes = mapped ? Array(bytes[12...]) : bytes
        default: return nil
        }
    }

    /// The address that `text` spells: four decimal numbers without leading zeros, or IPv6 as in RFC 4291,
    /// section 2.2, without brackets. Other spellings that some programs take (`127.1`, `0x7f000001`,
    /// `0177.0.0.1`) are none.
    package init?(_ text: some StringProtocol) {
        let bytes =
            text.utf8.contains(UInt8(ascii: ":"))
            ? Self.bytes(ofVersion6: String(text)) : Self.bytes(ofVersion4: text)
        guard let bytes else { return nil }
        self.init(bytes: bytes)
    }

    package var isVersion6: Bool { bytes.count == 16 }

    /// IPv4 in decimal numbers, IPv6 as RFC 5952 has it.
    package var description: String {
        guard isVersion6 else { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        // The first of the longest runs of zeros, if it is of two or more.
        var run = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8 && groups[end] == 0 { end += 1 }
            if end - start > max(1, run.count) { run = start..<end }
            start = max(end, start + 1)
        }
        func text(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        return run.isEmpty
            ? text(groups[...]) : text(groups[..<run.lowerBound]) + "::" + text(groups[run.upperBound...])
    }

    private static func bytes(ofVersion4 text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0"), let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func bytes(ofVersion6 text: String) -> [UInt8]? {
        guard text.utf8.count <= 45, !text.contains(":::") else { return nil }
        var groups: [UInt16] = []
        var gap: Int?
        var pieces = text.split(separator: ":", omittingEmptySubsequences: false)
        // A leading or trailing "::" shows as two empty pieces, of which one says nothing.
        if pieces.count >= 3, pieces[0].isEmpty, pieces[1].isEmpty { pieces.removeFirst() }
        if pieces.count >= 3, pieces[pieces.count - 1].isEmpty, pieces[pieces.count - 2].isEmpty {
            pieces.removeLast()
        }
        // What is left of "::" alone.
        if pieces == ["", ""] { pieces = [""] }
        for (index, piece) in pieces.enumerated() {
            if piece.isEmpty {
                guard gap == nil, text.contains("::") else { return nil }
                gap = groups.count
            } else if index == pieces.count - 1, piece.utf8.contains(UInt8(ascii: ".")) {
                guard let tail = bytes(ofVersion4: piece) else { return nil }
                groups.append(UInt16(tail[0]) << 8 | UInt16(tail[1]))
                groups.append(UInt16(tail[2]) << 8 | UInt16(tail[3]))
            } else {
                guard piece.utf8.count <= 4, piece.utf8.allSatisfy({ $0.hexadecimalValue != nil }),
                    let group = UInt16(piece, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        if let gap {
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: [UInt16](repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        return groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    }
}

/// A network: all addresses with the same first bits, as `10.0.0.0/8` or `fc00::/7`. An address alone is the
/// network of itself.
package struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
    /// The first address.
    package let first: IPAddress
    /// How many bits all have in common.
    package let prefix: Int

    /// `nil` for anything but `ADDRESS` or `ADDRESS/BITS`, and where the address has bits beyond those:
    /// `10.0.0.1/8` is more likely a mistake.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let part = parts.first, let address = IPAddress(part) else { return nil }
        let bits = address.bytes.count * 8
        // Of an IPv4 address that is written as IPv6 the bits would be counted otherwise.
        guard parts.count == 1 || part.utf8.contains(UInt8(ascii: ":")) == address.isVersion6 else {
            return nil
        }
        var prefix = bits
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count),
                parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(parts[1]),
                count <= bits
            else { return nil }
            prefix = count
        }
        for bit in prefix..<bits where address.bytes[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 { return nil }
        first = address
        self.prefix = prefix
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        let whole = prefix / 8
        guard address.bytes[..<whole] == first.bytes[..<whole] else { return false }
        guard prefix % 8 != 0 else { return true }
        let mask = 0xff << UInt8(8 - prefix % 8) as UInt8
        return (address.bytes[whole] ^ first.bytes[whole]) & mask == 0
    }

    package var description: String { "\(first)/\(prefix)" }
}
