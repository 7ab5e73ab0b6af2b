// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Failures
package import Foundations

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension SHA256Digest {
    private static let chunkBytes = 1 << 20

    /// The digest of the regular file behind `descriptor`, from its first byte; its position is left alone.
    ///
    /// The buffer is zeroed afterwards, since the file may be a witness.
    ///
    /// - Throws: what the system says where the file cannot be read.
    package static func hex(ofFile descriptor: Int32) throws(SystemError) -> String {
        var hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 64)
        defer {
            explicit_bzero(buffer.baseAddress!, buffer.count)
            buffer.deallocate()
        }
        var offset: off_t = 0
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw SystemError(code)
            }
            if count == 0 { return hash.finalize().hexadecimal }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += off_t(count)
        }
    }

    /// The same with errors for people.
    ///
    /// - Parameter name: what the file is called in errors.
    /// - Throws: `JobFailure` with the code `infrastructure` when the file cannot be read.
    package static func hex(ofFile descriptor: Int32, name: String) throws(JobFailure) -> String {
        do throws(SystemError) {
            return try hex(ofFile: descriptor)
        } catch {
            throw JobFailure(code: error.code, message: "\(name): cannot be read: \(error.message)")
        }
    }

    /// The digest of the regular file at `path`; a symbolic link is followed.
    ///
    /// - Parameter name: what errors call it, where that is not its path.
    /// - Throws: `JobFailure`: `badInput` when there is no such file, it may not be read or is not a regular
    ///   one; `infrastructure` when the system is at fault.
    package static func hex(
        ofFileAt path: String, named name: String? = nil
    ) throws(JobFailure) -> String {
        let (descriptor, _) = try FileIdentity.open(path, named: name)
        defer { close(descriptor) }
        return try hex(ofFile: descriptor, name: name ?? path)
    }
}
