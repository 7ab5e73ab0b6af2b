// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
public import Coordination
import Foundation
import NIOCore
import NIOFoundationEssentialsCompat
import NIOHTTP1

extension MartletClient {
    /// Downloads a file by its SHA-256. `path` appears complete or not at all; what is there half lies beside
    /// it, with `.part` at the end of its name, and is gone on with by the next call.
    ///
    /// - Throws: `.refused` with 404 when the coordinator has no such file; `.wrongContent` when the bytes
    ///   are others.
    public func downloadBlob(_ blob: BlobReference, to path: String) async throws(ClientError) {
        let part = path + ".part"
        let file = try await LocalFile.openForWriting(part)
        defer { file.close() }
        try await download("/v1/blobs/" + escaped(blob.sha256), size: blob.size, into: file)
        guard try await file.digest() == blob.sha256 else {
            unlink(part)
            throw .otherContent(than: blob)
        }
        try await file.settle(as: path)
    }

    /// Goes on with a download until `size` bytes are there.
    func download(_ address: String, size: Int64, into file: LocalFile) async throws(ClientError) {
        var failures = 0
        while true {
            let start = try await file.size()
            if start == size { return }
            if start > size { try await file.truncate() }
            do throws(ClientError) {
                try await receive(address, of: size, into: file, from: start > size ? 0 : start)
            } catch {
                guard error.isWorthRepeating else { throw error }
                failures = try await file.size() > start ? 1 : failures + 1
                guard failures <= options.retries else { throw error }
                try await pause(afterFailures: failures)
            }
        }
    }

    /// Appends what the coordinator sends from `start` on.
    private func receive(
        _ address: String, of size: Int64, into file: LocalFile, from start: Int64
    ) async throws(ClientError) {
        var request = self.request(.GET, address)
        if start > 0 { request.headers.add(name: "Range", value: "bytes=\(start)-") }
        let response = try await open(request, timeout: nil)
        var offset: Int64
        switch response.status.code {
        case 200: offset = 0
        case 206: offset = start
        case 416:
            try await file.truncate()
            throw .unreachable("the part that is here does not continue")
        default:
            throw try await refusal(response)
        }
        do {
            for try await piece in response.body {
                guard offset + Int64(piece.readableBytes) <= size else {
                    try await file.truncate()
                    throw ClientError.wrongContent("more than the \(size) bytes of the file came")
                }
                try await file.write(piece, at: offset)
                offset += Int64(piece.readableBytes)
            }
        } catch {
            throw translated(error)
        }
        guard offset == size else {
            throw .unreachable("the connection ended after \(offset) of \(size) bytes")
        }
    }

    func refusal(_ response: HTTPClientResponse) async throws(ClientError) -> ClientError {
        let body: ByteBuffer
        do { body = try await response.body.collect(upTo: 1 << 20) } catch { throw translated(error) }
        return Answer(
            address: address, hints: options.hints, status: Int(response.status.code),
            headers: response.headers,
            body: Data(buffer: body)
        ).refusal
    }
}
