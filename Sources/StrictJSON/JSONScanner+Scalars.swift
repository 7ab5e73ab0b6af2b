// SPDX-License-Identifier: Apache-2.0

import Foundations

extension JSONScanner {
    /// Reads a string; `at` is on its first quotation mark.
    mutating func string() throws(JSONError) {
        let start = at + 1
        var node = JSONNode(start: UInt32(start), length: 0, next: UInt32(nodes.count + 1), kind: .string)
        at = start
        while true {
            skipPlain()
            guard at < count else {
                throw fault(.badString("a string has no end"), start - 1)
            }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                node.length = UInt32(at - start)
                if node.isWide || node.isEscaped { try checkMarks(node) }
                append(node)
                at += 1
                return
            case UInt8(ascii: "\\"):
                node.isEscaped = true
                try escape()
            case 0..<0x20:
                throw fault(
                    .badString(
                        "a control character in a string (U+\(bytes[at].hexadecimal(digits: 4).uppercased())); it is to be escaped"
                    ),
                    at)
            case 0x80...:
                let length = UTF8Check.length(UnsafeRawBufferPointer(rebasing: bytes[at...]))
                guard length > 0 else { throw fault(.notUTF8, at) }
                node.isWide = true
                at += length
            default: at += 1
            }
        }
    }

    /// Refuses more combining characters behind one another than any language has: whoever compares or hashes
    /// such a string first puts them in order, in a time that grows with the square of their number. The
    /// limit is that of Unicode's Stream-Safe Text Format (UAX #15, section 13).
    private func checkMarks(_ node: JSONNode) throws(JSONError) {
        var marks = 0
        for scalar in node.text(in: bytes).unicodeScalars {
            // Three vowel signs of Tibetan are two marks each, and do not show it in their own class.
            let isMark =
                scalar.properties.canonicalCombiningClass != .notReordered
                || [0xf73, 0xf75, 0xf81].contains(scalar.value)
            marks = isMark ? marks + 1 : 0
            guard marks <= 30 else {
                throw fault(
                    .badString("more than 30 combining characters in a row in a string"), Int(node.start) - 1)
            }
        }
    }

    /// Goes to the next byte that is a quotation mark, a backslash, a control character or not ASCII; eight
    /// bytes at a time.
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while count - at >= 8 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            // A byte that is zero, or below 0x20, borrows from its own high bit; only bytes above such a one
            // can be wrong.
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5c)
            let special =
                (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word
                | word
            let found = special & highs
            if found != 0 {
                at += found.trailingZeroBitCount >> 3
                return
            }
            at += 8
        }
        while at < count {
            let byte = bytes[at]
            if byte == 0x22 || byte == 0x5c || byte < 0x20 || byte >= 0x80 { return }
            at += 1
        }
    }

    private mutating func escape() throws(JSONError) {
        guard at + 1 < count else { throw fault(.badString("a string has no end"), at) }
        switch bytes[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 2
        case UInt8(ascii: "u"):
            let unit = try codeUnit(at)
            guard unit & 0xfc00 != 0xdc00 else { throw lone(at) }
            guard unit & 0xfc00 == 0xd800 else {
                at += 6
                return
            }
            guard at + 7 < count, bytes[at + 6] == UInt8(ascii: "\\"), bytes[at + 7] == UInt8(ascii: "u")
            else { throw lone(at) }
            guard try codeUnit(at + 6) & 0xfc00 == 0xdc00 else { throw lone(at) }
            at += 12
        default:
            throw fault(.badString("an escape in a string that JSON does not have"), at)
        }
    }

    private func lone(_ offset: Int) -> JSONError {
        fault(.badString("half of a surrogate pair in a string"), offset)
    }

    /// The value of the four digits of `\uXXXX` at `offset`.
    private func codeUnit(_ offset: Int) throws(JSONError) -> UInt16 {
        guard let unit = Escapes.codeUnit(bytes, offset + 2) else {
            throw fault(.badString("\\u without four hexadecimal digits"), offset)
        }
        return unit
    }

    /// Reads a number; `at` is on its first digit or its sign.
    mutating func number() throws(JSONError) {
        let start = at
        var node = JSONNode(start: UInt32(start), length: 0, next: UInt32(nodes.count + 1), kind: .number)
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        let first = at
        guard digits() > 0 else {
            throw fault(.badNumber("a minus sign without a digit after it"), start)
        }
        if bytes[first] == UInt8(ascii: "0"), at - first > 1 {
            throw fault(.badNumber("a number with a leading zero"), start)
        }
        if at < count, bytes[at] == UInt8(ascii: ".") {
            node.isFraction = true
            at += 1
            guard digits() > 0 else { throw fault(.badNumber("a point without a digit after it"), start) }
        }
        if at < count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            node.isFraction = true
            at += 1
            if at < count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard digits() > 0 else {
                throw fault(.badNumber("an exponent without a digit"), start)
            }
        }
        if at < count, bytes[at] | 0x20 == UInt8(ascii: "x") {
            throw fault(.badNumber("a hexadecimal number"), start)
        }
        node.length = UInt32(at - start)
        append(node)
    }

    /// Skips digits and counts them.
    @inline(__always)
    private mutating func digits() -> Int {
        let start = at
        while at < count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) { at += 1 }
        return at - start
    }
}

/// Well-formed UTF-8, by the table of the Unicode Standard (table 3-7).
enum UTF8Check {
    /// The length of the character beyond ASCII at the start of `bytes`; 0 where there is none.
    @inline(__always)
    static func length(_ bytes: UnsafeRawBufferPointer) -> Int {
        let length: Int
        let second: ClosedRange<UInt8>
        switch bytes[0] {
        case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xe1...0xec, 0xee...0xef: (length, second) = (3, 0x80...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: return 0
        }
        guard bytes.count >= length, second.contains(bytes[1]) else { return 0 }
        if length > 2, bytes[2] & 0xc0 != 0x80 { return 0 }
        if length > 3, bytes[3] & 0xc0 != 0x80 { return 0 }
        return length
    }

    /// The character beyond ASCII at the start of `bytes`.
    static func scalar(_ bytes: UnsafeRawBufferPointer) -> Unicode.Scalar? {
        let length = length(bytes)
        guard length > 0 else { return nil }
        return String(decoding: bytes.prefix(length), as: UTF8.self).unicodeScalars.first
    }
}
