// SPDX-License-Identifier: Apache-2.0

import Foundation
import FuzzSupport
import StrictJSON

/// The decoder that all documents go through.
enum JSONTargets {
    static let all = [json]

    /// Any text. What the strict decoder takes, Foundation reads too, and both find the same in it.
    private static let json = FuzzTarget(
        "json", lengthLimit: 400, vectors: [".json"],
        words: jsonWords([
            "\u{feff}", "\"a\":1,\"a\":2", "\"a\":", "\\u0061", "\\ud83d\\ude00", "e\u{301}", "\u{e9}",
            "/**/", ",]", ",}", "1.", ".5", "+1", "01",
            "1e400", "1e-400", "-0", "NaN", "[[[[[[[[", "]]]]]]]]", "\\/", "\u{2028}", "\r\n", "\t", "\u{0}",
        ]),
        seeds: {
            [
                #"{"a":[1,-2.5e3,"x\u00e9\n",true,false,null,{"":{}}],"b":"é"}"#, #"[{"a":1,"a":2}]"#, "[1,]",
                "\"\\ud83d\\ude00\"", "-0.0",
                "[[[[[[1]]]]]]", " {\"k\" : [ ] }\r\n",
            ].map { Array($0.utf8) }
        },
        read: { bytes in
            let data = Data(bytes)
            let isText = (try? StrictJSONDecoder.check(data)) != nil
            let value: Value
            do throws(JSONError) {
                value = try StrictJSONDecoder().decode(Value.self, from: data)
            } catch {
                demand(!isText || !error.reason.isGrammar, "a text is JSON and is none: \(error)")
                throw error
            }
            demand(isText, "a value of what is no JSON")
            _ = reread("text") { try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed) }
            // Foundation's decoder refuses some numbers that are right, such as 0e8.
            guard let other = try? JSONDecoder().decode(Value.self, from: data) else { return }
            demand(value == other, "\(value) is \(other) to others")
        })

    private enum Value: Decodable, Equatable {
        case null
        case flag(Bool)
        case number(Double)
        case text(String)
        case list([Value])
        case members([String: Value])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let items = try? container.decode([Value].self) {
                self = .list(items)
            } else {
                self = .members(try container.decode([String: Value].self))
            }
        }
    }
}
