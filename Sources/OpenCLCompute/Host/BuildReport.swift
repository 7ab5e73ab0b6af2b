// SPDX-License-Identifier: Apache-2.0

/// What it took the driver to compile a program.
package struct BuildReport: Sendable {
    package var seconds: Double
    /// All that the driver said.
    package var log: String
    /// The size of the compiled program; `nil` where the driver does not give it, or would compile for it.
    package var binaryBytes: Int?
}
