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

    private func warnings(_ log: RecordedLog) -> [String] {
        log.lines(from: .warning).filter { $0.hasPrefix("uploads and jobs are refused") }
    }

    private func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while try await !condition() {
            guard .now < end else { return false }
            try await Task.sleep(for: .milliseconds(50))
        }
        return true
    }

    @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"))
    func aFullDiskIsSaidOnce() async throws {
        let log = RecordedLog()
        try await withSmallDisk(4, free: 0, log: log) { server, disk in
            #expect(try await server.send(.GET, "/readyz").status == 200)
            try disk.fill()
            // Without any request.
            #expect(try await eventually { !warnings(log).isEmpty })
            let digest = String(repeating: "f", count: 64)
            for _ in 0..<5 {
                let refused = try await server.send(.PUT, "/v1/blobs/\(digest)", Data(count: 10))
                #expect(refused.status == 507 && refused.text.contains("no room"))
                #expect(try await server.send(.GET, "/readyz").status == 507)
            }
            #expect(warnings(log).count == 1)
            disk.free()
            #expect(try await server.send(.GET, "/readyz").status == 200)
            #expect(
                try await eventually {
                    log.lines(from: .notice).contains("the data folder can be written again")
                })
        }
    }

    /// That is no want of room.
    @Test(arguments: ["data", "data/uploads"]) func aMissingFolderIsSaidOnce(_ name: String) async throws {
        let log = RecordedLog()
        try await withCoordinator(log: log) { server in
            let folder = server.folder.path(name)
            try FileManager.default.moveItem(atPath: folder, toPath: server.folder.path("away"))
            let digest = String(repeating: "f", count: 64)
            for _ in 0..<3 {
                for (method, path) in [(HTTPMethod.PUT, "/v1/blobs/\(digest)"), (.GET, "/readyz")] {
                    let refused = try await server.send(method, path, method == .PUT ? Data([1]) : nil)
                    #expect(refused.status == 503 && refused.code == "unavailable", "\(refused.text)")
                    #expect(refused.text.lowercased().contains("no such file or directory"))
                    #expect(!refused.text.contains(server.folder.url.path))
                }
            }
            #expect(warnings(log).count == 1, "\(warnings(log))")
            #expect(try await server.send(.GET, "/v1/blobs/\(digest)").status == (name == "data" ? 503 : 404))
            try FileManager.default.moveItem(atPath: server.folder.path("away"), toPath: folder)
            #expect(try await server.send(.GET, "/readyz").status == 200)
        }
    }
}
