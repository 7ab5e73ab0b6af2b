// SPDX-License-Identifier: Apache-2.0

/// As much of CBOR (RFC 8949) as the constraint systems of gnark need: definite lengths, no fractions.
struct GnarkCBOR {
    /// A value that was asked for.
    indirect enum Value: Hashable {
        case unsigned(UInt64)
        case text(String)
        case array([Value])
        case map([Value: Value])
        case tagged(UInt64, Value)
        /// Null, negative numbers, bytes, booleans: nothing here asks for them.
        case other

        /// The member of a map.
        subscript(name: String) -> Value? {
            guard case .map(let members) = self else { return nil }
            return members[.text(name)]
        }

        var integer: Int? {
            guard case .unsigned(let value) = self else { return nil }
            return Int(exactly: value)
        }

        var string: String? {
            guard case .text(let text) = self else { return nil }
            return text
        }

        /// An array's elements; none of null, which Go writes for an empty list.
        var elements: [Value]? {
            switch self {
            case .array(let elements): elements
            case .other: []
            default: nil
            }
        }

        /// An array of integers.
        var integers: [Int]? {
            guard let elements else { return nil }
            let integers = elements.compactMap(\.integer)
            return integers.count == elements.count ? integers : nil
        }
    }

    private var bytes: ArraySlice<UInt8>
    private var depth = 0

    /// - Returns: nil for bytes that are no map with the given names, each once, and others, or not all of
    ///   it.
    static func members(_ names: Set<String>, in bytes: ArraySlice<UInt8>) -> [String: Value]? {
        var reader = GnarkCBOR(bytes: bytes)
        guard let (kind, count) = reader.head(), kind == 5 else { return nil }
        var members: [String: Value] = [:]
        for _ in 0..<count {
            guard let name = reader.value()?.string else { return nil }
            if names.contains(name) {
                guard members[name] == nil, let value = reader.value() else { return nil }
                members[name] = value
            } else {
                guard reader.skip() else { return nil }
            }
        }
        return reader.bytes.isEmpty ? members : nil
    }

    private init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// The major type and the argument of the next item.
    private mutating func head() -> (kind: UInt8, argument: UInt64)? {
        guard let first = bytes.popFirst() else { return nil }
        let (kind, low) = (first >> 5, first & 0x1f)
        if low < 24 { return (kind, UInt64(low)) }
        guard low < 28, bytes.count >= 1 << (low - 24) else { return nil }
        var argument: UInt64 = 0
        for _ in 0..<(1 << (low - 24)) { argument = argument << 8 | UInt64(bytes.removeFirst()) }
        return (kind, argument)
    }

    /// The next item; nil for what is none. Every item takes a byte, so no count is believed.
    private mutating func value() -> Value? {
        guard depth < 64, let (kind, argument) = head() else { return nil }
        depth += 1
        defer { depth -= 1 }
        switch kind {
        case 0: return .unsigned(argument)
        case 1, 7: return .other
        case 2, 3:
            guard argument <= UInt64(bytes.count) else { return nil }
            let content = bytes.prefix(Int(argument))
            bytes = bytes.dropFirst(Int(argument))
            return kind == 2 ? .other : String(validating: content, as: UTF8.self).map { .text($0) }
        case 4:
            var elements: [Value] = []
            for _ in 0..<argument {
                guard let element = value() else { return nil }
                elements.append(element)
            }
            return .array(elements)
        case 5:
            var members: [Value: Value] = [:]
            for _ in 0..<argument {
                guard let name = value(), let member = value(),
                    members.updateValue(member, forKey: name) == nil
                else { return nil }
            }
            return .map(members)
        default: return value().map { .tagged(argument, $0) }
        }
    }

    /// Passes over the next item.
    private mutating func skip() -> Bool {
        guard depth < 64, let (kind, argument) = head() else { return false }
        depth += 1
        defer { depth -= 1 }
        switch kind {
        case 2, 3:
            guard argument <= UInt64(bytes.count) else { return false }
            bytes = bytes.dropFirst(Int(argument))
        case 4:
            for _ in 0..<argument where !skip() { return false }
        case 5:
            for _ in 0..<argument where !skip() || !skip() { return false }
        case 6: return skip()
        default: break
        }
        return true
    }
}
