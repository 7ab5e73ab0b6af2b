// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON

/// Why a text is refused; nil where it is taken.
func refusal(_ text: String, _ change: (inout StrictJSONDecoder) -> Void = { _ in }) -> JSONError? {
    refusal(Data(text.utf8), change)
}

func refusal(_ data: Data, _ change: (inout StrictJSONDecoder) -> Void = { _ in }) -> JSONError? {
    refusal(of: AnyJSON.self, data, change)
}

/// Why a text is no value of a type; nil where it is one.
func refusal<T: Decodable>(
    of type: T.Type, _ data: Data, _ change: (inout StrictJSONDecoder) -> Void = { _ in }
) -> JSONError? {
    var decoder = StrictJSONDecoder()
    change(&decoder)
    do throws(JSONError) {
        _ = try decoder.decode(type, from: data)
        return nil
    } catch {
        return error
    }
}

/// Any value, with the members in the order of the text, as a line that a script in Python writes alike.
struct AnyJSON: Decodable {
    let fingerprint: String

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        func hex(_ text: String) -> String {
            text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        if let members = try? decoder.container(keyedBy: Name.self) {
            fingerprint =
                try "{"
                + members.allKeys.map {
                    try "\(hex($0.stringValue)):\(members.decode(AnyJSON.self, forKey: $0).fingerprint)"
                }.joined(separator: ",") + "}"
        } else if var items = try? decoder.unkeyedContainer() {
            var texts: [String] = []
            while !items.isAtEnd { texts.append(try items.decode(AnyJSON.self).fingerprint) }
            fingerprint = "[" + texts.joined(separator: ",") + "]"
        } else {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                fingerprint = "null"
            } else if let bool = try? value.decode(Bool.self) {
                fingerprint = bool ? "true" : "false"
            } else if let text = try? value.decode(String.self) {
                fingerprint = "s" + hex(text)
            } else {
                fingerprint = "n" + String(try value.decode(Double.self).bitPattern, radix: 16)
            }
        }
    }
}
