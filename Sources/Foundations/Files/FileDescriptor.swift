// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// An open file or directory, closed once: by `close()` or with the last reference.
///
/// Users call `close()` in a `defer`, so that the object outlives every use of `raw`. What goes wrong is an
/// error of the user's own type.
package final class FileDescriptor<Failure: FileFailure>: Sendable {
    package let raw: Int32
    /// For messages only.
    package let path: String
    private let isOpen = Atomic<Bool>(true)
    /// Whether this descriptor may hold a lock.
    private let isLocked = Atomic<Bool>(false)

    package init(raw: Int32, path: String) {
        self.raw = raw
        self.path = path
    }

    deinit { close() }

    package func close() {
        guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return }
        // Closing alone would leave the lock to a child that was forked and has not yet executed its program.
        if isLocked.load(ordering: .acquiring) { unlock() }
        closeRaw(raw)
    }

    /// Says that this descriptor may hold a lock from now on.
    func noteLock() { isLocked.store(true, ordering: .releasing) }

    /// Drops the lock on the open file.
    package func unlock() { _ = flock(raw, LOCK_UN) }

    /// The path of `name` in this directory, for messages.
    package func path(_ name: String) -> String { path + "/" + name }
}

package func closeRaw(_ descriptor: Int32) { _ = close(descriptor) }

/// What a file is, as far as anybody here cares.
package struct FileFacts: Equatable {
    package var device: UInt64
    package var inode: UInt64
    package var isRegular: Bool
    package var isDirectory: Bool
    package var size: Int
    package var links: Int
    /// Unix seconds.
    package var modified: Double

    package init(_ facts: stat) {
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
        isRegular = facts.st_mode & S_IFMT == S_IFREG
        isDirectory = facts.st_mode & S_IFMT == S_IFDIR
        size = Int(facts.st_size)
        links = Int(facts.st_nlink)
        modified = Double(facts.st_mtim.tv_sec) + Double(facts.st_mtim.tv_nsec) / 1e9
    }

    /// Whether both are one and the same file.
    package func isSame(as other: FileFacts) -> Bool { device == other.device && inode == other.inode }
}

/// The name of a directory entry as the kernel gave it, which need not be UTF-8.
package struct RawName {
    /// With the zero at the end.
    package let bytes: [CChar]

    package init(_ text: String) { bytes = Array(text.utf8CString) }
    package init(bytes: [CChar]) { self.bytes = bytes }

    /// Nil unless the name is UTF-8.
    package var text: String? {
        String(validating: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package var printable: String {
        String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
