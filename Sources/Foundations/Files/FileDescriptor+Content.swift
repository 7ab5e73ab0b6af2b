// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    public import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

// Reading and writing whole files.

private let chunkBytes = 1 << 20

extension FileDescriptor {
    /// Writes all of `bytes` at the file's position.
    package func writeAll(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var rest = bytes
        while !rest.isEmpty {
            let written = write(raw, rest.baseAddress, rest.count)
            if written < 0 {
                let code = errno
                if code == EINTR { continue }
                throw .from("write", path, code)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
    }

    package func writeAll(_ data: Data) throws(Failure) {
        let result = data.withUnsafeBytes { bytes in
            Result { () throws(Failure) in try writeAll(bytes) }
        }
        try result.get()
    }

    /// Makes the file `name`, which must not exist, with this content and waits until that is on the disk.
    package func writeNewFile(_ name: String, _ data: Data) throws(Failure) {
        let file = try open(name, O_WRONLY | O_CREAT | O_EXCL)
        defer { file.close() }
        try file.writeAll(data)
        try file.synchronize()
    }

    /// A secret of 32 random bytes in the file `name`, which is made on first use, for this user only; of
    /// several processes that make it one is first, and all get that one's.
    ///
    /// - Parameter folder: where it is written first; on the same file system.
    /// - Throws: `unsafeFile` for a file that holds no such secret.
    package func secret(
        _ name: String, by folder: FileDescriptor, _ temporary: String
    ) throws(Failure) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let fresh = Data((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let data = try content(of: name, orFirst: fresh, by: folder, temporary)
        guard data.count == 32 else {
            throw .unsafeFile(path: path(name), reason: "\(data.count) bytes, a secret has 32")
        }
        return Array(data)
    }

    /// The content of the file `name`, which is made with `data` where there is none, for this user only; of
    /// several processes that make it one is first, and all get that one's.
    ///
    /// - Parameter folder: where it is written first; on the same file system.
    package func content(
        of name: String, orFirst data: Data, by folder: FileDescriptor, _ temporary: String
    ) throws(Failure) -> Data {
        while true {
            if let found = try readIfPresent(name, limit: 4096) { return found }
            // Also what a full disk leaves of it.
            defer { try? folder.unlink(temporary) }
            try folder.writeNewFile(temporary, data)
            do throws(Failure) {
                try folder.link(temporary, to: self, name)
            } catch  where error.errnoCode == EEXIST {
                // Another process was first.
            }
            try synchronize()
        }
    }

    /// Reads the file from its start.
    ///
    /// - Throws: `unsafeFile` when it is no regular file or has more than `limit` bytes.
    package func readAll(limit: Int) throws(Failure) -> Data {
        let facts = try facts()
        guard facts.isRegular else { throw .unsafeFile(path: path, reason: "not a regular file") }
        guard facts.size <= limit else {
            throw .unsafeFile(path: path, reason: "\(facts.size) bytes, at most \(limit) are allowed")
        }
        var result = Data(count: facts.size)
        var filled = 0
        while filled < facts.size {
            let count = result.withUnsafeMutableBytes { bytes in
                pread(raw, bytes.baseAddress! + filled, bytes.count - filled, off_t(filled))
            }
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw .from("read", path, code)
            }
            if count == 0 { return result.prefix(filled) }
            filled += count
        }
        return result
    }

    /// Reads the regular file `name`, or gives nil where nothing has that name.
    package func readIfPresent(_ name: String, limit: Int) throws(Failure) -> Data? {
        guard let file = try openIfPresent(name, O_RDONLY | O_NONBLOCK) else { return nil }
        defer { file.close() }
        return try file.readAll(limit: limit)
    }

    /// Copies the regular file at `source`, anywhere, to the new file `name` and waits until that is on the
    /// disk.
    package func copyFile(from source: String, to name: String) throws(Failure) {
        let raw = openForReading(source)
        guard raw >= 0 else { throw .from("open", source, errno) }
        let input = FileDescriptor(raw: raw, path: source)
        defer { input.close() }
        guard try input.facts().isRegular else {
            throw .unsafeFile(path: source, reason: "not a regular file")
        }
        let output = try open(name, O_WRONLY | O_CREAT | O_EXCL)
        defer { output.close() }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 16)
        defer {
            // The file may be a witness.
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            buffer.deallocate()
        }
        while true {
            let count = read(input.raw, buffer.baseAddress, buffer.count)
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw .from("read", source, code)
            }
            if count == 0 { break }
            try output.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        try output.synchronize()
    }

    /// Writes zeros over the whole of the regular file `name` and waits until they are on the disk.
    ///
    /// Best effort: a journal, a snapshot, a copy-on-write file system or a flash disk can keep the old
    /// bytes. A file with a second name is left alone, since somebody else still has it.
    package func wipe(_ name: String) throws(Failure) {
        let file = try open(name, O_WRONLY | O_NONBLOCK)
        defer { file.close() }
        let facts = try file.facts()
        guard facts.isRegular, facts.links == 1 else { return }
        let zeros = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(chunkBytes, max(1, facts.size)), alignment: 16)
        defer { zeros.deallocate() }
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        var rest = facts.size
        while rest > 0 {
            let count = min(rest, zeros.count)
            try file.writeAll(UnsafeRawBufferPointer(rebasing: zeros[..<count]))
            rest -= count
        }
        try file.synchronize()
    }

    /// Removes `name` and, where it is a directory, everything below; it is no error when parts are gone
    /// already.
    package func removeTree(_ name: RawName, depth: Int = 0) throws(Failure) {
        if unlinkat(raw, name.bytes, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM, depth < 64 else {
            throw .from("remove", path(name.printable), errno)
        }
        let directory = openat(raw, name.bytes, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else {
            if errno == ENOENT { return }
            throw .from("open", path(name.printable), errno)
        }
        let inner = FileDescriptor(raw: directory, path: path(name.printable))
        defer { inner.close() }
        for child in try inner.names() { try inner.removeTree(child, depth: depth + 1) }
        guard unlinkat(raw, name.bytes, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw .from("remove", path(name.printable), errno)
        }
    }
}

private func openForReading(_ path: String) -> Int32 {
    while true {
        let result = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if result >= 0 || errno != EINTR { return result }
    }
}
