import Coordination
import Foundation
import Synchronization

/// The workers that this coordinator has heard of lately, for the status page and metrics. Not in the store: it is
/// rebuilt by the next signs of life.
final class WorkerRegister: Sendable {
    struct Worker: Sendable, Encodable {
        var name: String
        var devices: [String]
        /// Unix milliseconds.
        var lastSeen: Int64
        var leases: Int
        var proofs: Int
    }

    private struct Entry: Sendable {
        var worker: Worker
        var held: Set<String> = []
        /// Seconds of work on proofs.
        var busySeconds = 0.0
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let finished = Mutex<[Date]>([])

    /// A worker that was silent for so long is forgotten, in milliseconds.
    private static let memory: Int64 = 3_600_000
    /// Workers in the register at most: names come from outside.
    private static let limit = 10_000

    func seen(_ request: LeaseRequest, lease: String?) {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        entries.withLock { entries in
            if entries[request.worker] == nil, entries.count >= Self.limit {
                entries = entries.filter { now - $0.value.worker.lastSeen < Self.memory }
                guard entries.count < Self.limit else { return }
            }
            var entry =
                entries[request.worker]
                ?? Entry(
                    worker: Worker(name: request.worker, devices: [], lastSeen: now, leases: 0, proofs: 0))
            entry.worker.devices = request.devices
            entry.worker.lastSeen = now
            if let lease { entry.held.insert(lease) }
            entries[request.worker] = entry
        }
    }

    func renewed(_ worker: String?) {
        guard let worker else { return }
        entries.withLock { $0[worker]?.worker.lastSeen = Int64(Date().timeIntervalSince1970 * 1000) }
    }

    /// A lease has ended; `report` where it was with a proof that counts.
    func ended(_ lease: String, report: ProofReport?) {
        entries.withLock { entries in
            for name in entries.keys where entries[name]?.held.remove(lease) != nil {
                guard let report else { continue }
                entries[name]?.worker.proofs += 1
                entries[name]?.busySeconds += report.timings.total
            }
        }
        guard report != nil else { return }
        let now = Date()
        finished.withLock { finished in
            finished.append(now)
            finished.removeAll { now.timeIntervalSince($0) > 60 }
        }
    }

    /// Proofs of the last minute.
    var proofsPerMinute: Int {
        let now = Date()
        return finished.withLock { $0.count { now.timeIntervalSince($0) <= 60 } }
    }

    var workers: [Worker] {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        return entries.withLock { entries in
            entries = entries.filter { now - $0.value.worker.lastSeen < Self.memory }
            return entries.values.map { entry in
                var worker = entry.worker
                worker.leases = entry.held.count
                return worker
            }
        }.sorted { $0.name < $1.name }
    }

    /// How many were heard of within so many seconds.
    func active(within seconds: Double) -> Int {
        let since = Int64((Date().timeIntervalSince1970 - seconds) * 1000)
        return entries.withLock { $0.values.count { $0.worker.lastSeen >= since } }
    }
}
