// SPDX-License-Identifier: Apache-2.0

import Foundation
import Foundations
import Testing

struct MonitorTests {
    /// What threads add comes out once, whoever takes it, also of those who had to wait for it.
    @Test func everythingIsTakenOnce() {
        let monitor = Monitor<[Int]>([])
        let taken = Monitor<[Int]>([])
        let (threads, each) = (4, 1_000)
        let ended = DispatchGroup()
        for thread in 0..<threads {
            ended.enter()
            Thread {
                for _ in 0..<each {
                    let value = monitor.wait { $0.isEmpty ? nil : $0.removeFirst() }
                    taken.change { $0.append(value) }
                }
                ended.leave()
            }.start()
            ended.enter()
            Thread {
                for number in 0..<each { monitor.change { $0.append(thread * each + number) } }
                ended.leave()
            }.start()
        }
        ended.wait()
        #expect(taken.withLock { $0.sorted() } == Array(0..<threads * each))
        #expect(monitor.withLock { $0.isEmpty })
    }

    @Test func aWaitHasAnEnd() {
        let monitor = Monitor(false)
        let start = ContinuousClock.now
        let late = monitor.wait(until: Date(timeIntervalSinceNow: 0.05)) { $0 ? 1 : nil }
        #expect(late == nil && start.duration(to: .now) >= .milliseconds(40))
        Thread {
            Thread.sleep(forTimeInterval: 0.02)
            monitor.change { $0 = true }
        }.start()
        #expect(monitor.wait(until: Date(timeIntervalSinceNow: 60)) { $0 ? 2 : nil } == 2)
        // Nobody has to wake one who need not wait.
        #expect(monitor.wait(until: .distantPast) { $0 ? 3 : nil } == 3)
    }

    /// The lock is free again after an error, and the change before it stays.
    @Test func errorsPassThrough() {
        struct Problem: Error, Equatable {}
        let monitor = Monitor(0)
        #expect(throws: Problem()) {
            try monitor.change { value throws(Problem) in
                value = 1
                throw Problem()
            }
        }
        #expect(monitor.withLock { $0 } == 1)
    }
}
