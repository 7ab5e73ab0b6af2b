// SPDX-License-Identifier: Apache-2.0

import Foundations

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#else
    public import Darwin
#endif

/// The bytes of a regular file, for reading: mapped when large, copied into memory when small, or read on
/// demand.
///
/// A mapping is private and read-only, and its pages are shared with the page cache: a proving key of a
/// gigabyte costs no memory that the system could not take back. It has one weakness that no check can close:
/// when another process *shortens* the file while it is mapped, touching the lost pages kills this process
/// (SIGBUS), and when it overwrites the file in place, bytes change after they were checked. So map files of
/// the operator (keys, circuits), which are replaced by renaming; read what strangers hand in with
/// `.onDemand`, which never maps.
///
/// Bytes in memory are lent by `withBytes`. They stay where they are as long as the object lives: tables of
/// points view them there, and keep the object.
///
/// Unchecked: nothing changes from the opening on; the memory goes with the object.
public final class MappedFile: @unchecked Sendable {
    /// How the bytes are reached.
    public enum Access: Sendable {
        /// Files below `copyThreshold` are copied, larger ones mapped.
        case automatic
        /// Nothing is mapped or copied: `withBytes` lends none, and each `copyBytes` reads from the file.
        case onDemand
    }

    /// What is known about the coming accesses of a mapping.
    public enum Advice: Sendable {
        /// Front to back, once.
        case sequential
        /// All of it, soon.
        case willNeed
        /// Here and there.
        case random
    }

    /// Files below this size are copied: a mapping costs more than it saves, and a copy cannot be pulled
    /// away.
    public static let copyThreshold = 64 << 10

    /// What the file is called in errors.
    public let name: String
    /// The size when the file was opened.
    public let count: Int
    /// The whole file; empty for `.onDemand`. For tables that view it and keep the object; others borrow it
    /// by `withBytes`.
    package let memory: UnsafeRawBufferPointer

    private enum Storage {
        case mapping
        case copy
        /// Memory of a mapping without a file, overwritten before it goes; so many bytes of it.
        case secret(Int)
        case descriptor(Int32)
    }
    private let storage: Storage

    /// Opens the file at `url`.
    ///
    /// - Throws: `FormatError.Reason.cannotRead`, `.isDirectory`, or `.notARegularFile` for pipes and
    ///   devices.
    public convenience init(_ url: URL, access: Access = .automatic) throws(FormatError) {
        try self.init(path: url.path(percentEncoded: false), access: access)
    }

    /// Opens the file at `path`; errors name it by that path.
    ///
    /// - Throws: as `init(_:access:)`.
    public convenience init(path: String, access: Access = .automatic) throws(FormatError) {
        try self.init(path: path, named: path, access: access)
    }

