// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

// System calls relative to an open directory, with typed errors. None of them follows a symbolic link in the
// last part of a name, and the names given here have one part only.

/// Calls again as long as a signal interrupts the call; the result is negative with the error's number beside
/// it.
private func retrying(_ call: () -> Int32) -> (result: Int32, code: Int32) {
    while true {
        let result = call()
        if result >= 0 { return (result, 0) }
        let code = errno
        if code != EINTR { return (-1, code) }
    }
}

extension FileDescriptor {
    /// Opens `name` with `flags`; never inherited by children, never through a symbolic link.
    package func open(
        _ name: String, _ flags: Int32, mode: mode_t = 0o600
    ) throws(Failure) -> FileDescriptor {
        let (result, code) = retrying { openat(raw, name, flags | O_NOFOLLOW | O_CLOEXEC, mode) }
        guard result >= 0 else { throw .from("open", path(name), code) }
        return FileDescriptor(raw: result, path: path(name))
    }

    /// Opens `name`, or gives nil where nothing has that name.
    package func openIfPresent(_ name: String, _ flags: Int32) throws(Failure) -> FileDescriptor? {
        do {
            return try open(name, flags)
        } catch {
            if error.errnoCode == ENOENT { return nil }
            throw error
        }
    }

    /// Opens the directory `name`.
    package func openDirectory(_ name: String) throws(Failure) -> FileDescriptor {
        try open(name, O_RDONLY | O_DIRECTORY)
    }

    /// What is open here.
    package func facts() throws(Failure) -> FileFacts {
        var facts = stat()
        guard fstat(raw, &facts) == 0 else { throw .from("stat", path, errno) }
        return FileFacts(facts)
    }

    /// What `name` is, or nil where nothing has that name.
    package func facts(of name: String) throws(Failure) -> FileFacts? {
        var facts = stat()
        if fstatat(raw, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 { return FileFacts(facts) }
        let code = errno
        if code == ENOENT { return nil }
        throw .from("stat", path(name), code)
    }

    package func has(_ name: String) throws(Failure) -> Bool { try facts(of: name) != nil }

    package func makeDirectory(_ name: String) throws(Failure) {
        guard mkdirat(raw, name, 0o700) == 0 else { throw .from("make directory", path(name), errno) }
    }

    /// Renames `name` here to `newName` in `target`. A directory never replaces one that is not empty.
    package func rename(_ name: String, to target: FileDescriptor, _ newName: String) throws(Failure) {
        try rename(RawName(name), to: target, newName)
    }

    package func rename(_ name: RawName, to target: FileDescriptor, _ newName: String) throws(Failure) {
        guard renameat(raw, name.bytes, target.raw, newName) == 0 else {
            throw .from("rename to \(target.path(newName)) from", path(name.printable), errno)
        }
    }

    /// Makes `newName` in `target` a second name of the file `name`; never replaces anything.
    package func link(_ name: String, to target: FileDescriptor, _ newName: String) throws(Failure) {
        guard linkat(raw, name, target.raw, newName, 0) == 0 else {
            throw .from("link", target.path(newName), errno)
        }
    }

    /// Removes the name of a file; it is no error when there is none.
    package func unlink(_ name: String) throws(Failure) {
        guard unlinkat(raw, name, 0) == 0 || errno == ENOENT else { throw .from("unlink", path(name), errno) }
    }

    /// Waits until the content (for a directory: its names) is on the disk.
    package func synchronize() throws(Failure) {
        let (result, code) = retrying { fsync(raw) }
        guard result == 0 else { throw .from("fsync", path, code) }
    }

    /// Takes the exclusive lock on the open file, or gives false when another holder has it.
    ///
    /// The kernel drops it when the last copy of the descriptor is closed, however the process ends.
    package func tryLock() throws(Failure) -> Bool {
        let (result, code) = retrying { flock(raw, LOCK_EX | LOCK_NB) }
        if result == 0 {
            noteLock()
            return true
        }
        if code == EWOULDBLOCK { return false }
        throw .from("lock", path, code)
    }

    /// The names in this directory, without `.` and `..`, in no order.
    package func names() throws(Failure) -> [RawName] {
        let copy = openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .from("open", path, errno) }
        guard let stream = fdopendir(copy) else {
            let code = errno
            closeRaw(copy)
            throw .from("list", path, code)
        }
        defer { closedir(stream) }
        var result: [RawName] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .from("list", path, errno) }
                return result
            }
            let bytes = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
                }
            }
            if bytes != [46, 0] && bytes != [46, 46, 0] { result.append(RawName(bytes: bytes)) }
        }
    }
}
