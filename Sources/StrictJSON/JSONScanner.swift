// SPDX-License-Identifier: Apache-2.0

import Foundations

/// Reads a JSON text as RFC 8259 describes it and not a bit more, in one pass and without recursion.
///
/// Where the RFC leaves to readers what they make of a text, this one refuses it: members that occur twice,
/// lone surrogates, a byte order mark, brackets nested too deep. So whoever reads an accepted text sees the
/// same in it.
///
/// - Complexity: linear in the text; an object's names are hashed where there are many.
struct JSONScanner {
    /// An array or object that is not closed yet.
    private struct Open {
        var node: Int
        var isObject: Bool
        /// How many items or members have begun.
        var count: UInt32 = 0
        /// The name of the member that is being read.
        var name = 0
    }

    let bytes: UnsafeRawBufferPointer
    let count: Int
    private let depthLimit: Int
    private let refusesCaseVariants: Bool
    var at = 0
    private(set) var nodes: ContiguousArray<JSONNode> = []
    private var open: [Open] = []

    init(_ bytes: UnsafeRawBufferPointer, depthLimit: Int, refusesCaseVariants: Bool) {
        self.bytes = bytes
        count = bytes.count
        self.depthLimit = depthLimit
        self.refusesCaseVariants = refusesCaseVariants
    }

    /// Reads the whole text; `nodes` is then its one value with all that is in it.
    mutating func scan() throws(JSONError) {
        // Places are 32 bits wide.
        guard count < Int(UInt32.max) else {
            throw JSONError(.tooLarge(bytes: count, limit: Int(UInt32.max) - 1))
        }
        if count >= 2 {
            let (first, second) = (bytes[0], bytes[1])
            if first == 0xef && second == 0xbb || first == 0xfe && second == 0xff
                || first == 0xff && second == 0xfe
            {
                throw fault(.byteOrderMark, 0)
            }
        }
        skipSpace()
        guard at < count else { throw fault(.empty, 0) }
        repeat { try beginValue() } while try !endValues()
        skipSpace()
        guard at == count else {
            throw unexpected("the end").reason == .comment ? fault(.comment, at) : fault(.trailingText, at)
        }
    }

