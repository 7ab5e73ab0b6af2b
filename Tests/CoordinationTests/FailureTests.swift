// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Outcomes
import Testing

/// What every store makes of workers that are sick, wrong or hostile.
struct FailureTests {
    /// Makes all workers' last signs of life older.
    private func age(_ place: Place, seconds: Int64) async throws {
        let database = try await place.database()
        try await database.write { (session) throws(StoreError) in
            _ = try session.run("UPDATE workers SET seen_at = seen_at - ?", [.integer(seconds * 1000)])
            _ = try session.run(
                "UPDATE failed_attempts SET again_at = again_at - ?", [.integer(seconds * 1000)])
        }
        await database.close()
    }

    /// A worker with a full disk takes one job after the other and fails at each.
    @Test(arguments: Backend.available)
    func aWorkersOwnFailuresEndNoJob(_ backend: Backend) async throws {
        let place = try Place(backend)
        try await withStore(in: place) { store in
            let ids = Set((0..<40).map { "j\($0)" })
            for id in ids { _ = try await store.queue(specification(id, maxAttempts: 1)) }
            try await store.heard("sick")
            try await store.heard("well")
            var failed = 0
            while let job = try await store.fail("sick", "infrastructure") {
                #expect(job.state == .queued && job.failures == 0 && job.reason?.code == "infrastructure")
                failed += 1
            }
            // Each comes to it once, until it has failed too often.
            #expect(failed <= ids.count)
            var proved: Set<String> = []
            while let id = try await store.prove("well") { proved.insert(id) }
            #expect(proved == ids)
            #expect(try await store.counts().byState == ["succeeded": ids.count].filled)
        }
    }

    /// Where nobody else is there, a job comes again to who failed at it, later each time.
    @Test(arguments: Backend.available)
    func aJobComesAgainWhereNobodyElseIsThere(_ backend: Backend) async throws {
        let place = try Place(backend)
        try await withStore(in: place) { store in
            _ = try await store.queue(specification("j"))
            try await store.heard("one")
            try await store.heard("two")
            for round in 0..<5 {
                #expect(try await store.fail("one", "infrastructure")?.state == .queued)
                #expect(try await store.lease("one") == nil)
                #expect(try await store.fail("two", "infrastructure")?.state == .queued)
                // Both have failed: either may try again, but not at once.
                if round > 0 { #expect(try await store.lease("one") == nil) }
                #expect(try await store.lease("two") == nil)
                try await age(place, seconds: 61)
                try await store.heard("one")
                try await store.heard("two")
                let leased = try #require(try await store.lease("two"))
                _ = try await store.release(leased.uid, epoch: leased.job.epoch, principal: "two")
            }
            #expect(try await store.prove("one") == "j")
        }
    }

    /// A job that came back is not passed over as long as others come.
    @Test(arguments: Backend.available, ["internal", "infrastructure"])
    func aJobThatCameBackIsNotStarved(_ backend: Backend, _ code: String) async throws {
        let place = try Place(backend)
        try await withStore(in: place) { store in
            _ = try await store.queue(specification("back"))
            try await store.heard("only")
            #expect(try await store.fail("only", code)?.state == .queued)
            try await age(place, seconds: 5)
            for number in 0..<3 { _ = try await store.queue(specification("new\(number)")) }
            #expect(try await store.prove("only") == "back")
        }
    }

    @Test(arguments: Backend.available)
    func oneWorkersWordDoesNotRejectAJob(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            try await store.heard("liar")
            try await store.heard("honest")
            _ = try await store.queue(specification("good", maxAttempts: 1))
            let job = try await store.fail("liar", "unsatisfied")
            #expect(job?.state == .queued && job?.failures == 0)
            #expect(job?.reason?.message.contains("worker liar says: m") == true)
            // It is another one's turn, also under a new name and from a new start.
            #expect(try await store.lease("liar") == nil)
            #expect(try await store.lease("liar2", token: "liar") == nil)
            #expect(try await store.prove("honest") == "good")
            #expect(try await store.job("good", tenant: nil).job.reason == nil)
            // It need not have lied: the proof may be of another witness. Nothing counts against it.
            let liar = try await store.workers().first { $0.name == "liar" }
            #expect(liar?.failures == 0)
            // Two who say the same are believed.
            for code in ["unsatisfied", "bad-input"] {
                let uid = try await store.queue(specification("bad-" + code))
                #expect(try await store.fail("honest", code)?.state == .queued)
                let end = try await store.fail("liar", code)
                #expect(end?.state == .rejected && end?.reason == Job.Reason(code: code, message: "m"))
                #expect(try await store.ended([uid]) == [uid])
            }
        }
    }

    /// Whoever has the honest workers put out is not alone with its word then: such jobs are dead, with their
    /// witness, and not rejected.
    @Test(arguments: Backend.available)
    func workersThatAreKeptOutStillCount(_ backend: Backend) async throws {
        let place = try Place(backend)
        try await withStore(in: place) { store in
            try await store.heard("honest")
            try await store.heard("liar")
            try await store.cordon("honest", token: nil, reason: "quarantined")
            _ = try await store.queue(specification("good"))
            var state: Job.State? = .queued
            for _ in 0..<5 where state == .queued {
                state = try await store.fail("liar", "unsatisfied")?.state ?? state
                try await age(place, seconds: 61)
                try await store.heard("liar")
            }
            #expect(state != .rejected, "\(String(describing: state))")
        }
    }

