// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Failures
import Glibc

extension SHA256Digest {
    private static let chunkBytes = 1 << 20

    /// The digest of the regular file behind `descriptor`, from its first byte; its position is left alone.
    ///
    /// The buffer is zeroed afterwards, since the file may be a witness.
    ///
    /// - Parameter name: what the file is called in errors.
    /// - Throws: `JobFailure` with the code `infrastructure` when the file cannot be read.
    package static func hex(ofFile descriptor: Int32, name: String) throws(JobFailure) -> String {
        var hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 64)
        defer {
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            buffer.deallocate()
        }
        var offset: off_t = 0
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw JobFailure(
                    code: .infrastructure,
                    message: "\(name): cannot be read: \(String(cString: strerror(code)))")
            }
            if count == 0 { return text(hash.finalize()) }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += off_t(count)
        }
    }

    /// The digest of the regular file at `path`; a symbolic link is followed.
    ///
    /// - Throws: `JobFailure`: `badInput` when there is no such file, it may not be read or is not a regular
    ///   one; `infrastructure` when the system is at fault.
    package static func hex(ofFileAt path: String) throws(JobFailure) -> String {
        let (descriptor, _) = try FileIdentity.open(path)
        defer { close(descriptor) }
        return try hex(ofFile: descriptor, name: path)
    }
}
