// SPDX-License-Identifier: Apache-2.0

/// How the scalars of a sum, or the witness of a synthetic circuit, are distributed.
package enum ScalarShape: String, CaseIterable, Codable, Sendable {
    /// Uniform below the group order.
    case uniform
    /// Like many circuits' witnesses: 70 % are 0 or 1, the rest uniform.
    case witness
}

extension ScalarShape {
    /// Draws whether the next value is a bit, 0 or 1.
    package func drawsBit(using stream: inout SeededStream) -> Bool {
        self == .witness && UInt8.random(in: 0..<10, using: &stream) < 7
    }
}
