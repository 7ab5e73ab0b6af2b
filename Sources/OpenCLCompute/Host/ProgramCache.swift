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
    /// Whether programs of platforms that keep them themselves are kept here, too.
    let keepsAll: Bool

    /// A cache in a folder, of the programs of all platforms.
    package init(directory: URL) {
        self.directory = directory
        keepsAll = true
    }

    private init(standardIn directory: URL) {
        self.directory = directory
        keepsAll = false
    }

    /// A folder of the user's cache; `nil` where there is none.
    package static var standard: ProgramCache? {
        CacheFolder.standard.map { ProgramCache(standardIn: $0.appending(path: "opencl")) }
    }

    /// Whether the programs of a device are kept here.
    package func serves(_ device: Device) -> Bool { keepsAll || !Self.isKeptByItsPlatform(device) }

    /// Whether a device's programs are kept by its platform: PoCL has a cache of its own and, asked for a
    /// program's binary, compiles all kernels a second time, for work-groups of any size.
    static func isKeptByItsPlatform(_ device: Device) -> Bool {
        device.platform == "Portable Computing Language"
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
