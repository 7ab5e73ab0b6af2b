// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON

/// Files with one JSON document.
enum JSON {
    static func write(_ value: some Encodable, to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // A rate of something that took no measurable time is no number.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        try encoder.encode(value).write(to: file, options: .atomic)
    }

    static func read<Value: Decodable>(_ file: URL, as type: Value.Type = Value.self) throws -> Value {
        var decoder = StrictJSONDecoder()
        decoder.readsNonFiniteNumbers = true
        return try decoder.decode(type, from: Data(contentsOf: file))
    }
}
