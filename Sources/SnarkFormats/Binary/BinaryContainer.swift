// SPDX-License-Identifier: Apache-2.0

import Foundations

/// The container of the snarkjs family: magic, u32 version, u32 number of sections, then `{u32 id, u64
/// length, bytes}`, all little-endian, the sections in any order.
///
/// Opening reads the section headers alone. It accepts a file only when the sections fill it exactly, each id
/// once. Nothing is allocated by a claimed count: the file must have room for what it announces.
struct BinaryContainer: Sendable {
    /// One section: where its content lies.
    struct Section: Sendable {
        let id: UInt32
        /// Where the content starts, in bytes from the start of the file.
        let offset: Int
        let count: Int
    }

    let file: MappedFile
    let version: UInt32
    /// In the order of the file.
    let sections: [Section]
    /// What the sections are called in errors.
    var names: [UInt32: String]

    private static let headerSize = 12
    private static let sectionHeaderSize = 12
    /// No format of the family has more than twenty.
    private static let sectionLimit = 256

    /// Reads the section table.
    ///
    /// - Throws: `.notThisFormat`, `.unsupportedVersion`, `.truncated`, `.tooManySections`,
    ///   `.duplicateSection` or `.trailingBytes`.
    init(
        _ file: MappedFile, magic: String, versions: ClosedRange<UInt32>, names: [UInt32: String]
    ) throws(FormatError) {
        guard file.count >= Self.headerSize else {
            if file.count >= 4 {
                try Self.check(magic: magic, found: try file.read(at: 0, count: 4), file: file)
            }
            throw FormatError(
                .truncated(needed: UInt64(Self.headerSize), available: UInt64(file.count)), file: file.name,
                place: FormatError.Place(name: "header", offset: 0))
        }
        let header = try file.read(at: 0, count: Self.headerSize)
        try Self.check(magic: magic, found: Array(header[..<4]), file: file)
        version = header.span.bytes.littleEndianUInt32(at: 4)
        guard versions.contains(version) else {
            throw FormatError(
                .unsupportedVersion(version, supported: versions), file: file.name,
                place: FormatError.Place(offset: 4))
        }
        let claimed = header.span.bytes.littleEndianUInt32(at: 8)
        let limit = min(Self.sectionLimit, (file.count - Self.headerSize) / Self.sectionHeaderSize)
        guard claimed <= limit else {
            throw FormatError(
                .tooManySections(claimed: claimed, limit: limit), file: file.name,
                place: FormatError.Place(offset: 8))
        }
        var sections: [Section] = []
        var seen: Set<UInt32> = []
        var offset = Self.headerSize
        for _ in 0..<claimed {
            guard file.count - offset >= Self.sectionHeaderSize else {
                throw FormatError(
                    .truncated(
                        needed: UInt64(Self.sectionHeaderSize), available: UInt64(file.count - offset)),
                    file: file.name, place: FormatError.Place(name: "section header", offset: offset))
            }
            let entry = try file.read(at: offset, count: Self.sectionHeaderSize)
            let id = entry.span.bytes.littleEndianUInt32(at: 0)
            let length = entry.span.bytes.littleEndianUInt64(at: 4)
            let content = offset + Self.sectionHeaderSize
            // By subtraction: a length near 2^64 cannot overflow anything.
            guard length <= UInt64(file.count - content) else {
                throw FormatError(
                    .truncated(needed: length, available: UInt64(file.count - content)), file: file.name,
                    place: FormatError.Place(section: id, name: names[id], offset: content))
            }
            guard seen.insert(id).inserted else {
                throw FormatError(
                    .duplicateSection, file: file.name,
                    place: FormatError.Place(section: id, name: names[id], offset: offset))
            }
            sections.append(Section(id: id, offset: content, count: Int(length)))
            offset = content + Int(length)
        }
        guard offset == file.count else {
            throw FormatError(
                .trailingBytes(file.count - offset), file: file.name, place: FormatError.Place(offset: offset)
            )
        }
        self.file = file
        self.sections = sections
        self.names = names
    }

