// SPDX-License-Identifier: Apache-2.0

package import Coordination
import Foundation
import Foundations

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// The folder in which a coordinator keeps files: `blobs/` (proving keys, by their digest), `uploads/` (blobs
/// on their way), `witnesses/` (encrypted), `tags.key`, a secret (see `WitnessTags`), and `store`, which says
/// whose it is. Several coordinators of one store share one folder; no other store may use it.
package struct DataFolder: Sendable {
    package let path: String
    private static let parts = ["blobs", "uploads", "witnesses"]
    /// Below so many free bytes nothing is taken in.
    let watermark: Int64
    /// The secret of the folder's coordinators (`tags.key`), 32 bytes.
    let tagSecret: [UInt8]

    /// Makes the folder, for its owner only, where it is missing.
    ///
    /// - Throws: `.unavailable`, naming the folder.
    package init(path: String, watermark: Int64) throws(StoreError) {
        self.path = path
        self.watermark = watermark
        for name in [""] + Self.parts {
            do {
                try FileManager.default.createDirectory(
                    atPath: path + "/" + name, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            } catch {
                throw .unavailable("\(path)/\(name): cannot be made: \(SystemReason.text(error))")
            }
        }
        // By a new one no job would be known again, and no witness be the one that was announced.
        let has = { (name: String) in access(path + "/" + name, F_OK) == 0 }
        if has(Self.mark), !has("tags.key") {
            throw .unavailable(
                "\(path)/tags.key: is missing, and the folder is no new one; get it from a backup, or remove \(path)/\(Self.mark) and submit open jobs again"
            )
        }
        do throws(FileError) {
            tagSecret = try PrivateFolder(path).secret("tags.key")
        } catch {
            throw .unavailable("\(error)")
        }
    }

    func blob(_ digest: String) -> String { "\(path)/blobs/\(digest)" }
    func upload(_ digest: String, tenant: String) -> String { "\(path)/uploads/\(digest)@\(tenant)" }
    func witness(_ uid: String) -> String { "\(path)/witnesses/\(uid)" }

    /// Where it is kept that there has been a token: a store that is restored from before does not open the
    /// coordinator again.
    private var tokenMark: String { "\(path)/tokens-demanded" }
    var demandsTokens: Bool { access(tokenMark, F_OK) == 0 }
    func demandTokens() throws(ServiceError) {
        let file = try OpenFile(tokenMark, O_RDONLY | O_CREAT)
        try file.flush()
    }

    /// Bytes that may still be written, the watermark left out; none where nothing can be written at all.
    var freeBytes: Int64 { (try? room()) ?? 0 }

    private func room() throws(ServiceError) -> Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw Self.unwritable("", errno) }
        // Also where the disk is mounted for reading only.
        for name in Self.parts {
            guard access(path + "/" + name, W_OK | X_OK) == 0 else {
                throw Self.unwritable(": " + name, errno)
            }
        }
        return max(0, Int64(status.f_bavail) * Int64(status.f_frsize) - watermark)
    }

    private static func unwritable(_ part: String, _ code: Int32) -> ServiceError {
        ServiceError(.noFolder, "the coordinator's data folder\(part): \(SystemReason.text(code))")
    }

    /// - Throws: `.noSpace` where the disk has not so much room above the watermark, `.noFolder` where the
    ///   folder is not there or cannot be written.
    func demand(_ bytes: Int64) throws(ServiceError) {
        guard bytes > 0 else { return }
        guard try room() >= bytes else {
            throw ServiceError(.noSpace, "the coordinator's disk has no room for \(bytes) bytes")
        }
    }
}

/// When an upload looks at the disk again: what several bring at once, or one that does not say its length,
/// is room that was there when it began, and is not now.
struct RoomWatch {
    /// Bytes between two looks at most.
    static let step = 1 << 20
    private var unseen = 0

    /// How much room to demand before so many bytes are written; 0 where none has to be looked for.
    mutating func demand(before count: Int) -> Int64 {
        unseen += count
        guard unseen >= Self.step else { return 0 }
        unseen = 0
        return Int64(count)
    }
}

/// An open file, closed with the object.
final class OpenFile: Sendable {
    let descriptor: Int32
    let path: String

    /// - Throws: `.unknown` for a file that is not there, `.noFolder` where its folder is not, `.noSpace` for
    ///   a full disk.
    init(_ path: String, _ flags: Int32) throws(ServiceError) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw ServiceError(system: errno, path) }
    }

    deinit { close(descriptor) }

    var size: Int64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Whether this is now the only holder of the file's lock; given up with the object.
    ///
    /// False also where the name leads to another file by now: between opening and locking the one that had
    /// the lock may have published or removed it, and whoever wrote on would write into what was checked
    /// already, or have another file published in its place.
    func tryLock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 && isNamed }

    /// Whether the file's name still leads to it.
    var isNamed: Bool {
        var (own, named) = (stat(), stat())
        return fstat(descriptor, &own) == 0 && lstat(path, &named) == 0 && own.st_dev == named.st_dev
            && own.st_ino == named.st_ino
    }

    func write(_ data: some ContiguousBytes, at offset: Int64) throws(ServiceError) {
        let outcome: Result<Void, ServiceError> = data.withUnsafeBytes { bytes in
            do throws(ServiceError) { return .success(try write(bytes, at: offset)) } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ServiceError) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + Int64(done)))
            if count < 0 {
                if errno == EINTR { continue }
                throw ServiceError(system: errno, path)
            }
            done += count
        }
    }

    /// So many bytes, or as many as there are.
    func read(_ count: Int, at offset: Int64) throws(ServiceError) -> Data {
        var data = Data(count: count)
        let outcome: Result<Int, ServiceError> = data.withUnsafeMutableBytes { buffer in
            do throws(ServiceError) { return .success(try read(buffer, at: offset)) } catch {
                return .failure(error)
            }
        }
        return data.prefix(try outcome.get())
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ServiceError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + Int64(done)))
            if count < 0 {
                if errno == EINTR { continue }
                throw ServiceError(system: errno, path)
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func flush() throws(ServiceError) {
        guard fsync(descriptor) == 0 else { throw ServiceError(system: errno, path) }
    }

    func cut(to size: Int64) throws(ServiceError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw ServiceError(system: errno, path) }
    }

    /// Gives the file its final name, durably.
    static func publish(_ from: String, as to: String) throws(ServiceError) {
        guard rename(from, to) == 0 else { throw ServiceError(system: errno, to) }
        let folder = try OpenFile(
            String(to[..<(to.lastIndex(of: "/") ?? to.startIndex)]), O_RDONLY | O_DIRECTORY)
        try folder.flush()
    }
}

extension ServiceError {
    fileprivate init(system code: Int32, _ path: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        switch code {
        case ENOENT:
            let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
            // Then nothing can be said of the file.
            if !folder.isEmpty, access(String(folder), F_OK) != 0 {
                let part = folder.split(separator: "/").last ?? ""
                self.init(.noFolder, "the coordinator's data folder: \(part): \(SystemReason.text(code))")
            } else {
                self.init(.unknown, "\(name): not here")
            }
        case ENOSPC, EDQUOT: self.init(.noSpace, "the coordinator's disk is full")
        default:
            self.init(.unavailable, "\(name): \(SystemReason.text(code))")
        }
    }
}
