// SPDX-License-Identifier: Apache-2.0

import Coordination
import CoordinationSQLite
import Foundation
import SystemTestSupport
import Testing

/// Callbacks in the store: whose are due, and how many there may be.
struct DeliveryTests {
    private func told(_ id: String, _ url: String) -> JobSpecification {
        var job = specification(id)
        job.callback = url
        return job
    }

    /// Ends a job at once; its uid.
    private func end(_ job: JobSpecification, tenant: String, _ store: SQLJobStore) async throws -> String {
        let uid = try await store.submit(one: job, tenant: tenant).uid
        _ = try await store.cancel(uid)
        return uid
    }

    private func due(
        _ store: SQLJobStore, share: Int = 2, butNotOf targets: [String] = [], tenants: [String] = []
    ) async throws -> [DueCallback] {
        try await store.dueCallbacks(limit: 100, share: share, butNotOf: targets, tenants: tenants)
    }

    @Test(arguments: Backend.available) func aTargetHasItsShare(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            for index in 0..<20 {
                _ = try await end(told("d\(index)", "http://dead.example/\(index)"), tenant: "t", store)
            }
            let live = try await end(told("l", "http://live.example/"), tenant: "t", store)
            // The same address of another tenant is another queue.
            let other = try await end(told("o", "http://dead.example/"), tenant: "u", store)
            _ = try await store.submit(one: told("open", "http://live.example/"), tenant: "t")
            let first = try await due(store)
            #expect(first.map(\.target).filter { $0 == "t http://dead.example" }.count == 2)
            #expect(Set(first.map(\.uid)).isSuperset(of: [live, other]) && first.count == 4)
            // What was given out is not given out again.
            let second = try await due(store)
            #expect(second.count == 2 && Set(second.map(\.uid)).isDisjoint(with: first.map(\.uid)))
            #expect(try await due(store, butNotOf: ["t http://dead.example"]).isEmpty)
            #expect(try await due(store, tenants: ["t"]).isEmpty)
            // Nobody is there: all of them wait.
            try await store.postponeCallbacks(of: "t http://dead.example", seconds: 60)
            #expect(try await due(store, share: 50).isEmpty)
            try await store.postponeCallbacks(of: "t http://dead.example", seconds: -1)
            #expect(try await due(store, share: 50).count == 20)
            // Taken ones are gone, refused ones come again later, and that of an open job has never been due.
            try await store.settleCallbacks(done: [live], refused: [other])
            try await store.postponeCallbacks(of: "u http://dead.example", seconds: -1)
            #expect(try await due(store, share: 50).map(\.uid) == [other])
        }
    }

    /// Jobs that were cancelled do not free what their callbacks take.
    @Test func cancelledJobsCount() async throws {
        let folder = try TemporaryFolder()
        let store = try await SQLJobStore(SQLiteDatabase(path: folder.path("jobs.sqlite")), callbackLimit: 3)
        try await store.register(.sample(), verificationKey: "{}")
        let first = try await end(told("a", "http://h/"), tenant: "t", store)
        _ = try await end(told("b", "http://h/"), tenant: "t", store)
        _ = try await store.submit(one: told("c", "http://h/"), tenant: "t")
        #expect(
            try await refusal { _ = try await store.submit(one: told("d", "http://h/"), tenant: "t") }
                == "quota")
        // Within a batch, too; a job without a callback, the same job again, and another tenant's are none of
        // them.
        let batch = try await store.submit(
            [
                told("u1", "http://h/"), told("u2", "http://h/"), told("u3", "http://h/"),
                told("u4", "http://h/"),
            ], tenant: "u",
            traceparent: nil, maxOpenJobs: nil)
        #expect(batch.map { (try? $0.get()) != nil } == [true, true, true, false])
        _ = try await store.submit(one: specification("e"), tenant: "t")
        #expect(try await !store.submit(one: told("c", "http://h/"), tenant: "t").isNew)
        try await store.settleCallbacks(done: [first], refused: [])
        _ = try await store.submit(one: told("d", "http://h/"), tenant: "t")
        await store.close()
    }

    @Test(arguments: Backend.available) func tokensAreRemembered(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            #expect(try await !store.hasHadTokens())
            try await store.add(
                AccessToken(id: "a", hash: "h", role: .worker, tenant: "default", createdAt: 0))
            #expect(try await store.hasHadTokens())
            try await store.removeToken("a")
            #expect(try await store.hasHadTokens())
            #expect(try await store.tokens().isEmpty)
        }
    }
}
