// SPDX-License-Identifier: Apache-2.0

import Foundations

/// The decoder of one value of a text. It is valid as long as the text is being decoded.
struct NodeDecoder: Decoder {
    let tree: JSONTree
    let node: Int
    /// Keys that count as unknown here, though the type that is decoded has them.
    var answerKeys: Set<String> = []

    var codingPath: [any CodingKey] { tree.steps(to: node).map(StepKey.init) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try MemberContainer<Key>(tree, node, answerKeys))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try ItemContainer(tree, node) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }
}

extension NodeDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { tree.nodes[node].kind == .null }
    func decode(_ type: Bool.Type) throws -> Bool { try tree.bool(node) }
    func decode(_ type: String.Type) throws -> String { try tree.string(node) }
    func decode(_ type: Double.Type) throws -> Double { try tree.double(node) }
    func decode(_ type: Float.Type) throws -> Float { try tree.float(node) }
    func decode(_ type: Int.Type) throws -> Int { try tree.integer(type, node) }
    func decode(_ type: Int8.Type) throws -> Int8 { try tree.integer(type, node) }
    func decode(_ type: Int16.Type) throws -> Int16 { try tree.integer(type, node) }
    func decode(_ type: Int32.Type) throws -> Int32 { try tree.integer(type, node) }
    func decode(_ type: Int64.Type) throws -> Int64 { try tree.integer(type, node) }
    func decode(_ type: UInt.Type) throws -> UInt { try tree.integer(type, node) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try tree.integer(type, node) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try tree.integer(type, node) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try tree.integer(type, node) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try tree.integer(type, node) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try tree.value(type, node) }
}

extension JSONTree {
    /// Decodes the value at a node.
    func value<T: Decodable>(_ type: T.Type, _ node: Int) throws(JSONFault) -> T {
        if let known = try knownValue(type, node) { return known }
        do {
            return try T(from: decoder(of: type, node))
        } catch let error as JSONFault {
            throw error
        } catch let error as DecodingError {
            throw converted(error, node)
        } catch {
            throw JSONFault(.notAllowed, node)
        }
    }

    private func decoder<T>(of type: T.Type, _ node: Int) -> NodeDecoder {
        guard unknownKeys == .refuse, let type = type as? any AnswersWithMore.Type else {
            return NodeDecoder(tree: self, node: node)
        }
        return NodeDecoder(tree: self, node: node, answerKeys: type.answerKeys)
    }

    /// An error of an `init(from:)`. Only words of this package are taken over.
    private func converted(_ error: DecodingError, _ node: Int) -> JSONFault {
        func path(_ context: DecodingError.Context) -> [JSONStep] { context.codingPath.map(JSONStep.init) }
        switch error {
        case .keyNotFound(let key, let context):
            return JSONFault(.missing, node, path: path(context) + [JSONStep(key)])
        case .dataCorrupted(let context) where context.underlyingError is OwnWords:
            return JSONFault(.refused(context.debugDescription), node, path: path(context))
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return JSONFault(.notAllowed, node, path: path(context))
        @unknown default: return JSONFault(.notAllowed, node)
        }
    }

    func float(_ node: Int) throws(JSONFault) -> Float {
        let value = try double(node)
        guard value.isFinite else { return Float(value) }
        guard Float(value).isFinite else { throw JSONFault(.outOfRange("the number is too large"), node) }
        return Float(value)
    }
}

/// A step of a path as what `Codable` calls a key.
struct StepKey: CodingKey {
    private let step: JSONStep

    init(_ step: JSONStep) { self.step = step }
    init?(stringValue: String) { step = .member(stringValue) }
    init?(intValue: Int) { step = .item(intValue) }

    var stringValue: String {
        switch step {
        case .item(let index): String(index)
        case .member(let name): name
        }
    }

    var intValue: Int? {
        if case .item(let index) = step { index } else { nil }
    }
}

