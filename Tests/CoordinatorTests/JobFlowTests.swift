// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Coordination
import Coordinator
import Foundation
import NIOCore
import NIOHTTP1
import Outcomes
import ProvingEngine
import Testing

/// A job's way over HTTP.
@Suite struct JobFlowTests {
    @Test func aJobIsProved() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            #expect(try await server.addJob("a", circuit).state == .queued)
            let lease = try #require(try await server.lease())
            #expect(lease.job == "a" && lease.attempt == 1 && lease.circuit.digest == circuit)
            #expect(lease.circuit.publics == 2 && lease.circuit.domainSize == 8)
            let witness = try await server.send(.GET, "/v1/leases/\(lease.lease)/witness")
            #expect(try witness.status == 200 && witness.body == Multiplier.witness.get())
            let renewed = try await server.post(
                "/v1/leases/\(lease.lease)/renew", Renewal(epoch: lease.epoch, phase: "msmH", progress: 0.5))
            #expect(try renewed.value(RenewalAnswer.self).order == .continue)
            var job: ResultDocument = try await server.send(.GET, "/v1/jobs/a").value()
            #expect(
                job.state == .leased && job.phase == "msmH" && job.progress == 0.5 && job.worker?.name == "w")
            let output = try Multiplier.prove()
            let done = try await server.complete(lease, output)
            #expect(try done.value(CompletionAnswer.self) == .init(outcome: .accepted, state: .succeeded))
            job = try await server.send(.GET, "/v1/jobs/a").value()
            #expect(job.state == .succeeded && job.endedAt != nil)
            #expect(job.facts.backend == output.facts.backend && job.facts.backend?.isEmpty == false)
            let proof = try await server.send(.GET, "/v1/jobs/a/proof")
            #expect(proof.body == output.proofJSON)
            let publics = try await server.send(.GET, "/v1/jobs/a/public")
            #expect(publics.body == output.publicJSON)
            // Once more, for an answer that was lost: nothing changes.
            let again = try await server.complete(lease, try Multiplier.prove())
            #expect(try again.value(CompletionAnswer.self).outcome == .ended)
            #expect(try await server.send(.GET, "/v1/jobs/a/proof").body == output.proofJSON)
        }
    }

    @Test func submittingIsIdempotent() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            let specification = try server.specification("a", circuit)
            #expect(try await server.post("/v1/jobs", specification).status == 201)
            let again = try await server.post("/v1/jobs", specification)
            #expect(again.status == 200 && again.text.contains(#""outcome":"existing""#))
            var other = specification
            other.priority = 1
            let refused = try await server.post("/v1/jobs", other)
            #expect(refused.status == 409 && refused.code == "conflict")
            // An upload whose answer was lost.
            for _ in 0..<2 {
                let sent = try await server.send(.PUT, "/v1/jobs/a/witness", Multiplier.witness.get())
                #expect(sent.status == 204)
            }
            #expect(try await server.send(.HEAD, "/v1/jobs/a/witness").status == 200)
        }
    }

    @Test func aBatchTakesWhatIsRight() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            var jobs = try (0..<200).map { try server.specification("j\($0)", circuit) }
            jobs[7].priority = 10
            jobs[8].circuit = String(repeating: "0", count: 64)
            let answer = try await server.post("/v1/jobs/batch", ["jobs": jobs])
            #expect(answer.status == 200)
            struct Entry: Decodable {
                struct Failure: Decodable { var code: String, message: String }
                var job: ResultDocument?
                var error: Failure?
            }
            let entries = try answer.value([String: [Entry]].self)["jobs"] ?? []
            #expect(entries.count == 200 && entries[7].error?.code == "invalid")
            #expect(
                entries[7].error?.message.contains("priority") == true && entries[8].error?.code == "unknown")
            #expect(entries.compactMap(\.job?.id) == jobs.map(\.id).filter { $0 != "j7" && $0 != "j8" })
            // All of them by pages.
            struct Page: Decodable {
                var jobs: [ResultDocument]
                var next: String?
            }
            var (ids, cursor): ([String], String?) = ([], nil)
            repeat {
                let after = cursor.map { "&after=\($0)" } ?? ""
                let page: Page = try await server.send(
                    .GET, "/v1/jobs?state=receiving&limit=50\(after)"
                ).value()
                ids += page.jobs.compactMap(\.id)
                cursor = page.next
            } while cursor != nil
            #expect(Set(ids) == Set(entries.compactMap(\.job?.id)) && ids.count == 198)
        }
    }

    @Test func waitingEndsWithTheJob() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            let lease = try #require(try await server.lease())
            async let waited: ResultDocument = server.send(.GET, "/v1/jobs/a?wait=60").value()
            async let streamed = events(server, "/v1/jobs/a/events")
            // Not before both are there would be better, but either order has to work.
            _ = try await server.complete(lease, try Multiplier.prove())
            #expect(try await waited.state == .succeeded)
            let states = try await streamed
            #expect(states.last == .succeeded && Set(states).isSubset(of: [.leased, .succeeded]))
            // The time is up.
            try await server.addJob("b", circuit)
            let early: ResultDocument = try await server.send(.GET, "/v1/jobs/b?wait=0.3").value()
            #expect(early.state == .queued)
        }
    }

    private func events(_ server: TestCoordinator, _ path: String) async throws -> [Job.State] {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: server.url(path)), timeout: .seconds(60))
        #expect(response.headers.first(name: "Content-Type") == "text/event-stream")
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        return try text.components(separatedBy: "\n\n").compactMap { event in
            guard let data = event.components(separatedBy: "\ndata: ").last, event.hasPrefix("event: job")
            else {
                return nil
            }
            return try JSONDecoder().decode(ResultDocument.self, from: Data(data.utf8)).state
        }
    }

    @Test func aWorkerWaitsForWork() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            #expect(try await server.lease() == nil)
            async let leased = server.lease(wait: 60)
            try await server.addJob("a", circuit)
            #expect(try await leased?.job == "a")
        }
    }

    /// Three workers that are not heard of again; late is still in time for a proof.
    @Test func lostWorkers() async throws {
        try await withCoordinator(setting(\.leaseSeconds, 0.2)) { server in
            try await server.addJob("lost", server.addCircuit())
            var leases: [Lease] = []
            for n in 0..<3 { leases.append(try #require(try await server.lease("w\(n)", wait: 30))) }
            #expect(leases.map(\.epoch) == [1, 2, 3] && leases.map(\.attempt) == [1, 2, 3])
            let job: ResultDocument = try await server.send(.GET, "/v1/jobs/lost?wait=30").value()
            #expect(job.state == .dead && job.error?.code == "worker-lost" && job.lostWorkers == 3)
            let late = try await server.complete(leases[0], try Multiplier.prove())
            #expect(try late.value(CompletionAnswer.self).outcome == .accepted)
        }
    }

    @Test func cancelledRejectedDeadAndExpired() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            for id in ["cancelled", "rejected", "dead"] {
                try await server.addJob(id, circuit) { $0.maxAttempts = 1 }
                if id == "cancelled" {
                    #expect(
                        try await server.post("/v1/jobs/cancelled/cancel", [String: String]()).status == 200)
                    #expect(try await server.lease() == nil)
                    continue
                }
                let code = id == "rejected" ? "unsatisfied" : "internal"
                var lease = try #require(try await server.lease())
                var report = FailureReport(epoch: lease.epoch, code: code, message: "because")
                if id == "rejected" {
                    // Once is one worker's word.
                    let first = try await server.post("/v1/leases/\(lease.lease)/fail", report)
                    #expect(try first.value(ResultDocument.self).state == .queued)
                    lease = try #require(try await server.lease("another"))
                    report.epoch = lease.epoch
                }
                #expect(try await server.post("/v1/leases/\(lease.lease)/fail", report).status == 200)
                let job: ResultDocument = try await server.send(.GET, "/v1/jobs/\(id)").value()
                #expect(job.state.rawValue == id && job.error == .init(code: code, message: "because"))
                // The lease is over.
                let stale = try await server.post("/v1/leases/\(lease.lease)/fail", report)
                #expect(stale.status == 409 && stale.code == "staleEpoch")
            }
            #expect(try await server.post("/v1/jobs/dead/requeue", [String: String]()).status == 200)
            #expect(try await server.lease()?.job == "dead")
            let refused = try await server.post("/v1/jobs/rejected/requeue", [String: String]())
            #expect(refused.status == 409)
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            try await server.addJob("expired", circuit) {
                $0.deadline = now + 8000
                $0.priority = 9
            }
            let expired: ResultDocument = try await server.send(.GET, "/v1/jobs/expired?wait=30").value()
            #expect(expired.state == .expired && expired.error?.code == "deadline")
        }
    }
}
