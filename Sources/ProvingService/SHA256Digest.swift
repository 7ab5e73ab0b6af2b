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

    static func text(_ digest: SHA256.Digest) -> String {
        digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
