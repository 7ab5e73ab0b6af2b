// SPDX-License-Identifier: Apache-2.0

// What run.sh tries first: with an argument two threads race, which has to be reported; without one they
// share a mutex and hand over an array, which must not be.

import Dispatch
import Synchronization

/// Unchecked: it is not right, and nobody orders its accesses.
final class Unguarded: @unchecked Sendable {
    var count = 0
}

let list = Mutex<[Int]>([])
let unguarded = Unguarded()
let races = CommandLine.arguments.count > 1
DispatchQueue.concurrentPerform(iterations: 8) { thread in
    for number in 0..<20_000 {
        if races { unguarded.count += 1 }
        // The copy is let go of beside the mutex, and the next change finds the array its own again.
        let copy = list.withLock { list in
            if list.count > 20 { list.removeAll(keepingCapacity: true) }
            list.append(number)
            return list
        }
        precondition(copy.last == number)
    }
}
print(list.withLock { $0.count }, unguarded.count)
