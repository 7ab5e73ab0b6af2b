// SPDX-License-Identifier: Apache-2.0

import CCoordinatorPages
import Coordination
import Foundation
import Foundations
import HTTPTypes
import Hummingbird
import NIOCore

extension Routes {
    private struct Status: Encodable {
        var version = MartletVersion.current
        var now: Int64
        var jobs: [String: Int]
        var oldestQueuedSeconds: Double
        var proofsPerMinute: Int
        var costPerProof: Double?
        var currency: String
        var workers: [WorkerRegister.Worker]
        var circuits: Int
        var freeBytes: Int64

        private enum Keys: String, CodingKey {
            case version, now, jobs, oldestQueuedSeconds, proofsPerMinute, costPerProof, currency, workers,
                circuits, freeBytes
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(version, forKey: .version)
            try container.encode(now, forKey: .now)
            try container.encode(jobs, forKey: .jobs)
            try container.encode(oldestQueuedSeconds, forKey: .oldestQueuedSeconds)
            try container.encode(proofsPerMinute, forKey: .proofsPerMinute)
            try container.encode(costPerProof, forKey: .costPerProof)
            try container.encode(currency, forKey: .currency)
            try container.encode(workers, forKey: .workers)
            try container.encode(circuits, forKey: .circuits)
            try container.encode(freeBytes, forKey: .freeBytes)
        }
    }

    func addOperations(to router: Router<Context>, _ doors: Doors) {
        router.get("/healthz") { _, _ in data(Data("ok\n".utf8), "text/plain") }
        router.get("/readyz") { _, _ in
            _ = try await store.token("")
            try coordinator.folder.demand(1)
            return data(Data("ready\n".utf8), "text/plain")
        }
        doors.watchers.get("/metrics") { _, _ in
            let counts = try? await store.counts()
            let gauges = [
                (
                    name: "martlet_workers", help: "Workers that take jobs, heard of in the last minute.",
                    value: Double(coordinator.workers.active(within: 60))
                ),
                (
                    name: "martlet_waiting_requests", help: "Requests that wait for news.",
                    value: Double(news.count)
                ),
                (
                    name: "martlet_connections", help: "Open connections.",
                    value: Double(coordinator.connections.count)
                ),
                (
                    name: "martlet_body_bytes", help: "Bytes of requests' bodies in memory.",
                    value: Double(coordinator.load.bytes)
                ),
                (
                    name: "martlet_free_bytes", help: "Free bytes above the watermark.",
                    value: Double(coordinator.folder.freeBytes)
                ),
            ]
            let text = coordinator.metrics.text(
                counts, store: store.identity.kind, costPerHour: coordinator.options.costPerHour,
                gauges: gauges)
            return data(Data(text.utf8), "text/plain; version=0.0.4")
        }
        doors.operators.get("/v1/status") { _, _ in
            let counts = try await store.counts()
            return json(
                Status(
                    now: Int64(Date().timeIntervalSince1970 * 1000), jobs: counts.byState,
                    oldestQueuedSeconds: counts.oldestQueuedSeconds,
                    proofsPerMinute: coordinator.workers.proofsPerMinute,
                    costPerProof: coordinator.metrics.costPerProof(perHour: coordinator.options.costPerHour),
                    currency: coordinator.options.currency, workers: coordinator.workers.workers,
                    circuits: try await store.circuits().count, freeBytes: coordinator.folder.freeBytes))
        }
        router.get("/openapi.json") { _, _ in
            data(
                Data(bytes: martlet_openapi_json, count: Int(martlet_openapi_json_size)), "application/json")
        }
        router.get("/") { _, _ in
            var response = data(
                Data(bytes: martlet_status_html, count: Int(martlet_status_html_size)),
                "text/html; charset=utf-8")
            response.headers[.contentSecurityPolicy] =
                "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
            return response
        }
    }
}
