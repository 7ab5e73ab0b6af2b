// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
public import Coordination
import Foundation
import NIOCore
import NIOHTTP1

extension MartletClient {
    /// Up to so many bytes a witness is better sent along with its job, or its lease.
    public static let inlineWitness: Int64 = 256 << 10

    /// Uploads a job's witness; goes on where an earlier upload of this or another process stopped.
    ///
    /// - Throws: `.refused`: 422 when the file is not the one that the job was submitted with, 409 when the
    ///   job has ended.
    public func uploadWitness(_ job: String, from path: String) async throws(ClientError) {
        try await upload(path, to: jobPath(job) + "/witness")
    }

    /// Uploads a file under its SHA-256, unless the coordinator has it; goes on where an earlier upload
    /// stopped.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - digest: the SHA-256 where it is known already.
    /// - Returns: the SHA-256 and the size.
    public func uploadBlob(
        _ path: String, digest: String? = nil
    ) async throws(ClientError) -> BlobReference {
        let size = try await LocalFile.size(path)
        let known: String
        if let digest { known = digest } else { known = try await LocalFile.digest(path) }
        try await upload(path, to: "/v1/blobs/" + known)
        return BlobReference(sha256: known, size: size)
    }

    /// Sees to it that the circuit of a key is registered: uploads the key where the coordinator does not
    /// have it.
    ///
    /// - Throws: `.refused` with 422 when the key is wrong.
    public func provideCircuit(_ path: String) async throws(ClientError) -> Circuit {
        let digest = try await LocalFile.digest(path)
        do throws(ClientError) {
            return try await circuit(digest)
        } catch {
            guard error.status == 404 else { throw error }
        }
        _ = try await uploadBlob(path, digest: digest)
        return try await registerCircuit(zkey: digest)
    }

    /// The SHA-256 and the size of a file, as a `JobSpecification` wants them of its witness.
    public static func reference(to path: String) async throws(ClientError) -> BlobReference {
        BlobReference(sha256: try await LocalFile.digest(path), size: try await LocalFile.size(path))
    }

    /// Sends what the coordinator does not have yet, piece by piece; a piece that breaks off is asked about
    /// and continued. An upload of the same by somebody else is waited for as long as it goes on.
    private func upload(_ file: String, to path: String) async throws(ClientError) {
        let size = try await LocalFile.size(file)
        var offset = try await uploadedBytes(path)
        var failures = 0
        var lastProgress = ContinuousClock.now
        while let start = offset {
            guard start <= size else {
                throw .invalidAnswer("\(start) bytes are said to be uploaded of a file of \(size)")
            }
            do throws(ClientError) {
                switch try await uploadPiece(file, from: start, of: size, to: path) {
                case .complete: return
                case .at(let next):
                    offset = next
                    // An answer that brings nothing forward must not be followed for ever.
                    guard next <= start else { break }
                    failures += 1
                    guard failures <= options.retries else {
                        throw .invalidAnswer("the upload stays at \(start) bytes")
                    }
                    try await pause(afterFailures: failures)
                case .held(let refusal):
                    let silence = lastProgress.duration(to: .now)
                    guard silence < .seconds(options.idleTimeout) else { throw refusal }
                    failures += 1
                    try await pause(afterFailures: failures)
                    offset = try await uploadedBytes(path)
                }
            } catch {
                guard error.isWorthRepeating, failures < options.retries else { throw error }
                try await pause(afterFailures: failures)
                failures += 1
                offset = try await uploadedBytes(path)
            }
            if let offset, offset > start {
                failures = 0
                lastProgress = .now
            }
        }
    }

    /// How many bytes the coordinator has; nil when it has all.
    private func uploadedBytes(_ path: String) async throws(ClientError) -> Int64? {
        let answer = try await call(.HEAD, path, success: [200, 404])
        if answer.status == 200 { return nil }
        if let offset = answer.uploadOffset { return offset }
        // A blob of which nothing is there; for a witness it means that there is no such job.
        guard path.hasPrefix("/v1/blobs/") else { throw answer.refusal }
        return 0
    }

    /// What a coordinator says to a piece.
    private enum Progress {
        case complete
        /// It goes on at this byte.
        case at(Int64)
        /// Somebody else uploads the same at the moment.
        case held(ClientError)
    }

    /// Sends one piece.
    private func uploadPiece(
        _ file: String, from start: Int64, of size: Int64, to path: String
    ) async throws(ClientError) -> Progress {
        let count = min(size - start, Int64(max(1, options.pieceBytes)))
        let content = try await LocalFile.open(file)
        defer { content.close() }
        var request = self.request(.PUT, path)
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        if count == 0 {
            // All bytes are there, but the coordinator has not said so: it may have died over the last of
            // them.
            request.headers.add(name: "Content-Range", value: "bytes */\(size)")
        } else if count < size {
            request.headers.add(
                name: "Content-Range", value: "bytes \(start)-\(start + count - 1)/\(size)")
        }
        request.body = .stream(FilePieces(file: content, offset: start, count: count), length: .known(count))
        let answer = try await once(request, timeout: nil)
        switch answer.status {
        case 200, 201, 204: return .complete
        case 202, 409:
            if let offset = answer.uploadOffset { return .at(offset) }
            guard answer.headers.contains(name: "Retry-After") else { throw answer.refusal }
            return .held(answer.refusal)
        default: throw answer.refusal
        }
    }
}

/// The bytes of a part of a file, read in pieces away from the cooperative pool.
private struct FilePieces: AsyncSequence, Sendable {
    let file: LocalFile
    let offset: Int64
    let count: Int64

    struct Iterator: AsyncIteratorProtocol {
        let file: LocalFile
        var offset: Int64
        var left: Int64

        mutating func next() async throws -> ByteBuffer? {
            guard left > 0 else { return nil }
            let buffer = try await file.read(at: offset, count: Int(Swift.min(left, 1 << 20)))
            guard buffer.readableBytes > 0 else {
                throw ClientError.file(path: file.path, reason: "it became shorter while it was read")
            }
            offset += Int64(buffer.readableBytes)
            left -= Int64(buffer.readableBytes)
            return buffer
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(file: file, offset: offset, left: count) }
}
