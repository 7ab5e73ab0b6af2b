// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Foundations
import Synchronization

/// What a worker has in hands, whether it may take more, and whether it is to end.
final class Roster: Sendable {
    enum Stop: Int, Comparable {
        case no
        /// Take nothing more, finish what runs.
        case finish
        /// Give back what runs.
        case handBack

        static func < (a: Stop, b: Stop) -> Bool { a.rawValue < b.rawValue }
    }

    /// A place for a lease, and the memory that its job may take.
    struct Vacancy: Sendable, Equatable {
        var slot: Int
        var freeBytes: Int64
    }

    fileprivate struct State {
        var stop = Stop.no
        var held: [HeldLease] = []
        /// How many jobs have a prover.
        var proving = 0
        /// Since when that number holds, and the seconds of all provers at work before.
        var provingSince = ContinuousClock.now
        var busySeconds = 0.0
        /// What is interrupted by a stop: a wish for a job, or a pause.
        var waiting: Task<Void, Never>?
        var watcher: CheckedContinuation<Void, Never>?
    }

    private let jobs: Int
    private let prefetch: Int
    private let memory: Int64
    private let state = Mutex(State())

    init(jobs: Int, prefetch: Int, memory: Int64) {
        self.jobs = jobs
        self.prefetch = prefetch
        self.memory = memory
    }

    var stop: Stop { state.withLock { $0.stop } }
    var held: [HeldLease] { state.withLock { $0.held } }
    var isEmpty: Bool { state.withLock { $0.held.isEmpty } }

    /// Where another job would go; nil while there is enough to do.
    var vacancy: Vacancy? {
        state.withLock { state in
            guard state.held.count < jobs + (state.proving >= jobs ? prefetch : 0) else { return nil }
            let taken = Set(state.held.map(\.slot))
            guard let slot = (0..<jobs + prefetch).first(where: { !taken.contains($0) }) else { return nil }
            let used = state.held.reduce(Int64(0)) {
                $0.addingReportingOverflow(max(0, $1.lease.circuit.memory)).partialValue
            }
            return Vacancy(slot: slot, freeBytes: max(0, memory - used))
        }
    }

    func add(_ lease: HeldLease) { change { $0.held.append(lease) } }

    func remove(_ lease: HeldLease) { change { state in state.held.removeAll { $0 === lease } } }

    /// Says that a job got a prover, or gave it back.
    func proving(_ change: Int) {
        self.change { state in
            state.busySeconds = state.busyNow
            state.provingSince = .now
            state.proving += change
        }
    }

    /// Seconds for which provers were at work so far, of all together.
    var busySeconds: Double { state.withLock { $0.busyNow } }

    /// Waits until something of this has changed, unless `condition` holds already. One waits at a time.
    func wait(unless condition: @Sendable () -> Bool) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.watcher = continuation }
            // What changed before the watcher was there is seen now.
            if condition() { change { _ in } }
        }
    }

    /// Runs `body` in a task that a stop cancels; nil when the worker is to end already.
    func interruptible<T: Sendable>(_ body: @escaping @Sendable () async -> T) async -> T? {
        let task = Task { await body() }
        let isStopped = state.withLock { state in
            state.waiting = Task {
                await withTaskCancellationHandler {
                    _ = await task.value
                } onCancel: {
                    task.cancel()
                }
            }
            return state.stop != .no
        }
        if isStopped { task.cancel() }
        let value = await task.value
        state.withLock { $0.waiting = nil }
        return isStopped ? nil : value
    }

    /// Tells the worker to end; what was said before and is stronger stays.
    func raise(_ stop: Stop) {
        let waiting = state.withLock { state in
            state.stop = max(state.stop, stop)
            return state.waiting
        }
        waiting?.cancel()
        change { _ in }
    }

    private func change(_ body: (inout State) -> Void) {
        let watcher = state.withLock { state in
            body(&state)
            defer { state.watcher = nil }
            return state.watcher
        }
        watcher?.resume()
    }
}

extension Roster.State {
    fileprivate var busyNow: Double {
        busySeconds + Double(proving) * provingSince.secondsAgo
    }
}
