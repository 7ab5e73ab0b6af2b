import Foundation
import Outcomes
import ProvingService

/// Files that a command writes.
enum OutputFile {
    /// Makes a directory, and those above it, where it is missing.
    ///
    /// - Throws: `JobFailure` (infrastructure) that names it.
    static func make(directory path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw JobFailure(
                code: .infrastructure, message: "cannot make \(path): \(SystemReason.text(error))")
        }
    }

    /// Writes all files or none, each through a temporary file beside it and a rename.
    ///
    /// - Throws: `JobFailure` (infrastructure) that names the file that could not be written.
    static func write(_ files: [(path: String, data: Data)]) throws {
        var temporaries: [(URL, URL)] = []
        do {
            for file in files {
                let target = URL(filePath: file.path)
                let temporary = target.deletingLastPathComponent()
                    .appending(path: ".\(target.lastPathComponent).\(getpid()).tmp")
                temporaries.append((temporary, target))
                try file.data.write(to: temporary)
            }
            for (temporary, target) in temporaries {
                guard rename(temporary.path, target.path) == 0 else {
                    throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
                }
            }
        } catch {
            for (temporary, _) in temporaries { unlink(temporary.path) }
            let names = files.map(\.path).joined(separator: ", ")
            throw JobFailure(
                code: .infrastructure, retryable: true,
                message: "cannot write \(names): \(SystemReason.text(error))")
        }
    }
}
