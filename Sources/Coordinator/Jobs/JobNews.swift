// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Wakes those who wait for a change of a job, or for a job.
///
/// A watch is taken before the look at the store, so that nothing that happens in between is missed. One task
/// looks after the deadlines of all: ten thousand who wait cost a row in a table each.
final class JobNews: Sendable {
    /// What is watched.
    enum Subject: Hashable, Sendable {
        /// Changes of one job, by its uid.
        case job(String)
        /// A job to lease.
        case queue
    }

    /// One who waits. For one task.
    final class Watch: Sendable {
        fileprivate struct State {
            var isPending = false
            var waiting: CheckedContinuation<Bool, Never>?
            var deadline = ContinuousClock.now
        }
        private let news: JobNews
        private let subject: Subject
        private let state = Mutex(State())

        fileprivate init(_ news: JobNews, _ subject: Subject) {
            self.news = news
            self.subject = subject
        }

        deinit { news.remove(ObjectIdentifier(self), subject) }

        /// True once there is news, false when `deadline` has come or the task is cancelled.
        func next(until deadline: ContinuousClock.Instant) async -> Bool {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let now: Bool? = state.withLock { state in
                        if state.isPending {
                            state.isPending = false
                            return true
                        }
                        if Task.isCancelled || news.isClosed || deadline <= .now { return false }
                        state.deadline = deadline
                        state.waiting = continuation
                        return nil
                    }
                    if let now { continuation.resume(returning: now) }
                }
            } onCancel: {
                resume(with: false)
            }
        }

        /// True when this one was waiting, or will find the news at its next wait.
        @discardableResult
        fileprivate func resume(with isNews: Bool) -> Bool {
            let (waiting, isTaken) = state.withLock { state in
                let waiting = state.waiting
                state.waiting = nil
                let wasPending = state.isPending
                if waiting == nil && isNews { state.isPending = true }
                return (waiting, waiting != nil || !wasPending)
            }
            waiting?.resume(returning: isNews)
            return isTaken
        }

        fileprivate func expire(_ now: ContinuousClock.Instant) {
            let isDue = state.withLock { $0.waiting != nil && $0.deadline <= now }
            if isDue { resume(with: false) }
        }
    }

    private struct Weak: Sendable { weak var watch: Watch? }
    private let closed = Atomic<Bool>(false)
    private let watches = Mutex<[Subject: [ObjectIdentifier: Weak]]>([:])

    func watch(_ subject: Subject) -> Watch {
        let watch = Watch(self, subject)
        watches.withLock { $0[subject, default: [:]][ObjectIdentifier(watch)] = Weak(watch: watch) }
        return watch
    }

    /// A job has changed.
    func changed(_ uid: String) {
        for watch in all(.job(uid)) { watch.resume(with: true) }
    }

    /// Some jobs wait: as many of those who want one are woken.
    func queued(_ count: Int = 1) {
        var left = count
        for watch in all(.queue) where left > 0 {
            if watch.resume(with: true) { left -= 1 }
        }
    }

    /// The jobs that somebody watches.
    var watchedJobs: [String] {
        watches.withLock { $0.keys.compactMap { if case .job(let uid) = $0 { uid } else { nil } } }
    }

    /// Whether nobody is to wait any more.
    var isClosed: Bool { closed.load(ordering: .acquiring) }

    /// Ends all waits, now and from now on: the coordinator is about to end.
    func close() {
        closed.store(true, ordering: .releasing)
        for watch in everyone { watch.resume(with: false) }
    }

    private var everyone: [Watch] {
        watches.withLock { $0.values.flatMap { $0.values.compactMap(\.watch) } }
    }

    /// How many wait.
    var count: Int { watches.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    /// Ends the waits whose time is up; runs until cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(200))
            let now = ContinuousClock.now
            for watch in everyone { watch.expire(now) }
        }
        // Nobody looks after deadlines any more.
        close()
    }

    private func all(_ subject: Subject) -> [Watch] {
        watches.withLock { $0[subject]?.values.compactMap(\.watch) ?? [] }
    }

    private func remove(_ id: ObjectIdentifier, _ subject: Subject) {
        watches.withLock { watches in
            watches[subject]?[id] = nil
            if watches[subject]?.isEmpty == true { watches[subject] = nil }
        }
    }
}
