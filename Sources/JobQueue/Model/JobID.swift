// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import Synchronization

/// The name of a job: 1 to 64 characters out of `A-Z a-z 0-9 _ -`.
///
/// An identifier is safe as a file name and is the key under which a job is submitted only once.
public struct JobID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// The identifier as text.
    public let text: String

    /// The greatest number of characters in an identifier.
    public static let maximumLength = 64

    /// Makes a new identifier: the time in milliseconds, then 64 bits, random for the first of a millisecond
    /// and a random step
    /// further for each other.
    ///
    /// Identifiers made later sort later, those of different processes down to a millisecond, so that jobs of
    /// one priority and deadline are served in the order of their submission.
    public static func generate() -> JobID {
        let now = UInt64(max(0, wallClock()) * 1000)
        let (time, tail) = last.withLock { last in
            if now > last.time {
                last = (now, .random(in: 0...(.max >> 1)))
            } else if last.tail > .max - (1 << 40) {
                last = (last.time + 1, .random(in: 0...(.max >> 1)))
            } else {
                last.tail += .random(in: 1...(1 << 40))
            }
            return last
        }
        return JobID(unchecked: hexadecimal(time, digits: 12) + "-" + hexadecimal(tail, digits: 16))
    }

    /// Of the identifier made last.
    private static let last = Mutex<(time: UInt64, tail: UInt64)>((0, 0))

    init(unchecked text: String) { self.text = text }

    /// Reads the identifier from one string.
    ///
    /// - Throws: `DecodingError.dataCorrupted` when the string is no identifier.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard JobID.isValid(text) else {
            throw DecodingError.refused("not a job identifier", at: decoder.codingPath)
        }
        self.text = text
    }

    /// Writes the identifier as one string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// The order of the bytes of the text.
    public static func < (a: JobID, b: JobID) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

    /// The identifier as text.
    public var description: String { text }

    static func isValid(_ text: String) -> Bool {
        (1...maximumLength).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        true
    default: false
    }
}

/// `value` in base 16, lower case, with leading zeros up to `digits`.
func hexadecimal(_ value: UInt64, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}

/// `value` in base 10 with leading zeros up to `digits`.
func decimal(_ value: UInt64, digits: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
