// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// State that threads change and wait for: what `Mutex` is, with a way to sleep until something has changed.
///
/// Threads that wait block: nothing for tasks of the cooperative pool.
///
/// Unchecked: the condition's lock guards the state, which leaves it only as values that may be sent.
package final class Monitor<State: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var state: State

    /// A monitor with its first state.
    package init(_ state: State) { self.state = state }

    /// Calls `body` with the state, and wakes nobody: for reading, and for changes that nobody waits for.
    ///
    /// - Throws: what `body` throws.
    package func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        condition.lock()
        defer { condition.unlock() }
        return try body(&state)
    }

    /// Calls `body` to change the state, then wakes all who wait.
    ///
    /// - Throws: what `body` throws.
    package func change<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return try body(&state)
    }

    /// Sleeps until `attempt` gives a value. It is called at once and after each change, and may change the
    /// state itself, of which others are not told.
    package func wait<Value>(for attempt: (inout State) -> Value?) -> Value {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let value = attempt(&state) { return value }
            condition.wait()
        }
    }

    /// As `wait(for:)`, until a time at most: `nil` when it has come, and a last attempt gave nothing.
    package func wait<Value>(until end: Date, for attempt: (inout State) -> Value?) -> Value? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let value = attempt(&state) { return value }
            guard condition.wait(until: end) else { return attempt(&state) }
        }
    }
}
