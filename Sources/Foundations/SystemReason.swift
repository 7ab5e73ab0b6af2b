// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The reasons of the system and of Foundation as a clause of one of our own sentences: `No such file or
/// directory`.
///
/// The one place where an error of Foundation becomes text. Its own descriptions name types, repeat the path,
/// quote in a typographer's way and say "the operation couldn’t be completed".
package enum SystemReason {
    /// What the system says of an error's number.
    package static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// What the system has against the file or folder that an error is about.
    package static func text(_ error: any Error) -> String {
        if let code = number(error) { return text(code) }
        guard let error = error as? CocoaError else { return "the system gives no reason" }
        return switch error.code {
        case .fileNoSuchFile, .fileReadNoSuchFile: text(ENOENT)
        case .fileReadNoPermission, .fileWriteNoPermission: text(EACCES)
        case .fileWriteOutOfSpace: text(ENOSPC)
        case .fileWriteVolumeReadOnly: text(EROFS)
        case .fileWriteFileExists: text(EEXIST)
        case .fileReadTooLarge: text(EFBIG)
        case .fileReadInapplicableStringEncoding, .fileReadUnknownStringEncoding, .fileReadCorruptFile:
            "not UTF-8 text"
        case .fileReadInvalidFileName, .fileWriteInvalidFileName: "no name that a file can have"
        default: "the system gives no reason"
        }
    }

    /// The file or folder that an error of Foundation is about, where it says so.
    package static func path(_ error: any Error) -> String? {
        guard let information = (error as? CocoaError)?.userInfo else { return nil }
        return information[NSFilePathErrorKey] as? String ?? (information[NSURLErrorKey] as? URL)?.path
    }

    /// The number that the system gave, where an error has kept it.
    package static func number(_ error: any Error) -> Int32? {
        if let error = error as? POSIXError { return error.code.rawValue }
        guard let error = error as? CocoaError else { return nil }
        return (error.userInfo[NSUnderlyingErrorKey] as? any Error).flatMap { number($0) }
    }
}
