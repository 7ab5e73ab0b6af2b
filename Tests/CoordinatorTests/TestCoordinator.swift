// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Coordination
import CoordinationSQLite
import Coordinator
import Digests
import Foundation
import Foundations
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Outcomes
import ProvingEngine
import ServiceLifecycle
import Synchronization
import SystemTestSupport
import TestSupport
import Testing

/// The circuit of all these tests: d = a·b·c + a over BN254, with two public signals.
enum Multiplier {
    static let folder = Vectors.url("snarkjs/groth16-bn128-multiplier")
    static let zkey = Result { try Data(contentsOf: folder.appending(path: "circuit_final.zkey")) }
    static let witness = Result { try Data(contentsOf: folder.appending(path: "witness.wtns")) }
    static let engine = Result { try ProvingEngine(backend: .cpu, threads: 1) }
    static let key = Result {
        try engine.get().loadKey(path: folder.appending(path: "circuit_final.zkey").path)
    }

    /// A fresh proof of the witness at `path`, or of the usual one.
    static func prove(_ path: String? = nil) throws -> ProofOutput {
        try engine.get().prove(
            key: key.get(), witnessPath: path ?? folder.appending(path: "witness.wtns").path)
    }

    static func digest(_ data: Data) -> String { SHA256Digest.hex(of: data) }
}

/// A coordinator on a free port of this machine, with a folder of its own; gone with `stop()`.
final class TestCoordinator: Sendable {
    let folder: TemporaryFolder
    let store: any JobStore
    let port: Int
    private let task: Task<Void, any Error>

    private init(folder: TemporaryFolder, store: any JobStore, port: Int, task: Task<Void, any Error>) {
        self.folder = folder
        self.store = store
        self.port = port
        self.task = task
    }

