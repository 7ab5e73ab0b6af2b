// SPDX-License-Identifier: Apache-2.0

import Coordination
import Coordinator
import Foundation
import NIOHTTP1
import Outcomes
import Testing

/// Workers that fail, and what the coordinator says of them.
@Suite struct SickWorkerTests {
    @Test func failuresAreCountedByWorker() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            for id in ["a", "b"] { try await server.addJob(id, circuit) }
            for code in ["infrastructure", "internal"] {
                let lease = try #require(try await server.lease("sick"))
                let failed = try await server.post(
                    "/v1/leases/\(lease.lease)/fail",
                    FailureReport(epoch: lease.epoch, code: code, message: "no space left"))
                #expect(try failed.value(ResultDocument.self).failures == (code == "internal" ? 1 : 0))
            }
            let text = try await server.send(.GET, "/metrics").text
            for code in ["infrastructure", "internal"] {
                let line = "martlet_attempts_failed_total{code=\"\(code)\",worker=\"sick\"} 1\n"
                #expect(text.contains(line), "\(text)")
            }
            #expect(text.contains("martlet_workers_kept_out{standing=\"quarantined\"} 0\n"))
            // The second time the worker is told that it is.
            let again = try #require(try await server.lease("well"))
            #expect(again.attempt == 2 && again.limit == 7200)
        }
    }

    @Test func lostWorkersAreCounted() async throws {
        try await withCoordinator(setting(\.leaseSeconds, 0.3)) { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            _ = try #require(try await server.lease("gone"))
            let end = ContinuousClock.now + .seconds(30)
            var text = ""
            repeat {
                try await Task.sleep(for: .milliseconds(50))
                text = try await server.send(.GET, "/metrics").text
            } while !text.contains("code=\"worker-lost\"") && .now < end
            #expect(text.contains("martlet_attempts_failed_total{code=\"worker-lost\",worker=\"gone\"} 1\n"))
        }
    }

    private struct List: Decodable { var workers: [WorkerRecord] }

    @Test func workersAreKeptFromJobs() async throws {
        try await withCoordinator { server in
            let chief = try await server.token(.operator)
            let (one, two) = (try await server.token(.worker), try await server.token(.worker))
            let submitter = try await server.token(.submitter)
            let served = try await server.send(.GET, "/v1/queue", token: submitter)
            #expect(served.text == #"{"isServed":false}"#)
            for token in [one, two] { #expect(try await server.lease("w", token: token) == nil) }
            #expect(try await server.send(.GET, "/v1/queue", token: submitter).text == #"{"isServed":true}"#)
            let id = String(one.prefix { $0 != "." })
            let path = "/v1/workers/w/cordon"
            for token in [one, submitter] {
                #expect(try await server.post(path, [String: String](), token: token).status == 403)
                #expect(try await server.send(.GET, "/v1/workers", token: token).status == 403)
            }
            let cordoned = try await server.post(path, ["token": id, "reason": "its fan"], token: chief)
            #expect(cordoned.status == 200, "\(cordoned.text)")
            let circuit = try await server.addCircuit(token: chief)
            try await server.addJob("a", circuit, token: chief)
            let wish = LeaseRequest(worker: "w", incarnation: "w-2")
            let refused = try await server.post("/v1/leases", wish, token: one)
            #expect(refused.status == 409 && refused.code == "cordoned" && refused.text.contains("its fan"))
            // The other token's worker of this name is another one.
            #expect(try await server.lease("w", token: two)?.job == "a")
            let list = try await server.send(.GET, "/v1/workers", token: chief).value(List.self).workers
            #expect(list.count == 2 && list.first { $0.token == id }?.standing == .cordoned)
            #expect(list.first { $0.token != id }?.leases == 1)
            let metrics = try await server.send(.GET, "/metrics", token: chief).text
            #expect(metrics.contains("martlet_workers_kept_out{standing=\"cordoned\"} 1\n"))
            let nobody = try await server.post(
                "/v1/workers/nobody/uncordon", [String: String](), token: chief)
            #expect(nobody.status == 404)
            let back = try await server.post(
                "/v1/workers/w/uncordon", [String: String](), token: chief)
            #expect(try back.value(List.self).workers.allSatisfy { $0.standing == .active })
            #expect(try await server.post("/v1/leases", wish, token: one).status == 204)
        }
    }

    @Test func anUnreadyWorkerGetsNothing() async throws {
        try await withCoordinator { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            var wish = LeaseRequest(worker: "w", incarnation: "w-1", unready: "no space left")
            #expect(try await server.post("/v1/leases", wish).status == 204)
            var list = try await server.send(.GET, "/v1/workers").value(List.self).workers
            #expect(list.map(\.unready) == ["no space left"])
            #expect(try await server.send(.GET, "/v1/queue").text == #"{"isServed":false}"#)
            // What it says is told at once when it changes.
            wish.unready = nil
            #expect(try await server.post("/v1/leases", wish).status == 200)
            list = try await server.send(.GET, "/v1/workers").value(List.self).workers
            #expect(list.map(\.unready) == [nil])
            wish.unready = String(repeating: "x", count: 1001)
            #expect(try await server.post("/v1/leases", wish).status == 400)
        }
    }

    /// A worker that is busy asks for nothing: its renewals say that it is there, also to a coordinator that
    /// knows nothing of it.
    @Test func renewalsAreSignsOfLife() async throws {
        let first = try await TestCoordinator.start()
        let circuit = try await first.addCircuit()
        try await first.addJob("a", circuit)
        let lease = try #require(try await first.lease("busy"))
        await first.stop()
        try await withCoordinator(in: first.folder) { server in
            #expect(try await server.send(.GET, "/metrics").text.contains("martlet_workers 0.0\n"))
            let renewed = try await server.post(
                "/v1/leases/\(lease.lease)/renew", Renewal(epoch: lease.epoch, phase: "msmH"))
            #expect(try renewed.value(RenewalAnswer.self).order == .continue)
            #expect(try await server.send(.GET, "/metrics").text.contains("martlet_workers 1.0\n"))
            let status = try await server.send(.GET, "/v1/status").text
            #expect(status.contains(#""leases":1"#) && status.contains(#""name":"busy""#), "\(status)")
        }
    }

    @Test func aStuckWorkerLosesItsJob() async throws {
        let change: (inout CoordinatorOptions) -> Void = { options in
            options.leaseSeconds = 0.4
            options.proofSeconds = 1
        }
        try await withCoordinator(change) { server in
            let circuit = try await server.addCircuit()
            try await server.addJob("a", circuit)
            let lease = try #require(try await server.lease("stuck"))
            let end = ContinuousClock.now + .seconds(30)
            var job: ResultDocument = try await server.send(.GET, "/v1/jobs/a").value()
            while job.state == .leased, .now < end {
                _ = try await server.post(
                    "/v1/leases/\(lease.lease)/renew", Renewal(epoch: lease.epoch, phase: "msmH"))
                job = try await server.send(.GET, "/v1/jobs/a").value()
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(job.state == .queued && job.lostWorkers == 1, "\(job)")
            // Late, and still the first.
            #expect(try await server.complete(lease, try Multiplier.prove()).status == 200)
        }
    }
}
