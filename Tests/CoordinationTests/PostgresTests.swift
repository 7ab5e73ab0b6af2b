// SPDX-License-Identifier: Apache-2.0

import Coordination
import CoordinationPostgres
import Foundation
import Outcomes
import Testing

/// What several coordinators and a server that dies make of a store.
@Suite(.enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct PostgresTests {
    @Test func coordinatorsMayBeginAtTheSameTime() async throws {
        let place = try Place(.postgres)
        try await withThrowingTaskGroup(of: SQLJobStore.self) { group in
            for _ in 0..<6 { group.addTask { try await place.open() } }
            for try await store in group { await store.close() }
        }
    }

    /// Two coordinators, eight workers: every job is leased once and proved once.
    @Test func eachJobIsLeasedOnceByTwoCoordinators() async throws {
        let place = try Place(.postgres)
        let stores = [try await place.open(), try await place.open()]
        try await stores[0].register(.sample(), verificationKey: "{}")
        try await drain(stores, jobs: 400, workers: 8)
        for store in stores { await store.close() }
    }

    @Test func hintsReachTheOtherCoordinator() async throws {
        let place = try Place(.postgres)
        let (one, other) = (try await place.open(), try await place.open())
        try await one.register(.sample(), verificationKey: "{}")
        // The other may not listen yet when the first is told: jobs are made until one is heard of.
        let heard = Task { () -> String? in
            for await uid in other.hints { return uid }
            return nil
        }
        let maker = Task {
            var made: Set<String> = []
            while !Task.isCancelled { made.insert(try await one.queue(specification("j\(made.count)"))) }
            return made
        }
        let uid = await heard.value
        maker.cancel()
        #expect(try await maker.value.contains(uid ?? ""))
        await one.close()
        await other.close()
    }

    /// With statistics of a time when nothing waited the planner would gather and sort the whole queue for
    /// each lease.
    @Test func leasesNeedNoSort() async throws {
        let place = try Place(.postgres)
        let (store, database) = (try await place.open(), try await place.database())
        try await store.register(.sample(), verificationKey: "{}")
        let plan = try await database.write { (session) throws(StoreError) in
            // As if many jobs had come and gone, and been counted then.
            _ = try session.run(
                """
                INSERT INTO jobs (uid, tenant, id, specification, circuit, priority, deadline, state, submitted_at)
                SELECT n::text, 't', n::text, '{}', 'c', 5, 9, 'succeeded', n FROM generate_series(1, 3000) AS n
                """, [])
            _ = try session.run("ANALYZE jobs", [])
            return try session.run(
                """
                EXPLAIN SELECT uid FROM jobs WHERE state = 'queued' AND deadline > 1 \
                ORDER BY priority, deadline, queued_at, uid LIMIT 1 FOR UPDATE SKIP LOCKED
                """, [])
        }
        let text = plan.compactMap { $0.text(0) }.joined(separator: "\n")
        #expect(text.contains("jobs_queue") && !text.contains("Sort"), "\(text)")
        await store.close()
        await database.close()
    }

    /// A sort that is off costs so much in a plan that PostgreSQL would compile machine code for it, each
    /// time.
    @Test func nothingIsCompiledForASort() async throws {
        let place = try Place(.postgres)
        let (store, database) = (try await place.open(), try await place.database())
        let plan = try await database.write { (session) throws(StoreError) in
            try session.run(
                "EXPLAIN ANALYZE SELECT uid FROM jobs WHERE id = 'a' ORDER BY submitted_at LIMIT 1", [])
        }
        let text = plan.compactMap { $0.text(0) }.joined(separator: "\n")
        #expect(text.contains("Sort") && !text.contains("JIT"), "\(text)")
        await store.close()
        await database.close()
    }

    /// The server is killed amid completions: what was told to be done is done, nothing is done twice, and
    /// the store serves again when the server does.
    @Test func nothingIsLostWhenTheServerIsKilled() async throws {
        let server = try PostgresServer()
        defer { server.stop() }
        let store = try await Place(.postgres, server: server).open()
        try await store.register(.sample(), verificationKey: "{}")
        let jobs = 300
        for index in 0..<jobs { _ = try await store.queue(specification("j\(index)")) }
        let (stream, progress) = AsyncStream<Int>.makeStream()
        let workers = Task {
            try await withThrowingTaskGroup(of: [String].self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        var accepted: [String] = []
                        while true {
                            do {
                                guard let leased = try await store.lease("w\(worker)") else { break }
                                let answer = try await store.complete(
                                    leased.uid, completion(leased.job.epoch, proof: "w\(worker)"))
                                if answer.outcome == .accepted { accepted.append(leased.uid) }
                                progress.yield(accepted.count)
                            } catch StoreError.unavailable {
                                try await Task.sleep(for: .milliseconds(20))
                            }
                        }
                        return accepted
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        for await count in stream where count >= 10 { break }
        try server.kill()
        // Down: an answer comes all the same.
        #expect(try await refusal { _ = try await store.counts() } == "unavailable")
        try server.start()
        let accepted = try await workers.value
        #expect(Set(accepted).count == accepted.count)
        // An answer that was lost with the server leaves a job that is done, or one that is still leased.
        let counts = try await store.counts().byState
        #expect((counts["succeeded"] ?? 0) + (counts["leased"] ?? 0) == jobs)
        #expect(counts["leased"] == 0)
        for uid in accepted { #expect(try await store.proof(uid) != nil) }
        await store.close()
    }

    @Test func anAddressThatIsNoneIsRefusedWithoutItsPassword() async throws {
        for url in ["mysql://u:geheim@h/d", "postgres://u:geh/eim@h/d", "postgres://u:geheim@h:port/d"] {
            do throws(StoreError) {
                _ = try await PostgresDatabase(url: url)
                Issue.record("\(url) was taken")
            } catch {
                #expect(!error.message.contains("geh"))
            }
        }
    }

    @Test func aTextWithNULIsRefused() async throws {
        try await withStore(.postgres) { store in
            let uid = try await store.queue(specification("j"))
            let leased = try #require(try await store.lease())
            let report = FailureReport(epoch: leased.job.epoch, code: "io", message: "a\0b")
            #expect(try await refusal { _ = try await store.fail(uid, report, principal: "w") } == "invalid")
            #expect(try await store.state("j") == .leased)
        }
    }
}

/// Leases and completes all of `jobs` jobs, each of which must come exactly once.
func drain(_ stores: [SQLJobStore], jobs: Int, workers: Int) async throws {
    let outcomes = try await stores[0].submit(
        (0..<jobs).map { specification("j\($0)") }, tenant: "default", traceparent: nil, maxOpenJobs: nil)
    try await withThrowingTaskGroup { group in
        for outcome in outcomes {
            let uid = try outcome.get().uid
            group.addTask { _ = try await stores[0].witnessArrived(uid, publicInputs: "[]") }
        }
        try await group.waitForAll()
    }
    let leased = try await withThrowingTaskGroup(of: [String].self) { group in
        for worker in 0..<workers {
            let store = stores[worker % stores.count]
            group.addTask {
                var uids: [String] = []
                while let leased = try await store.lease("w\(worker)") {
                    #expect(leased.job.epoch == 1)
                    let answer = try await store.complete(leased.uid, completion(1))
                    #expect(answer.outcome == .accepted)
                    uids.append(leased.uid)
                }
                return uids
            }
        }
        return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(leased.count == jobs)
    #expect(Set(leased).count == jobs)
    #expect(try await stores[0].counts().byState["succeeded"] == jobs)
}
