// SPDX-License-Identifier: Apache-2.0

import Foundations

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// A result on its way to its target: bytes go to a file beside it, and take its name once all are on the
/// disk. For a target that is written in place they go to a file without a name first, so that nothing of a
/// result comes out before it is whole.
///
/// What is at the target stays as it is until `publish` succeeds; one that goes without it leaves nothing
/// behind.
final class PendingOutput {
    let target: OutputTarget
    /// Open for reading and writing, at its start.
    let descriptor: Int32
    private var temporary: String?
    private var isOpen = true

    /// - Parameter mode: the permissions of a new file, of which the process' mask takes some away; a file
    ///   that is replaced keeps its own.
    /// - Throws: `.cannotWrite`.
    init(_ target: OutputTarget, mode: mode_t = 0o666) throws(FormatError) {
        self.target = target
        guard case .replaced(let path) = target.way else {
            descriptor = try Self.unnamed(target)
            return
        }
        let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        let name = "\(folder)/.martlet-\(String(UInt64.random(in: 0 ... .max), radix: 16)).tmp"
        descriptor = openRaw(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Self.failure(target) }
        temporary = name
        var facts = stat()
        if stat(path, &facts) == 0 { fchmod(descriptor, facts.st_mode & 0o7777) }
    }

    deinit {
        if isOpen { close(descriptor) }
        if let temporary { unlink(temporary) }
    }

    private static func unnamed(_ target: OutputTarget) throws(FormatError) -> Int32 {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let name = "\(folder)/.martlet-\(String(UInt64.random(in: 0 ... .max), radix: 16)).tmp"
        let descriptor = openRaw(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(target) }
        unlink(name)
        return descriptor
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        try Self.write(bytes, to: descriptor, target)
    }

    /// Brings what was written to the disk, where that matters.
    func secure() throws(FormatError) {
        guard temporary != nil else { return }
        while fsync(descriptor) != 0 {
            guard errno == EINTR else { throw Self.failure(target) }
        }
    }

    /// Gives the file its name, or writes what it has to the target.
    func publish() throws(FormatError) {
        guard let temporary, case .replaced(let path) = target.way else {
            try copy()
            return
        }
        isOpen = false
        // An error of a write may come out as late as here.
        guard close(descriptor) == 0, rename(temporary, path) == 0 else { throw Self.failure(target) }
        self.temporary = nil
    }

    private func copy() throws(FormatError) {
        let output = try Self.open(target)
        var outcome: Result<Void, FormatError> = .success(())
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset: off_t = 0
        while case .success = outcome {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { outcome = .failure(Self.failure(target)) }
            guard count > 0 else { break }
            offset += off_t(count)
            do throws(FormatError) {
                try Self.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: output, target)
            } catch {
                outcome = .failure(error)
            }
        }
        if close(output) != 0, case .success = outcome { outcome = .failure(Self.failure(target)) }
        try outcome.get()
    }

    // MARK: Writing in place

    /// Opens a target that is written in place; the caller closes it.
    static func open(_ target: OutputTarget) throws(FormatError) -> Int32 {
        let descriptor: Int32
        switch target.way {
        case .descriptor(let own):
            // What was printed before comes before.
            if own == 1 { fflush(nil) }
            descriptor = fcntl(own, F_DUPFD_CLOEXEC, 3)
        case .inPlace(let path), .replaced(let path):
            descriptor = openRaw(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
        }
        guard descriptor >= 0 else { throw failure(target) }
        return descriptor
    }

    static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ target: OutputTarget
    ) throws(FormatError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = writeRaw(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { throw failure(target) }
                // Whoever gave us the descriptor does not block on it.
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
                continue
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
    }

    static func failure(_ target: OutputTarget) -> FormatError {
        let code = errno
        return FormatError(
            .cannotWrite(code == EPIPE ? "nobody reads it any more" : SystemReason.text(code)),
            file: target.name)
    }
}

// The system's calls, whose names are also those of functions here.
private func writeRaw(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
private func openRaw(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 { open(path, flags, mode) }

extension OutputTarget {
    /// Writes a file that holds a secret, for this user only; the bytes are copied nowhere else.
    ///
    /// - Throws: `.cannotWrite`.
    package static func write(secret bytes: UnsafeRawBufferPointer, to path: String) throws(FormatError) {
        let output = try PendingOutput(try OutputTarget(path), mode: 0o600)
        try output.write(bytes)
        try output.secure()
        try output.publish()
    }

    /// Writes results, all or none: files are brought to the disk first, then what is written in place is,
    /// then the files get their names. So a standard output that cannot be written leaves no file behind
    /// either.
    ///
    /// - Parameters:
    ///   - contents: the bytes, and where they go.
    ///   - mode: as for a new file; one that is replaced keeps its own.
    /// - Throws: `.cannotWrite`, naming the target.
    public static func write(
        _ contents: [(target: OutputTarget, bytes: [UInt8])], mode: UInt32 = 0o666
    ) throws(FormatError) {
        var pending: [PendingOutput] = []
        for (target, bytes) in contents {
            guard case .replaced = target.way else { continue }
            let output = try PendingOutput(target, mode: mode)
            try bytes.withUnsafeBufferPointer { (bytes) throws(FormatError) in
                try output.write(UnsafeRawBufferPointer(bytes))
            }
            try output.secure()
            pending.append(output)
        }
        for (target, bytes) in contents {
            if case .replaced = target.way { continue }
            let descriptor = try PendingOutput.open(target)
            do throws(FormatError) {
                try bytes.withUnsafeBufferPointer { (bytes) throws(FormatError) in
                    try PendingOutput.write(UnsafeRawBufferPointer(bytes), to: descriptor, target)
                }
            } catch {
                close(descriptor)
                throw error
            }
            guard close(descriptor) == 0 else { throw PendingOutput.failure(target) }
        }
        for output in pending { try output.publish() }
    }
}
