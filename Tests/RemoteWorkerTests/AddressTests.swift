// SPDX-License-Identifier: Apache-2.0

import MartletClient
import Testing

struct AddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", false),
        ("https://prover.example/", "https://prover.example", true),
        ("HTTPS://prover.example:8443/martlet//", "HTTPS://prover.example:8443/martlet", true),
        ("http://[::1]:8080", "http://[::1]:8080", false),
        ("unix:/run/martlet.sock", "unix:/run/martlet.sock", false),
    ])
    func isTaken(text: String, description: String, isEncrypted: Bool) throws {
        let address = try #require(QueueAddress(text))
        #expect(address.description == description)
        #expect(address.isEncrypted == isEncrypted)
    }

    @Test(arguments: [
        "", "unix:", "http://", "http:///path", "ftp://host", "host:80", "/run/martlet.sock",
        "http://user@host", "http://user:secret@host", "http://host?query", "http://host#fragment",
        "unix:/" + String(repeating: "a", count: 120), "unix:/a\0b", "http://host name",
        // A port that does not exist, and hosts that programs read each in their own way.
        "http://127.0.0.1:99999", "http://127.0.0.1:65536", "http://127.0.0.1:0", "http://127.0.0.1:-1",
        "http://127.0.0.1:", "http://host:80x", "http://[::1]:99999", "http://127.1", "http://0x7f000001",
        "http://[::1", "http://a\\b", "http://a..b",
    ])
    func isRefused(text: String) { #expect(QueueAddress(text) == nil) }

    @Test(arguments: ["", "a b", "a\r\nHost: other", "ü"])
    func aTokenThatIsNoneIsRefused(token: String) throws {
        var options = ClientOptions()
        options.token = token
        let address = try #require(QueueAddress("http://127.0.0.1:1"))
        #expect(throws: ClientError.self) { try MartletClient(address, options: options) }
    }

    @Test func aCertificateNeedsItsKey() throws {
        var options = ClientOptions()
        options.clientCertificateFile = "/nowhere.pem"
        let address = try #require(QueueAddress("https://127.0.0.1:1"))
        #expect(throws: ClientError.invalidOption("a client's certificate and its key are given together")) {
            try MartletClient(address, options: options)
        }
        options.clientKeyFile = "/nowhere.key"
        #expect { try MartletClient(address, options: options) } throws: { error in
            guard case .file("/nowhere.pem", _)? = error as? ClientError else { return false }
            return true
        }
    }

    @Test func nobodyIsThere() async throws {
        var options = ClientOptions()
        options.retries = 1
        options.firstPause = 0.01
        let client = try MartletClient(try #require(QueueAddress("unix:/nowhere/at.all")), options: options)
        do {
            _ = try await client.circuits()
            Issue.record("an answer from nowhere")
        } catch {
            guard case .unreachable = error else { throw error }
        }
        await client.close()
    }
}

struct EventParserTests {
    @Test(arguments: [1, 2, 3, 7, 1000])
    func eventsAreReadHoweverTheyAreCut(size: Int) throws {
        let text =
            ": alive\n\nevent: job\ndata: {\"a\":\ndata:1}\n\nid: 3\rdata: x\r\n\r\nevent: none\n\ndata: cut"
        var parser = EventParser()
        var events: [EventParser.Event] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            events += try parser.take(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        #expect(events.map { [$0.name, $0.data] } == [["job", "{\"a\":\n1}"], ["message", "x"]])
    }

    @Test func anEventWithoutEndIsRefused() {
        var parser = EventParser()
        #expect(throws: ClientError.self) {
            for _ in 0..<5 { _ = try parser.take([UInt8](repeating: 65, count: 1 << 20)) }
        }
    }
}
