// SPDX-License-Identifier: Apache-2.0

package import Failures

/// What is wrong with a file or a folder, or with the disk.
package enum FileError: FileFailure, Equatable {
    /// A file is a symbolic link, no regular file, too large or damaged.
    case unsafeFile(path: String, reason: String)
    /// The disk, or the quota on it, is full.
    case noSpace(operation: String, path: String)
    /// A system call failed.
    case system(operation: String, path: String, errno: Int32)

    package var code: FailureCode {
        switch self {
        case .unsafeFile: .badInput
        case .noSpace, .system: .infrastructure
        }
    }

    /// A sentence for people.
    package var message: String {
        switch self {
        case .unsafeFile(let path, let reason): "\(path): \(reason)"
        case .noSpace(let operation, let path):
            "\(operation) \(path): no space left on the disk or quota exceeded"
        case .system(let operation, let path, let code):
            "\(operation) \(path): \(SystemReason.text(code))"
        }
    }

    /// The number of the failed system call's error, where that is known.
    package var errnoCode: Int32? {
        if case .system(_, _, let code) = self { code } else { nil }
    }
}
