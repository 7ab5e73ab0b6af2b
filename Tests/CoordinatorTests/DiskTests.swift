// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Coordination
import Coordinator
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import SystemTestSupport
import Testing

/// Data folders that are full, or not there.
@Suite struct DiskTests {
    /// A coordinator whose data folder is a file system of its own.
    private func withSmallDisk(
        _ mebibytes: Int, free: Int64, log: RecordedLog? = nil,
        _ body: (TestCoordinator, SmallDisk) async throws -> Void
    ) async throws {
        let disk = try SmallDisk(kibibytes: mebibytes << 10)
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("data"), withDestinationPath: disk.path)
        try await withCoordinator(in: folder, log: log, setting(\.minFreeSpace, free << 20)) { server in
            try await body(server, disk)
        }
    }

    /// Uploads that do not say their length, several at once: the watermark is looked at as they come.
    @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"), arguments: [1, 3])
    func bodiesStopAtTheWatermark(uploads: Int) async throws {
        try await withSmallDisk(32, free: 16) { server, disk in
            await withTaskGroup(of: Int?.self) { group in
                for digit in ["0", "1", "2"].prefix(uploads) {
                    group.addTask { try? await chunked(server, Character(digit), mebibytes: 24) }
                }
                // An answer may be lost where the connection is cut while the body is still being sent.
                for await status in group { #expect(status == nil || status == 507) }
            }
            let facts = try FileManager.default.attributesOfFileSystem(forPath: disk.path)
            let left = try #require(facts[.systemFreeSize] as? Int64)
            #expect(left < 17 << 20 && left > (16 - Int64(uploads) * 2) << 20, "\(left)")
            let names = try FileManager.default.contentsOfDirectory(atPath: disk.path + "/uploads")
            #expect((1...uploads).contains(names.count))
            let digest = String(repeating: "f", count: 64)
            let more = try await server.send(.PUT, "/v1/blobs/\(digest)", Data(count: 1 << 20))
            #expect(more.status == 507 && more.code == "noSpace")
        }
    }

    /// The status of the answer to a body in chunks.
    private func chunked(
        _ server: TestCoordinator, _ digit: Character, mebibytes: Int
    ) async throws -> Int {
        let path = "/v1/blobs/\(String(repeating: digit, count: 64))"
        var request = HTTPClientRequest(url: server.url(path))
        request.method = .PUT
        let parts = AsyncStream<ByteBuffer> { stream in
            for _ in 0..<mebibytes * 4 { stream.yield(ByteBuffer(repeating: 7, count: 256 << 10)) }
            stream.finish()
        }
        request.body = .stream(parts, length: .unknown)
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        return Int(answer.status.code)
    }
}
