// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Outcomes
import Synchronization

/// The workers that this coordinator has heard of lately, for the status page and metrics. What outlives it
/// is in the store; this is rebuilt by the next signs of life.
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
        /// Unix milliseconds at which the store was told of it, and what it was told.
        var told: Int64 = 0
        var unready: String?
    }

    private let entries = Mutex<[WorkerID: Entry]>([:])
    private let finished = Mutex<[Date]>([])

    /// A worker that was silent for so long is forgotten, in milliseconds.
    private static let memory: Int64 = 3_600_000
    /// Milliseconds between two times that the store is told of a worker's life: a write each, for thousands
    /// of workers.
    private static let telling: Int64 = 20_000
    /// Workers in the register at most: names come from outside.
    private static let limit = 10_000

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// A worker asks for jobs. Whether the store is to be told of it.
    func seen(_ request: LeaseRequest, by id: WorkerID) -> Bool {
        let now = Self.now
        return entries.withLock { entries in
            if entries[id] == nil, entries.count >= Self.limit {
                entries = entries.filter { now - $0.value.worker.lastSeen < Self.memory }
                guard entries.count < Self.limit else { return true }
            }
            var entry =
                entries[id]
                ?? Entry(
                    worker: Worker(name: request.worker, devices: [], lastSeen: now, leases: 0, proofs: 0))
            entry.worker.devices = request.devices
            entry.worker.lastSeen = now
            let isDue = now - entry.told >= Self.telling || entry.unready != request.unready
            if isDue { entry.told = now }
            entry.unready = request.unready
            entries[id] = entry
            return isDue
        }
    }

    /// It was given a lease.
    func leased(_ lease: String, by id: WorkerID) {
        entries.withLock { _ = $0[id]?.held.insert(lease) }
    }

    /// A sign of life of one that is at work. Whether the store is to be told of it.
    func renewed(_ lease: String, by id: WorkerID) -> Bool {
        let now = Self.now
        return entries.withLock { entries in
            guard entries[id] != nil || entries.count < Self.limit else { return true }
            // Unknown after this coordinator's restart, or where another one gave the lease.
            var entry =
                entries[id]
                ?? Entry(worker: Worker(name: id.name, devices: [], lastSeen: now, leases: 0, proofs: 0))
            entry.worker.lastSeen = now
            entry.held.insert(lease)
            let isDue = now - entry.told >= Self.telling
            if isDue { entry.told = now }
            entries[id] = entry
            return isDue
        }
    }

    /// A lease has ended; `report` where it was with a proof that counts.
    func ended(_ lease: String, report: ProofFacts?) {
        entries.withLock { entries in
            for name in entries.keys where entries[name]?.held.remove(lease) != nil {
                guard let report else { continue }
                entries[name]?.worker.proofs += 1
                entries[name]?.busySeconds += report.timings?.total ?? 0
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
        let now = Self.now
        return entries.withLock { entries in
            entries = entries.filter { now - $0.value.worker.lastSeen < Self.memory }
            return entries.values.map { entry in
                var worker = entry.worker
                worker.leases = entry.held.count
                return worker
            }
        }.sorted { $0.name < $1.name }
    }

    /// How many that take jobs were heard of within so many seconds.
    func active(within seconds: Double) -> Int {
        let since = Self.now - Int64(seconds * 1000)
        return entries.withLock { entries in
            entries.values.count { $0.worker.lastSeen >= since && $0.unready == nil }
        }
    }
}
