// SPDX-License-Identifier: Apache-2.0

// The streams are variables of C, which the compiler takes for shared state that changes.
#if canImport(Glibc)
    @preconcurrency import Glibc
#elseif canImport(Musl)
    @preconcurrency import Musl
#endif

/// The stream that `print` writes to.
enum StandardOutput {
    /// Hands over what was printed; false where some of it, now or before, was not taken.
    static func flush() -> Bool { fflush(stdout) == 0 && ferror(stdout) == 0 }
}
