// SPDX-License-Identifier: Apache-2.0

import Coordination
import HTTPTypes

/// Parts of files in requests (RFC 9110, sections 14.2 and 14.4).
enum Ranges {
    /// The part that a `Range` header asks for: one range `bytes=A-B`, `bytes=A-` or `bytes=-N`; `nil` for
    /// the whole, also where the header is of another form.
    ///
    /// - Throws: 416 for a range that has nothing of the file.
    static func wanted(_ field: String?, size: Int64) throws(RequestError) -> Range<Int64>? {
        guard let field, field.hasPrefix("bytes="), !field.contains(",") else { return nil }
        let parts = field.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        func unsatisfiable() -> RequestError {
            var error = RequestError(.rangeNotSatisfiable, .invalid, "the file has \(size) bytes")
            error.headers[.contentRange] = "bytes */\(size)"
            return error
        }
        if parts[0].isEmpty {
            guard let count = number(parts[1]) else { return nil }
            guard count > 0, size > 0 else { throw unsatisfiable() }
            return max(0, size - count)..<size
        }
        guard let start = number(parts[0]) else { return nil }
        let last = parts[1].isEmpty ? size - 1 : number(parts[1])
        guard let last, parts[1].isEmpty || last >= start else { return nil }
        guard start < size else { throw unsatisfiable() }
        return start..<(min(last, size - 1) + 1)
    }

    /// Which part of a file an upload brings: `Content-Range: bytes A-B/TOTAL`, the whole, or by `bytes
    /// */TOTAL` nothing: then all bytes are there, and only the answer to the last of them was lost.
    ///
    /// - Throws: 400 for a header that does not make sense.
    static func piece(_ head: HTTPFields) throws(RequestError) -> UploadPiece {
        let length = try head[.contentLength].map { (text) throws(RequestError) in
            if let value = number(text[...]) { return value }
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw .invalid("Content-Length: not a number")
            }
            throw RequestError(.contentTooLarge, .tooLarge, "Content-Length: no file has so many bytes here")
        }
        guard let field = head[.contentRange] else {
            return UploadPiece(offset: 0, length: length, total: length)
        }
        let error = RequestError.invalid("Content-Range: not \"bytes FIRST-LAST/TOTAL\" or \"bytes */TOTAL\"")
        guard field.hasPrefix("bytes ") else { throw error }
        let halves = field.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let total = number(halves[1]) else { throw error }
        if halves[0] == "*" {
            if let length, length != 0 {
                throw .invalid("Content-Range: no bytes, but Content-Length says \(length)")
            }
            return UploadPiece(offset: total, length: 0, total: total)
        }
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = number(ends[0]), let last = number(ends[1]), first <= last,
            last < total
        else { throw error }
        if let length, length != last - first + 1 {
            throw .invalid("Content-Range: \(last - first + 1) bytes, but Content-Length says \(length)")
        }
        return UploadPiece(offset: first, length: last - first + 1, total: total)
    }

    private static func number(_ text: Substring) -> Int64? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
