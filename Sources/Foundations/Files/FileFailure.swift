// SPDX-License-Identifier: Apache-2.0

package import Failures

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An error that can say what goes wrong with files: a caller of `FileDescriptor` gets its own type of error,
/// with nothing to translate.
package protocol FileFailure: CodedError {
    /// A file is a symbolic link, no regular file, too large or damaged.
    static func unsafeFile(path: String, reason: String) -> Self
    /// The disk, or the quota on it, is full.
    static func noSpace(operation: String, path: String) -> Self
    /// A system call failed.
    static func system(operation: String, path: String, errno: Int32) -> Self
    /// The number of the failed system call's error, where that is known.
    var errnoCode: Int32? { get }
}

extension FileFailure {
    /// The error for the system call `operation` on `path` that just failed with `code`.
    package static func from(_ operation: String, _ path: String, _ code: Int32) -> Self {
        code == ENOSPC || code == EDQUOT
            ? .noSpace(operation: operation, path: path)
            : .system(operation: operation, path: path, errno: code)
    }
}
