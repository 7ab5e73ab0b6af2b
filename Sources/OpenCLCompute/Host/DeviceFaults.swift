// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Faults to inject into a device's queue, so that tests can show that none of them lets a wrong proof out.
package final class DeviceFaults: Sendable {
    package enum Fault: Sendable, Hashable {
        /// A bucket of a sum gets a wrong value.
        case wrongBucket
        /// An element of a transform gets a wrong value between two passes.
        case wrongButterfly
        /// The device is gone, from the next launch on.
        case lostDevice
        /// A buffer cannot be allocated.
        case failedAllocation
    }

    private struct Armed {
        var skip: Int
        var times: Int
    }

    private let armed = Mutex<[Fault: Armed]>([:])

    package init() {}

    /// Makes the fault happen `times` times, after `skip` occasions for it have passed.
    package func arm(_ fault: Fault, after skip: Int = 0, times: Int = .max) {
        armed.withLock { $0[fault] = Armed(skip: skip, times: times) }
    }

    /// No fault happens any more.
    package func disarm() { armed.withLock { $0 = [:] } }

    /// Whether the fault happens now; counts the occasion.
    func strikes(_ fault: Fault) -> Bool {
        armed.withLock { armed in
            guard var plan = armed[fault] else { return false }
            defer { armed[fault] = plan }
            if plan.skip > 0 {
                plan.skip -= 1
                return false
            }
            guard plan.times > 0 else { return false }
            plan.times -= 1
            return true
        }
    }
}
