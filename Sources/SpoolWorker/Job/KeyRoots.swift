// SPDX-License-Identifier: Apache-2.0

import Failures
import Glibc

/// The directories below which a worker opens the proving keys and circuits that jobs name.
///
/// Jobs may come from people who must not make the worker read, and partly quote in an error, any file that
/// it can.
struct KeyRoots: Sendable {
    private let roots: [String]

    /// Directories, which are resolved now; with none every path is allowed.
    ///
    /// - Throws: `JobFailure` with the code `badInput` for a directory that there is not.
    init(_ paths: [String]) throws(JobFailure) {
        var roots: [String] = []
        for path in paths {
            guard let resolved = resolve(path) else {
                throw JobFailure(code: .badInput, message: "\(path): no such directory for keys")
            }
            roots.append(resolved == "/" ? "/" : resolved + "/")
        }
        self.roots = roots
    }

    /// The path to open instead of `path`: with all symbolic links resolved when there are roots.
    ///
    /// - Throws: `JobFailure` with the code `badInput` for a path that leads out of all roots or nowhere.
    func check(_ path: String) throws(JobFailure) -> String {
        guard !roots.isEmpty else { return path }
        guard let resolved = resolve(path), roots.contains(where: resolved.hasPrefix) else {
            throw JobFailure(
                code: .badInput,
                message: "\(path): not a file below the directories that this worker takes keys from")
        }
        return resolved
    }
}

private func resolve(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}
