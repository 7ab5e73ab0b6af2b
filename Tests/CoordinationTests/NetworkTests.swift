// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import TestSupport
import Testing

/// Addresses as an attacker writes them.
struct NetworkTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"),
        ("1::", "1::"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        // IPv4 in IPv6 is that.
        ("::ffff:127.0.0.1", "127.0.0.1"), ("::FFFF:7f00:1", "127.0.0.1"),
        ("0:0:0:0:0:ffff:a9fe:a9fe", "169.254.169.254"),
        ("64:ff9b::10.0.0.1", "64:ff9b::a00:1"),
    ])
    func addressesAreRead(text: String, written: String) throws {
        #expect(try #require(IPAddress(text)).description == written)
    }

    @Test(arguments: [
        "", ".", "1.2.3", "1.2.3.4.5", "127.1", "127.0.0.01", "0177.0.0.1", "0x7f.0.0.1", "2130706433",
        "256.0.0.1",
        "1.2.3.-4", "1.2.3.4 ", "1.2.3.4.", "１.2.3.4", ":", ":::", "::::", "1:::2", "1::2::3", ":1::2",
        "1::2:", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::12345", "::g", "fe80::1%eth0", "1.2.3.4::",
        "::1.2.3.4:5", "::1.2.3",
        "[::1]", "::ffff:127.0.0.01",
    ])
    func otherSpellingsAreNone(text: String) { #expect(IPAddress(text) == nil) }

    /// Against the system's own reader, in both directions.
    @Test func randomAddressesAgreeWithTheSystem() throws {
        var generator = SeededGenerator.fresh()
        for _ in 0..<2000 {
            let count = Bool.random(using: &generator) ? 4 : 16
            let bytes = (0..<count).map { _ in
                Int.random(in: 0..<3, using: &generator) == 0
                    ? UInt8.random(in: 0...255, using: &generator) : 0
            }
            let address = try #require(IPAddress(bytes: bytes))
            #expect(IPAddress(address.description) == address, "\(bytes)")
            var found = [UInt8](repeating: 0, count: 16)
            let family = address.isVersion6 ? AF_INET6 : AF_INET
            #expect(inet_pton(family, address.description, &found) == 1)
            #expect(Array(found[..<address.bytes.count]) == address.bytes)
            // Any text of the alphabet: what is taken, the system takes as the same.
            let text = String(
                (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                    ":::.0123fF".randomElement(using: &generator) ?? ":"
                })
            let isVersion6 = text.contains(":")
            let isTaken = inet_pton(isVersion6 ? AF_INET6 : AF_INET, text, &found) == 1
            let ours = IPAddress(text)
            #expect((ours != nil) == isTaken, "\(text)")
            if let ours, isTaken {
                #expect(IPAddress(bytes: Array(found[..<(isVersion6 ? 16 : 4)])) == ours, "\(text)")
            }
        }
    }

    @Test func whatIsPublic() throws {
        for text in [
            "8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.0.1.1",
            "223.255.255.255",
            "2606:4700:4700::1111", "64:ff9b::808:808", "2a00::1",
        ] { #expect(try #require(IPAddress(text)).isPublic, "\(text)") }
        for text in [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1", "198.18.0.1", "198.19.255.255",
            "203.0.113.9",
            "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1",
            "::7f00:1",
            "::ffff:10.0.0.1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "2001::1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "100::1", "3fff::1", "5f00::1",
        ] { #expect(try !#require(IPAddress(text)).isPublic, "\(text)") }
    }

    @Test func networks() throws {
        let net = try #require(AddressBlock("10.32.0.0/11"))
        for (text, isIn) in [
            ("10.32.0.0", true), ("10.63.255.255", true), ("10.64.0.0", false), ("10.31.0.0", false),
            ("::a20:0", false),
        ] {
            #expect(try net.contains(#require(IPAddress(text))) == isIn, "\(text)")
        }
        #expect(try #require(AddressBlock("0.0.0.0/0")).contains(#require(IPAddress("9.9.9.9"))))
        #expect(try #require(AddressBlock("::1")).contains(#require(IPAddress("0:0::1"))))
        for text in [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129",
            "::ffff:10.0.0.0/104", "host/8",
        ] {
            #expect(AddressBlock(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ("http://Example.ORG", "http://example.org/"),
        ("HTTPS://example.org./a?b", "https://example.org/a?b"),
        ("http://example.org:80/", "http://example.org/"),
        ("https://example.org:80/", "https://example.org:80/"),
        ("http://[::FFFF:127.0.0.1]:8080/x", "http://127.0.0.1:8080/x"),
        ("http://[2001:db8::1]", "http://[2001:db8::1]/"),
        ("http://example.org?x=//y", "http://example.org/?x=//y"),
        ("http://a_b.c-d:65535", "http://a_b.c-d:65535/"),
        ("http://example.org/%2e%2e/@x:y", "http://example.org/%2e%2e/@x:y"),
    ])
    func webAddressesAreRead(text: String, written: String) throws {
        #expect(try WebAddress(text).description == written)
        #expect(try WebAddress(written).description == written)
        // The parser of the client that will be given it sees the same.
        let url = try #require(URL(string: written))
        let address = try WebAddress(text)
        #expect(
            url.host?.trimmingCharacters(in: ["[", "]"])
                == address.host.description.trimmingCharacters(in: ["[", "]"]))
        #expect(url.port ?? (address.isEncrypted ? 443 : 80) == address.port)
    }

    @Test(arguments: [
        "http://h:99999/", "http://h:65536/", "http://h:0/", "http://h:/", "http://h:+80/", "http://h:8 0/",
        "http://h:１/",
        "http://u@h/", "http://u:p@h/", "http://8.8.8.8@127.0.0.1/", "http://h#f", "http://h/#f", "http://",
        "http:///x", "http:/h",
        "http:h", "//h", "ftp://h", "file:///etc/passwd", "http://127.1/", "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/", "http://127.0.0.1./", "http://1.2.3.4.5/", "http://a.0x7f/", "http://[::1]x/",
        "http://[::1/",
        "http://::1/", "http://[127.0.0.1]/", "http://[fe80::1%25eth0]/", "http://a..b/", "http://.a/",
        "http://a%2eb/",
        "http://h\\@x/", "http://h\\x", "http://ex\u{ad}ample.org/", "http://ünicode.org/", "http://h/ x",
        "http://h/\r\nX: y",
        "http://h/\u{0}", " http://h/", "http://h/\"", "http://localhost。/",
    ])
    func webAddressesThatAreRefused(text: String) {
        #expect(throws: WebAddressError.self) { try WebAddress(text) }
        var job = specification("a")
        job.callback = text
        #expect(throws: StoreError.self) { try job.validate() }
    }
}