    /// Names of one token are one voice, where there are others; where there are none, they are as many as
    /// they say.
    @Test(arguments: Backend.available)
    func aTokenIsOneVoice(_ backend: Backend) async throws {
        let place = try Place(backend)
        try await withStore(in: place) { store in
            for name in ["a", "b"] { try await store.heard(name, token: "shared") }
            _ = try await store.queue(specification("fleet"))
            #expect(try await store.fail("a", token: "shared", "unsatisfied")?.state == .queued)
            #expect(try await store.lease("a", token: "shared") == nil)
            #expect(try await store.fail("b", token: "shared", "unsatisfied")?.state == .rejected)

            // With a worker of another token that was here and has gone, a repetition is no confirmation: the
            // job is kept.
            try await store.heard("other")
            try await age(place, seconds: 120)
            _ = try await store.queue(specification("kept"))
            #expect(try await store.fail("a", token: "shared", "unsatisfied")?.state == .queued)
            let dead = try await store.fail("b", token: "shared", "unsatisfied")
            #expect(dead?.state == .dead && dead?.reason?.message.contains("no other one has looked") == true)
            _ = try await store.requeue(try await store.job("kept", tenant: nil).uid)
            try await store.heard("other")
            #expect(try await store.prove("other") == "kept")
        }
    }

    /// Whoever lets jobs go lost, or fails at them, does so once for each: the others prove them.
    @Test(arguments: Backend.available, ["worker-lost", "internal"])
    func aHostileWorkerKillsNoJob(_ backend: Backend, _ code: String) async throws {
        try await withStore(backend) { store in
            try await store.heard("honest")
            _ = try await store.queue(specification("j"))
            for number in 0..<10 {
                let name = "h\(number)"
                try await store.heard(name, token: "hostile")
                guard code == "worker-lost" else {
                    _ = try await store.fail(name, token: "hostile", code)
                    continue
                }
                _ = try await store.lease(name, token: "hostile", ttl: -1)
                for stored in try await store.sweep() {
                    #expect(stored.lostWorker == WorkerID(token: "hostile", name: name))
                }
            }
            let job = try await store.job("j", tenant: nil).job
            #expect(job.state == .queued && job.failures + job.lostWorkers == 1)
            #expect(try await store.prove("honest") == "j")
        }
    }

