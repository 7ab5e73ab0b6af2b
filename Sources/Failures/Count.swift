// SPDX-License-Identifier: Apache-2.0

/// Numbers of things in sentences for people.
package enum Count {
    /// "1 proof", "2 proofs".
    ///
    /// - Parameter noun: in the singular; its plural must be made by an s.
    package static func text(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