    private static func check(magic: String, found: [UInt8], file: MappedFile) throws(FormatError) {
        guard found == Array(magic.utf8) else {
            if let other = FileKind.evident(file), let wanted = FileKind(rawValue: magic) {
                throw FormatError(.otherKind(found: other.description, wanted: wanted), file: file.name)
            }
            throw FormatError(.notThisFormat(expected: magic, found: describe(found)), file: file.name)
        }
    }

    /// Four bytes as text where they are printable, in hexadecimal otherwise.
    private static func describe(_ bytes: [UInt8]) -> String {
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) {
            return "\"\(String(decoding: bytes, as: UTF8.self))\""
        }
        return "0x" + bytes.hexadecimal
    }

    /// Sections that the format does not have, in the order of the file. Nothing reads them.
    var unknownSections: [Section] { sections.filter { names[$0.id] == nil } }

    /// The section with this id, or `nil`.
    func find(_ id: UInt32) -> Section? { sections.first { $0.id == id } }

    /// The section with this id.
    ///
    /// - Throws: `.missingSection`.
    func require(_ id: UInt32) throws(FormatError) -> Section {
        guard let section = find(id) else { throw error(.missingSection(id: id), section: id) }
        return section
    }

    /// The section with this id, which must have exactly `count` bytes.
    ///
    /// - Throws: `.missingSection` or `.sectionLength`.
    @discardableResult
    func require(_ id: UInt32, count: UInt64) throws(FormatError) -> Section {
        let section = try require(id)
        guard UInt64(section.count) == count else {
            throw error(.sectionLength(expected: count, found: UInt64(section.count)), section: id)
        }
        return section
    }

    /// Calls `body` with the bytes of a section.
    ///
    /// - Throws: `.cannotRead` for a file that is opened for reading on demand; what `body` throws.
    func withBytes<Result>(
        of section: Section, _ body: (RawSpan) throws(FormatError) -> Result
    ) throws(FormatError) -> Result {
        try requireMemory(section)
        return try file.withBytes { bytes throws(FormatError) in
            try body(bytes.extracting(section.offset..<(section.offset + section.count)))
        }
    }

    /// Calls `body` with the bytes of the section with this id.
    ///
    /// - Throws: `.missingSection`, and as above.
    func withBytes<Result>(
        of id: UInt32, _ body: (RawSpan) throws(FormatError) -> Result
    ) throws(FormatError) -> Result {
        try withBytes(of: require(id), body)
    }

    /// The memory of a section, for tables that view it and keep `file`.
    ///
    /// - Throws: `.cannotRead` for a file that is opened for reading on demand.
    func memory(of section: Section) throws(FormatError) -> UnsafeRawBufferPointer {
        try requireMemory(section)
        return UnsafeRawBufferPointer(
            rebasing: file.memory[section.offset..<(section.offset + section.count)])
    }

    private func requireMemory(_ section: Section) throws(FormatError) {
        guard file.memory.count == file.count else {
            throw error(
                .cannotRead("it is opened for reading on demand and needed in memory"), section: section.id)
        }
    }

    /// The little-endian integer of four bytes at `offset` of the file, by `MappedFile.read`.
    func uint32(at offset: Int) throws(FormatError) -> UInt32 {
        let bytes = try file.read(at: offset, count: 4)
        return bytes.span.bytes.littleEndianUInt32(at: 0)
    }

    /// A reader over a copy of the section's first bytes, at most `limit` of them.
    func cursor(_ section: Section, limit: Int = 1 << 12) throws(FormatError) -> Cursor {
        let head = try file.read(at: section.offset, count: min(section.count, limit))
        return Cursor(
            bytes: head, sectionCount: section.count, start: section.offset, file: file.name,
            section: section.id,
            name: names[section.id])
    }

    /// An error at a section.
    func error(
        _ reason: FormatError.Reason, section id: UInt32, offset: Int? = nil, index: Int? = nil
    ) -> FormatError {
        FormatError(
            reason, file: file.name,
            place: FormatError.Place(
                section: id, name: names[id], offset: offset ?? find(id)?.offset, index: index))
    }
}
