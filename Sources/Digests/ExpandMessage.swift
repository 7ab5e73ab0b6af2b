// SPDX-License-Identifier: Apache-2.0

import Crypto

/// Uniform bytes from a message and a tag that says what they are for: `expand_message_xmd` with SHA-256.
///
/// - Reference: RFC 9380, section 5.3.1.
package enum ExpandMessage {
    private static let (digestCount, blockCount) = (SHA256.byteCount, 64)

    /// `count` bytes.
    ///
    /// - Precondition: `count` is at most 255 digests, 8,160 bytes; the tag has 255 bytes at most.
    package static func sha256(_ message: [UInt8], tag: [UInt8], count: Int) -> [UInt8] {
        precondition((0...255 * digestCount).contains(count) && tag.count <= 255)
        let suffix = tag + [UInt8(tag.count)]
        let length = [UInt8(count >> 8), UInt8(count & 0xff)]
        let first = digest([UInt8](repeating: 0, count: blockCount) + message + length + [0] + suffix)
        var block = [UInt8](repeating: 0, count: digestCount)
        var result: [UInt8] = []
        var number: UInt8 = 0
        while result.count < count {
            number += 1
            block = digest(zip(first, block).map(^) + [number] + suffix)
            result += block
        }
        return Array(result.prefix(count))
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}
