// SPDX-License-Identifier: Apache-2.0

import Coordination
import Crypto
import Foundation
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// Witnesses on disk, each encrypted with its job's key.
///
/// A file is a sequence of records: four bytes of length, little-endian, then the combined form of
/// AES-256-GCM (nonce of 12 bytes, ciphertext, tag of 16). The authenticated data of a record are the job's
/// uid and the offset of its plaintext, so that records cannot change places or files. Where each record
/// begins is counted from the start: a file has some four for each megabyte.
struct WitnessVault: Sendable {
    let folder: DataFolder
    /// Bytes of a witness at most.
    let limit: Int64

    /// Bytes of plaintext in a record at most.
    static let recordSize = 256 << 10
    private static let overhead: Int64 = 4 + 12 + 16

    /// How far a witness has come, in bytes of plaintext.
    func offset(_ uid: String) -> Int64 {
        guard let file = try? OpenFile(folder.witness(uid), O_RDONLY) else { return 0 }
        return (try? records(of: file))?.last.map { $0.start + $0.count } ?? 0
    }

    /// Takes a piece of a witness; complete once `total` bytes are there. Nothing is checked yet.
    func receive(
        _ uid: String, key: [UInt8], total: Int64, _ piece: UploadPiece,
        _ body: some AsyncSequence<ByteBuffer, any Error>, isAwaited: () async throws -> Bool
    ) async throws -> (progress: UploadProgress, lock: OpenFile) {
        guard total <= limit else {
            throw ServiceError(.tooLarge, "a witness has at most \(limit) bytes here")
        }
        try folder.demand(min(total, piece.length ?? total))
        let file = try await offPool { () throws(ServiceError) in
            let file = try OpenFile(folder.witness(uid), O_RDWR | O_CREAT)
            guard file.tryLock() else {
                throw ServiceError(passing: "this witness is being uploaded")
            }
            return file
        }
        // Another upload may have been checked between the caller's look and the lock: it is the job's now.
        guard try await isAwaited() else {
            throw ServiceError(passing: "the job's witness has come by another upload")
        }
        let ends = try await offPool { () throws(ServiceError) in
            if piece.offset == 0 { try file.cut(to: 0) }
            let last = try records(of: file).last
            let (plain, stored) = (last.map { $0.start + $0.count } ?? 0, last?.end ?? 0)
            // What a crash left of a record.
            try file.cut(to: stored)
            return (plain, stored)
        }
        var (plain, stored) = ends
        guard plain == piece.offset else {
            throw ServiceError(.conflict, "the upload stands at byte \(plain)", uploadOffset: plain)
        }
        let secret = SymmetricKey(data: key)
        var pending = ByteBuffer()
        var watch = RoomWatch()
        func flush(all: Bool) async throws {
            while pending.readableBytes >= Self.recordSize || (all && pending.readableBytes > 0) {
                let bytes =
                    pending.readSlice(length: min(pending.readableBytes, Self.recordSize)) ?? ByteBuffer()
                let (start, position) = (plain, stored)
                let demanded = watch.demand(before: bytes.readableBytes)
                let count = try await offPool { () throws(ServiceError) in
                    try folder.demand(demanded)
                    let record = try Self.seal(bytes, uid, start, secret)
                    try file.write(record, at: position)
                    return record.count
                }
                plain += Int64(bytes.readableBytes)
                stored += Int64(count)
            }
            pending.discardReadBytes()
        }
        for try await var buffer in body {
            guard plain + Int64(pending.readableBytes + buffer.readableBytes) <= total else {
                throw ServiceError(.wrongContent, "more bytes than the job's witness.size, \(total)")
            }
            pending.writeBuffer(&buffer)
            try await flush(all: false)
        }
        try await flush(all: true)
        try await offPool { () throws(ServiceError) in try file.flush() }
        return (plain == total ? .complete(isNew: true) : .partial(plain), file)
    }

