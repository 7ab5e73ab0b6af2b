// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Outcomes
import Testing

/// What every store makes of what workers ask.
struct LeaseTests {
    @Test(arguments: Backend.available) func theMostUrgentComesFirst(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            for job in [
                specification("third"), specification("fourth"), specification("last", priority: 9),
                specification("second", deadline: anHourHence + 5),
                specification("first", deadline: anHourHence),
                specification("urgent", priority: 0),
            ] {
                _ = try await store.queue(job)
            }
            var order: [String] = []
            while let leased = try await store.lease(slot: order.count) { order.append(leased.job.id) }
            #expect(order == ["urgent", "first", "second", "third", "fourth", "last"])
        }
    }

    @Test(arguments: Backend.available) func loadedCircuitsAndMemoryCount(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            try await store.register(.sample("b", memory: 10), verificationKey: "{}")
            _ = try await store.queue(specification("a1"))
            _ = try await store.queue(specification("b1", circuit: "b"))
            _ = try await store.queue(specification("b2", circuit: "b", priority: 6))
            _ = try await store.queue(specification("a2", priority: 6))
            // Preferred in its priority, but not before a more urgent one.
            #expect(try await store.lease(slot: 0, loaded: ["b"])?.job.id == "b1")
            #expect(try await store.lease(slot: 1, loaded: ["b"])?.job.id == "a1")
            _ = try await store.queue(specification("a0", priority: 0))
            // What needs more memory than there is is left for others.
            #expect(try await store.lease(slot: 2, loaded: ["a"], freeBytes: 10)?.job.id == "b2")
            #expect(try await store.lease(slot: 3, freeBytes: 999) == nil)
            #expect(try await store.lease(slot: 3, freeBytes: 1000)?.job.id == "a0")
        }
    }

    /// A client that gives up and asks again may be heard twice at the same time.
    @Test(arguments: Backend.available)
    func simultaneousWishesOfOneSlotGetOneLease(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            for index in 0..<40 { _ = try await store.queue(specification("j\(index)")) }
            for slot in 0..<4 {
                let leases = try await withThrowingTaskGroup(of: LeasedJob?.self) { group in
                    for _ in 0..<8 { group.addTask { try await store.lease(slot: slot) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(Set(leases.map { $0?.uid }).count == 1 && leases.allSatisfy { $0?.job.epoch == 1 })
            }
        }
    }

    @Test(arguments: Backend.available) func aRepeatedWishGetsTheSameLease(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            for index in 0..<3 { _ = try await store.queue(specification("j\(index)")) }
            let first = try #require(try await store.lease())
            let again = try #require(try await store.lease())
            #expect(again.uid == first.uid && again.job.epoch == 1)
            // Not for somebody else who knows the incarnation.
            let thief = try await store.acquire(
                LeaseRequest(worker: "w", incarnation: "w-1"), principal: "thief", ttl: 60)
            #expect(try #require(thief).uid != first.uid)
            // Nor for another worker by the same token.
            let namesake = try await store.acquire(
                LeaseRequest(worker: "v", incarnation: "w-1"), principal: "w", ttl: 60)
            #expect(![first.uid, thief?.uid].contains(try #require(namesake).uid))
        }
    }

    /// A lease from before the clock was set back by a day does not last for a day.
    @Test(arguments: Backend.available) func aLeaseOfAnotherTimeIsCut(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let uid = try await store.queue(specification("j"))
            let leased = try #require(try await store.lease(ttl: 86400))
            #expect(try await store.sweep(ttl: 0.01).isEmpty)
            try await Task.sleep(for: .milliseconds(150))
            #expect(try await store.sweep(ttl: 0.01).map(\.uid) == [uid])
            #expect(try await store.lease()?.job.epoch == leased.job.epoch + 1)
        }
    }

    @Test(arguments: Backend.available) func aLostWitnessIsAskedForAgain(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let uid = try await store.queue(specification("j"))
            #expect(try await refusal { _ = try await store.witnessLost(uid, epoch: 0) } == "staleEpoch")
            let leased = try #require(try await store.lease())
            #expect(try await store.witness(uid, principal: "w").epoch == leased.job.epoch)
            let old = leased.job.epoch - 1
            #expect(try await refusal { _ = try await store.witnessLost(uid, epoch: old) } == "staleEpoch")
            let job = try await store.witnessLost(uid, epoch: leased.job.epoch)
            #expect(job.state == .receiving && job.failures == 0 && job.reason?.code == "not-received")
            #expect(try await store.lease() == nil)
            let release = try await refusal {
                _ = try await store.release(uid, epoch: leased.job.epoch, principal: "w")
            }
            #expect(release == "staleEpoch")
            // There is time for it, and the key is as before.
            #expect(try await store.sweep().isEmpty)
            #expect(try await store.upload(uid).state == .receiving)
            #expect(try await store.witnessArrived(uid, publicInputs: "[\"7\"]").reason == nil)
            #expect(try await store.lease()?.job.epoch == leased.job.epoch + 1)
        }
    }

    /// The hour is counted from the loss on, however old the job is.
    @Test(arguments: Backend.available) func aLostWitnessHasAnHour(_ backend: Backend) async throws {
        let place = try Place(backend)
        try await withStore(in: place) { store in
            let uid = try await store.queue(specification("j"))
            let leased = try #require(try await store.lease())
            let database = try await place.database()
            func age(_ column: String) async throws {
                _ = try await database.write { (session) throws(StoreError) in
                    try session.run("UPDATE jobs SET \(column) = \(column) - 7200000", [])
                }
            }
            try await age("submitted_at")
            _ = try await store.witnessLost(uid, epoch: leased.job.epoch)
            #expect(try await store.sweep().isEmpty)
            try await age("queued_at")
            let swept = try await store.sweep()
            #expect(swept.map(\.job.state) == [.expired])
            #expect(swept.first?.job.reason?.message.contains("lost") == true)
            await database.close()
        }
    }

    @Test(arguments: Backend.available) func renewalsAreAnswered(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let uid = try await store.queue(specification("j"))
            let epoch = try #require(try await store.lease()).job.epoch
            let renewal = Renewal(epoch: epoch, phase: "msm", progress: 0.5)
            #expect(try await store.renew(uid, renewal, principal: "w", ttl: 60).order == .continue)
            let job = try await store.job("j", tenant: nil).job
            #expect(job.phase == "msm" && job.progress == 0.5)
            #expect(try await store.renew(uid, renewal, principal: "v", ttl: 60).order == .lost)
            #expect(try await store.renew(uid, Renewal(epoch: 7), principal: "w", ttl: 60).order == .lost)
            _ = try await store.cancel(uid)
            #expect(try await store.renew(uid, renewal, principal: "w", ttl: 60).order == .cancel)
            #expect(
                try await refusal { _ = try await store.renew("x", renewal, principal: "w", ttl: 1) }
                    == "unknown")
        }
    }

    @Test(arguments: Backend.available) func theFirstProofWins(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let uid = try await store.queue(specification("j"))
            #expect(try await refusal { _ = try await store.complete(uid, completion(0)) } == "staleEpoch")
            _ = try await store.lease("slow", ttl: -1)
            #expect(try await store.sweep().map(\.uid) == [uid])
            #expect(try await store.lease("fast")?.job.epoch == 2)
            // The lease is the fast one's: the slow one may not end it.
            let report = FailureReport(epoch: 1, code: "io", message: "disk")
            #expect(
                try await refusal { _ = try await store.fail(uid, report, principal: "slow") } == "staleEpoch"
            )
            #expect(
                try await refusal { _ = try await store.release(uid, epoch: 1, principal: "slow") }
                    == "staleEpoch")
            #expect(
                try await refusal { _ = try await store.release(uid, epoch: 2, principal: "slow") }
                    == "staleEpoch")
            for epoch in [0, 3] {
                let error = try await refusal { _ = try await store.complete(uid, completion(epoch)) }
                #expect(error == "staleEpoch")
            }
            // But its proof counts, once.
            #expect(try await store.complete(uid, completion(1, proof: "slow")).outcome == .accepted)
            #expect(try await store.complete(uid, completion(2, proof: "fast")).outcome == .ended)
            let late = FailureReport(epoch: 2, code: "io", message: "disk")
            #expect(
                try await refusal { _ = try await store.fail(uid, late, principal: "fast") } == "staleEpoch")
            #expect(try await refusal { _ = try await store.cancel(uid) } == "conflict")
            #expect(try await store.proof(uid)?.proof == "slow")
            #expect(try await store.state("j") == .succeeded)
            #expect(try await store.sweep().map(\.uid) == [])
        }
    }

    @Test(arguments: Backend.available) func failuresAreCounted(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let uid = try await store.queue(specification("j", maxAttempts: 2))
            func fail(_ code: String) async throws -> Job {
                let epoch = try #require(try await store.lease()).job.epoch
                return try await store.fail(
                    uid, FailureReport(epoch: epoch, code: code, message: "m"), principal: "w"
                ).job
            }
            #expect(try await fail("io").state == .queued)
            // A lease that is given back is not counted.
            let epoch = try #require(try await store.lease()).job.epoch
            let released = try await store.release(uid, epoch: epoch, principal: "w")
            #expect(released.state == .queued && released.failures == 1)
            let dead = try await fail("io")
            #expect(dead.state == .dead && dead.failures == 2)
            #expect(dead.reason == Job.Reason(code: "io", message: "m"))
            // Until an operator queues it again, with its witness.
            #expect(try await store.ended([uid]) == [])
            let again = try await store.requeue(uid)
            #expect(again.state == .queued && again.failures == 0 && again.endedAt == nil)
            #expect(try await refusal { _ = try await store.requeue(uid) } == "conflict")
            // Twice where there is nobody else to say it.
            #expect(try await fail("unsatisfied").state == .queued)
            #expect(try await fail("unsatisfied").state == .rejected)
            #expect(try await refusal { _ = try await store.requeue(uid) } == "conflict")
            #expect(try await store.lease() == nil)
            #expect(try await store.ended([uid]) == [uid])
            #expect(try await refusal { _ = try await store.upload(uid) } == "conflict")
        }
    }

    @Test(arguments: Backend.available) func outOfMemoryGoesElsewhereOnce(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let uid = try await store.queue(specification("j", maxAttempts: 10))
            func fail(_ worker: String) async throws -> Job {
                let epoch = try #require(try await store.lease(worker)).job.epoch
                return try await store.fail(
                    uid, FailureReport(epoch: epoch, code: "out-of-memory", message: "m"), principal: worker
                ).job
            }
            #expect(try await fail("small").state == .queued)
            #expect(try await store.lease("small") == nil)
            #expect(try await fail("large").state == .dead)
        }
    }

    @Test(arguments: Backend.available) func lostWorkersAreCountedApart(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let uid = try await store.queue(specification("j", maxAttempts: 1))
            for lost in 1...3 {
                #expect(try await store.lease("w\(lost)", ttl: -1)?.job.epoch == lost)
                #expect(try await store.sweep().map(\.uid) == [uid])
                let job = try await store.job("j", tenant: nil).job
                #expect(job.lostWorkers == lost && job.failures == 0)
                #expect(job.state == (lost < 3 ? .queued : .dead))
                #expect(job.reason?.code == "worker-lost")
            }
            // A worker that was given up may still be the first to prove.
            #expect(try await store.complete(uid, completion(2)).outcome == .accepted)
            #expect(try await store.job("j", tenant: nil).job.reason == nil)
        }
    }

    @Test(arguments: Backend.available) func aDeadlineEndsWhatWaits(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let deadline = Int64(Date().timeIntervalSince1970 * 1000) + 10_000
            let waiting = try await store.queue(specification("waiting", deadline: deadline))
            let begun = try await store.queue(specification("begun", priority: 0, deadline: deadline))
            #expect(try await store.lease()?.uid == begun)
            var changed: [String] = []
            while changed.isEmpty {
                try await Task.sleep(for: .milliseconds(50))
                changed = try await store.sweep().map(\.uid)
            }
            #expect(changed == [waiting])
            #expect(try await store.state("waiting") == .expired)
            #expect(try await store.lease("v") == nil)
            // What was begun in time may be finished.
            #expect(try await store.complete(begun, completion(1)).outcome == .accepted)
        }
    }

    @Test(arguments: Backend.available) func cancelAndCompleteDoNotBothWin(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            for index in 0..<20 {
                let uid = try await store.queue(specification("j\(index)"))
                let epoch = try #require(try await store.lease()).job.epoch
                async let cancelled = refusal { _ = try await store.cancel(uid) }
                async let answer = store.complete(uid, completion(epoch))
                let isCancelled = try await cancelled == nil
                #expect(try await (answer.outcome == .accepted) != isCancelled)
                #expect(try await store.state("j\(index)") == (isCancelled ? .cancelled : .succeeded))
                #expect(try await (store.proof(uid) == nil) == isCancelled)
            }
        }
    }

    @Test(arguments: Backend.available) func eachJobIsLeasedOnce(_ backend: Backend) async throws {
        try await withStore(backend) { store in try await drain([store], jobs: 400, workers: 8) }
    }
}
