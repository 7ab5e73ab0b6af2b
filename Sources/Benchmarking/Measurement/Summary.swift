// SPDX-License-Identifier: Apache-2.0

/// The middle and the ends of repeated measurements of one quantity.
package struct Summary: Codable, Equatable, Sendable {
    package let median: Double
    package let min: Double
    package let max: Double

    /// - Precondition: there is at least one sample.
    package init(_ samples: [Double]) {
        precondition(!samples.isEmpty)
        let sorted = samples.sorted()
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        min = sorted[0]
        max = sorted[sorted.count - 1]
    }
}
