// SPDX-License-Identifier: Apache-2.0

import Failures

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    public import Foundation
#endif

/// A scanned text while values are decoded from it.
final class JSONTree {
    private let bytes: UnsafeRawBufferPointer
    let nodes: ContiguousArray<JSONNode>
    let unknownKeys: UnknownKeys
    private let readsNonFiniteNumbers: Bool
    private var isOpen = true

    init(
        _ bytes: UnsafeRawBufferPointer, _ nodes: ContiguousArray<JSONNode>,
        unknownKeys: UnknownKeys, readsNonFiniteNumbers: Bool
    ) {
        self.bytes = bytes
        self.nodes = nodes
        self.unknownKeys = unknownKeys
        self.readsNonFiniteNumbers = readsNonFiniteNumbers
    }

    /// The text may go: whoever has kept a decoder of it cannot use that any more.
    func close() { isOpen = false }

    private var text: UnsafeRawBufferPointer {
        precondition(isOpen, "a decoder was used after its text was gone")
        return bytes
    }

    // MARK: Values

    /// The types that need no decoder of their own, most of all whole arrays of them.
    func knownValue<T>(_ type: T.Type, _ node: Int) throws(JSONFault) -> T? {
        if type == String.self { return try string(node) as? T }
        if type == [String].self { return try items(node) { n throws(JSONFault) in try string(n) } as? T }
        if type == Int.self { return try integer(Int.self, node) as? T }
        if type == [Int].self {
            return try items(node) { n throws(JSONFault) in try integer(Int.self, n) } as? T
        }
        if type == Double.self { return try double(node) as? T }
        if type == [Double].self { return try items(node) { n throws(JSONFault) in try double(n) } as? T }
        if type == Bool.self { return try bool(node) as? T }
        if type == Data.self { return try data(node) as? T }
        return nil
    }

    private func items<Item>(
        _ node: Int, _ item: (Int) throws(JSONFault) -> Item
    ) throws(JSONFault) -> [Item] {
        let array = nodes[node]
        guard array.kind == .array else { throw wrongType("an array", node) }
        var result: [Item] = []
        result.reserveCapacity(Int(array.length))
        var index = node + 1
        while index < array.next {
            result.append(try item(index))
            index = Int(nodes[index].next)
        }
        return result
    }

    func bool(_ node: Int) throws(JSONFault) -> Bool {
        switch nodes[node].kind {
        case .true: true
        case .false: false
        default: throw wrongType("true or false", node)
        }
    }

    func string(_ node: Int) throws(JSONFault) -> String {
        guard nodes[node].kind == .string else { throw wrongType("a string", node) }
        return nodes[node].text(in: text)
    }

    /// Whether the name of a member, or a string, is `name`, byte for byte.
    @inline(__always)
    func isNamed(_ node: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        let found = nodes[node]
        if found.isEscaped { return found.text(in: text).utf8.elementsEqual(name) }
        return Int(found.length) == name.count && found.raw(in: text).elementsEqual(name)
    }

    func integer<I: FixedWidthInteger>(_ type: I.Type, _ node: Int) throws(JSONFault) -> I {
        let number = nodes[node]
        guard number.kind == .number else { throw wrongType("a whole number", node) }
        guard !number.isFraction else {
            throw JSONFault(
                .wrongType(expected: "a whole number", found: "one with a fraction or an exponent"), node)
        }
        let raw = number.raw(in: text)
        let isNegative = raw[0] == UInt8(ascii: "-")
        var value: I = 0
        for byte in raw.dropFirst(isNegative ? 1 : 0) {
            let digit = I(truncatingIfNeeded: byte - 0x30)
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative
                ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            guard !overflow, !carry else { throw outOfRange("does not fit here", node) }
            value = sum
        }
        return value
    }

