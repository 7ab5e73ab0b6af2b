// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Outcomes
import Testing

/// What every store forgets, and what it does not.
struct HousekeepingTests {
    @Test(arguments: Backend.available) func oldJobsAreForgotten(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            func prove(_ specification: JobSpecification) async throws -> String {
                let uid = try await store.queue(specification)
                #expect(try await store.lease()?.uid == uid)
                #expect(try await store.complete(uid, completion(1)).outcome == .accepted)
                return uid
            }
            let first = try await prove(specification("done"))
            var told = specification("told")
            told.callback = "https://example.org/told"
            let toldUID = try await prove(told)
            // A worker that is lost three times leaves a dead job, which somebody is to look at.
            _ = try await store.queue(specification("dead"))
            for _ in 0..<3 {
                _ = try await store.lease(ttl: -1)
                _ = try await store.sweep()
            }
            #expect(try await store.state("dead") == .dead)
            let cancelled = try await store.queue(specification("cancelled"))
            _ = try await store.cancel(cancelled)
            _ = try await store.queue(specification("waiting"))

            #expect(try await store.forgetEnded(olderThan: 3600) == 0)
            // Before the callback is delivered its job stays.
            #expect(try await store.forgetEnded(olderThan: -1) == 2)
            #expect(try await store.forgetEnded(olderThan: -1) == 0)
            try await store.settleCallbacks(done: [toldUID], refused: [])
            #expect(try await store.forgetEnded(olderThan: -1) == 1)
            for name in ["done", "told", "cancelled"] {
                #expect(try await refusal { _ = try await store.job(name, tenant: nil) } == "unknown")
            }
            #expect(try await store.state("dead") == .dead)
            #expect(try await store.state("waiting") == .queued)
            // The name is free again.
            #expect(try await store.queue(specification("done")) != first)
        }
    }

    /// A store is itself however often it is opened, and no other one.
    @Test(arguments: Backend.available) func aStoreHasAnIdentity(_ backend: Backend) async throws {
        let place = try Place(backend)
        let (first, second) = (try await place.open(), try await place.open())
        #expect(first.identity == second.identity && first.identity.id.count == 16)
        #expect(first.identity.place.hasPrefix("\(backend.rawValue):"))
        #expect(first.identity.kind == backend.rawValue)
        let other = try await Place(backend).open()
        #expect(other.identity.id != first.identity.id)
        for store in [first, second, other] { await store.close() }
    }

    @Test(arguments: Backend.available) func manyAreAskedAbout(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let uid = try await store.queue(specification("a"))
            _ = try await store.cancel(uid)
            let waiting = try await store.queue(specification("b"))
            let asked = (0..<40_000).map { "none-\($0)" } + [uid, waiting]
            #expect(try await store.ended(asked) == [uid])
            #expect(try await store.ended([]) == [])
            #expect(try await store.known(asked) == [uid, waiting])
        }
    }
}
