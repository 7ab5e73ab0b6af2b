// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// Which file a name leads to, by the system's numbers: two names with one location are one file. Hard links
/// are one file too.
public struct FileLocation: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64
    /// The name in the directory that the numbers are of, for a file that is not there yet.
    private let missing: String?
    private let type: mode_t
    private let rawDevice: UInt64

    init(_ facts: stat) {
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
        missing = nil
        type = facts.st_mode & S_IFMT
        rawDevice = UInt64(facts.st_rdev)
    }

    /// What is open there; nil for a descriptor that is not.
    init?(descriptor: Int32) {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return nil }
        self.init(facts)
    }

    /// Where `name` will be once it is made in `folder`.
    init?(missing name: String, in folder: String) {
        var facts = stat()
        guard stat(folder, &facts) == 0 else { return nil }
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
        missing = name
        type = S_IFREG
        rawDevice = 0
    }

    /// What an input's name leads to, `-` being standard input; nil where there is nothing.
    public init?(input path: String) {
        if path == "-" {
            self.init(descriptor: 0)
        } else {
            var facts = stat()
            guard stat(path, &facts) == 0 else { return nil }
            self.init(facts)
        }
    }

    /// Whether it can be read once only: a pipe, a socket, a terminal.
    var isStream: Bool { isReadThrough && !isNull }

    /// Whether it is read from its start to its end, into memory: all that is no file, directory or disk.
    package var isReadThrough: Bool { type != S_IFREG && type != S_IFDIR && type != S_IFBLK }

    var isRegular: Bool { type == S_IFREG && missing == nil }

    var isDirectory: Bool { type == S_IFDIR }

    /// Whether it is `/dev/null`, of which nobody minds how often it is named.
    public var isNull: Bool { type == S_IFCHR && rawDevice == 0x103 }
}
