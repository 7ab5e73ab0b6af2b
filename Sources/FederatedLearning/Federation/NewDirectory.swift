// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A directory that is made for what is to come, and goes again where that fails.
package struct NewDirectory: Sendable {
    private let path: String
    /// What was not there, the innermost first.
    private let made: [String]

    /// Makes a directory, and those above it, where it is missing.
    ///
    /// - Parameter mode: the permissions of those that are made.
    package init(_ path: String, mode: Int = 0o777) throws(FederationError) {
        self.path = path
        var missing: [String] = []
        var next = path
        while !next.isEmpty, !FileManager.default.fileExists(atPath: next) {
            missing.append(next)
            // By hand: Foundation's `deletingLastPathComponent` of `d` ends the process.
            while next.hasSuffix("/") { next.removeLast() }
            next = next.lastIndex(of: "/").map { String(next[...$0]) } ?? ""
        }
        made = missing
        do throws(FederationError) { try JSONFile.make(directory: path, mode: mode) } catch {
            remove([])
            throw error
        }
    }

    /// Removes these files in it, if it was made, and then all that was made and has nothing in it.
    package func remove(_ names: [String]) {
        guard !made.isEmpty else { return }
        for name in names { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }
        for directory in made { rmdir(directory) }
    }
}
