// SPDX-License-Identifier: Apache-2.0

import Coordination
import Digests
import Foundation
import Foundations
import NIOCore
import NIOPosix
import Synchronization

/// An open file that is read and written on threads that may block.
///
/// Users call `close()` in a `defer`, so that the object outlives every use of the descriptor.
package final class LocalFile: Sendable {
    package let path: String
    private let descriptor: Int32
    private let isOpen = Atomic<Bool>(true)

    private init(_ path: String, _ flags: Int32) throws(ClientError) {
        self.path = path
        descriptor = Foundation.open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
        guard descriptor >= 0 else { throw .file(path: path, reason: SystemReason.text(errno)) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close()
            throw .file(path: path, reason: "not a regular file")
        }
    }

    /// A file without a name.
    private init(unnamedIn folder: String) throws(ClientError) {
        let name = "\(folder)/.\(UInt64.random(in: 0 ... .max)).tmp"
        descriptor = Foundation.open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .file(path: folder, reason: SystemReason.text(errno)) }
        unlink(name)
        path = "/proc/\(getpid())/fd/\(descriptor)"
    }

    deinit { close() }

    /// Whether there is something at `path` that is no socket.
    static func isNoSocket(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT != S_IFSOCK
    }

    package func close() {
        if isOpen.exchange(false, ordering: .acquiringAndReleasing) { _ = Foundation.close(descriptor) }
    }

    static func open(_ path: String) async throws(ClientError) -> LocalFile {
        try await blocking(path) { try LocalFile(path, O_RDONLY) }
    }

    /// Opens a file of which a part may be there, or makes it; only this user can read it.
    static func openForWriting(_ path: String) async throws(ClientError) -> LocalFile {
        try await blocking(path) { try LocalFile(path, O_RDWR | O_CREAT | O_NOFOLLOW) }
    }

    /// Makes an empty file in a folder that has no name: it is gone with the process, however that ends.
    /// While it is open, `path` leads there for this user's processes.
    package static func unnamed(in folder: String) async throws(ClientError) -> LocalFile {
        try await blocking(folder) { try LocalFile(unnamedIn: folder) }
    }

    /// Overwrites the content with zeros, as far as that helps: a disk may keep the old bytes.
    package func wipe() async throws(ClientError) {
        let (size, step) = (try await size(), Int64(1 << 20))
        for start in stride(from: 0, to: size, by: Int64.Stride(step)) {
            try await write(ByteBuffer(repeating: 0, count: Int(min(step, size - start))), at: start)
        }
    }

    static func size(_ path: String) async throws(ClientError) -> Int64 {
        let file = try await open(path)
        defer { file.close() }
        return try await file.size()
    }

    /// SHA-256 in lower-case hexadecimal digits.
    static func digest(_ path: String) async throws(ClientError) -> String {
        let file = try await open(path)
        defer { file.close() }
        return try await file.digest()
    }

    func size() async throws(ClientError) -> Int64 {
        try await blocking {
            var facts = stat()
            try self.check(fstat(self.descriptor, &facts))
            return Int64(facts.st_size)
        }
    }

    /// Up to `count` bytes; none at the end of the file.
    func read(at offset: Int64, count: Int) async throws(ClientError) -> ByteBuffer {
        try await blocking {
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                let got = pread(self.descriptor, bytes.baseAddress, count, off_t(offset))
                try self.check(Int32(clamping: got))
                return got
            }
            return buffer
        }
    }

    func write(_ buffer: ByteBuffer, at offset: Int64) async throws(ClientError) {
        try await blocking {
            try buffer.withUnsafeReadableBytes { bytes in
                var done = 0
                while done < bytes.count {
                    let count = pwrite(
                        self.descriptor, bytes.baseAddress! + done, bytes.count - done,
                        off_t(offset) + off_t(done))
                    if count < 0 && errno == EINTR { continue }
                    try self.check(Int32(clamping: count))
                    done += count
                }
            }
        }
    }

    func truncate() async throws(ClientError) {
        try await blocking { try self.check(ftruncate(self.descriptor, 0)) }
    }

    func digest() async throws(ClientError) -> String {
        try await blocking {
            do throws(SystemError) {
                return try SHA256Digest.hex(ofFile: self.descriptor)
            } catch {
                throw ClientError.file(path: self.path, reason: error.message)
            }
        }
    }

    /// Gives the file its final name; when this returns, its content outlives a loss of power.
    func settle(as final: String) async throws(ClientError) {
        try await blocking {
            try self.check(fsync(self.descriptor))
            try self.check(rename(self.path, final))
        }
    }

    private func check(_ result: Int32) throws(ClientError) {
        guard result < 0 else { return }
        throw .file(path: path, reason: SystemReason.text(errno))
    }

    private func blocking<T: Sendable>(
        _ body: @escaping @Sendable () throws -> T
    ) async throws(ClientError) -> T {
        try await Self.blocking(path, body)
    }

    private static func blocking<T: Sendable>(
        _ path: String, _ body: @escaping @Sendable () throws -> T
    ) async throws(ClientError) -> T {
        do {
            return try await onBlockingThread(body)
        } catch let error as ClientError {
            throw error
        } catch {
            throw error is CancellationError
                ? .cancelled : .file(path: path, reason: "cannot be used: \(SystemReason.text(error))")
        }
    }
}

/// Runs what may block on a thread that is there for that, away from the cooperative pool.
package func onBlockingThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await NIOThreadPool.singleton.runIfActive(body)
}
