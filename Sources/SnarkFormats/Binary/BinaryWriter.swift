#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes a file of the snarkjs family section by section, into a temporary file beside it that takes its name once all is on disk.
///
/// What was at the path stays as it is until `finish` succeeds; a writer that goes without `finish` leaves nothing behind.
final class BinaryWriter {
    private let path: String
    private let temporary: String
    private var file: UnsafeMutablePointer<FILE>?
    /// Where the length of the section under way is to be written.
    private var lengthOffset: Int?

    /// - Throws: `.cannotWrite`.
    init(path: String, magic: String, version: UInt32, sections: Int) throws(FormatError) {
        self.path = path
        temporary = "\(path).\(getpid()).tmp"
        file = fopen(temporary, "wb")
        guard file != nil else { throw failure() }
        setvbuf(file, nil, _IOFBF, 1 << 20)
        try write(Array(magic.utf8))
        try write(version)
        try write(UInt32(sections))
    }

    deinit {
        guard let file else { return }
        fclose(file)
        unlink(temporary)
    }

    private func failure() -> FormatError {
        FormatError(.cannotWrite(String(cString: strerror(errno))), file: path)
    }

    /// Begins a section; `body` writes its contents.
    func section(_ id: UInt32, _ body: () throws(FormatError) -> Void) throws(FormatError) {
        try write(id)
        let at = try position()
        try write(UInt64(0))
        try body()
        let end = try position()
        guard let file, fseek(file, at, SEEK_SET) == 0 else { throw failure() }
        try write(UInt64(end - at - 8))
        guard fseek(file, end, SEEK_SET) == 0 else { throw failure() }
    }

    private func position() throws(FormatError) -> Int {
        guard let file else { throw failure() }
        let position = ftell(file)
        guard position >= 0 else { throw failure() }
        return position
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        guard let file else { throw failure() }
        guard bytes.isEmpty || fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count else {
            throw failure()
        }
    }

    func write(_ bytes: [UInt8]) throws(FormatError) {
        try bytes.withUnsafeBufferPointer { bytes throws(FormatError) in
            try write(UnsafeRawBufferPointer(bytes))
        }
    }

    /// The value's memory: fixed-width integers and limbs, little-endian on every supported machine.
    func write<Value: BitwiseCopyable>(_ value: Value) throws(FormatError) {
        let failure = withUnsafeBytes(of: value) { bytes -> FormatError? in
            do throws(FormatError) {
                try write(bytes)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Brings all to the disk and gives the file its name.
    func finish() throws(FormatError) {
        guard let file else { throw failure() }
        guard fflush(file) == 0, fsync(fileno(file)) == 0 else { throw failure() }
        self.file = nil
        guard fclose(file) == 0, rename(temporary, path) == 0 else {
            let error = failure()
            unlink(temporary)
            throw error
        }
    }
}
