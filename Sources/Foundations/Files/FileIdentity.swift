// SPDX-License-Identifier: Apache-2.0

package import Failures

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Which file is at a path, as far as it can be told without reading it: a replaced or changed file has
/// another one.
package struct FileIdentity: Sendable, Hashable {
    /// The file system's device.
    package let device: UInt64
    /// The file's number on it.
    package let inode: UInt64
    /// The size in bytes.
    package let size: Int
    /// The time of the last change of the content, in nanoseconds.
    package let modified: Int64

    /// The identity of the regular file at `path`; a symbolic link is followed.
    ///
    /// - Parameter name: what errors call it, where that is not its path.
    /// - Throws: `JobFailure`: `badInput` when there is no such file, it may not be read or is not a regular
    ///   one; `infrastructure` when the system is at fault.
    package init(path: String, named name: String? = nil) throws(JobFailure) {
        let (descriptor, identity) = try FileIdentity.open(path, named: name)
        close(descriptor)
        self = identity
    }

    /// Opens the regular file at `path` for reading; the caller closes the descriptor.
    ///
    /// Never waits for the writer of a pipe, and never becomes the controlling terminal's reader.
    ///
    /// - Throws: as `init(path:named:)`.
    package static func open(
        _ path: String, named name: String? = nil
    ) throws(JobFailure) -> (descriptor: Int32, identity: FileIdentity) {
        let name = name ?? path
        let descriptor = opened(path)
        guard descriptor >= 0 else { throw failure(name, errno) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            let code = errno
            close(descriptor)
            throw failure(name, code)
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw JobFailure(
                code: .badInput,
                message:
                    facts.st_mode & S_IFMT == S_IFDIR
                    ? "\(name): it is a directory, where a file is wanted"
                    : "\(name): not a regular file but a pipe or a device")
        }
        return (descriptor, FileIdentity(facts))
    }

    private init(_ facts: stat) {
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
        size = Int(facts.st_size)
        modified = Int64(facts.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(facts.st_mtim.tv_nsec)
    }

    private static func failure(_ name: String, _ code: Int32) -> JobFailure {
        let wrong: Set<Int32> = [ENOENT, ENOTDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG, EISDIR, ENXIO, EINVAL]
        return JobFailure(
            code: wrong.contains(code) ? .badInput : .infrastructure,
            message: "\(name): cannot be read: \(SystemReason.text(code))")
    }
}

private func opened(_ path: String) -> Int32 {
    while true {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        if descriptor >= 0 || errno != EINTR { return descriptor }
    }
}