    /// A job that kills every worker ends, also where there are many.
    @Test(arguments: Backend.available)
    func aPoisonJobDies(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let names = (0..<6).map { "w\($0)" }
            for name in names { try await store.heard(name) }
            _ = try await store.queue(specification("j"))
            var killed: Set<String> = []
            for name in names {
                guard try await store.lease(name, ttl: -1) != nil else { break }
                killed.insert(name)
                _ = try await store.sweep()
            }
            #expect(killed.count == 3)
            #expect(try await store.state("j") == .dead)
            _ = try await store.requeue(try await store.job("j", tenant: nil).uid)
            // Forgotten, with what it has done.
            #expect(try await store.lease("w0") != nil)
        }
    }

    @Test(arguments: Backend.available)
    func aSickWorkerIsQuarantined(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            for name in ["sick", "a", "b", "c"] { try await store.heard(name) }
            var refused: String?
            for number in 0..<30 where refused == nil {
                _ = try await store.queue(specification("j\(number)"))
                if number % 2 == 0 {
                    refused = try await refusal { _ = try await store.fail("sick", "infrastructure") }
                    for name in ["a", "b", "c"] { _ = try await store.prove(name) }
                } else {
                    refused = try await refusal { _ = try await store.prove("sick") }
                }
                if number == 18 { #expect(refused == nil) }
            }
            #expect(refused == "cordoned")
            while try await store.prove("a") != nil {}
            let sick = try #require(try await store.workers().first { $0.name == "sick" })
            #expect(sick.standing == .quarantined && sick.since != nil && sick.attempts == 20)
            #expect(sick.reason?.contains("10 of its last 20 attempts failed (50 %") == true, "\(sick)")
            // The same name under another token is another worker.
            _ = try await store.queue(specification("x"))
            #expect(try await store.prove("sick", token: "elsewhere") == "x")
            // Until somebody lets it in again: from the beginning.
            try await store.uncordon("sick", token: nil)
            _ = try await store.queue(specification("y"))
            #expect(try await store.fail("sick", "infrastructure")?.id == "y")
            let again = try #require(
                try await store.workers().first { $0.name == "sick" && $0.token == "sick" })
            #expect(again.standing == .active && again.attempts == 1 && again.failures == 1)
        }
    }

    /// What fails everywhere is nobody's sickness, and a lone worker has nobody to be compared with.
    @Test(arguments: Backend.available, [1, 3])
    func aFleetThatFailsIsNotQuarantined(_ backend: Backend, _ workers: Int) async throws {
        try await withStore(backend) { store in
            let names = (0..<workers).map { "w\($0)" }
            for name in names { try await store.heard(name) }
            for number in 0..<25 {
                for name in names {
                    _ = try await store.queue(specification("j\(number)-\(name)"))
                    #expect(try await store.fail(name, "internal") != nil)
                }
            }
            #expect(try await store.workers().allSatisfy { $0.standing == .active && $0.failures == 20 })
        }
    }

    @Test(arguments: Backend.available)
    func cordonedWorkersGetNoJobs(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            #expect(try await store.isServed() == false)
            try await store.heard("w", token: "one")
            try await store.heard("w", token: "two")
            #expect(try await store.isServed())
            let held = try await store.queue(specification("held"))
            #expect(try await store.lease("w", token: "one")?.uid == held)
            try await store.cordon("w", token: "one", reason: "fan")
            // It learns what it has, and finishes it.
            #expect(try await store.lease("w", token: "one")?.uid == held)
            #expect(try await store.complete(held, completion(1)).outcome == .accepted)
            _ = try await store.queue(specification("j"))
            #expect(try await refusal { _ = try await store.lease("w", token: "one") } == "cordoned")
            #expect(try await store.prove("w", token: "two") == "j")
            try await store.cordon("w", token: nil, reason: "all")
            #expect(try await store.workers().map(\.reason) == ["all", "all"])
            #expect(try await store.isServed() == false)
            #expect(try await refusal { try await store.uncordon("nobody", token: nil) } == "unknown")
            try await store.uncordon("w", token: "two")
            #expect(try await store.workers().map(\.standing) == [.cordoned, .active])
            try await store.heard("w", token: "two", unready: "no disk")
            #expect(try await store.workers().last?.unready == "no disk")
            #expect(try await store.isServed() == false)
            try await store.forgetWorkers()
            #expect(try await store.workers().count == 2)
        }
    }

    @Test(arguments: Backend.available)
    func aLeaseIsRenewedWithinItsLimit(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let uid = try await store.queue(specification("j"))
            let epoch = try #require(try await store.lease("stuck", limit: 3)).job.epoch
            let renewal = Renewal(epoch: epoch, phase: "msmH")
            let first = try await store.renew(uid, renewal, principal: "stuck", ttl: 60)
            #expect(first.order == .continue && first.ttl > 0 && first.ttl <= 3)
            #expect(first.worker == WorkerID(token: "stuck", name: "stuck"))
            var order = first.order
            let end = Date(timeIntervalSinceNow: 30)
            while order == .continue, Date() < end {
                try await Task.sleep(for: .milliseconds(50))
                order = try await store.renew(uid, renewal, principal: "stuck", ttl: 60).order
            }
            #expect(order == .lost)
            try await Task.sleep(for: .milliseconds(5))
            #expect(try await store.sweep().map(\.uid) == [uid])
            let job = try await store.job("j", tenant: nil).job
            #expect(job.state == .queued && job.lostWorkers == 1)
            #expect(job.reason?.message.contains("no proof within the time") == true, "\(job)")
        }
    }

    /// Who has not begun when the deadline passes does not begin any more.
    @Test(arguments: Backend.available)
    func aDeadlineEndsWhatWasNotBegun(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let deadline = Int64(Date().timeIntervalSince1970 * 1000) + 8000
            let begun = try await store.queue(specification("begun", priority: 0, deadline: deadline))
            let idle = try await store.queue(specification("idle", deadline: deadline))
            #expect(try await store.lease("w", slot: 0)?.uid == begun)
            #expect(try await store.lease("w", slot: 1)?.uid == idle)
            func renew(_ uid: String, _ phase: String) async throws -> RenewedLease {
                try await store.renew(uid, Renewal(epoch: 1, phase: phase), principal: "w", ttl: 60)
            }
            #expect(try await renew(begun, "msmH").order == .continue)
            var last = try await renew(idle, "waiting")
            #expect(last.order == .continue)
            let end = Date(timeIntervalSinceNow: 30)
            while last.order == .continue, Date() < end {
                try await Task.sleep(for: .milliseconds(50))
                last = try await renew(idle, "waiting")
            }
            #expect(last.order == .cancel && last.ended?.state == .expired)
            #expect(try await renew(begun, "msmH").order == .continue)
            #expect(try await store.complete(begun, completion(1)).outcome == .accepted)
        }
    }

    @Test(arguments: Backend.available)
    func anOlderSchemaIsRefused(_ backend: Backend) async throws {
        let place = try Place(backend)
        try await withStore(in: place) { _ in }
        let database = try await place.database()
        try await database.write { (session) throws(StoreError) in
            _ = try session.run("UPDATE martlet_meta SET value = 1 WHERE name = 'schema'", [])
        }
        await database.close()
        #expect(try await refusal { _ = try await place.open() } == "unavailable")
    }
}

extension [String: Int] {
    /// With zeros for the states that have no jobs.
    fileprivate var filled: [String: Int] {
        merging(Job.State.allCases.map { ($0.rawValue, 0) }) { mine, _ in mine }
    }
}
