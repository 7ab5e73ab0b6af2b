// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Coordination
import Foundation
import MartletClient
import NIOCore
import NIOHTTP1
import NIOSSL
import Outcomes
import SystemTestSupport
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `martlet serve` and `martlet token`, as processes.
@Suite struct ServeTests {
    /// A running program, killed at the end.
    private final class Server {
        let process = Process()
        let folder: TemporaryFolder
        let log: URL

        init(_ arguments: [String], folder: TemporaryFolder) throws {
            self.folder = folder
            log = folder.url.appending(path: "log-\(UInt32.random(in: 0 ... .max))")
            try Data().write(to: log)
            process.executableURL = try BuiltProgram.url("martlet")
            process.arguments =
                ["serve", "--store", "sqlite:\(folder.path("jobs.sqlite"))", "--data", folder.path("data")]
                + arguments
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = try FileHandle(forWritingTo: log)
            try process.run()
        }

        deinit {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }

        var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

        /// The address in the log, once it listens.
        func address() async throws -> String {
            let end = ContinuousClock.now + .seconds(120)
            while .now < end {
                for line in text.split(separator: "\n") where line.contains("coordinator listens") {
                    let field = line.split(separator: " ").first { $0.hasPrefix("address=") }
                    return String(try #require(field).dropFirst(8))
                }
                if !process.isRunning { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            Issue.record("does not listen: \(text)")
            throw CancellationError()
        }

        /// Its exit code after a signal.
        func end(_ signal: Int32 = SIGTERM) async throws -> Int32 {
            kill(process.processIdentifier, signal)
            while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
            return process.terminationStatus
        }
    }

    private func status(_ url: String, token: String? = nil, tls: TLSConfiguration? = nil) async throws -> Int
    {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = tls
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var request = HTTPClientRequest(url: url)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        do {
            let response = try await client.execute(request, timeout: .seconds(30))
            _ = try await response.body.collect(upTo: 1 << 20)
            try await client.shutdown()
            return Int(response.status.code)
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    @Test func tokensThroughTheCommand() async throws {
        let folder = try TemporaryFolder()
        let store = "sqlite:\(folder.path("jobs.sqlite"))"
        // A token in a store that nobody serves from would let nobody in.
        let mistaken = ["token", "create", "--store", store, "--role", "submitter"]
        let none = try MartletCommand.run(mistaken)
        #expect(none.status == 2 && none.errors.contains("--make-store"), "\(none.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
        let early = "sqlite:\(folder.path("early/jobs.sqlite"))"
        let wanted = try MartletCommand.run([
            "token", "create", "--store", early, "--role", "submitter", "--make-store",
        ])
        #expect(wanted.status == 0 && wanted.output.contains("."), "\(wanted.errors)")
        // Elsewhere than on this machine nobody is served without tokens.
        let refused = try MartletCommand.run([
            "serve", "--listen", "0.0.0.0:0", "--store", store, "--data", folder.path("data"),
        ])
        #expect(refused.status == 2 && refused.errors.contains("token"), "\(refused.errors)")
        let server = try Server(["--listen", "127.0.0.1:0"], folder: folder)
        let url = "http://\(try await server.address())/v1/jobs"
        #expect(try await status(url) == 200)
        let made = try MartletCommand.run(["token", "create", "--store", store, "--role", "submitter"])
        let token = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(made.status == 0 && token.contains("."))
        // From now on, or soon, nobody is let in without.
        let end = ContinuousClock.now + .seconds(60)
        while try await status(url) == 200, .now < end { try await Task.sleep(for: .milliseconds(100)) }
        #expect(try await status(url) == 401)
        #expect(try await status(url, token: token) == 200)
        // A new one is good at once.
        let next = try MartletCommand.run(["token", "create", "--store", store, "--role", "submitter"])
        try await Task.sleep(for: .milliseconds(150))
        let second = next.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try await status(url, token: second) == 200)
        let list = try MartletCommand.run(["token", "list", "--store", store, "--json"])
        let id = String(token.prefix { $0 != "." })
        #expect(list.output.contains(id) && !list.output.contains(token.dropFirst(id.count + 1)))
        #expect(try MartletCommand.run(["token", "revoke", "--store", store, id]).status == 0)
        #expect(try MartletCommand.run(["token", "revoke", "--store", store, id]).status == 2)
        #expect(try await server.end() == 0)
        #expect(!server.text.contains(token.dropFirst(id.count + 1)))
    }

    /// Who waits is answered when the coordinator is told to end, and does not hold it up.
    @Test func aShutdownWaitsForNobody() async throws {
        let folder = try TemporaryFolder()
        let server = try Server(["--listen", "127.0.0.1:0"], folder: folder)
        let url = "http://\(try await server.address())"
        var wish = HTTPClientRequest(url: "\(url)/v1/leases")
        wish.method = .POST
        wish.headers.add(name: "Content-Type", value: "application/json")
        wish.body = .bytes(ByteBuffer(string: #"{"worker":"w","incarnation":"i","wait":60}"#))
        let request = wish
        async let answer = HTTPClient.shared.execute(request, timeout: .seconds(120))
        let end = ContinuousClock.now + .seconds(50)
        var isWaiting = false
        while !isWaiting, .now < end {
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: "\(url)/metrics"), timeout: .seconds(30))
            let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
            isWaiting = text.contains("martlet_waiting_requests 1.0")
        }
        #expect(isWaiting)
        let start = ContinuousClock.now
        #expect(try await server.end() == 0)
        #expect(try await answer.status == .noContent)
        // It would have waited for a minute.
        #expect(start.duration(to: .now) < .seconds(40))
    }

    /// A coordinator with another store would take all keys in the folder for abandoned ones, and remove
    /// them.
    @Test func anotherStoresFolderIsRefused() async throws {
        let folder = try TemporaryFolder()
        let server = try Server(["--listen", "127.0.0.1:0"], folder: folder)
        _ = try await server.address()
        func serve(
            _ data: String = "data", store: String = "other.sqlite"
        ) throws -> MartletCommand.Outcome {
            try MartletCommand.run([
                "serve", "--listen", "127.0.0.1:0", "--store", "sqlite:\(folder.path(store))", "--data",
                folder.path(data),
            ])
        }
        let within = try serve("data/blobs")
        #expect(within.status == 2 && within.errors.contains("lies within"), "\(within.errors)")
        let beside = try serve()
        #expect(beside.status == 2, "\(beside.errors)")
        for name in [folder.path("data"), "/other.sqlite", "/jobs.sqlite"] {
            #expect(beside.errors.contains(name), "\(beside.errors)")
        }
        #expect(try await server.end() == 0)
        #expect(try serve().status == 2)
        // A copy has the store's id, and may take its place but not serve beside it.
        try FileManager.default.copyItem(
            atPath: folder.path("jobs.sqlite"), toPath: folder.path("copy.sqlite"))
        let again = try Server(["--listen", "127.0.0.1:0"], folder: folder)
        _ = try await again.address()
        let copy = try serve(store: "copy.sqlite")
        #expect(copy.status == 3 && copy.errors.contains("copy of the store"), "\(copy.errors)")
        #expect(try await again.end() == 0)
    }

    /// A disk that is not mounted, or half of a backup, looks like a new folder; begun anew, it would have
    /// keys and witnesses missing for ever.
    @Test func aFolderThatHasLostFilesIsRefused() async throws {
        let folder = try TemporaryFolder()
        let key = Vectors.url("snarkjs/groth16-bn128-multiplier/circuit_final.zkey").path
        let server = try Server(["--listen", "127.0.0.1:0"], folder: folder)
        let added = try MartletCommand.run([
            "circuit", "add", "--queue", "http://\(try await server.address())", key,
        ])
        #expect(added.status == 0, "\(added.errors)")
        #expect(try await server.end() == 0)
        func refusal(_ status: Int32) throws -> String {
            let outcome = try MartletCommand.run([
                "serve", "--listen", "127.0.0.1:0", "--store", "sqlite:\(folder.path("jobs.sqlite"))",
                "--data",
                folder.path("data"),
            ])
            #expect(outcome.status == status, "\(outcome.errors)")
            return outcome.errors
        }
        let files = FileManager.default
        try files.moveItem(atPath: folder.path("data"), toPath: folder.path("elsewhere"))
        #expect(try refusal(2).contains("not mounted"))
        try files.removeItem(atPath: folder.path("data"))
        try files.moveItem(atPath: folder.path("elsewhere"), toPath: folder.path("data"))
        try files.moveItem(atPath: folder.path("data/tags.key"), toPath: folder.path("tags.key"))
        #expect(try refusal(3).contains("tags.key: is missing"))
        try files.moveItem(atPath: folder.path("tags.key"), toPath: folder.path("data/tags.key"))
        let mark = try Data(contentsOf: URL(filePath: folder.path("data/store")))
        try Data().write(to: URL(filePath: folder.path("data/store")))
        #expect(try refusal(2).contains("is damaged"))
        try mark.write(to: URL(filePath: folder.path("data/store")))
        let again = try Server(["--listen", "127.0.0.1:0"], folder: folder)
        _ = try await again.address()
        #expect(try await again.end() == 0)
    }

    @Test func unixSockets() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("s")
        let server = try Server(["--listen", "unix:\(path)"], folder: folder)
        _ = try await server.address()
        let encoded = try #require(path.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        #expect(try await status("http+unix://\(encoded)/readyz") == 200)
        // A second one does not take the socket away; after a kill a new one does.
        let second = try MartletCommand.run([
            "serve", "--listen", "unix:\(path)", "--store", "sqlite:\(folder.path("other.sqlite"))", "--data",
            folder.path("other"),
        ])
        #expect(second.status == 3 && second.errors.contains(path), "\(second.errors)")
        _ = try await server.end(SIGKILL)
        let third = try Server(["--listen", "unix:\(path)"], folder: folder)
        _ = try await third.address()
        #expect(try await status("http+unix://\(encoded)/readyz") == 200)
        #expect(try await third.end(SIGINT) == 0)
    }

    private static let hasOpenSSL = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    @Test(.enabled(if: hasOpenSSL, "openssl makes the certificates"))
    func mutualTLS() async throws {
        let folder = try TemporaryFolder()
        func openssl(_ arguments: String...) throws {
            let outcome = try MartletCommand.run(URL(filePath: "/usr/bin/openssl"), arguments)
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
        for name in ["authority", "stranger"] {
            try openssl(
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
                "-keyout",
                folder.path("\(name).key"), "-out", folder.path("\(name).pem"))
        }
        for (name, authority) in [("server", "authority"), ("client", "authority"), ("forged", "stranger")] {
            try openssl(
                "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(name)", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder.path("\(name).key"), "-out",
                folder.path("\(name).csr"))
            try openssl(
                "x509", "-req", "-in", folder.path("\(name).csr"), "-CA", folder.path("\(authority).pem"),
                "-CAkey",
                folder.path("\(authority).key"), "-CAcreateserial", "-days", "2", "-copy_extensions", "copy",
                "-out", folder.path("\(name).pem"))
        }
        let server = try Server(
            [
                "--listen", "127.0.0.1:0", "--tls-cert", folder.path("server.pem"), "--tls-key",
                folder.path("server.key"), "--tls-client-ca", folder.path("authority.pem"),
            ], folder: folder)
        let url = "https://\(try await server.address())/v1/jobs"
        func client(_ name: String?, trusting authority: String = "authority") throws -> TLSConfiguration {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(folder.path("\(authority).pem"))
            if let name {
                tls.certificateChain = try NIOSSLCertificate.fromPEMFile(folder.path("\(name).pem"))
                    .map { .certificate($0) }
                tls.privateKey = .privateKey(
                    try NIOSSLPrivateKey(file: folder.path("\(name).key"), format: .pem))
            }
            return tls
        }
        #expect(try await status(url, tls: client("client")) == 200)
        for tls in [try client(nil), try client("forged"), try client("client", trusting: "stranger")] {
            await #expect(throws: (any Error).self) { try await status(url, tls: tls) }
        }
        let plain = url.replacingOccurrences(of: "https", with: "http")
        await #expect(throws: (any Error).self) { try await status(plain) }
        #expect(try await status(url, tls: client("client")) == 200)

        // The library's client, by the same files.
        func jobs(_ name: String?, trusting authority: String = "authority") async throws -> [ResultDocument]
        {
            var options = ClientOptions()
            options.retries = 0
            options.caFile = folder.path("\(authority).pem")
            if let name {
                options.clientCertificateFile = folder.path("\(name).pem")
                options.clientKeyFile = folder.path("\(name).key")
            }
            let address = try #require(QueueAddress(String(url.dropLast("/v1/jobs".count))))
            let client = try MartletClient(address, options: options)
            do {
                let jobs = try await client.jobs().jobs
                await client.close()
                return jobs
            } catch {
                await client.close()
                throw error
            }
        }
        #expect(try await jobs("client").isEmpty)
        for (name, authority) in [(nil, "authority"), ("forged", "authority"), ("client", "stranger")] {
            await #expect {
                _ = try await jobs(name, trusting: authority)
            } throws: { error in
                if case ClientError.unreachable = error { true } else { false }
            }
        }
        #expect(try await server.end() == 0)
    }
}
