// SPDX-License-Identifier: Apache-2.0

package import Crypto
package import Foundation
import Foundations

/// SHA-256 and its HMAC in lower-case hexadecimal digits, as results and job descriptions give them.
package enum SHA256Digest {
    /// The 64 digits of the bytes' digest.
    package static func hex(of bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return hash.finalize().hexadecimal
    }

    /// The 64 digits of the bytes' digest.
    package static func hex(of data: Data) -> String { SHA256.hash(data: data).hexadecimal }

    /// The bytes of a digest.
    package static let byteCount = SHA256.byteCount

    /// The 32 bytes of the bytes' digest.
    package static func bytes(of data: some DataProtocol) -> Data { Data(SHA256.hash(data: data)) }

    /// The 64 digits of the code that HMAC-SHA256 (RFC 2104) gives a message under a key.
    package static func hmac(of message: Data, key: SymmetricKey) -> String {
        HMAC<SHA256>.authenticationCode(for: message, using: key).hexadecimal
    }

    /// What stands for a file whose SHA-256 would tell of its content: HMAC-SHA256 of that digest's 32 bytes,
    /// in hexadecimal digits.
    ///
    /// - Parameter digest: 64 hexadecimal digits.
    package static func tag(ofDigest digest: String, key: SymmetricKey) -> String {
        hmac(of: Data([UInt8](hexadecimal: digest.utf8) ?? []), key: key)
    }

    /// The same with the key's bytes.
    package static func tag(ofDigest digest: String, key: [UInt8]) -> String {
        tag(ofDigest: digest, key: SymmetricKey(data: key))
    }
}
