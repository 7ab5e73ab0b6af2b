// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension CodingUserInfoKey {
    /// `true` for what comes from outside: a member that is not known is an error then. What this program has
    /// written itself, or a newer one answers, may have more.
    package static let refusesUnknownKeys = CodingUserInfoKey(rawValue: "martlet.refusesUnknownKeys")!
}

/// A key as it stands in the text.
private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// A misspelt key is an error, not a default.
    ///
    /// - Throws: `DecodingError.dataCorrupted`, whose description is "unknown key" and the key.
    package func refuseUnknownKeys<Keys: CodingKey & CaseIterable>(_ keys: Keys.Type) throws {
        let names = try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        let known = Set(Keys.allCases.map(\.stringValue))
        if let unknown = names.sorted().first(where: { !known.contains($0) }) {
            throw DecodingError.refused("unknown key \(quoted(unknown))", at: codingPath)
        }
    }

    /// The same, where the decoder is told to (`refusesUnknownKeys`).
    package func refuseUnknownKeysOfRequest<Keys: CodingKey & CaseIterable>(_ keys: Keys.Type) throws {
        if userInfo[.refusesUnknownKeys] as? Bool == true { try refuseUnknownKeys(keys) }
    }
}

/// Whether `text` is a SHA-256: 64 lower-case hexadecimal digits.
package func isSHA256(_ text: String) -> Bool {
    text.utf8.count == 64
        && text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
}
