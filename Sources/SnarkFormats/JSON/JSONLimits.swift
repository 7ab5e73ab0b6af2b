// SPDX-License-Identifier: Apache-2.0

/// Bytes that JSON files may have.
enum JSONLimits {
    /// Keys and lists of public inputs may be long; nothing else is.
    static let file = 16 << 20
    /// Above any proof.
    static let proof = 64 << 10
}
