// SPDX-License-Identifier: Apache-2.0

import Coordination
import CoordinationPostgres
import CoordinationSQLite
import Foundation
import Outcomes
import SystemTestSupport
import Testing

/// The databases that a store may be in.
enum Backend: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case sqlite, postgres

    /// Those that are installed here; `PostgresTests` is skipped, visibly, where PostgreSQL is not.
    static let available = allCases.filter { $0 == .sqlite || PostgresServer.isInstalled }

    var testDescription: String { rawValue }
}

/// An empty database, in which stores are opened.
struct Place: Sendable {
    let backend: Backend
    private let folder: TemporaryFolder
    private let address: String

    init(_ backend: Backend, server: PostgresServer? = nil) throws {
        self.backend = backend
        folder = try TemporaryFolder()
        switch backend {
        case .sqlite: address = folder.path("store.sqlite")
        case .postgres: address = try (server ?? PostgresServer.shared.get()).makeDatabase()
        }
    }

    func open() async throws -> SQLJobStore { try await SQLJobStore(try await database()) }

    func database() async throws -> any SQLDatabase {
        switch backend {
        case .sqlite: try SQLiteDatabase(path: address)
        case .postgres: try await PostgresDatabase(url: address)
        }
    }
}

/// Runs `body` with a store in an empty database, which has the circuit that `specification` names.
func withStore(_ backend: Backend, _ body: (SQLJobStore) async throws -> Void) async throws {
    try await withStore(in: try Place(backend), body)
}

func withStore(in place: Place, _ body: (SQLJobStore) async throws -> Void) async throws {
    // Its folder goes with it.
    defer { withExtendedLifetime(place) {} }
    let store = try await place.open()
    do {
        try await store.register(.sample(), verificationKey: "{}")
        try await body(store)
    } catch {
        await store.close()
        throw error
    }
    await store.close()
}

extension Circuit {
    /// - Parameter name: one hexadecimal digit.
    static func sample(_ name: Character = "a", memory: Int64 = 1000) -> Circuit {
        Circuit(
            digest: String(repeating: name, count: 64), zkeyBytes: 500, system: "groth16", curve: "bn254",
            variables: 10, publics: 2, domainSize: 16, memory: memory)
    }
}

func specification(
    _ id: String, circuit: Character = "a", priority: Int = 5, deadline: Int64? = nil, maxAttempts: Int = 3
) -> JobSpecification {
    JobSpecification(
        id: id, circuit: String(repeating: circuit, count: 64),
        witness: BlobReference(sha256: String(repeating: "f", count: 64), size: 100), priority: priority,
        deadline: deadline, maxAttempts: maxAttempts)
}

func completion(_ epoch: Int, proof: String = "proof") -> Completion {
    Completion(
        epoch: epoch, proof: proof, publicInputs: "[]",
        report: ProofFacts(
            backend: "cpu", timings: .init(phases: [.init(phase: "msm", seconds: 0.25)], total: 1.5),
            martlet: "1"))
}

let anHourHence = Int64(Date().timeIntervalSince1970 * 1000) + 3_600_000

extension SQLJobStore {
    /// Submits one job; gives its uid.
    func submit(
        one specification: JobSpecification, tenant: String = "default", maxOpenJobs: Int? = nil
    ) async throws -> SubmittedJob {
        let outcomes = try await submit(
            [specification], tenant: tenant, traceparent: nil, maxOpenJobs: maxOpenJobs)
        return try #require(outcomes.first).get()
    }

    /// Submits one job and has its witness arrive.
    func queue(_ specification: JobSpecification) async throws -> String {
        let submitted = try await submit(one: specification)
        _ = try await witnessArrived(submitted.uid, publicInputs: "[\"7\"]")
        return submitted.uid
    }

    /// What worker `name` gets.
    func lease(
        _ name: String = "w", token: String? = nil, slot: Int = 0, loaded: [Character] = [],
        freeBytes: Int64? = nil, ttl: Double = 60, limit: Double = .infinity
    ) async throws -> LeasedJob? {
        try await acquire(
            LeaseRequest(
                worker: name, incarnation: name + "-1", slot: slot,
                loadedCircuits: loaded.map { String(repeating: $0, count: 64) }, freeBytes: freeBytes),
            principal: token ?? name, ttl: ttl, limit: limit)
    }

    /// Worker `name` says that it is there.
    func heard(_ name: String, token: String? = nil, unready: String? = nil) async throws {
        try await heard(
            LeaseRequest(worker: name, incarnation: name + "-1", unready: unready), principal: token ?? name)
    }

    /// Worker `name` leases a job and fails at it; nil where it gets none.
    func fail(_ name: String, token: String? = nil, _ code: String) async throws -> Job? {
        guard let leased = try await lease(name, token: token) else { return nil }
        return try await fail(
            leased.uid, FailureReport(epoch: leased.job.epoch, code: code, message: "m"),
            principal: token ?? name
        ).job
    }

    /// Worker `name` leases a job and proves it; nil where it gets none.
    func prove(_ name: String, token: String? = nil) async throws -> String? {
        guard let leased = try await lease(name, token: token) else { return nil }
        #expect(try await complete(leased.uid, completion(leased.job.epoch)).outcome == .accepted)
        return leased.job.id
    }

    /// With leases as long as those of `lease`.
    func sweep() async throws -> [StoredJob] { try await sweep(ttl: 60) }

    func state(_ id: String) async throws -> Job.State { try await job(id, tenant: nil).job.state }
}

/// What the store has against `body`, without the words; `nil` when nothing.
func refusal(_ body: () async throws -> Void) async throws -> String? {
    do { try await body() } catch let error as StoreError {
        switch error {
        case .invalid: return "invalid"
        case .unknown: return "unknown"
        case .conflict: return "conflict"
        case .staleEpoch: return "staleEpoch"
        case .cordoned: return "cordoned"
        case .quota: return "quota"
        case .unavailable: return "unavailable"
        }
    }
    return nil
}
