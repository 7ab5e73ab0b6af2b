// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Outcomes
import Testing

/// What every store makes of what submitters and operators ask.
struct SubmissionTests {
    @Test(arguments: Backend.available) func submissionIsIdempotent(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let first = try await store.submit(one: specification("j", deadline: anHourHence))
            #expect(first.isNew && first.job.state == .receiving)
            let again = try await store.submit(one: specification("j", deadline: anHourHence))
            #expect(!again.isNew && again.uid == first.uid && again.job == first.job)
            let other = try await refusal { _ = try await store.submit(one: specification("j", priority: 4)) }
            #expect(other == "conflict")
            // Another tenant's job of the same name is another job.
            let foreign = try await store.submit(one: specification("j"), tenant: "other")
            #expect(foreign.isNew && foreign.uid != first.uid)
            #expect(try await store.job("j", tenant: "other").uid == foreign.uid)
            #expect(try await refusal { _ = try await store.job("j", tenant: "third") } == "unknown")
        }
    }

    @Test(arguments: Backend.available) func aBatchHasAnOutcomeForEach(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            _ = try await store.submit(one: specification("old"))
            let outcomes = try await store.submit(
                [
                    specification("new"), specification("old"), specification("old", priority: 0),
                    specification("c", circuit: "9"), specification("bad", priority: 10),
                    specification("late", deadline: 1), specification("new2"), specification("new3"),
                ], tenant: "default", traceparent: "trace", maxOpenJobs: 3)
            var told: [String] = []
            for outcome in outcomes {
                var isNew = false
                let error = try await refusal { isNew = try outcome.get().isNew }
                told.append(error ?? (isNew ? "new" : "old"))
            }
            #expect(told == ["new", "old", "conflict", "unknown", "invalid", "invalid", "new", "quota"])
            #expect(try await store.counts().byState["receiving"] == 3)
            // What is there already counts against nothing, and an end makes room.
            #expect(try await store.submit(one: specification("old"), maxOpenJobs: 3).isNew == false)
            _ = try await store.cancel(try await store.job("old", tenant: nil).uid)
            #expect(try await store.submit(one: specification("new3"), maxOpenJobs: 3).isNew)
        }
    }

    @Test(arguments: Backend.available) func aJobGoesItsWay(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let outcomes = try await store.submit(
                [specification("j")], tenant: "default", traceparent: "00-ab-cd-01", maxOpenJobs: nil)
            let uid = try #require(outcomes.first).get().uid
            #expect(try await store.lease() == nil)
            let upload = try await store.upload(uid)
            #expect(upload.key.count == 32 && upload.reference == specification("j").witness)
            #expect(try await store.proof(uid) == nil)

            #expect(try await store.witnessArrived(uid, publicInputs: "[\"7\"]").state == .queued)
            #expect(try await store.witnessArrived(uid, publicInputs: "[\"8\"]").state == .queued)
            #expect(try await store.expectation(uid).publicInputs == "[\"7\"]")

            let leased = try #require(try await store.lease())
            #expect(leased.uid == uid && leased.job.epoch == 1 && leased.job.state == .leased)
            #expect(leased.circuit == .sample() && leased.traceparent == "00-ab-cd-01")
            #expect(leased.job.worker == "w" && leased.job.startedAt != nil)
            let witness = try await store.witness(uid, principal: "w")
            #expect(witness.key == upload.key)
            #expect(try await refusal { _ = try await store.witness(uid, principal: "v") } == "unknown")

            let answer = try await store.complete(uid, completion(1))
            #expect(answer == CompletionAnswer(outcome: .accepted, state: .succeeded))
            let job = try await store.job("j", tenant: "default").job
            #expect(job.state == .succeeded && job.endedAt != nil && job.failures == 0)
            #expect(job.result == completion(1).report)
            #expect(try await store.proof(uid)?.proof == "proof")
            #expect(try await store.proof(uid)?.publicInputs == "[\"7\"]")
            // The witness's key is destroyed.
            #expect(try await refusal { _ = try await store.upload(uid) } == "conflict")
            #expect(try await refusal { _ = try await store.witness(uid, principal: "w") } == "unknown")
            #expect(try await store.ended([uid, "other"]) == [uid])
        }
    }

    @Test(arguments: Backend.available) func listingGoesPageByPage(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            for index in 0..<7 { _ = try await store.submit(one: specification("j\(index)")) }
            _ = try await store.submit(one: specification("foreign"), tenant: "other")
            _ = try await store.cancel(try await store.job("j3", tenant: nil).uid)
            var seen: [String] = []
            var after: String?
            var pages = 0
            while true {
                let page = try await store.jobs(tenant: "default", states: [], after: after, limit: 3)
                if page.isEmpty { break }
                pages += 1
                seen += page.map(\.job.id)
                after = page.last?.uid
            }
            #expect(pages == 3)
            #expect(seen.sorted() == (0..<7).map { "j\($0)" })
            let cancelled = try await store.jobs(tenant: nil, states: [.cancelled], after: nil, limit: 10)
            #expect(cancelled.map(\.job.id) == ["j3"])
            let both = try await store.jobs(
                tenant: nil, states: [.cancelled, .receiving], after: nil, limit: 10)
            #expect(both.count == 8)
            let counts = try await store.counts()
            #expect(counts.byState["receiving"] == 7 && counts.byState["cancelled"] == 1)
            #expect(counts.byState["dead"] == 0 && counts.oldestQueuedSeconds == 0)
        }
    }

    @Test(arguments: Backend.available) func circuitsAndTokensAreKept(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            try await store.register(.sample(memory: 5), verificationKey: "other")
            try await store.register(.sample("b", memory: .max), verificationKey: "key of b")
            let found = try await store.circuit(Circuit.sample("b").digest)
            #expect(found.circuit == .sample("b", memory: .max) && found.verificationKey == "key of b")
            // The first registration stays.
            #expect(try await store.circuit(Circuit.sample().digest).circuit == .sample())
            #expect(Set(try await store.circuits().map(\.digest)).count == 2)
            #expect(try await refusal { _ = try await store.circuit("c") } == "unknown")

            let tokens = [
                AccessToken(
                    id: "t1", hash: "h1", role: .submitter, tenant: "ü", maxOpenJobs: 5, createdAt: 1),
                AccessToken(id: "t2", hash: "h2", role: .operator, tenant: "d", createdAt: 2, expiresAt: 9),
            ]
            for token in tokens { try await store.add(token) }
            #expect(try await refusal { try await store.add(tokens[0]) } == "conflict")
            #expect(try await store.tokens() == tokens)
            #expect(try await store.token("t2") == tokens[1])
            try await store.removeToken("t1")
            #expect(try await store.token("t1") == nil)
            #expect(try await refusal { try await store.removeToken("t1") } == "unknown")
        }
    }

    @Test(arguments: Backend.available) func whatWasToldIsThereAfterReopening(_ backend: Backend) async throws
    {
        let place = try Place(backend)
        defer { withExtendedLifetime(place) {} }
        let store = try await place.open()
        try await store.register(.sample(), verificationKey: "{}")
        let uid = try await store.queue(specification("j"))
        let key = try await store.upload(uid).key
        let leased = try #require(try await store.lease())
        await store.close()
        #expect(try await refusal { _ = try await store.cancel(uid) } == "unavailable")

        let again = try await place.open()
        #expect(try await again.job("j", tenant: nil).job == leased.job)
        #expect(try await again.witness(uid, principal: "w").key == key)
        #expect(try await again.complete(uid, completion(1)).outcome == .accepted)
        await again.close()
    }

    @Test(arguments: Backend.available) func hintsTellWhatChanged(_ backend: Backend) async throws {
        try await withStore(backend) { store in
            let heard = Task { () -> String? in
                for await uid in store.hints { return uid }
                return nil
            }
            // The database may not listen yet: changes are made until one is heard of.
            let maker = Task {
                var made: Set<String> = []
                while !Task.isCancelled {
                    made.insert(try await store.queue(specification("j\(made.count)")))
                }
                return made
            }
            let uid = try #require(await heard.value)
            maker.cancel()
            #expect(try await maker.value.contains(uid))
        }
    }
}