    /// - Parameters:
    ///   - folder: where store and data are, or are made; a new one where it is left out.
    ///   - names: what store and data are called there.
    ///   - log: gets what it logs.
    static func start(
        in folder: TemporaryFolder? = nil, names: (store: String, data: String) = ("jobs.sqlite", "data"),
        log: RecordedLog? = nil,
        _ change: (inout CoordinatorOptions) -> Void = { _ in }
    ) async throws -> TestCoordinator {
        let folder = try folder ?? TemporaryFolder()
        let store = try await SQLJobStore(
            SQLiteDatabase(path: folder.path(names.store)))
        var options = CoordinatorOptions()
        options.listener = .tcp(host: "127.0.0.1", port: 0)
        options.minFreeSpace = 0
        options.sweepSeconds = 0.1
        change(&options)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        if let log {
            logger = Logger(label: "test") { _ in RecordedLog.Handler(log: log) }
            logger.logLevel = .debug
        }
        let data = try DataFolder(path: folder.path(names.data), watermark: options.minFreeSpace)
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let coordinator = Coordinator(
            store: store, folder: data, engine: try Multiplier.engine.get(), options: options, logger: logger
        ) { port in
            listening.yield(port ?? 0)
            listening.finish()
        }
        let group = ServiceGroup(services: [coordinator], logger: logger)
        let task = Task {
            defer { listening.finish() }
            try await group.run()
        }
        var found: Int?
        for await port in ports { found = port }
        if found == nil { try await task.value }
        return TestCoordinator(folder: folder, store: store, port: try #require(found), task: task)
    }

    func stop() async {
        task.cancel()
        _ = try? await task.value
    }

    struct Answer {
        var status: Int
        var headers: HTTPHeaders
        var body: Data

        var text: String { String(decoding: body, as: UTF8.self) }
        func value<T: Decodable>(_ type: T.Type = T.self) throws -> T {
            try JSONDecoder().decode(type, from: body)
        }
        /// `error.code`.
        var code: String? {
            struct Wrapped: Decodable {
                struct Content: Decodable { var code: String, message: String }
                var error: Content
            }
            return try? value(Wrapped.self).error.code
        }
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    func send(
        _ method: HTTPMethod, _ path: String, _ body: Data? = nil, token: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url(path))
        request.method = method
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let token { request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(token)") }
        if let body { request.body = .bytes(ByteBuffer(data: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: Data(buffer: bytes))
    }

    func post(_ path: String, _ value: some Encodable, token: String? = nil, headers: [String: String] = [:])
        async throws -> Answer
    {
        try await send(
            .POST, path, JSONEncoder().encode(value), token: token,
            headers: headers.merging(["Content-Type": "application/json"]) { $1 })
    }

    func post(text: String, _ path: String, token: String? = nil) async throws -> Answer {
        try await send(
            .POST, path, Data(text.utf8), token: token, headers: ["Content-Type": "application/json"])
    }

    /// Uploads the key, or another one, and registers its circuit; its digest.
    func addCircuit(_ zkey: Data? = nil, token: String? = nil) async throws -> String {
        let zkey = try zkey ?? Multiplier.zkey.get()
        let digest = Multiplier.digest(zkey)
        let stored = try await send(.PUT, "/v1/blobs/\(digest)", zkey, token: token)
        #expect([200, 201].contains(stored.status), "\(stored.text)")
        let made = try await post("/v1/circuits", ["zkey": digest], token: token)
        #expect([200, 201].contains(made.status), "\(made.text)")
        return digest
    }

    func specification(_ id: String, _ circuit: String, witness: Data? = nil) throws -> JobSpecification {
        let witness = try witness ?? Multiplier.witness.get()
        return JobSpecification(
            id: id, circuit: circuit,
            witness: BlobReference(sha256: Multiplier.digest(witness), size: Int64(witness.count)))
    }

    /// Submits a job and uploads its witness.
    @discardableResult
    func addJob(
        _ id: String, _ circuit: String, witness: Data? = nil, token: String? = nil,
        _ change: (inout JobSpecification) -> Void = { _ in }
    ) async throws -> ResultDocument {
        let witness = try witness ?? Multiplier.witness.get()
        var specification = try specification(id, circuit, witness: witness)
        change(&specification)
        let made = try await post("/v1/jobs", specification, token: token)
        #expect(made.status == 201, "\(made.text)")
        let sent = try await send(.PUT, "/v1/jobs/\(id)/witness", witness, token: token)
        #expect(sent.status == 204, "\(sent.text)")
        return try await send(.GET, "/v1/jobs/\(id)", token: token).value()
    }

    func lease(_ worker: String = "w", slot: Int = 0, wait: Double? = nil, token: String? = nil) async throws
        -> Lease?
    {
        let answer = try await post(
            "/v1/leases",
            LeaseRequest(worker: worker, incarnation: worker + "-1", slot: slot, wait: wait), token: token)
        guard answer.status == 200 else {
            #expect(answer.status == 204, "\(answer.text)")
            return nil
        }
        return try answer.value()
    }

    func complete(_ lease: Lease, _ output: ProofOutput, token: String? = nil) async throws -> Answer {
        try await post("/v1/leases/\(lease.lease)/complete", Self.completion(lease, output), token: token)
    }

    static func completion(_ lease: Lease, _ output: ProofOutput) -> Completion {
        Completion(
            epoch: lease.epoch, proof: String(decoding: output.proofJSON, as: UTF8.self),
            publicInputs: String(decoding: output.publicJSON, as: UTF8.self),
            report: output.facts.reported)
    }

    /// A token straight into the store.
    func token(_ role: Role, tenant: String = "default", maxOpenJobs: Int? = nil, expiresAt: Int64? = nil)
        async throws -> String
    {
        let (token, secret) = TokenSecret.make(
            role: role, tenant: tenant, maxOpenJobs: maxOpenJobs, now: 0, expiresAt: expiresAt)
        try await store.add(token)
        return secret
    }
}

/// Runs `body` on a coordinator and stops that in any case.
func withCoordinator(
    in place: TemporaryFolder? = nil, log: RecordedLog? = nil,
    _ change: (inout CoordinatorOptions) -> Void = { _ in },
    _ body: (TestCoordinator) async throws -> Void
) async throws {
    let coordinator = try await TestCoordinator.start(in: place, log: log, change)
    do { try await body(coordinator) } catch {
        await coordinator.stop()
        throw error
    }
    await coordinator.stop()
}

/// The change of one option.
func setting<Options, Value>(
    _ option: WritableKeyPath<Options, Value>, _ value: Value
) -> (inout Options) -> Void {
    { $0[keyPath: option] = value }
}

/// What a coordinator has logged.
final class RecordedLog: Sendable {
    private let all = Mutex<[(level: Logger.Level, text: String)]>([])

    /// The lines of this level and those above it.
    func lines(from level: Logger.Level) -> [String] {
        all.withLock { $0.filter { $0.level >= level }.map(\.text) }
    }

    struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let more = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            let text = (["\(event.message)"] + more.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
            log.all.withLock { $0.append((event.level, text)) }
        }
    }
}