    func double(_ node: Int) throws(JSONFault) -> Double {
        let number = nodes[node]
        if readsNonFiniteNumbers, number.kind == .string {
            switch number.text(in: text) {
            case "nan": return .nan
            case "inf": return .infinity
            case "-inf": return -.infinity
            default: break
            }
        }
        guard number.kind == .number else { throw wrongType("a number", node) }
        let raw = number.raw(in: text)
        // Up to 15 digits are a whole number that is exact; minus zero is none.
        if !number.isFraction, raw.count <= 15, raw[0] != UInt8(ascii: "-") {
            return Double(try integer(Int.self, node))
        }
        guard let value = Double(String(decoding: raw, as: UTF8.self)), value.isFinite else {
            throw outOfRange("is too large", node)
        }
        if value == 0 {
            let mantissa = raw.prefix { $0 | 0x20 != UInt8(ascii: "e") }
            guard mantissa.allSatisfy({ !(0x31...0x39).contains($0) }) else {
                throw outOfRange("is too close to zero", node)
            }
        }
        return value
    }

    private func data(_ node: Int) throws(JSONFault) -> Data {
        guard nodes[node].kind == .string else { throw wrongType("a string of base64", node) }
        let found =
            nodes[node].isEscaped
            ? Data(base64Encoded: nodes[node].text(in: text))
            : Data(base64Encoded: Data(nodes[node].raw(in: text)))
        guard let found else { throw JSONFault(.refused("not base64"), node) }
        return found
    }

    private func outOfRange(_ what: String, _ node: Int) -> JSONFault {
        let raw = nodes[node].raw(in: text)
        let digits = String(decoding: raw.prefix(40), as: UTF8.self)
        return JSONFault(.outOfRange("the number \(digits)\(raw.count > 40 ? "…" : "") \(what)"), node)
    }

    // MARK: Errors

    func wrongType(_ expected: String, _ node: Int) -> JSONFault {
        JSONFault(.wrongType(expected: expected, found: nodes[node].name), node)
    }

    /// The error with its place, for people.
    func located(_ fault: JSONFault) -> JSONError {
        let node = nodes[fault.place ?? fault.path.map(deepestNode) ?? fault.node]
        let path = fault.path ?? steps(to: fault.node) + (fault.last.map { [$0] } ?? [])
        let (line, column) = JSONError.place(
            of: Int(node.start) - (node.kind == .string ? 1 : 0), in: text)
        return JSONError(fault.reason, path: JSONStep.text(path), line: line, column: column)
    }

    /// The node to which a path leads, as far as there is one.
    private func deepestNode(at path: [JSONStep]) -> Int {
        var node = 0
        for step in path {
            let isObject = nodes[node].kind == .object
            guard isObject || nodes[node].kind == .array else { return node }
            var (child, index, found) = (node + 1, 0, Int?.none)
            while child < nodes[node].next, found == nil {
                let value = isObject ? child + 1 : child
                switch step {
                case .item(let wanted): if !isObject, index == wanted { found = value }
                case .member(let name):
                    if isObject, nodes[child].text(in: text).utf8.elementsEqual(name.utf8) { found = value }
                }
                (child, index) = (Int(nodes[value].next), index + 1)
            }
            guard let found else { return node }
            node = found
        }
        return node
    }

    /// The way from the whole text to a node.
    func steps(to target: Int) -> [JSONStep] {
        var steps: [JSONStep] = []
        var node = 0
        while node < target {
            let isObject = nodes[node].kind == .object
            var (child, index) = (node + 1, 0)
            func end() -> Int { Int(nodes[isObject ? child + 1 : child].next) }
            while end() <= target {
                child = end()
                index += 1
            }
            steps.append(isObject ? .member(nodes[child].text(in: text)) : .item(index))
            node = isObject ? child + 1 : child
        }
        return steps
    }
}

/// What is wrong at a node. Finding out where in the text that is takes a walk over all of it, so it is done
/// once, at the end: readers try one type and then another.
struct JSONFault: CodedError {
    let reason: JSONError.Reason
    let node: Int
    /// The node where it is in the text, where that is not `node`.
    let place: Int?
    /// A member or an item of the node that it is about.
    var last: JSONStep?
    /// The path, where it is not that of the node.
    var path: [JSONStep]?

    var code: FailureCode { .badInput }
    var message: String { reason.description }

    init(
        _ reason: JSONError.Reason, _ node: Int, place: Int? = nil, last: JSONStep? = nil,
        path: [JSONStep]? = nil
    ) {
        self.reason = reason
        self.node = node
        self.place = place
        self.last = last
        self.path = path
    }
}
