// SPDX-License-Identifier: Apache-2.0

/// Numbers in text, read strictly.
package enum DecimalNumber {
    /// Reads `[+-]digits[.digits][e[+-]digits]`, with digits before the point or behind it: no blanks, no
    /// hexadecimal digits, no infinities, no groups of thousands.
    ///
    /// - Returns: `nil` for what is no such number, and for one that is beyond the range of `Double`.
    package static func parse(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Double? {
        var rest = text
        func digits() -> Int {
            let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            rest = rest.dropFirst(digits.count)
            return digits.count
        }
        func skip(_ either: Set<Character>) -> Bool {
            guard let first = rest.first, either.contains(Character(Unicode.Scalar(first))) else {
                return false
            }
            rest = rest.dropFirst()
            return true
        }
        _ = skip(["+", "-"])
        var count = digits()
        if skip(["."]) { count += digits() }
        guard count > 0 else { return nil }
        if skip(["e", "E"]) {
            _ = skip(["+", "-"])
            guard digits() > 0 else { return nil }
        }
        guard rest.isEmpty, let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
            return nil
        }
        return value
    }

    /// The same for a text.
    package static func parse(_ text: String) -> Double? {
        var text = text
        return text.withUTF8 { parse($0[...]) }
    }

    /// A number as people write it: without a point where it is whole.
    package static func text(_ number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}