/// The members of an object.
struct MemberContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let tree: JSONTree
    private let node: Int
    /// The nodes of the values by their names, where there are so many that looking through them takes long.
    private let index: [String: Int]?

    private static var leastIndexed: Int { 16 }

    init(_ tree: JSONTree, _ node: Int, _ answerKeys: Set<String> = []) throws(JSONFault) {
        let object = tree.nodes[node]
        guard object.kind == .object else { throw tree.wrongType("an object", node) }
        self.tree = tree
        self.node = node
        if tree.unknownKeys == .refuse {
            try Self.refuseUnknownKeys(of: tree, node, answerKeys)
        }
        guard object.length >= Self.leastIndexed else {
            index = nil
            return
        }
        var index = [String: Int](minimumCapacity: Int(object.length))
        var name = node + 1
        while name < object.next {
            index[try tree.string(name)] = name + 1
            name = Int(tree.nodes[name + 1].next)
        }
        self.index = index
    }

    /// A misspelt name is an error, not a default: told before anything that is missing or wrong. Of several
    /// the first one in the text is told.
    private static func refuseUnknownKeys(
        of tree: JSONTree, _ node: Int, _ answerKeys: Set<String>
    ) throws(JSONFault) {
        var name = node + 1
        while name < tree.nodes[node].next {
            let text = try tree.string(name)
            if Key(stringValue: text) == nil || answerKeys.contains(text) {
                let known = NearName.of(text) {
                    Key(stringValue: $0) != nil && !answerKeys.contains($0)
                }
                let advice = known.map { "; perhaps \(quoted($0, limit: 60)) is meant" } ?? ""
                throw JSONFault(
                    .refused("unknown member \(quoted(text, limit: 200))\(advice)"), node, place: name)
            }
            name = Int(tree.nodes[name + 1].next)
        }
    }

    /// The node of a member's value. Names are equal when their bytes are.
    private func find(_ key: Key) -> Int? {
        var wanted = key.stringValue
        return wanted.withUTF8 { wanted in
            if let index {
                guard let value = index[key.stringValue], tree.isNamed(value - 1, wanted) else { return nil }
                return value
            }
            var name = node + 1
            while name < tree.nodes[node].next {
                if tree.isNamed(name, wanted) { return name + 1 }
                name = Int(tree.nodes[name + 1].next)
            }
            return nil
        }
    }

    private func member(_ key: Key) throws(JSONFault) -> Int {
        guard let value = find(key) else {
            throw JSONFault(.missing, node, last: .member(key.stringValue))
        }
        return value
    }

    var codingPath: [any CodingKey] { NodeDecoder(tree: tree, node: node).codingPath }

    var allKeys: [Key] {
        var keys: [Key] = []
        var name = node + 1
        while name < tree.nodes[node].next {
            if let text = try? tree.string(name), let key = Key(stringValue: text) { keys.append(key) }
            name = Int(tree.nodes[name + 1].next)
        }
        return keys
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { tree.nodes[try member(key)].kind == .null }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try tree.bool(member(key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try tree.string(member(key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try tree.double(member(key)) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try tree.float(member(key)) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try integer(key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try integer(key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try integer(key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try integer(key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try integer(key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try integer(key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try integer(key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try integer(key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try integer(key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try integer(key) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try tree.value(type, member(key))
    }

    private func integer<I: FixedWidthInteger>(_ key: Key) throws(JSONFault) -> I {
        try tree.integer(I.self, member(key))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(try MemberContainer<Nested>(tree, member(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try ItemContainer(tree, member(key))
    }

    func superDecoder() throws -> any Decoder {
        guard let key = Key(stringValue: "super") else {
            throw JSONFault(.missing, node, last: .member("super"))
        }
        return try superDecoder(forKey: key)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        NodeDecoder(tree: tree, node: try member(key))
    }
}

/// The items of an array, one after the other.
struct ItemContainer: UnkeyedDecodingContainer {
    private let tree: JSONTree
    private let node: Int
    private var place: Int
    private(set) var currentIndex = 0

    init(_ tree: JSONTree, _ node: Int) throws(JSONFault) {
        guard tree.nodes[node].kind == .array else { throw tree.wrongType("an array", node) }
        self.tree = tree
        self.node = node
        place = node + 1
    }

    var codingPath: [any CodingKey] { NodeDecoder(tree: tree, node: node).codingPath }
    var count: Int? { Int(tree.nodes[node].length) }
    var isAtEnd: Bool { place >= tree.nodes[node].next }

    /// Goes past the next item after `body` has taken it; where that throws, the item is still the next one.
    private mutating func take<T>(_ body: (Int) throws(JSONFault) -> T) throws(JSONFault) -> T {
        guard !isAtEnd else { throw JSONFault(.missing, node, last: .item(currentIndex)) }
        let value = try body(place)
        place = Int(tree.nodes[place].next)
        currentIndex += 1
        return value
    }

    private mutating func integer<I: FixedWidthInteger>() throws(JSONFault) -> I {
        try take { [tree] node throws(JSONFault) in try tree.integer(I.self, node) }
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd else { throw JSONFault(.missing, node, last: .item(currentIndex)) }
        guard tree.nodes[place].kind == .null else { return false }
        return try take { _ throws(JSONFault) in true }
    }
    mutating func decode(_ type: Bool.Type) throws -> Bool {
        try take { [tree] node throws(JSONFault) in try tree.bool(node) }
    }
    mutating func decode(_ type: String.Type) throws -> String {
        try take { [tree] node throws(JSONFault) in try tree.string(node) }
    }
    mutating func decode(_ type: Double.Type) throws -> Double {
        try take { [tree] node throws(JSONFault) in try tree.double(node) }
    }
    mutating func decode(_ type: Float.Type) throws -> Float {
        try take { [tree] node throws(JSONFault) in try tree.float(node) }
    }
    mutating func decode(_ type: Int.Type) throws -> Int { try integer() }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try take { [tree] node throws(JSONFault) in try tree.value(type, node) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(
            try take { [tree] node throws(JSONFault) in try MemberContainer<Nested>(tree, node) })
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try take { [tree] node throws(JSONFault) in try ItemContainer(tree, node) }
    }
    mutating func superDecoder() throws -> any Decoder {
        try take { [tree] node throws(JSONFault) in NodeDecoder(tree: tree, node: node) }
    }
}
