// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Lets a test kill this very process at a chosen point. For tests only.
///
/// Nothing happens unless the environment variable `MARTLET_FAULT` was set to the name of a point, or to
/// `NAME:N` for the N-th time that it is reached, when the process reached its first point. Then the process
/// writes one line to standard error and sends itself SIGKILL.
package enum FaultInjection {
    private static let chosen: (name: String, count: Int)? = {
        guard let value = getenv("MARTLET_FAULT") else { return nil }
        let parts = String(cString: value).split(separator: ":", maxSplits: 1)
        guard let name = parts.first else { return nil }
        return (String(name), parts.count == 2 ? Int(parts[1]) ?? 1 : 1)
    }()
    private static let hits = Atomic<Int>(0)

    /// Says that the process is at the point `name`, `mid-proof` say.
    package static func reached(_ name: String) {
        guard let chosen, chosen.name == name,
            hits.add(1, ordering: .relaxed).newValue == chosen.count
        else { return }
        let line = "MARTLET_FAULT=\(name): this process kills itself now\n"
        _ = line.utf8.withContiguousStorageIfAvailable { write(2, $0.baseAddress, $0.count) }
        kill(getpid(), SIGKILL)
        // The signal ends the process before kill() returns to more than this thread's next instruction.
        while true { usleep(100_000) }
    }
}
