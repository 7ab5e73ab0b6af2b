// SPDX-License-Identifier: Apache-2.0

extension JSONNode {
    /// The bytes of a string or number as they stand in the text.
    @inline(__always)
    func raw(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<Int(start) + Int(length)])
    }

    /// A string, its escapes resolved; a number as it is written.
    func text(in bytes: UnsafeRawBufferPointer) -> String {
        let raw = raw(in: bytes)
        guard isEscaped else { return String(decoding: raw, as: UTF8.self) }
        return String(decoding: Escapes.resolved(raw), as: UTF8.self)
    }
}

/// The escapes of JSON's strings, in texts that a scanner has accepted.
enum Escapes {
    /// The bytes of a string without its escapes.
    static func resolved(_ raw: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var at = 0
        while at < raw.count {
            guard raw[at] == UInt8(ascii: "\\"), at + 1 < raw.count else {
                result.append(raw[at])
                at += 1
                continue
            }
            switch raw[at + 1] {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0c)
            case UInt8(ascii: "n"): result.append(0x0a)
            case UInt8(ascii: "r"): result.append(0x0d)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                var value = UInt32(codeUnit(raw, at + 2) ?? 0)
                at += 4
                if value & 0xfc00 == 0xd800, let low = codeUnit(raw, at + 4) {
                    value = 0x10000 + (value & 0x3ff) << 10 + UInt32(low & 0x3ff)
                    at += 6
                }
                // The scanner has refused half pairs, so there is always a character.
                result += Array(String(Unicode.Scalar(value).map { Character($0) } ?? "\u{fffd}").utf8)
            default: result.append(raw[at + 1])
            }
            at += 2
        }
        return result
    }

    /// The number of four hexadecimal digits.
    static func codeUnit(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt16? {
        guard offset + 4 <= bytes.count else { return nil }
        var value: UInt16 = 0
        for byte in bytes[offset..<offset + 4] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt16(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt16(byte - 0x41 + 10)
            case 0x61...0x66: value = value << 4 | UInt16(byte - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }
}
