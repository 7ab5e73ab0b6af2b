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

/// A directory that only this user can look into, for what a worker has to keep or to destroy.
///
/// Every call blocks for as long as the disk takes.
package struct PrivateFolder: Sendable {
    private let directory: FileDescriptor<FileError>
    /// The path as it was given.
    package let path: String

    /// Opens the directory at `path`; makes it, and those above it, where they are missing.
    package init(_ path: String) throws(FileError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .from("make directory", path, SystemReason.number(error) ?? EIO)
        }
        let raw = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard raw >= 0 else { throw .from("open", path, errno) }
        directory = FileDescriptor(raw: raw, path: path)
        self.path = path
    }

    /// Keeps other processes from using the directory, until this one ends; false when another one does.
    package func lock() throws(FileError) -> Bool { try directory.tryLock() }

    /// The directory `name` in this one, made when it is missing.
    package func folder(_ name: String) throws(FileError) -> PrivateFolder {
        try PrivateFolder(directory.path(name))
    }

    /// Replaces the file `name`; when this returns, it outlives a loss of power.
    package func write(_ data: Data, to name: String) throws(FileError) {
        let temporary = "." + name + ".tmp"
        try directory.unlink(temporary)
        try directory.writeNewFile(temporary, data)
        try directory.rename(temporary, to: directory, name)
        try directory.synchronize()
    }

    /// The content of the file `name`; nil when there is none.
    package func read(_ name: String, limit: Int) throws(FileError) -> Data? {
        try directory.readIfPresent(name, limit: limit)
    }

    /// A secret of 32 random bytes in the file `name`, made on first use; the same for all processes.
    package func secret(_ name: String) throws(FileError) -> [UInt8] {
        try directory.secret(name, by: directory, Self.temporary(name))
    }

    /// The content of the file `name`, made with `data` on first use; the same for all processes.
    package func content(of name: String, orFirst data: Data) throws(FileError) -> Data {
        try directory.content(of: name, orFirst: data, by: directory, Self.temporary(name))
    }

    private static func temporary(_ name: String) -> String {
        ".\(name).\(UInt64.random(in: 0 ... .max).hexadecimal(digits: 16))"
    }

    /// The names of what is in the directory, sorted; those that are not UTF-8 are left out.
    package func names() throws(FileError) -> [String] { try directory.names().compactMap(\.text).sorted() }

    /// Removes the file `name` for good; it is no error when there is none.
    package func remove(_ name: String) throws(FileError) {
        try directory.unlink(name)
        try directory.synchronize()
    }

    /// Overwrites the files in the directory `name` with zeros, as far as that helps, and removes all of it.
    package func destroy(_ name: String) throws(FileError) {
        if let inner = try directory.openIfPresent(name, O_RDONLY | O_NONBLOCK) {
            defer { inner.close() }
            if try inner.facts().isDirectory {
                for file in try inner.names() {
                    // Best effort: what cannot be overwritten is removed all the same.
                    if let text = file.text { try? inner.wipe(text) }
                }
            }
        }
        try directory.removeTree(RawName(name))
    }
}
