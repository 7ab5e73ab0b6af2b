// SPDX-License-Identifier: Apache-2.0

package import Failures
import Glibc

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
    /// - Throws: `JobFailure`: `badInput` when there is no such file, it may not be read or is not a regular
    ///   one; `infrastructure` when the system is at fault.
    package init(path: String) throws(JobFailure) {
        let (descriptor, identity) = try FileIdentity.open(path)
        close(descriptor)
        self = identity
    }

    /// Opens the regular file at `path` for reading; the caller closes the descriptor.
    ///
    /// Never waits for the writer of a pipe, and never becomes the controlling terminal's reader.
    ///
    /// - Throws: as `init(path:)`.
    static func open(_ path: String) throws(JobFailure) -> (descriptor: Int32, identity: FileIdentity) {
        var descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        while descriptor < 0 && errno == EINTR {
            descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        }
        guard descriptor >= 0 else { throw failure(path, errno) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            let code = errno
            close(descriptor)
            throw failure(path, code)
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw JobFailure(code: .badInput, message: "\(path): not a regular file")
        }
        return (descriptor, FileIdentity(facts))
    }

    private init(_ facts: stat) {
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
        size = Int(facts.st_size)
        modified = Int64(facts.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(facts.st_mtim.tv_nsec)
    }

    private static func failure(_ path: String, _ code: Int32) -> JobFailure {
        let wrong: Set<Int32> = [ENOENT, ENOTDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG, EISDIR, ENXIO, EINVAL]
        return JobFailure(
            code: wrong.contains(code) ? .badInput : .infrastructure,
            message: "\(path): cannot be opened: \(String(cString: strerror(code)))")
    }
}
