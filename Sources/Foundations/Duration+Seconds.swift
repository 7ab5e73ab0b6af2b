// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// The duration in seconds.
    package var inSeconds: Double { self / .seconds(1) }
}

extension ContinuousClock.Instant {
    /// Seconds that have gone by since.
    package var secondsAgo: Double { duration(to: .now).inSeconds }
}
