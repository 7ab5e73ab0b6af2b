// SPDX-License-Identifier: Apache-2.0

import EllipticCurves
import FiniteFields
import Foundations

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// Writes a file of the snarkjs family section by section. What was at the target stays as it is until
/// `finish` succeeds; a writer that goes without `finish` leaves nothing behind.
final class BinaryWriter {
    private let path: String
    private var output: PendingOutput?
    private var file: UnsafeMutablePointer<FILE>?
    /// Overwritten before it goes: the file may be a witness.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    /// Where the length of the section under way is to be written.
    private var lengthOffset: Int?

    /// - Parameter path: see `OutputTarget`.
    /// - Throws: `.cannotWrite`.
    convenience init(path: String, magic: String, version: UInt32, sections: Int) throws(FormatError) {
        let output = try PendingOutput(OutputTarget(path))
        try self.init(
            descriptor: output.descriptor, name: output.target.name, magic: magic, version: version,
            sections: sections)
        self.output = output
    }

    /// Writes to an open file, from its start.
    ///
    /// - Throws: `.cannotWrite`.
    init(
        descriptor: Int32, name: String, magic: String, version: UInt32, sections: Int
    ) throws(FormatError) {
        path = name
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw failure() }
        file = fdopen(copy, "wb")
        guard file != nil else {
            let error = failure()
            close(copy)
            throw error
        }
        setvbuf(file, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), _IOFBF, buffer.count)
        try write(Array(magic.utf8))
        try write(version)
        try write(UInt32(sections))
    }

    deinit {
        if let file { fclose(file) }
        if let base = buffer.baseAddress { explicit_bzero(base, buffer.count) }
        buffer.deallocate()
    }

    private func failure() -> FormatError {
        FormatError(.cannotWrite(SystemReason.text(errno)), file: path)
    }

    /// Begins a section; `body` writes its contents.
    func section(_ id: UInt32, _ body: () throws(FormatError) -> Void) throws(FormatError) {
        let start = try begin(section: id)
        try body()
        try end(sectionAt: start)
    }

    /// Begins a section, which `end` ends.
    ///
    /// - Returns: where its length is to be written.
    func begin(section id: UInt32) throws(FormatError) -> Int {
        try write(id)
        let start = try position()
        try write(UInt64(0))
        return start
    }

    /// Ends a section, for which `begin` gave the start.
    func end(sectionAt start: Int) throws(FormatError) {
        let end = try position()
        guard let file, fseek(file, start, SEEK_SET) == 0 else { throw failure() }
        try write(UInt64(end - start - 8))
        guard fseek(file, end, SEEK_SET) == 0 else { throw failure() }
    }

    private func position() throws(FormatError) -> Int {
        guard let file else { throw failure() }
        let position = ftell(file)
        guard position >= 0 else { throw failure() }
        return position
    }

    func write(_ bytes: RawSpan) throws(FormatError) {
        guard let file else { throw failure() }
        let written = bytes.withUnsafeBytes { bytes in
            bytes.isEmpty ? 0 : fwrite(bytes.baseAddress, 1, bytes.count, file)
        }
        guard written == bytes.byteCount else { throw failure() }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FormatError) { try write(bytes.bytes) }

    func write(_ bytes: [UInt8]) throws(FormatError) { try write(bytes.span.bytes) }

    /// Little-endian.
    func write(_ value: some FixedWidthInteger & BitwiseCopyable) throws(FormatError) {
        try write(memoryOf: value.littleEndian)
    }

    /// Little-endian, in the form in which they are.
    func write(_ limbs: some FixedLimbs) throws(FormatError) { try write(memoryOf: limbs) }

    /// The coordinates in Montgomery form, little-endian.
    func write<Group: CurveGroup>(_ point: Affine<Group>) throws(FormatError) { try write(memoryOf: point) }

    /// Not for callers: a pointer is bitwise copyable, too, and its address must not get into a file.
    private func write<Value: BitwiseCopyable>(memoryOf value: Value) throws(FormatError) {
        try withUnsafeBytes(of: value) { bytes throws(FormatError) in try write(bytes.bytes) }
    }

    /// Brings all to the disk and gives the file its name.
    func finish() throws(FormatError) {
        guard let file else { throw failure() }
        self.file = nil
        guard fflush(file) == 0 else {
            let error = failure()
            fclose(file)
            throw error
        }
        guard fclose(file) == 0 else { throw failure() }
        try output?.secure()
        try output?.publish()
        output = nil
    }
}
