// SPDX-License-Identifier: Apache-2.0

extension Sequence<UInt8> {
    /// Two lower-case digits for each byte.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * underestimatedCount)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension FixedWidthInteger {
    /// The number in base 16, lower case, with leading zeros up to so many digits.
    package func hexadecimal(digits: Int) -> String { padded(radix: 16, digits) }

    /// The number in base 10, with leading zeros up to so many digits.
    package func decimal(digits: Int) -> String { padded(radix: 10, digits) }

    private func padded(radix: Int, _ digits: Int) -> String {
        let text = String(self, radix: radix)
        return String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
    }
}

extension [UInt8] {
    /// The bytes that pairs of digits stand for, of whatever case; nil for an odd number of digits or where
    /// something else is between them.
    @inlinable
    package init?(hexadecimal digits: some Collection<UInt8>) {
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = digit.hexadecimalValue else { return nil }
            if let first = high {
                append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
    }
}

extension UInt8 {
    /// What the ASCII character stands for in base 16, of whatever case; nil where it is no digit.
    @inlinable
    package var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Whether it is an ASCII letter or digit.
    package var isAlphanumeric: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}

/// Whether `text` is a SHA-256: 64 lower-case hexadecimal digits.
package func isSHA256(_ text: String) -> Bool {
    text.utf8.count == 64
        && text.utf8.allSatisfy { $0.hexadecimalValue != nil && !(0x41...0x46).contains($0) }
}
