// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// An open file or directory, closed once: by `close()` or with the last reference.
///
/// Users call `close()` in a `defer`, so that the object outlives every use of `raw`.
final class Descriptor: Sendable {
    let raw: Int32
    /// For messages only.
    let path: String
    private let isOpen = Atomic<Bool>(true)
    /// Whether this descriptor may hold a lock.
    let isLocked = Atomic<Bool>(false)

    init(raw: Int32, path: String) {
        self.raw = raw
        self.path = path
    }

    deinit { close() }

    func close() {
        guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return }
        // Closing alone would leave the lock to a child that was forked and has not yet executed its program.
        if isLocked.load(ordering: .acquiring) { unlock() }
        closeRaw(raw)
    }

    /// Drops the lock on the open file.
    func unlock() { _ = flock(raw, LOCK_UN) }

    /// The path of `name` in this directory, for messages.
    func path(_ name: String) -> String { path + "/" + name }
}

func closeRaw(_ descriptor: Int32) { _ = close(descriptor) }

/// What a file is, as far as the queue cares.
struct FileFacts: Equatable {
    var device: UInt64
    var inode: UInt64
    var isRegular: Bool
    var isDirectory: Bool
    var size: Int
    var links: Int
    /// Unix seconds.
    var modified: Double

    init(_ facts: stat) {
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
        isRegular = facts.st_mode & S_IFMT == S_IFREG
        isDirectory = facts.st_mode & S_IFMT == S_IFDIR
        size = Int(facts.st_size)
        links = Int(facts.st_nlink)
        modified = Double(facts.st_mtim.tv_sec) + Double(facts.st_mtim.tv_nsec) / 1e9
    }

    /// Whether both are one and the same file.
    func isSame(as other: FileFacts) -> Bool { device == other.device && inode == other.inode }
}

/// The name of a directory entry as the kernel gave it, which need not be UTF-8.
struct RawName {
    /// With the zero at the end.
    let bytes: [CChar]

    init(_ text: String) { bytes = Array(text.utf8CString) }
    init(bytes: [CChar]) { self.bytes = bytes }

    /// Nil unless the name is UTF-8.
    var text: String? {
        String(validating: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var printable: String {
        String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
