// SPDX-License-Identifier: Apache-2.0

import Failures
import Foundation
import Foundations
import SnarkFormats

/// The cheap checks of a file before it is queued.
enum InputFile {
    /// Demands a regular file that begins with `magic`, and gives its absolute path.
    ///
    /// - Throws: `JobFailure` with the code `badInput`, naming the file and the reason; `infrastructure` when
    ///   the system is at fault.
    static func check(_ path: String, magic: String, kind: String) throws(JobFailure) -> String {
        let absolute = absolutePath(path)
        if path == "-", !FileManager.default.fileExists(atPath: absolute) {
            throw JobFailure(code: .badInput, message: "standard input: a \(kind) has to be a regular file")
        }
        _ = try FileIdentity(path: absolute, named: path)
        guard let file = FileHandle(forReadingAtPath: absolute) else {
            throw JobFailure(code: .badInput, message: "\(path): cannot be read")
        }
        defer { try? file.close() }
        let start: Data?
        do {
            start = try file.read(upToCount: 4)
        } catch {
            throw JobFailure(
                code: .infrastructure, message: "\(path): cannot be read: \(SystemReason.text(error))")
        }
        guard start == Data(magic.utf8) else {
            let found = (try? MappedFile(path: absolute, access: .onDemand)).flatMap { FileKind.evident($0) }
            throw JobFailure(
                code: .badInput,
                message: found.map {
                    "\(path): holds \($0.description), where a \(kind) (\(magic)) is wanted"
                } ?? "\(path): not a \(kind): it does not begin with \"\(magic)\"")
        }
        return absolute
    }

    /// `path` from the root on. Symbolic links stay: where they lead is decided when the file is opened.
    private static func absolutePath(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}
