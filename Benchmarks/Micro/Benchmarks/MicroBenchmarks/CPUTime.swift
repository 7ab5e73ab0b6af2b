// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Compute

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension BenchmarkMetric {
    /// Nanoseconds of CPU time of one operation, of the whole process.
    ///
    /// A custom metric since `.cpuTotal` counts in clock ticks of 10 ms on Linux, and `.instructions` needs
    /// performance counters, which virtual machines mostly lack.
    static var cpuNanoseconds: BenchmarkMetric { .custom("cpuNanoseconds") }
}

extension Benchmark.Configuration {
    /// Less than a second for each benchmark; the tolerance is reasoned in the README.
    static var micro: Self {
        Self(
            metrics: [.cpuNanoseconds], warmupIterations: 1, maxDuration: .milliseconds(800),
            maxIterations: 20,
            thresholds: [.cpuNanoseconds: BenchmarkThresholds(relative: [.p90: 50])])
    }

    /// As `micro`, for operations of some nanoseconds: figures and thresholds are those of a thousand.
    static var microThousand: Self {
        var configuration = micro
        configuration.scalingFactor = .kilo
        return configuration
    }
}

extension Benchmark {
    /// Measures `body`, which does the operation `operations` times, and records the time of one (of a
    /// thousand, under `microThousand`).
    ///
    /// The fastest of five goes into the statistics: what is computed is always the same, so that all that is
    /// above it is interference.
    func record(on path: CPUPath, operations: Int, _ body: () -> Void) {
        path.select()
        var fastest = UInt64.max
        for _ in 0..<5 {
            let begin = Self.cpuNanoseconds
            body()
            fastest = min(fastest, Self.cpuNanoseconds - begin)
        }
        measurement(.cpuNanoseconds, Int(fastest) * configuration.scalingFactor.rawValue / operations)
    }

    private static var cpuNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
