// SPDX-License-Identifier: Apache-2.0

import Coordinator
import Failures
import Foundation
import Foundations
import Hummingbird
import HummingbirdCore
import Logging
import RemoteWorker
import ServiceLifecycle

/// Tells those who watch a worker how it is, over HTTP, without a token: nothing of a job is said but how its
/// machine failed it.
///
/// `/healthz` is 200 while the process answers, `/readyz` only while the worker takes jobs, `/metrics` is in
/// Prometheus' exposition format.
struct WorkerHealth: Service, CustomStringConvertible {
    let worker: RemoteWorker
    let address: ListenAddress
    let logger: Logger
    private let start = ContinuousClock.now

    init(worker: RemoteWorker, address: ListenAddress, logger: Logger) {
        self.worker = worker
        self.address = address
        self.logger = logger
    }

    var description: String { "WorkerHealth" }

    func run() async throws {
        let worker = worker
        let start = start
        let router = Router()
        router.get("/healthz") { _, _ in "ok\n" }
        router.get("/readyz") { _, _ in
            let condition = worker.condition
            guard !condition.takesJobs else { return EditedResponse(status: .ok, response: "ready\n") }
            return EditedResponse(
                status: .serviceUnavailable, response: (condition.unready ?? "the worker is ending") + "\n")
        }
        router.get("/metrics") { _, _ in Self.metrics(worker.condition, since: start) }
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let bind: BindAddress =
            switch address.listener {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        let (logger, address) = (logger, address)
        let application = Application(
            router: router, configuration: .init(address: bind, serverName: nil),
            onServerRunning: { channel in
                logger.info(
                    "health is told",
                    metadata: ["address": .string(address.text(port: channel.localAddress?.port))])
            }, logger: quiet)
        do { try await application.run() } catch { throw JobFailure(listeningAt: address, error) }
    }

    private static func metrics(_ condition: RemoteWorker.Condition, since start: ContinuousClock.Instant)
        -> String
    {
        let seconds = max(1e-9, start.secondsAgo)
        let ratio = condition.busySeconds / seconds / Double(condition.provers)
        return """
            # HELP martlet_build_info The program; always 1.
            # TYPE martlet_build_info gauge
            martlet_build_info{version="\(MartletVersion.current)",platform="\(MartletVersion.platform)"} 1
            # HELP martlet_device_busy_ratio Part of the time since the start for which provers were at work.
            # TYPE martlet_device_busy_ratio gauge
            martlet_device_busy_ratio{device="all"} \(min(1, ratio))
            # HELP martlet_worker_busy_seconds_total Seconds for which provers were at work, of all together.
            # TYPE martlet_worker_busy_seconds_total counter
            martlet_worker_busy_seconds_total \(condition.busySeconds)
            # HELP martlet_worker_ready Whether the worker takes jobs.
            # TYPE martlet_worker_ready gauge
            martlet_worker_ready \(condition.takesJobs ? 1 : 0)
            # HELP martlet_worker_leases Jobs in hand.
            # TYPE martlet_worker_leases gauge
            martlet_worker_leases \(condition.leases)

            """
    }
}
