// SPDX-License-Identifier: Apache-2.0

import Foundations
import StrictJSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    package import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    package import Musl
#endif

/// The content of `spool.json`.
private struct SpoolMarker: Codable {
    var format: String
    var version: Int
}

extension SpoolQueue {
    static func openRoot(_ path: String, creating: Bool) throws(SpoolError) -> Descriptor {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .notASpool(path: path, reason: "no path") }
        if creating, mkdir(path, 0o700) != 0, errno != EEXIST {
            switch errno {
            case ENOENT, ENOTDIR:
                throw .notASpool(path: path, reason: "there is no directory in which to make it")
            case ENAMETOOLONG, ELOOP: throw .notASpool(path: path, reason: SystemReason.text(errno))
            case let code: throw .from("make directory", path, code)
            }
        }
        let raw = openDirectoryForReading(path)
        guard raw >= 0 else {
            switch errno {
            case ENOENT: throw .notASpool(path: path, reason: "there is no such directory")
            case ENOTDIR: throw .notASpool(path: path, reason: "it is no directory")
            case ENAMETOOLONG, ELOOP: throw .notASpool(path: path, reason: SystemReason.text(errno))
            case let code: throw .from("open", path, code)
            }
        }
        return Descriptor(raw: raw, path: path)
    }

    /// Refuses network file systems, where the locks do not end with a process on another machine.
    ///
    /// A file system that the kernel's table of mounts does not name by this device is let through.
    static func checkFileSystem(_ root: Descriptor) throws(SpoolError) {
        let networks: Set<String> = [
            "nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "afs", "fuse.glusterfs", "fuse.sshfs", "lustre",
        ]
        guard let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8),
            let type = fileSystemType(device: try root.facts().device, mounts: mounts),
            networks.contains(type)
        else { return }
        throw .notASpool(path: root.path, reason: "it is on a network file system (\(type))")
    }

    /// The type of the file system on `device`, a number as `stat` gives it.
    ///
    /// - Parameter mounts: the content of `/proc/self/mountinfo`.
    package static func fileSystemType(device: UInt64, mounts: String) -> String? {
        let major = (device >> 8) & 0xfff | (device >> 32) & 0xffff_f000
        let minor = device & 0xff | (device >> 12) & 0xffff_ff00
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, fields[2] == "\(major):\(minor)", let dash = fields.firstIndex(of: "-"),
                dash + 1 < fields.count
            else { continue }
            return String(fields[dash + 1])
        }
        return nil
    }

    static func checkVersion(_ root: Descriptor, creating: Bool) throws(SpoolError) {
        let name = "spool.json"
        var present = try root.readIfPresent(name, limit: 4096)
        if present == nil, creating {
            let entries = try root.names().map(\.printable)
            if entries.contains(name) {
                // Another process made the spool in between.
                present = try root.readIfPresent(name, limit: 4096)
            } else if let foreign = foreignEntry(of: entries) {
                throw .notASpool(
                    path: root.path,
                    reason:
                        "it is not empty, and not a spool: it has \(quoted(foreign, limit: 200)) and no spool.json"
                )
            }
        }
        if let data = present {
            guard let marker = jsonValue(SpoolMarker.self, data), marker.format == "martlet-spool" else {
                throw .notASpool(path: root.path, reason: "spool.json is not a spool's")
            }
            guard marker.version == 1 else {
                throw .notASpool(path: root.path, reason: "version \(marker.version) is not known here")
            }
        } else if creating {
            let unique = ".spool.json.\(UInt64.random(in: 0 ... .max).hexadecimal(digits: 16))"
            defer { try? root.unlink(unique) }
            try root.writeNewFile(
                unique, jsonData(SpoolMarker(format: "martlet-spool", version: 1)) + Data("\n".utf8))
            do {
                try root.link(unique, to: root, name)
            } catch  where error.errnoCode == EEXIST {
                // Another process made it at the same time.
            }
            try root.synchronize()
        }
    }

    /// What shows of a directory without `spool.json` that it is used for something else.
    ///
    /// Not what an empty file system has, nor what a process leaves that dies while it makes a spool. A
    /// producer that is no martlet may have made all the parts; some of them are no spool but, say, a
    /// Maildir.
    private static func foreignEntry(of entries: [String]) -> String? {
        let there = entries.filter { !$0.hasPrefix(".spool.json.") && $0 != "lost+found" }.sorted()
        let hasAllParts = directoryNames.allSatisfy(there.contains)
        return there.first { !hasAllParts || !(directoryNames + ["digest.key"]).contains($0) }
    }

    static func openPart(_ name: String, of root: Descriptor, creating: Bool) throws(SpoolError) -> Descriptor
    {
        if creating {
            do {
                try root.makeDirectory(name)
                try root.synchronize()
            } catch  where error.errnoCode == EEXIST {
                // Another process made it, or it was there.
            }
        }
        let part: Descriptor
        do {
            part = try root.openDirectory(name)
        } catch  where error.errnoCode == ENOENT {
            throw .notASpool(path: root.path, reason: "\(name)/ is missing")
        } catch  where error.errnoCode == ENOTDIR || error.errnoCode == ELOOP {
            throw .notASpool(path: root.path, reason: "\(name) is no directory")
        }
        guard try part.facts().device == root.facts().device else {
            throw .notASpool(path: root.path, reason: "\(name)/ is on another file system")
        }
        return part
    }
}

private func openDirectoryForReading(_ path: String) -> Int32 {
    while true {
        let result = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if result >= 0 || errno != EINTR { return result }
    }
}
