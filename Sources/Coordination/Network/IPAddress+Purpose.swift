// SPDX-License-Identifier: Apache-2.0

extension IPAddress {
    /// Whether programs of this machine alone are reached by it: `127.0.0.0/8` and `::1`.
    package var isLoopback: Bool {
        isVersion6 ? bytes == [UInt8](repeating: 0, count: 15) + [1] : bytes[0] == 127
    }

    /// Whether the address is one that anybody on the internet may use for a host of his own.
    ///
    /// By IANA's registries of special-purpose addresses: private, shared, link-local, multicast,
    /// documentation and reserved ones are not, nor what leads to IPv4 hosts by a tunnel. Two addresses of
    /// clouds, under which they tell virtual machines their secrets, are not either, though they look public.
    /// An IPv4 address behind a translator (`64:ff9b::/96`) counts as itself.
    package var isPublic: Bool {
        guard isVersion6 else { return !Self.specialVersion4.contains { $0.contains(self) } }
        if Self.translated.contains(where: { $0.contains(self) }) {
            return IPAddress(bytes: Array(bytes[12...]))?.isPublic ?? false
        }
        // 2000::/3 is all that has ever been given out.
        return bytes[0] & 0xe0 == 0x20 && !Self.specialVersion6.contains { $0.contains(self) }
    }

    /// Whether it can be no single host at a distance: unspecified, link-local, multicast or reserved. Cloud
    /// metadata is here.
    package var isOfNoDistantHost: Bool { Self.ofNoDistantHost.contains { $0.contains(self) } }

    private static let translated = blocks("64:ff9b::/96")

    private static let specialVersion4 = blocks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        // Azure's host, which answers virtual machines only.
        "168.63.129.16/32")

    private static let specialVersion6 = blocks(
        // Protocols (Teredo is in there), documentation, 6to4.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

    private static let ofNoDistantHost = blocks(
        "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32", "::/128",
        "fe80::/10",
        "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128")

    private static func blocks(_ texts: String...) -> [AddressBlock] {
        let blocks = texts.compactMap { AddressBlock($0) }
        precondition(blocks.count == texts.count, "a block of the table is none")
        return blocks
    }
}
