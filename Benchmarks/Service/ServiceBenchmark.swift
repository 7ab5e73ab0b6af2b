// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AsyncHTTPClient
import Coordination
import CoordinationPostgres
import CoordinationSQLite
import Digests
import Failures
import Foundation
import Foundations
import NIOCore
import NIOHTTP1
import Outcomes
import StrictJSON
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What several tasks share.
private final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    func use<R: Sendable>(_ body: (inout Value) -> R) -> R { value.withLock { body(&$0) } }
}

/// Measures the network service: its stores, ten thousand who wait, and what it adds to a proof's own time.
@main
struct ServiceBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-service-bench",
        abstract: "Measures the network service. Prints one JSON object.",
        subcommands: [Store.self, Wait.self, Overhead.self])

    /// Prints figures as one line of JSON.
    static func print(_ figures: [String: Double]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        Swift.print(String(decoding: try encoder.encode(figures), as: UTF8.self))
    }

    static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return start.secondsAgo
    }

    /// The value below which so much of a sorted array lies.
    static func quantile(_ sorted: [Double], _ part: Double) -> Double {
        sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }
}

extension ServiceBenchmark {
    /// Lease and completion, with stub proofs, at the store itself.
    struct Store: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "store", abstract: "Cycles of lease and completion a second in a store.")

        @Option(help: "An SQLite database's file, made anew.")
        var sqlite: String?

        @Option(help: "An empty PostgreSQL database, postgres://…")
        var postgres: String?

        func validate() throws {
            guard (sqlite == nil) != (postgres == nil) else {
                throw ValidationError("Give --sqlite or --postgres.")
            }
        }

        @Option(help: "Jobs.")
        var jobs = 20_000

        @Option(help: "Workers at the same time.")
        var workers = 64

        func run() async throws {
            let store = try await store()
            try ServiceBenchmark.print(
                try await ServiceBenchmark.cycles(store, jobs: jobs, workers: workers))
            await store.close()
        }

        private func store() async throws -> any JobStore {
            if let postgres {
                return try await SQLJobStore(PostgresDatabase(url: postgres))
            }
            guard let sqlite else { throw CleanExit.helpRequest(self) }
            for suffix in ["", "-wal", "-shm"] { unlink(sqlite + suffix) }
            return try await SQLJobStore(SQLiteDatabase(path: sqlite))
        }
    }

    /// Jobs submitted, queued, leased and completed a second.
    static func cycles(_ store: any JobStore, jobs count: Int, workers: Int) async throws -> [String: Double]
    {
        let digest = String(repeating: "0", count: 64)
        try await store.register(
            Circuit(
                digest: digest, zkeyBytes: 1, system: "groth16", curve: "bn254", variables: 1, publics: 0,
                domainSize: 1, memory: 1), verificationKey: "{}")
        let specifications = (0..<count).map {
            JobSpecification(id: "j\($0)", circuit: digest, witness: .init(sha256: digest, size: 1))
        }
        var uids: [String] = []
        let submission = try await seconds {
            for start in stride(from: 0, to: count, by: 1000) {
                let part = Array(specifications[start..<min(count, start + 1000)])
                for outcome in try await store.submit(part, tenant: "t", traceparent: nil, maxOpenJobs: nil) {
                    uids.append(try outcome.get().uid)
                }
            }
        }
        let shares = (0..<workers).map { worker in
            stride(from: worker, to: uids.count, by: workers).map { uids[$0] }
        }
        let arrival = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for share in shares {
                    group.addTask {
                        for uid in share { _ = try await store.witnessArrived(uid, publicInputs: "[]") }
                    }
                }
                try await group.waitForAll()
            }
        }
        let report = ProofFacts(backend: "stub", timings: .init(phases: [], total: 0), martlet: "")
        let done = Shared(0)
        let work = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<workers {
                    group.addTask {
                        let wish = LeaseRequest(worker: "w\(worker)", incarnation: "i\(worker)")
                        while let lease = try await store.acquire(wish, principal: "p", ttl: 30) {
                            let completion = Completion(
                                epoch: lease.job.epoch, proof: "{}", publicInputs: "[]", report: report)
                            let answer = try await store.complete(lease.uid, completion)
                            if answer.outcome == .accepted { done.use { $0 += 1 } }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        guard done.use({ $0 }) == count else {
            throw JobFailure(
                code: .internal, message: "\(done.use { $0 }) of \(count) completed")
        }
        return [
            "jobs": Double(count), "workers": Double(workers),
            "submissionsPerSecond": (Double(count) / submission).rounded(),
            "arrivalsPerSecond": (Double(count) / arrival).rounded(),
            "cyclesPerSecond": (Double(count) / work).rounded(),
        ]
    }
}

extension ServiceBenchmark {
    /// Clients that wait for one job each on a running coordinator, and are told of its end.
    struct Wait: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "wait", abstract: "Clients on long poll at a coordinator without tokens.")

        @Option(help: "http://HOST:PORT of the coordinator.")
        var coordinator: String

        @Option(help: "A registered circuit.")
        var circuit: String

        @Option(help: "Clients.")
        var clients = 10_000

        func run() async throws {
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var configuration = HTTPClient.Configuration()
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = clients + 100
            configuration.timeout.connect = .seconds(120)
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            let digest = String(repeating: "0", count: 64)
            let name = "w\(UInt32.random(in: 0 ... .max))"
            for start in stride(from: 0, to: clients, by: 5000) {
                let jobs = (start..<min(clients, start + 5000)).map {
                    JobSpecification(
                        id: "\(name)-\($0)", circuit: circuit, witness: .init(sha256: digest, size: 1))
                }
                try await post(client, "/v1/jobs/batch", ["jobs": jobs])
            }
            let (coordinator, clients) = (coordinator, clients)
            let answered = Shared(0)
            let ends = Shared<[String: ContinuousClock.Instant]>([:])
            let latencies = Shared<[Double]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<clients {
                    group.addTask {
                        let id = "\(name)-\(index)"
                        while true {
                            let request = HTTPClientRequest(url: "\(coordinator)/v1/jobs/\(id)?wait=60")
                            let response = try await client.execute(request, timeout: .seconds(120))
                            let body = try await response.body.collect(upTo: 1 << 20)
                            let job = try StrictJSONDecoder().decode(
                                ResultDocument.self, from: Data(body.readableBytesView))
                            guard job.state.isFinal else { continue }
                            if let end = ends.use({ $0[id] }) {
                                let latency = end.secondsAgo
                                latencies.use { $0.append(latency) }
                            }
                            answered.use { $0 += 1 }
                            return
                        }
                    }
                }
                // All of them wait before the first one ends.
                while try await waiting(client) < clients { try await Task.sleep(for: .milliseconds(200)) }
                FileHandle.standardError.write(Data("\(clients) wait\n".utf8))
                for start in stride(from: 0, to: clients, by: 16) {
                    try await withThrowingTaskGroup(of: Void.self) { part in
                        for index in start..<min(clients, start + 16) {
                            part.addTask {
                                let id = "\(name)-\(index)"
                                ends.use { $0[id] = .now }
                                try await post(client, "/v1/jobs/\(id)/cancel", [String: String]())
                            }
                        }
                        try await part.waitForAll()
                    }
                }
                try await group.waitForAll()
            }
            try await client.shutdown()
            let sorted = latencies.use { $0.sorted() }
            try ServiceBenchmark.print([
                "clients": Double(clients), "answered": Double(answered.use { $0 }),
                "medianSeconds": ServiceBenchmark.quantile(sorted, 0.5),
                "p99Seconds": ServiceBenchmark.quantile(sorted, 0.99),
            ])
        }

        private func post(_ client: HTTPClient, _ path: String, _ value: some Encodable) async throws {
            var request = HTTPClientRequest(url: coordinator + path)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(value)))
            let response = try await client.execute(request, timeout: .seconds(120))
            let body = try await response.body.collect(upTo: 64 << 20)
            guard response.status.code < 300 else {
                throw JobFailure(code: .infrastructure, message: "\(path): \(String(buffer: body))")
            }
        }

        /// How many requests the coordinator says that wait.
        private func waiting(_ client: HTTPClient) async throws -> Int {
            let response = try await client.execute(
                HTTPClientRequest(url: coordinator + "/metrics"), timeout: .seconds(60))
            let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
            let line = text.split(separator: "\n").first { $0.hasPrefix("martlet_waiting_requests ") }
            return line.flatMap { Double($0.split(separator: " ")[1]) }.map { Int($0) } ?? 0
        }
    }

    /// Jobs one after the other through a running coordinator and worker; what is not the proof's own time.
    struct Overhead: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "overhead",
            abstract:
                "Submit-to-proof time over the proof's own, at a coordinator without tokens with an idle worker."
        )

        @Option(help: "http://HOST:PORT of the coordinator.")
        var coordinator: String

        @Option(help: "A registered circuit.")
        var circuit: String

        @Option(help: "A witness file of the circuit, up to 1 MiB.")
        var witness: String

        @Option(help: "Jobs.")
        var jobs = 200

        func run() async throws {
            let data = try Data(contentsOf: URL(filePath: witness))
            let name = "o\(UInt32.random(in: 0 ... .max))"
            var (totals, overheads): ([Double], [Double]) = ([], [])
            for index in 0..<jobs {
                let id = "\(name)-\(index)"
                let specification = JobSpecification(
                    id: id, circuit: circuit,
                    witness: .init(sha256: SHA256Digest.hex(of: data), size: Int64(data.count)))
                var job: ResultDocument?
                let total = try await ServiceBenchmark.seconds {
                    _ = try await send(
                        .POST, "/v1/jobs", JSONEncoder().encode(JobRequest(specification, witnessData: data)))
                    repeat {
                        job = try StrictJSONDecoder().decode(
                            ResultDocument.self, from: await send(.GET, "/v1/jobs/\(id)?wait=60", nil))
                    } while job?.state.isFinal != true
                }
                guard let timings = job?.facts.timings else {
                    throw JobFailure(code: .internal, message: "\(id): \(job?.state.rawValue ?? "?")")
                }
                // Fetching is the service's, all else a proof without it would need too.
                let own = timings.phases.filter { $0.phase != "fetch" }.reduce(0) { $0 + $1.seconds }
                totals.append(total)
                overheads.append(total - own)
            }
            totals.sort()
            overheads.sort()
            try ServiceBenchmark.print([
                "jobs": Double(jobs), "medianTotalSeconds": ServiceBenchmark.quantile(totals, 0.5),
                "medianOverheadSeconds": ServiceBenchmark.quantile(overheads, 0.5),
                "p95OverheadSeconds": ServiceBenchmark.quantile(overheads, 0.95),
            ])
        }

        private func send(_ method: HTTPMethod, _ path: String, _ body: Data?) async throws -> Data {
            var request = HTTPClientRequest(url: coordinator + path)
            request.method = method
            if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
            if method == .POST { request.headers.add(name: "Content-Type", value: "application/json") }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
            let answer = try await response.body.collect(upTo: 16 << 20)
            guard response.status.code < 300 else {
                throw JobFailure(code: .infrastructure, message: "\(path): \(String(buffer: answer))")
            }
            return Data(answer.readableBytesView)
        }
    }
}
