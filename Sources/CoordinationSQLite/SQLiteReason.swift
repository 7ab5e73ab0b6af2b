// SPDX-License-Identifier: Apache-2.0

import Coordination
import Foundation
import Foundations
import GRDB

/// SQLite's codes in our words, without statements and their values: the one place where GRDB's errors become
/// text.
enum SQLiteReason {
    static func text(_ error: any Error) -> String {
        if let error = error as? StoreError { return error.message }
        guard let error = error as? DatabaseError else { return SystemReason.text(error) }
        return switch error.resultCode.primaryResultCode {
        case .SQLITE_NOTADB: "not an SQLite database"
        case .SQLITE_CORRUPT: "the database is damaged"
        case .SQLITE_CANTOPEN: "cannot be opened; SQLite also makes files beside it"
        case .SQLITE_PERM, .SQLITE_AUTH: SystemReason.text(EACCES)
        case .SQLITE_READONLY: "may only be read, and the store has to be written"
        case .SQLITE_FULL: SystemReason.text(ENOSPC)
        case .SQLITE_BUSY, .SQLITE_LOCKED: "another program holds the database"
        case .SQLITE_IOERR: "the disk gives errors, or has no room"
        case .SQLITE_NOMEM: SystemReason.text(ENOMEM)
        case .SQLITE_SCHEMA, .SQLITE_ERROR: "it is not a store of this version of martlet (code 1)"
        default: "SQLite's code \(error.extendedResultCode.rawValue)"
        }
    }

    /// Makes the file, for nobody else to read, where it is missing: keys of witnesses will be in it.
    ///
    /// - Throws: `.unavailable` with the path and what is wrong.
    static func prepare(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
        guard descriptor >= 0 else {
            throw .unavailable("\(path): cannot be opened: \(SystemReason.text(errno))")
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw .unavailable("\(path): not a regular file")
        }
    }
}
