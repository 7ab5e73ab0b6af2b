// SPDX-License-Identifier: Apache-2.0

import CFieldKernels
import Dispatch
import Synchronization

/// How many threads a computation may use, and the loop that uses them.
public struct Parallel: Sendable {
    /// The most threads that work at the same time, the caller's among them; at least 1.
    public let threads: Int

    /// Up to so many threads.
    ///
    /// - Precondition: `threads` is at least 1.
    public init(threads: Int) {
        precondition(threads >= 1)
        self.threads = threads
    }

    /// All the processors this process may run on.
    public static var allCores: Parallel { Parallel(threads: availableCores) }

    /// The number of processors that the scheduler grants to this process.
    public static var availableCores: Int {
        Int(martlet_available_cores())
    }

    /// Calls `body` once for every index in 0..<count, in no particular order, on up to `threads` threads,
    /// the caller's among them. Threads take the next index as they become free. Calls may be nested.
    public func forEach(_ count: Int, _ body: (Int) -> Void) {
        if threads == 1 || count <= 1 {
            for index in 0..<count { body(index) }
            return
        }
        let next = Atomic(0)
        withoutActuallyEscaping(body) { body in
            let body = UncheckedSendable(body)
            DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
                while true {
                    let index = next.add(1, ordering: .relaxed).oldValue
                    guard index < count else { return }
                    body.value(index)
                }
            }
        }
    }

    /// The results of `body` for every index in 0..<count, in their order; called as by `forEach`.
    package func map<Element>(_ count: Int, _ body: (Int) -> Element) -> [Element] {
        [Element](unsafeUninitializedCapacity: count) { elements, initialized in
            guard count > 0, let first = elements.baseAddress else { return }
            // Every call initialises an element of its own.
            let shared = UncheckedSendable(first)
            forEach(count) { index in (shared.value + index).initialize(to: body(index)) }
            initialized = count
        }
    }

    /// Splits 0..<count into contiguous ranges of at least `minimum` (but the last) and calls `body` for
    /// each.
    public func forEachRange(_ count: Int, minimum: Int, _ body: (Range<Int>) -> Void) {
        guard count > 0 else { return }
        let pieces = max(1, min(threads * 4, count / max(1, minimum)))
        forEach(pieces) { piece in
            body(count * piece / pieces..<count * (piece + 1) / pieces)
        }
    }
}

/// Lets what is shared by a parallel loop, such as the disjoint parts of a buffer, into its threads.
///
/// Unchecked: whoever makes one says why threads may share it; the loop ends before its caller goes on.
package struct UncheckedSendable<Value>: @unchecked Sendable {
    package let value: Value
    package init(_ value: Value) { self.value = value }
}
