// SPDX-License-Identifier: Apache-2.0

import Coordination
import Digests
import Foundation
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// Which part of a file a request brings.
struct UploadPiece: Sendable {
    var offset: Int64
    /// Bytes of the piece, where the request says so.
    var length: Int64?
    /// Bytes of the whole file, where the request says so.
    var total: Int64?
}

/// Where an upload stands after a piece.
enum UploadProgress: Sendable, Equatable {
    case complete(isNew: Bool)
    /// More is to come, from this byte on.
    case partial(Int64)
}

/// Proving keys on disk, named by their SHA-256.
///
/// A blob is written to `uploads/`, in one or several pieces, and gets its name in `blobs/` once its digest
/// is right: what is there is complete. Until then it is its tenant's alone: no other tenant goes on with it,
/// spoils it or waits for it.
struct BlobStore: Sendable {
    let folder: DataFolder
    /// Bytes of a blob at most.
    let limit: Int64

    /// The size of a blob; `nil` where it is not here.
    func size(_ digest: String) -> Int64? {
        (try? OpenFile(folder.blob(digest), O_RDONLY))?.size
    }

    /// How far a tenant's upload of a blob has come.
    func offset(_ digest: String, tenant: String) -> Int64 {
        (try? OpenFile(folder.upload(digest, tenant: tenant), O_RDONLY))?.size ?? 0
    }

    /// Takes a piece of a blob.
    func receive(
        _ digest: String, tenant: String, _ piece: UploadPiece,
        _ body: some AsyncSequence<ByteBuffer, any Error>
    ) async throws -> UploadProgress {
        if size(digest) != nil { return .complete(isNew: false) }
        if let total = piece.total ?? piece.length, total > limit { throw tooLarge }
        try folder.demand(piece.length ?? 1)
        let file = try await offPool { () throws(ServiceError) in
            try OpenFile(folder.upload(digest, tenant: tenant), O_RDWR | O_CREAT)
        }
        guard file.tryLock() else { throw ServiceError(passing: "this blob is being uploaded") }
        // It may have come between the look and the lock.
        if size(digest) != nil {
            unlink(file.path)
            return .complete(isNew: false)
        }
        if piece.offset == 0 { try await offPool { () throws(ServiceError) in try file.cut(to: 0) } }
        guard file.size == piece.offset else {
            throw ServiceError(
                .conflict, "the upload stands at byte \(file.size)", uploadOffset: file.size)
        }
        var end = piece.offset
        var watch = RoomWatch()
        for try await buffer in body {
            guard end + Int64(buffer.readableBytes) <= limit else { throw tooLarge }
            let (position, demanded) = (end, watch.demand(before: buffer.readableBytes))
            try await offPool { () throws(ServiceError) in
                try folder.demand(demanded)
                try file.write(buffer.readableBytesView, at: position)
            }
            end += Int64(buffer.readableBytes)
        }
        if let total = piece.total, end < total { return .partial(end) }
        let size = end
        try await offPool(BlockingWork.long) { () throws(ServiceError) in try finish(digest, file, size) }
        return .complete(isNew: true)
    }

    private var tooLarge: ServiceError {
        ServiceError(.tooLarge, "a blob has at most \(limit) bytes here")
    }

    private func finish(_ digest: String, _ file: OpenFile, _ size: Int64) throws(ServiceError) {
        let found: String
        do { found = try SHA256Digest.hex(ofFile: file.descriptor, name: digest) } catch {
            throw ServiceError(error)
        }
        guard found == digest else {
            unlink(file.path)
            throw ServiceError(
                .wrongContent, "the \(size) bytes have the SHA-256 \(found), not \(digest)"
            )
        }
        try file.flush()
        // What is published is what was hashed.
        guard file.isNamed else {
            throw ServiceError(passing: "the upload was given up; begin anew")
        }
        try OpenFile.publish(file.path, as: folder.blob(digest))
    }

    /// Removes uploads that nobody has touched for so long.
    func removeAbandonedUploads(olderThan seconds: Double) {
        FileAge.remove(in: folder.path + "/uploads", olderThan: seconds)
    }

    /// Removes blobs that no circuit has, if they are old enough for their registration to have come.
    func removeUnregistered(_ registered: Set<String>, olderThan seconds: Double) {
        FileAge.remove(in: folder.path + "/blobs", olderThan: seconds) { !registered.contains($0) }
    }
}

/// Files by the time of their last change.
enum FileAge {
    static func remove(
        in folder: String, olderThan seconds: Double, where condition: (String) -> Bool = { _ in true }
    ) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            var status = stat()
            let path = folder + "/" + name
            guard condition(name), stat(path, &status) == 0 else { continue }
            if Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec) > seconds { unlink(path) }
        }
    }
}
