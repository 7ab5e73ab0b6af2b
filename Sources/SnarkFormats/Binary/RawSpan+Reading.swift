// SPDX-License-Identifier: Apache-2.0

/// What readers of files take from bytes that lie in memory. Offsets outside of the bytes stop the program:
/// who reads has compared them with the length before, and said what is missing.
extension RawSpan {
    /// The byte at `offset`.
    package subscript(offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

    /// The little-endian integer of four bytes at `offset`, which need not be aligned.
    package func littleEndianUInt32(at offset: Int) -> UInt32 {
        UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The little-endian integer of eight bytes at `offset`, which need not be aligned.
    package func littleEndianUInt64(at offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Whether the bytes are the same.
    package func elementsEqual(_ other: RawSpan) -> Bool {
        withUnsafeBytes { bytes in other.withUnsafeBytes { bytes.elementsEqual($0) } }
    }

    /// A copy of the bytes in `range`.
    package func array(_ range: Range<Int>) -> [UInt8] { extracting(range).withUnsafeBytes { Array($0) } }
}
