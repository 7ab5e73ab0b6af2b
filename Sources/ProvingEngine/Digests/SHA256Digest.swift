// SPDX-License-Identifier: Apache-2.0

package import Crypto
package import Foundation

/// SHA-256 in hexadecimal, as results and job descriptions give it.
package enum SHA256Digest {
    package static func hex(of bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return text(hash.finalize())
    }

    package static func hex(of data: Data) -> String { text(SHA256.hash(data: data)) }

    /// What stands for a file whose SHA-256 would tell of its content: HMAC-SHA256 of that digest's 32 bytes,
    /// in hexadecimal digits.
    package static func tag(ofDigest digest: String, key: SymmetricKey) -> String {
        var bytes: [UInt8] = []
        var digits = digest.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }[...]
        while digits.count >= 2 {
            bytes.append(UInt8(digits.removeFirst() << 4 | digits.removeFirst()))
        }
        return hexadecimal(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
    }

    /// The same with the key's bytes.
    package static func tag(ofDigest digest: String, key: [UInt8]) -> String {
        tag(ofDigest: digest, key: SymmetricKey(data: key))
    }

    static func text(_ digest: SHA256.Digest) -> String { hexadecimal(digest) }

    /// Two lower-case digits for each byte.
    package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