    /// Reads a value that is no array or object, or the bracket that opens one. White space before it is
    /// skipped already.
    private mutating func beginValue() throws(JSONError) {
        guard at < count else { throw fault(.endsEarly(expected: expectedValue), at) }
        switch bytes[at] {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): try number()
        case UInt8(ascii: "["): try begin(isObject: false)
        case UInt8(ascii: "{"): try begin(isObject: true)
        case UInt8(ascii: "t") where word("true"): append(.true, 4)
        case UInt8(ascii: "f") where word("false"): append(.false, 5)
        case UInt8(ascii: "n") where word("null"): append(.null, 4)
        default: throw unexpected(expectedValue)
        }
    }

    private var expectedValue: String {
        guard let last = open.last else { return "a value" }
        return last.isObject ? "the member's value" : "an item or ]"
    }

    private mutating func begin(isObject: Bool) throws(JSONError) {
        guard open.count < depthLimit else { throw fault(.tooDeep(limit: depthLimit), at) }
        open.append(Open(node: nodes.count, isObject: isObject))
        nodes.append(JSONNode(start: UInt32(at), length: 0, next: 0, kind: isObject ? .object : .array))
        at += 1
    }

    /// Goes from a value's end, or an opening bracket, to the next value's begin.
    ///
    /// - Returns: true where there is no further value: the outermost one has ended.
    private mutating func endValues() throws(JSONError) -> Bool {
        while let last = open.last {
            skipSpace()
            let isFirst = Int(nodes.count) == last.node + 1
            guard at < count else {
                throw fault(.endsEarly(expected: isFirst ? first(last) : following(last)), at)
            }
            let closing = last.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
            if bytes[at] == closing {
                try close(last)
                continue
            }
            if !isFirst {
                guard bytes[at] == UInt8(ascii: ",") else { throw unexpected(following(last)) }
                let comma = at
                at += 1
                skipSpace()
                if at < count, bytes[at] == closing { throw fault(.trailingComma, comma) }
            }
            if last.isObject { try name(isFirst) }
            open[open.count - 1].count += 1
            return false
        }
        return true
    }

    private func first(_ open: Open) -> String { open.isObject ? "a member's name or }" : "an item or ]" }
    private func following(_ open: Open) -> String { open.isObject ? "a comma or }" : "a comma or ]" }

    /// Reads the name of a member and the colon.
    private mutating func name(_ isFirst: Bool) throws(JSONError) {
        let expected = isFirst ? "a member's name or }" : "a member's name"
        guard at < count else { throw fault(.endsEarly(expected: expected), at) }
        guard bytes[at] == UInt8(ascii: "\"") else { throw unexpected(expected) }
        let name = nodes.count
        try string()
        open[open.count - 1].name = name
        skipSpace()
        guard at < count else { throw fault(.endsEarly(expected: "a colon"), at) }
        guard bytes[at] == UInt8(ascii: ":") else { throw unexpected("a colon") }
        at += 1
        skipSpace()
    }

    private mutating func close(_ last: Open) throws(JSONError) {
        at += 1
        nodes[last.node].length = last.count
        nodes[last.node].next = UInt32(nodes.count)
        open.removeLast()
        if last.count > 1, last.isObject { try checkNames(last) }
    }

    @inline(__always)
    mutating func append(_ kind: JSONNode.Kind, _ length: Int) {
        nodes.append(
            JSONNode(
                start: UInt32(at), length: UInt32(length), next: UInt32(nodes.count + 1), kind: kind))
        at += length
    }

    mutating func append(_ node: JSONNode) { nodes.append(node) }

    private func word(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count - at >= length else { return false }
        for i in 0..<length where bytes[at + i] != text.utf8Start[i] { return false }
        return true
    }

    @inline(__always)
    mutating func skipSpace() {
        while at < count {
            switch bytes[at] {
            case 0x20, 0x0a, 0x0d, 0x09: at += 1
            default: return
            }
        }
    }

    // MARK: Names

    /// No name occurs twice in an object, whether it is spelt with escapes or composed of other characters
    /// that mean the same.
    private func checkNames(_ object: Open) throws(JSONError) {
        // Comparing each with each is quickest for the objects that there are; it must not be what a hostile
        // one costs.
        if object.count <= 8, !refusesCaseVariants, arePlainAndDistinct(object) { return }
        var names = Set<String>(minimumCapacity: Int(object.count))
        var folded: [String: String] = [:]
        var index = object.node + 1
        while index < nodes.count {
            let name = nodes[index].text(in: bytes)
            let here = nodes[index]
            index = Int(nodes[index + 1].next)
            func twice(_ reason: JSONError.Reason) -> JSONError {
                fault(reason, Int(here.start) - 1, after: .member(name))
            }
            // Swift's equality is canonical equivalence.
            guard names.insert(name).inserted else { throw twice(.duplicateMember) }
            guard refusesCaseVariants else { continue }
            if let other = folded.updateValue(name, forKey: name.uppercased().lowercased()) {
                throw twice(.caseVariant(of: quoted(other, limit: 60)))
            }
        }
    }

    /// Whether all names are ASCII without escapes and differ; false where that is not so or takes a closer
    /// look.
    private func arePlainAndDistinct(_ object: Open) -> Bool {
        var index = object.node + 1
        while index < nodes.count {
            let name = nodes[index]
            if name.isEscaped || name.isWide { return false }
            var other = object.node + 1
            while other < index {
                if nodes[other].length == name.length,
                    nodes[other].raw(in: bytes).elementsEqual(name.raw(in: bytes))
                {
                    return false
                }
                other = Int(nodes[other + 1].next)
            }
            index = Int(nodes[index + 1].next)
        }
        return true
    }

    // MARK: Errors

    /// An error at a byte, in the value that is being read.
    func fault(_ reason: JSONError.Reason, _ offset: Int, after last: JSONStep? = nil) -> JSONError {
        var steps = open.map { open in
            open.isObject
                ? JSONStep.member(nodes[open.name].text(in: bytes)) : .item(Int(max(open.count, 1)) - 1)
        }
        // An object whose first name has not come yet.
        if let top = open.last, top.isObject, top.count == 0 { steps.removeLast() }
        if let last { steps.append(last) }
        let (line, column) = JSONError.place(of: offset, in: bytes)
        return JSONError(reason, path: JSONStep.text(steps), line: line, column: column)
    }

    /// What is wrong with the byte at `at`.
    private func unexpected(_ expected: String) -> JSONError {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
        switch rest[0] {
        case UInt8(ascii: "#"): return fault(.comment, at)
        case UInt8(ascii: "/")
        where rest.count > 1 && [UInt8(ascii: "/"), UInt8(ascii: "*")].contains(rest[1]):
            return fault(.comment, at)
        case UInt8(ascii: "'"):
            return fault(.badString("strings stand between \" and not between '"), at)
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "["),
            UInt8(ascii: "{"):
            break
        case let byte
        where [UInt8(ascii: "+"), UInt8(ascii: ".")].contains(byte) && expected == expectedValue:
            return fault(.badNumber("a number begins with a digit or a minus sign"), at)
        default:
            let letters = rest.prefix(20).prefix {
                (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x5f
            }
            let word = String(decoding: letters, as: UTF8.self)
            if ["NaN", "nan", "Infinity", "inf", "Inf"].contains(word) {
                return fault(.badNumber("\(word) is no number in JSON"), at)
            }
            if !word.isEmpty { return fault(.unexpected(found: "the word \(word)", expected: expected), at) }
        }
        guard rest[0] < 0x80 else {
            guard let scalar = UTF8Check.scalar(rest) else { return fault(.notUTF8, at) }
            return fault(.unexpected(found: quoted(String(scalar), limit: 60), expected: expected), at)
        }
        return fault(
            .unexpected(found: quoted(String(UnicodeScalar(rest[0])), limit: 60), expected: expected), at)
    }
}

extension JSONError {
    /// The line and the character in it, both from 1, of a byte.
    static func place(of offset: Int, in bytes: UnsafeRawBufferPointer) -> (line: Int, column: Int) {
        var (line, column) = (1, 1)
        for (index, byte) in bytes.prefix(offset).enumerated() {
            if byte == 0x0a || byte == 0x0d && (index + 1 == bytes.count || bytes[index + 1] != 0x0a) {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }
}