    private static func seal(
        _ bytes: ByteBuffer, _ uid: String, _ start: Int64, _ key: SymmetricKey
    ) throws(ServiceError) -> Data {
        let sealed = try? AES.GCM.seal(
            bytes.readableBytesView, using: key, authenticating: authenticated(uid, start))
        guard let combined = sealed?.combined else {
            throw ServiceError(.failed, "a record cannot be encrypted")
        }
        return withUnsafeBytes(of: UInt32(combined.count).littleEndian) { Data($0) } + combined
    }

    fileprivate static func authenticated(_ uid: String, _ start: Int64) -> Data {
        Data(uid.utf8) + withUnsafeBytes(of: start.littleEndian) { Data($0) }
    }

    /// A part of a witness, in plain.
    ///
    /// - Throws: `.unavailable` for a file that is not what was written.
    func read(
        _ uid: String, key: [UInt8], _ range: Range<Int64>
    ) throws(ServiceError) -> Data {
        try open(uid, key: key).read(range)
    }

    /// A witness to be read piece by piece.
    func open(_ uid: String, key: [UInt8]) throws(ServiceError) -> StoredWitness {
        let file = try OpenFile(folder.witness(uid), O_RDONLY)
        return StoredWitness(
            uid: uid, file: file, key: SymmetricKey(data: key), records: try records(of: file))
    }

    /// A witness that is open: where its records are was found out once.
    struct StoredWitness: Sendable {
        fileprivate let uid: String
        fileprivate let file: OpenFile
        fileprivate let key: SymmetricKey
        fileprivate let records: [Record]

        /// Bytes of plaintext.
        var size: Int64 { records.last.map { $0.start + $0.count } ?? 0 }

        /// A part, in plain; no more than what is there of it.
        ///
        /// - Throws: `.unavailable` for a file that is not what was written.
        func read(_ range: Range<Int64>) throws(ServiceError) -> Data {
            var result = Data()
            var index = firstRecord(endingAfter: range.lowerBound)
            while index < records.count, records[index].start < range.upperBound {
                let record = records[index]
                let from = Int(max(range.lowerBound, record.start) - record.start)
                let to = Int(min(range.upperBound, record.start + record.count) - record.start)
                let plain = try plaintext(record)
                result.append(plain.dropFirst(from).prefix(to - from))
                index += 1
            }
            return result
        }

        /// All of it in order, a record at a time, each overwritten after `body` has seen it.
        func readAll(_ body: (Data) throws(ServiceError) -> Void) throws(ServiceError) {
            for record in records {
                var plain = try plaintext(record)
                defer { plain.resetBytes(in: plain.startIndex..<plain.endIndex) }
                try body(plain)
            }
        }

        private func firstRecord(endingAfter offset: Int64) -> Int {
            var (low, high) = (0, records.count)
            while low < high {
                let middle = (low + high) / 2
                if records[middle].start + records[middle].count > offset {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            return low
        }

        private func plaintext(_ record: Record) throws(ServiceError) -> Data {
            let bytes = try file.read(Int(record.end - record.place - 4), at: record.place + 4)
            guard let box = try? AES.GCM.SealedBox(combined: bytes),
                let plain = try? AES.GCM.open(
                    box, using: key, authenticating: WitnessVault.authenticated(uid, record.start))
            else { throw ServiceError(.unavailable, "the stored witness is damaged") }
            return plain
        }
    }

    func remove(_ uid: String) { unlink(folder.witness(uid)) }

    /// The uids of the witnesses that are here.
    var uids: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/witnesses")) ?? []
    }

    fileprivate struct Record: Sendable {
        /// Of the record in the file.
        var place: Int64
        var end: Int64
        /// Of the plaintext in the witness.
        var start: Int64
        var count: Int64
    }

    /// The complete records of a file.
    private func records(of file: OpenFile) throws(ServiceError) -> [Record] {
        var records: [Record] = []
        var (place, start) = (Int64(0), Int64(0))
        let size = file.size
        while place + Self.overhead < size {
            let bytes = try file.read(4, at: place).reversed().reduce(0) { $0 << 8 | Int64($1) }
            guard bytes > Self.overhead - 4, place + 4 + bytes <= size else { break }
            let plain = bytes - (Self.overhead - 4)
            records.append(Record(place: place, end: place + 4 + bytes, start: start, count: plain))
            place += 4 + bytes
            start += plain
        }
        return records
    }
}