    /// The same; errors name it as they are told.
    ///
    /// - Throws: as `init(_:access:)`.
    package init(path: String, named file: String, access: Access = .automatic) throws(FormatError) {
        // Not blocking: opening a pipe without a writer would wait for one.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if path == "-", errno == ENOENT {
                throw FormatError(.notARegularFile, file: OutputTarget.name(ofInput: path))
            }
            throw FormatError(Self.lastError(), file: file)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let why = Self.lastError()
            close(descriptor)
            throw FormatError(why, file: file)
        }
        guard status.st_mode & S_IFMT == S_IFREG, let size = Int(exactly: status.st_size), size >= 0 else {
            close(descriptor)
            throw FormatError(
                status.st_mode & S_IFMT == S_IFDIR ? .isDirectory : .notARegularFile, file: file)
        }
        name = file
        count = size
        if access == .onDemand {
            storage = .descriptor(descriptor)
            memory = UnsafeRawBufferPointer(start: nil, count: 0)
        } else if size < Self.copyThreshold {
            defer { close(descriptor) }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
            if let error = Self.fill(copy, from: descriptor, at: 0, file: file) {
                copy.deallocate()
                throw error
            }
            storage = .copy
            memory = UnsafeRawBufferPointer(copy)
        } else {
            defer { close(descriptor) }
            guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
                throw FormatError(Self.lastError(), file: file)
            }
            storage = .mapping
            memory = UnsafeRawBufferPointer(start: base, count: size)
        }
    }

    /// Reads what a person names as input: a file as `init(path:access:)` does, or whole into memory what can
    /// be read only once: standard input, named `-`, a pipe, what a shell puts in place of `<(…)`.
    ///
    /// - Parameters:
    ///   - path: a file, `-` or a pipe.
    ///   - limit: bytes that it may have.
    ///   - access: for a regular file.
    /// - Throws: `.cannotRead`, `.tooLarge`; `.isDirectory`.
    public convenience init(
        input path: String, limit: Int, access: Access = .automatic
    ) throws(FormatError) {
        try self.init(
            input: path, named: OutputTarget.name(ofInput: path), limit: limit, access: access)
    }

    /// The same; errors name it as they are told.
    package convenience init(
        input path: String, named name: String, limit: Int, access: Access = .automatic
    ) throws(FormatError) {
        guard path == "-" || FileLocation(input: path)?.isReadThrough == true else {
            try self.init(path: path, named: name, access: access)
            return
        }
        // Waits for whoever writes a pipe, which is what its reader wants.
        let descriptor =
            path == "-" ? fcntl(0, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw FormatError(Self.lastError(), file: name) }
        defer { close(descriptor) }
        try self.init(reading: descriptor, limit: limit, name: name)
    }

    /// The whole file as text.
    ///
    /// - Throws: `.notText`; `.cannotRead`.
    package func text() throws(FormatError) -> String {
        guard let text = String(validating: try read(at: 0, count: count), as: UTF8.self) else {
            throw FormatError(.notText, file: name)
        }
        return text
    }

    /// What a person names as a JSON file of this module.
    public convenience init(json path: String) throws(FormatError) {
        try self.init(input: path, limit: JSONLimits.file)
    }

    /// Reads a file that holds a secret into memory that is overwritten when it goes.
    ///
    /// - Throws: `.cannotRead`, `.isDirectory`, `.notARegularFile`, `.tooLarge`.
    public convenience init(secret path: String, limit: Int) throws(FormatError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw FormatError(Self.lastError(), file: path) }
        defer { close(descriptor) }
        guard let location = FileLocation(descriptor: descriptor), location.isRegular else {
            let isDirectory = FileLocation(descriptor: descriptor)?.isDirectory == true
            throw FormatError(isDirectory ? .isDirectory : .notARegularFile, file: path)
        }
        try self.init(reading: descriptor, limit: limit, name: path)
    }

    /// Reads a descriptor to its end.
    private init(
        reading descriptor: Int32, limit: Int, name: String
    ) throws(FormatError) {
        // Address space for all that may come; memory only for what does. It never moves, so nothing of it is
        // left elsewhere.
        let size = limit + 1
        guard
            let room = mmap(
                nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            room != MAP_FAILED
        else { throw FormatError(Self.lastError(), file: name) }
        var filled = 0
        var failure: FormatError?
        while failure == nil {
            let count = Self.readSome(descriptor, room + filled, min(size - filled, 1 << 20))
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&wait, 1, -1)
                continue
            }
            if count < 0 { failure = FormatError(Self.lastError(), file: name) }
            guard count > 0 else { break }
            filled += count
            if filled > limit { failure = FormatError(.tooLarge(bytes: filled, limit: limit), file: name) }
        }
        self.name = name
        count = filled
        // It may be a witness; overwriting what is none costs nothing.
        storage = .secret(size)
        memory = UnsafeRawBufferPointer(start: room, count: filled)
        if let failure { throw failure }
    }

    private static func readSome(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int
    {
        readDescriptor(descriptor, target, count)
    }

    /// Reads on demand from an open file, such as a `MemoryFile`; the descriptor stays the caller's.
    ///
    /// - Throws: `.cannotRead`.
    public convenience init(reopening descriptor: Int32, name: String) throws(FormatError) {
        try self.init(path: "/proc/self/fd/\(descriptor)", named: name, access: .onDemand)
    }

    /// A copy of bytes that are in memory already.
    public init(copying data: some Collection<UInt8>, name: String) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count, alignment: 16)
        copy.copyBytes(from: data)
        self.name = name
        count = data.count
        storage = .copy
        memory = UnsafeRawBufferPointer(copy)
    }

    deinit {
        switch storage {
        case .mapping: munmap(UnsafeMutableRawPointer(mutating: memory.baseAddress), memory.count)
        case .copy: memory.deallocate()
        case .secret(let size):
            let base = UnsafeMutableRawPointer(mutating: memory.baseAddress)
            if let base { explicit_bzero(base, memory.count) }
            munmap(base, size)
        case .descriptor(let descriptor): close(descriptor)
        }
    }

    /// Tells the system how a mapping will be used; without effect on files that are not mapped.
    public func advise(_ advice: Advice) {
        guard case .mapping = storage, let base = memory.baseAddress else { return }
        let flag =
            switch advice {
            case .sequential: MADV_SEQUENTIAL
            case .willNeed: MADV_WILLNEED
            case .random: MADV_RANDOM
            }
        _ = madvise(UnsafeMutableRawPointer(mutating: base), memory.count, Int32(flag))
    }

    /// Calls `body` with the bytes of the whole file; none for `.onDemand`.
    ///
    /// - Throws: what `body` throws.
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(memory.bytes)
    }

    /// Fills `target` with the bytes from `offset` on.
    ///
    /// - Precondition: the range lies within the file.
    /// - Throws: `.cannotRead`, or `.truncated` when the file has become shorter since it was opened.
    public func copyBytes(at offset: Int, into target: inout MutableRawSpan) throws(FormatError) {
        precondition(offset >= 0 && offset <= count && target.byteCount <= count - offset)
        let failure = target.withUnsafeMutableBytes { target -> FormatError? in
            guard case .descriptor(let descriptor) = storage else {
                target.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: memory[offset..<(offset + target.count)]))
                return nil
            }
            return Self.fill(target, from: descriptor, at: offset, file: name)
        }
        if let failure { throw failure }
    }

    /// A copy of `length` bytes from `offset` on; precondition and errors as for `copyBytes(at:into:)`.
    package func read(at offset: Int, count length: Int) throws(FormatError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: length)
        var elements = result.mutableSpan
        var bytes = elements.mutableBytes
        try copyBytes(at: offset, into: &bytes)
        return result
    }

    private static func fill(
        _ target: UnsafeMutableRawBufferPointer, from descriptor: Int32, at offset: Int, file: String
    ) -> FormatError? {
        var done = 0
        while done < target.count {
            let got = pread(descriptor, target.baseAddress! + done, target.count - done, off_t(offset + done))
            if got < 0 && errno == EINTR { continue }
            if got < 0 { return FormatError(lastError(), file: file) }
            if got == 0 {
                return FormatError(
                    .truncated(needed: UInt64(target.count), available: UInt64(done)), file: file,
                    place: FormatError.Place(offset: offset))
            }
            done += got
        }
        return nil
    }

    /// Why the last call of the system failed: what is wrong with a name or a file fails always, what the
    /// machine lacks does not.
    private static func lastError() -> FormatError.Reason {
        let code = errno
        let why = SystemReason.text(code)
        let faults: Set<Int32> = [ENOMEM, EMFILE, ENFILE, EIO, ENOBUFS, ESTALE, ETIMEDOUT]
        return faults.contains(code)
            ? .readFailed(why, isMemory: code == ENOMEM) : .cannotRead(why)
    }
}

private func readDescriptor(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, target, count)
}
