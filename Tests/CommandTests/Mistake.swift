// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import SystemTestSupport
import TestSupport
import Testing

/// A mistake that people make, and what they must be told.
struct Mistake: Sendable {
    let description: String
    /// With `{names}` in place of paths and addresses.
    let arguments: [String]
    let status: Int32
    /// What the message must have, `{names}` among it; of alternatives parted by `|` one.
    let words: [String]
    var environment: [String: String] = [:]

    init(
        _ description: String, _ arguments: String, _ status: Int32, _ words: String...,
        environment: [String: String] = [:]
    ) {
        self.init(description, arguments, status, words: words, environment: environment)
    }

    init(
        _ description: String, _ arguments: String, _ status: Int32, words: [String],
        environment: [String: String] = [:]
    ) {
        self.description = description
        self.arguments = arguments.split(separator: " ").map(String.init)
        self.status = status
        self.words = words
        self.environment = environment
    }

    /// What no message has: words of libraries, of the language and of Foundation, names of types and
    /// modules, places of sources.
    static let forbidden = [
        "NIO", "GRDB", "Foundation", "Hummingbird", "AsyncHTTPClient", "BoringSSL", "ArgumentParser",
        #"Swift\."#,
        "Error Domain", "NSCocoa", "NSURL", "NSPOSIX", "UserInfo", "The file", "couldn.t",
        "could not be completed",
        "The operation", "The given data", "The data", #"\(descriptor:"#, "errno:", #"\.swift"#,
        #"Optional\("#,
        #"\b[A-Z]\w+(Error|Failure|Exception)\b"#, "debugDescription", "codingPath", "CodingKeys", "SQLITE_",
        "SQLite error", "conninfo", "dlopen", "shared object", "unexpectedly found", "Fatal error",
        #"\bnil\b"#,
        #"/\.build/"#, "/checkouts/", "Is the server running", #"\berrno\b"#, "SSL routines",
        "_VERIFY_FAILED", "rawValue",
    ]

    /// Runs the program with each of the mistakes, several at a time: some wait for somebody who does not
    /// answer.
    ///
    /// - Parameter files: what stands for each `{name}`; `more` comes beside.
    static func check(
        _ mistakes: [Mistake], _ files: MistakenFiles, _ more: [String: String] = [:]
    ) throws {
        let names = files.names.merging(more) { $1 }
        let outcomes = Mutex([Int: Result<MartletCommand.Outcome, any Error>]())
        let next = Mutex(0)
        let ended = DispatchSemaphore(value: 0)
        let threads = min(8, mistakes.count)
        for _ in 0..<threads {
            Thread.detachNewThread {
                while let index = next.withLock({ next -> Int? in
                    defer { next += 1 }
                    return next < mistakes.count ? next : nil
                }) {
                    let outcome = Result { try mistakes[index].run(names) }
                    outcomes.withLock { $0[index] = outcome }
                }
                ended.signal()
            }
        }
        for _ in 0..<threads { ended.wait() }
        for (index, mistake) in mistakes.enumerated() {
            let outcome = try #require(outcomes.withLock { $0[index] })
            mistake.judge(try outcome.get(), names)
        }
        withExtendedLifetime(files) {}
    }

    private func run(_ names: [String: String]) throws -> MartletCommand.Outcome {
        try MartletCommand.run(
            arguments.map { filled($0, names) }, environment: environment.mapValues { filled($0, names) },
            limit: 60)
    }

    private func filled(_ text: String, _ names: [String: String]) -> String {
        names.reduce(text) { $0.replacingOccurrences(of: "{\($1.key)}", with: $1.value) }
    }

    /// Demands the status, the words, and none of what is forbidden.
    private func judge(_ outcome: MartletCommand.Outcome, _ names: [String: String]) {
        let said = "\(description): \(outcome.errors)"
        #expect(outcome.status == status, "\(outcome.status): \(said)")
        for word in words.map({ filled($0, names) }) {
            #expect(
                word.split(separator: "|").contains { said.contains($0) }, "'\(word)' is missing in: \(said)")
        }
        for pattern in Self.forbidden {
            let found = outcome.errors.range(of: pattern, options: .regularExpression)
            #expect(found == nil, "\(pattern): \(said)")
        }
        #expect(outcome.output.isEmpty, "\(said) \(outcome.output)")
        // One sentence, or the parser's with the usage below it; none of both is long.
        #expect(said.split(separator: "\n").count <= 8 && said.utf8.count < 1500, "\(said)")
    }
}

/// The files and the folder that mistakes are made with.
struct MistakenFiles {
    let folder: TemporaryFolder
    private(set) var names: [String: String] = [:]

    init() throws {
        folder = try TemporaryFolder()
        let root = folder.url.standardizedFileURL.path
        let circuit = Vectors.url("snarkjs/groth16-bn128-multiplier")
        let other = Vectors.url("snarkjs/groth16-bls12381-multiplier")
        for (name, file) in [
            ("zkey", "circuit_final.zkey"), ("wtns", "witness.wtns"), ("r1cs", "circuit.r1cs"),
            ("vkey", "verification_key.json"), ("proof", "proof.json"), ("public", "public.json"),
        ] {
            names[name] = circuit.appending(path: file).path
            names["bls-\(name)"] = other.appending(path: file).path
        }
        names["unsatisfied"] = Vectors.url("snarkjs/malformed/w04_unsatisfied_private.wtns").path
        names["plonk-zkey"] = Vectors.url("snarkjs/plonk-bn128-multiplier/circuit_final.zkey").path
        for file in ["server.pem", "server.key", "other.pem", "other.key"] {
            names[file] = Vectors.url("tls/\(file)").path
        }
        names["dir"] = root
        for (name, text) in [
            ("garbage", "\u{1}\u{2}garbage"), ("empty", ""), ("broken", #"{"pi_a": ["#),
            ("three", "a b c\n"), ("token", "AAAA.BBBB\n"), ("task", #"{"format":"x","#),
        ] {
            names[name] = "\(root)/\(name)"
            try Data(text.utf8).write(to: folder.url.appending(path: name))
        }
        try FileManager.default.createDirectory(
            atPath: folder.path("folder"), withIntermediateDirectories: false)
        names["folder"] = root + "/folder"
    }
}
