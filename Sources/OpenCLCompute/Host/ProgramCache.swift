// SPDX-License-Identifier: Apache-2.0

import Digests
package import Foundation

/// Compiled programs on disk, one file each, for the next start.
///
/// A file is named by the SHA-256 of everything that the compiled code depends on: platform, device, driver,
/// options and source. Its content is preceded by its own digest, so that a torn or damaged file is built
/// anew instead of run. Files appear by renaming; several processes may share the folder. A folder that
/// cannot be written to is no error: programs are then built at every start.
package struct ProgramCache: Sendable {
    /// Where the files are.
    package let directory: URL

    package init(directory: URL) { self.directory = directory }

    /// A folder of the user's cache; `nil` where there is none.
    package static var standard: ProgramCache? {
        CacheFolder.standard.map { ProgramCache(directory: $0.appending(path: "opencl")) }
    }

    func key(of source: String, options: String, device: Device) -> String {
        let parts = ["1", device.identity, options, source]
        return SHA256Digest.hex(of: Data(parts.joined(separator: "\u{0}").utf8))
    }

    func load(_ key: String) -> [UInt8]? {
        guard let data = try? Data(contentsOf: file(key)), data.count > SHA256Digest.byteCount else {
            return nil
        }
        let content = data.dropFirst(SHA256Digest.byteCount)
        guard SHA256Digest.bytes(of: content) == data.prefix(SHA256Digest.byteCount) else { return nil }
        return [UInt8](content)
    }

    func store(_ binary: [UInt8], under key: String) {
        var data = SHA256Digest.bytes(of: binary)
        data.append(contentsOf: binary)
        // Code is loaded from here: nobody else may write to it.
        try? FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try? data.write(to: file(key), options: .atomic)
    }

    private func file(_ key: String) -> URL { directory.appending(path: key + ".bin") }
}
