// SPDX-License-Identifier: Apache-2.0

/// What an r1cs says of custom gates, which circom's PLONK templates leave: constraints that are no rank-1
/// constraints.
///
/// Section 4 is `u32 count, {template's name, ending in a zero byte, u32 count, parameters}…`, section 5 `u32
/// count, {u32 gate, u32 count, u64 signals}…`.
public struct CustomGates: Hashable, Sendable {
    /// The names of the templates, in the file's order, each once.
    public let templates: [String]
    /// How many gates there are.
    public let useCount: Int

    /// True when there is neither a template nor a use.
    public var isEmpty: Bool { templates.isEmpty && useCount == 0 }

    /// More than any circuit has kinds of gates: a list above this size is not read.
    private static let listLimit = 1 << 20

    /// Reads section 4, and of section 5 the number of gates.
    init(_ container: BinaryContainer, parameterSize: Int) throws(FormatError) {
        var templates: [String] = []
        var seen: Set<String> = []
        if let list = container.find(4) {
            guard list.count <= Self.listLimit else {
                throw container.error(.tooLarge(bytes: list.count, limit: Self.listLimit), section: 4)
            }
            var cursor = try container.cursor(list, limit: Self.listLimit)
            for _ in 0..<(try cursor.uint32()) {
                let name = try cursor.zeroEndedText()
                let parameters = Int(try cursor.uint32())
                try cursor.skip(parameters * parameterSize)
                if seen.insert(name).inserted { templates.append(name) }
            }
            try cursor.finish()
        }
        self.templates = templates
        guard let uses = container.find(5) else {
            useCount = 0
            return
        }
        var cursor = try container.cursor(uses)
        let count = try cursor.uint32()
        // A use takes two counts at least.
        guard UInt64(count) * 8 <= UInt64(cursor.remaining) else {
            throw cursor.error(
                .truncated(needed: UInt64(count) * 8, available: UInt64(cursor.remaining)))
        }
        if count == 0 { try cursor.finish() }
        useCount = Int(count)
    }
}

extension Cursor {
    /// The characters up to the next zero byte; what is no letter, digit or sign of ASCII stands as a
    /// question mark.
    fileprivate mutating func zeroEndedText() throws(FormatError) -> String {
        var text = ""
        while true {
            let byte = try uint8()
            if byte == 0 { return text }
            text.append((0x21...0x7e).contains(byte) ? Character(UnicodeScalar(byte)) : "?")
        }
    }
}
