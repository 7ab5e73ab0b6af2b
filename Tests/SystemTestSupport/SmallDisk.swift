// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// A small file system in memory that goes with the object.
package final class SmallDisk: Sendable {
    package let path: String

    /// - Throws: `CocoaError.fileWriteUnknown` where this process may not mount file systems.
    package init(kibibytes: Int) throws {
        path = try makeTemporaryDirectory()
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(kibibytes)k,mode=700") == 0 else {
            rmdir(path)
            throw CocoaError(.fileWriteUnknown)
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    /// Whether this process may mount file systems here.
    package static let isPossible = (try? SmallDisk(kibibytes: 64)) != nil

    /// Takes all the space that is left.
    ///
    /// - Throws: `POSIXError` when it ends for another reason than a full disk.
    package func fill() throws {
        let file = open(path + "/ballast", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file, block, block.count) > 0 {}
        guard errno == ENOSPC else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    /// Gives the space that `fill` took back.
    package func free() { unlink(path + "/ballast") }
}
