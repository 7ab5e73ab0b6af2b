public import Foundation

import Crypto

/// Compiled programs on disk, one file each, for the next start.
///
/// A file is named by the SHA-256 of everything that the compiled code depends on: platform, device, driver, options and
/// source. Its content is preceded by its own digest, so that a torn or damaged file is built anew instead of run. Files
/// appear by renaming; several processes may share the folder. A folder that cannot be written to is no error: programs
/// are then built at every start.
public struct ProgramCache: Sendable {
    /// Where the files are.
    public let directory: URL

    public init(directory: URL) { self.directory = directory }

    /// `MARTLET_CACHE`, or `martlet` in the user's cache folder; `nil` where there is neither.
    public static var standard: ProgramCache? {
        cacheFolder.map { ProgramCache(directory: $0.appendingPathComponent("opencl", isDirectory: true)) }
    }

    /// The folder of all that Martlet keeps between runs.
    static var cacheFolder: URL? {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["MARTLET_CACHE"], !named.isEmpty {
            return URL(fileURLWithPath: named, isDirectory: true)
        }
        let base: URL
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            base = URL(fileURLWithPath: cache, isDirectory: true)
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            base = URL(fileURLWithPath: home, isDirectory: true)
                .appendingPathComponent(".cache", isDirectory: true)
        } else {
            return nil
        }
        return base.appendingPathComponent("martlet", isDirectory: true)
    }

    func key(of source: String, options: String, device: Device) -> String {
        let parts = ["1", device.buildIdentity, options, source]
        return Self.hex(SHA256.hash(data: Data(parts.joined(separator: "\u{0}").utf8)))
    }

    func load(_ key: String) -> [UInt8]? {
        guard let data = try? Data(contentsOf: file(key)), data.count > SHA256.byteCount else { return nil }
        let content = data.dropFirst(SHA256.byteCount)
        guard Data(SHA256.hash(data: content)) == data.prefix(SHA256.byteCount) else { return nil }
        return [UInt8](content)
    }

    func store(_ binary: [UInt8], under key: String) {
        var data = Data(SHA256.hash(data: binary))
        data.append(contentsOf: binary)
        // Code is loaded from here: nobody else may write to it.
        try? FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try? data.write(to: file(key), options: .atomic)
    }

    private func file(_ key: String) -> URL { directory.appendingPathComponent(key + ".bin") }

    private static func hex(_ digest: SHA256.Digest) -> String {
        digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

extension Device {
    /// All that compiled code depends on besides its source.
    var buildIdentity: String {
        [platform, platformVersion, vendor, name, version, driverVersion].joined(separator: "\u{1}")
    }
}
