// SPDX-License-Identifier: Apache-2.0

/// Messages of protobuf, as far as ONNX needs them.
struct ProtobufWriter {
    private(set) var result: [UInt8] = []

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 128 {
            result.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        result.append(UInt8(rest))
    }

    mutating func integer(_ field: UInt64, _ value: UInt64) {
        varint(field << 3)
        varint(value)
    }

    mutating func bytes(_ field: UInt64, _ bytes: [UInt8]) {
        varint(field << 3 | 2)
        varint(UInt64(bytes.count))
        result += bytes
    }

    mutating func text(_ field: UInt64, _ text: String) { bytes(field, Array(text.utf8)) }

    mutating func message(_ field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        bytes(field, inner.result)
    }
}

/// The fields of a message of protobuf.
enum ProtobufReader {
    struct Field {
        let number: UInt64
        fileprivate let content: Content
        fileprivate let place: String

        fileprivate enum Content {
            case integer(UInt64)
            case bytes(ArraySlice<UInt8>)
            case word(UInt32)
            case doubleWord
        }

        private var mismatch: ExchangeError {
            ExchangeError("field \(number) is of another type than it has in ONNX", at: place)
        }

        func bytes() throws(ExchangeError) -> ArraySlice<UInt8> {
            guard case .bytes(let bytes) = content else { throw mismatch }
            return bytes
        }

        func text() throws(ExchangeError) -> String {
            guard let text = String(validating: try bytes(), as: UTF8.self) else { throw mismatch }
            return text
        }

        func integer() throws(ExchangeError) -> UInt64 {
            guard case .integer(let value) = content else { throw mismatch }
            return value
        }

        /// One integer, or several that are packed.
        func integers() throws(ExchangeError) -> [UInt64] {
            if case .integer(let value) = content { return [value] }
            var cursor = ByteCursor(try bytes(), place: place)
            var values: [UInt64] = []
            while !cursor.isAtEnd { values.append(try varint(&cursor)) }
            return values
        }

        func word() throws(ExchangeError) -> UInt32 {
            guard case .word(let value) = content else { throw mismatch }
            return value
        }
    }

    private static func varint(_ cursor: inout ByteCursor) throws(ExchangeError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<10 {
            let byte = try cursor.integer(UInt8.self)
            guard index < 9 || byte <= 1 else { break }
            value |= UInt64(byte & 127) << UInt64(7 * index)
            if byte < 128 { return value }
        }
        throw ExchangeError("a number of more than 64 bits", at: cursor.place)
    }

    /// Calls `body` with each field of a message.
    static func fields(
        _ bytes: ArraySlice<UInt8>, place: String, _ body: (Field) throws(ExchangeError) -> Void
    ) throws(ExchangeError) {
        var cursor = ByteCursor(bytes, place: place)
        while !cursor.isAtEnd {
            let key = try varint(&cursor)
            let content: Field.Content
            switch key & 7 {
            case 0: content = .integer(try varint(&cursor))
            case 1:
                _ = try cursor.bytes(8)
                content = .doubleWord
            case 2:
                guard let count = Int(exactly: try varint(&cursor)) else {
                    throw ExchangeError("the file ends too early", at: place)
                }
                content = .bytes(try cursor.bytes(count))
            case 5: content = .word(try cursor.integer(UInt32.self))
            default: throw ExchangeError("a field of a type that there is not", at: place)
            }
            try body(Field(number: key >> 3, content: content, place: place))
        }
    }
}
