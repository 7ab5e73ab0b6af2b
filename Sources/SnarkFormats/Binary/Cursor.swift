// SPDX-License-Identifier: Apache-2.0

/// Reads the fields of a section one after another; every read is checked against the section's length.
struct Cursor {
    let bytes: [UInt8]
    /// The length of the whole section, of which `bytes` may be the beginning.
    let sectionCount: Int
    /// Where the section starts in the file.
    let start: Int
    let file: String
    let section: UInt32
    let name: String?
    private(set) var position = 0

    init(bytes: [UInt8], sectionCount: Int, start: Int, file: String, section: UInt32, name: String?) {
        self.bytes = bytes
        self.sectionCount = sectionCount
        self.start = start
        self.file = file
        self.section = section
        self.name = name
    }

    /// The bytes after the current position.
    var remaining: Int { sectionCount - position }

    /// An error at the current position, or at the one given.
    func error(_ reason: FormatError.Reason, at position: Int? = nil) -> FormatError {
        FormatError(
            reason, file: file,
            place: FormatError.Place(
                section: section, name: name, offset: start + (position ?? self.position)))
    }

    /// Passes over the next `count` bytes and gives their offset.
    ///
    /// - Throws: `.truncated` when the section has fewer.
    private mutating func pass(_ count: Int) throws(FormatError) -> Int {
        guard count >= 0, count <= bytes.count - position else {
            throw error(.truncated(needed: UInt64(max(count, 0)), available: UInt64(bytes.count - position)))
        }
        defer { position += count }
        return position
    }

    /// Passes over the next `count` bytes.
    ///
    /// - Throws: `.truncated` when the section has fewer.
    mutating func skip(_ count: Int) throws(FormatError) { _ = try pass(count) }

    /// A copy of the next `count` bytes.
    ///
    /// - Throws: `.truncated` when the section has fewer.
    mutating func take(_ count: Int) throws(FormatError) -> [UInt8] {
        let start = try pass(count)
        return bytes.span.bytes.array(start..<position)
    }

    /// The next byte.
    mutating func uint8() throws(FormatError) -> UInt8 { bytes[try pass(1)] }

    /// The next four bytes as an integer.
    mutating func uint32() throws(FormatError) -> UInt32 {
        let start = try pass(4)
        return bytes.span.bytes.littleEndianUInt32(at: start)
    }

    /// The next eight bytes as an integer.
    mutating func uint64() throws(FormatError) -> UInt64 {
        let start = try pass(8)
        return bytes.span.bytes.littleEndianUInt64(at: start)
    }

    /// Demands that the section ends here.
    ///
    /// - Throws: `.sectionLength`.
    func finish() throws(FormatError) {
        guard remaining == 0 else {
            throw FormatError(
                .sectionLength(expected: UInt64(position), found: UInt64(sectionCount)), file: file,
                place: FormatError.Place(section: section, name: name, offset: start))
        }
    }
}
