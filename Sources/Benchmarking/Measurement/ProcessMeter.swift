// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What the kernel knows of this process: processor time and memory.
enum ProcessMeter {
    /// Processor seconds so far, user and system, all threads.
    static var cpuSeconds: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    /// Seconds of a clock that only goes forward.
    static var wallSeconds: Double { seconds(CLOCK_MONOTONIC) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Returns freed memory to the system, so that earlier work does not count in the resident set.
    static func releaseFreeMemory() {
        #if canImport(Glibc)
            // The overlay of glibc leaves this function out.
            typealias Trim = @convention(c) (Int) -> Int32
            guard let symbol = dlsym(nil, "malloc_trim") else { return }
            _ = unsafeBitCast(symbol, to: Trim.self)(0)
        #endif
    }

    /// Makes the peak of the resident set start anew; false where the system cannot (Linux can, unless /proc
    /// is read-only).
    static func resetPeakMemory() -> Bool {
        let descriptor = open("/proc/self/clear_refs", O_WRONLY)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return write(descriptor, "5", 1) == 1
    }

    /// The largest resident set since the last reset, in bytes; since the start where there is no reset.
    static var peakMemory: Int { status("VmHWM") ?? lifetimePeakMemory }

    /// The resident set now, in bytes; nil where the system does not say.
    static var residentMemory: Int? { status("VmRSS") }

    private static var lifetimePeakMemory: Int {
        var usage = rusage()
        #if os(Linux)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss * 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }

    private static func status(_ field: String) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(field + ":") {
            return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
                .map { $0 * 1024 }
        }
        return nil
    }
}
