// SPDX-License-Identifier: Apache-2.0

public import Failures
import Foundations
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
    /// and a random step further for each other.
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
        return JobID(unchecked: time.hexadecimal(digits: 12) + "-" + tail.hexadecimal(digits: 16))
    }

    /// Of the identifier made last.
    private static let last = Mutex<(time: UInt64, tail: UInt64)>((0, 0))

    private init(unchecked text: String) { self.text = text }

    /// Takes an identifier given by somebody else.
    ///
    /// - Throws: `InvalidJobID` when `text` is empty, too long or has another character in it.
    public init(_ text: String) throws(InvalidJobID) {
        guard JobID.isValid(text) else { throw InvalidJobID(text) }
        self.init(unchecked: text)
    }

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

    private static func isValid(_ text: String) -> Bool {
        (1...maximumLength).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0.isAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }
}

/// A text that is no job identifier.
public struct InvalidJobID: CodedError, Equatable {
    /// What was given for one.
    public let text: String

    /// A text that is no job identifier.
    public init(_ text: String) { self.text = text }

    /// The input is wrong.
    public var code: FailureCode { .badInput }
    /// What an identifier looks like.
    public var message: String {
        "invalid job identifier \(quoted(text, limit: 200)): use 1 to 64 of A-Z a-z 0-9 _ -"
    }
}
