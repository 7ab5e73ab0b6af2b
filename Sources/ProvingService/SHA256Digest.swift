import Crypto
public import Foundation

/// SHA-256 in hexadecimal, as results and job descriptions give it.
public enum SHA256Digest {
    public static func hex(of bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return text(hash.finalize())
    }

    public static func hex(of data: Data) -> String { text(SHA256.hash(data: data)) }

    static func text(_ digest: SHA256.Digest) -> String { hexadecimal(digest) }

    /// Two lower-case digits for each byte.
    package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
