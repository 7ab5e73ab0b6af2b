// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON
import Testing

@Suite struct DecodingTests {
    private struct Everything: Codable, Equatable {
        enum Colour: String, Codable { case red, green }
        struct Part: Codable, Equatable {
            var name: String
            var values: [[Int]]
        }
        var text: String
        var whole: Int
        var wide: UInt64
        var small: Int8
        var real: Double
        var flag: Bool
        var colour: Colour
        var bytes: Data
        var nothing: Int?
        var null: String?
        var parts: [Part]
        var table: [String: [Double]]
        var nested: [[String]]
        var optional: [Int?]
    }

    private let everything = Everything(
        text: "a\"\\/\n\u{1}é😀", whole: .min, wide: .max, small: -128, real: -0.1, flag: true, colour: .green,
        bytes: Data([0, 1, 254, 255]), nothing: nil, null: nil,
        parts: [.init(name: "", values: [[], [1, -2]]), .init(name: "x", values: [])],
        table: ["a": [1, 0.5], "b": []], nested: [["a"], [], ["b", "c"]], optional: [1, nil, 3])

    /// What Foundation's encoder writes is read, and members that nobody asks for are skipped.
    @Test func valuesComeBack() throws {
        let encoder = JSONEncoder()
        for options: JSONEncoder.OutputFormatting in [
            [], [.prettyPrinted, .sortedKeys], .withoutEscapingSlashes,
        ] {
            encoder.outputFormatting = options
            let data = try encoder.encode(everything)
            #expect(try StrictJSONDecoder().decode(Everything.self, from: data) == everything)
            var text = String(decoding: data, as: UTF8.self)
            text.insert(
                contentsOf: #""new":[{"a":[1e999]}],"null":null,"#, at: text.index(after: text.startIndex))
            #expect(try StrictJSONDecoder().decode(Everything.self, from: text) == everything)
        }
    }

    @Test func textsOfOneValue() throws {
        #expect(try StrictJSONDecoder().decode(String.self, from: #"  "\ud83d\ude00\u0041" "#) == "😀A")
        #expect(try StrictJSONDecoder().decode([Bool].self, from: "[true,false]") == [true, false])
        #expect(try StrictJSONDecoder().decode(Int?.self, from: "null") == nil)
        #expect(try StrictJSONDecoder().decode([Int?].self, from: "[null,1]") == [nil, 1])
        // A short text lies in the value that holds it, not behind a pointer.
        #expect(try StrictJSONDecoder().decode([Int].self, from: Data("[1]".utf8)) == [1])
        let slice = Data("xx[1,2]yy".utf8)[2..<7]
        #expect(try StrictJSONDecoder().decode([Int].self, from: slice) == [1, 2])
    }

    /// Numbers are what they are written as.
    @Test func numbers() throws {
        let decoder = StrictJSONDecoder()
        for value in [0, 1, -1, 9_007_199_254_740_993, .max, .min] {
            #expect(try decoder.decode([Int].self, from: "[\(value)]") == [value])
            #expect(try decoder.decode(Int64.self, from: "\(value)") == Int64(value))
        }
        #expect(try decoder.decode(UInt64.self, from: "18446744073709551615") == .max)
        for value in [
            0, 0.1, -2.5, 1e308, Double.leastNonzeroMagnitude, 1e22, Double.greatestFiniteMagnitude,
            123_456_789_012_345.0,
        ] {
            #expect(try decoder.decode([Double].self, from: "[\(value)]") == [value])
        }
        #expect(try decoder.decode(Double.self, from: "-0").sign == .minus)
        #expect(try decoder.decode(Double.self, from: "-0.0e5").sign == .minus)
        #expect(try decoder.decode(Float.self, from: "0.1") == 0.1)

        for (text, words) in [
            ("9223372036854775808", "the number 9223372036854775808 does not fit here"),
            ("-9223372036854775809", "does not fit"),
            ("1" + String(repeating: "0", count: 400), "does not fit"),
            ("1.0", "a whole number is expected, and one with a fraction or an exponent is there"),
            ("1e3", "a whole number is expected"), ("9007199254740993.0", "a whole number is expected"),
            ("\"1\"", "a whole number is expected, and a string is there"), ("true", "and true is there"),
            ("null", "and null is there"), ("[]", "and an array is there"), ("{}", "and an object is there"),
        ] {
            let error = refusal(of: Int.self, Data(text.utf8))
            #expect(error?.message.contains(words) == true, "\(text): \(error?.message ?? "taken")")
        }
        #expect(refusal(of: UInt8.self, Data("256".utf8)) != nil)
        #expect(refusal(of: UInt8.self, Data("-1".utf8)) != nil)
        #expect(try decoder.decode(UInt8.self, from: "-0") == 0)
        #expect(refusal(of: Int8.self, Data("-129".utf8)) != nil)
        for (text, words) in [
            ("1e400", "the number 1e400 is too large"), ("-1e400", "too large"),
            ("1e-400", "too close to zero"),
            ("-0.0000001e-9999", "too close to zero"),
            ("\"1\"", "a number is expected, and a string is there"),
            ("1e99999999999999999999", "too large"), ("\"nan\"", "a number is expected"),
        ] {
            let error = refusal(of: Double.self, Data(text.utf8))
            #expect(error?.message.contains(words) == true, "\(text): \(error?.message ?? "taken")")
        }
        #expect(refusal(of: Float.self, Data("1e39".utf8)) != nil)
        #expect(refusal(of: [Double].self, Data("[0,1e400]".utf8))?.path == "[1]")
        var lenient = StrictJSONDecoder()
        lenient.readsNonFiniteNumbers = true
        #expect(try lenient.decode([Double].self, from: #"["inf","-inf",1]"#) == [.infinity, -.infinity, 1])
        #expect(try lenient.decode(Double.self, from: #""nan""#).isNaN)
    }

    @Test func wrongOnesAreNamed() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(everything), as: UTF8.self)
        func words(_ old: String, _ new: String) -> String {
            let changed = text.replacingOccurrences(of: old, with: new)
            #expect(changed != text, "\(old) does not occur in \(text)")
            return refusal(of: Everything.self, Data(changed.utf8))?.message ?? "taken"
        }
        #expect(words("\"whole\"", "\"whale\"").hasPrefix("whole: missing ("))
        #expect(words("\"name\":\"x\",", "").hasPrefix("parts[1].name: missing ("))
        #expect(
            words("[1,-2]", "[1,\"-2\"]").hasPrefix(
                "parts[0].values[1][1]: a whole number is expected, and a string"))
        #expect(words("\"green\"", "\"blue\"").hasPrefix("colour: not a value that is allowed here ("))
        #expect(words(#"AAH+\/w=="#, "AAH").hasPrefix("bytes: not base64"))
        #expect(words(#"AAH+\/w=="#, "%").hasPrefix("bytes: not base64"))
        #expect(words("[1,0.5]", "{}").hasPrefix("table.a: an array is expected, and an object is there"))
        #expect(
            words("[\"a\"]", "[7]").hasPrefix("nested[0][0]: a string is expected, and a number is there"))
        #expect(
            words("\"flag\":true", "\"flag\":1").hasPrefix("flag: true or false is expected, and a number"))
        #expect(
            words("\"parts\":[", "\"parts\":[7,").hasPrefix("parts[0]: an object is expected, and a number"))
        #expect(
            words("\"small\":-128", "\"small\":-129").contains("small: the number -129 does not fit here"))
    }

    /// Names are told apart by their bytes: what Swift's strings take for the same may be another member
    /// elsewhere.
    @Test func namesAreBytes() throws {
        struct Unit: Decodable {
            var kelvin: Int?
            private enum CodingKeys: String, CodingKey { case kelvin = "K" }
        }
        #expect(try StrictJSONDecoder().decode(Unit.self, from: #"{"K":1}"#).kelvin == 1)
        #expect(try StrictJSONDecoder().decode(Unit.self, from: #"{"\u004b":1}"#).kelvin == 1)
        #expect(try StrictJSONDecoder().decode(Unit.self, from: #"{"\u212a":1}"#).kelvin == nil)
        let many = (0..<40).map { "\"\($0)\":0" }.joined(separator: ",")
        #expect(try StrictJSONDecoder().decode(Unit.self, from: "{\(many),\"K\":1}").kelvin == 1)
        #expect(try StrictJSONDecoder().decode(Unit.self, from: "{\(many),\"\\u212a\":1}").kelvin == nil)
        #expect(refusal(of: [String: Int].self, Data("{\(many),\"7\":1}".utf8))?.path == "7")
    }

    /// A member that nobody knows is told with its own place; of several the first in the text.
    @Test func unknownMembersArePlaced() throws {
        struct Job: Decodable {
            var id: String
            var parts: [Part]?
            struct Part: Decodable { var size: Int }
        }
        func words(_ text: String) -> String? {
            refusal(of: Job.self, Data(text.utf8)) { $0.unknownKeys = .refuse }?.message
        }
        #expect(words(#"{"id":"a","parts":[{"size":1}]}"#) == nil)
        #expect(
            words("{\n  \"id\": \"a\",\n  \"colour\": 1\n}")
                == #"unknown member "colour" (line 3, column 3)"#)
        #expect(words(#"{"zz":1,"id":"a","aa":2}"#) == #"unknown member "zz" (line 1, column 2)"#)
        #expect(
            words("{\"id\":\"a\",\n\"parts\":[{\"size\":1},\n {\"size\":1, \"s\\u0069ze2\":{\"x\":[]}}]}")
                == #"parts[1]: unknown member "size2"; perhaps "size" is meant (line 3, column 13)"#)
        // Told before what is missing, whose place is that of the object.
        #expect(words("[]") == "an object is expected, and an array is there (line 1, column 1)")
        #expect(words("\n {}") == "id: missing (line 2, column 2)")
        #expect(words("\n {\"Id\":1}") == #"unknown member "Id"; perhaps "id" is meant (line 2, column 3)"#)
    }

    /// A misspelt name is told with the one that is meant, as far as that is plain.
    @Test func misspeltMembersAreTold() throws {
        struct Task: Decodable {
            var batchSize: Int
            var layers: [Int]
        }
        for (name, meant) in [
            ("batchsize", "batchSize"), ("batch_size", "batchSize"), ("BatchSize", "batchSize"),
            ("batch size", "batchSize"), ("batchSiz", "batchSize"), ("batchSizee", "batchSize"),
            ("abtchSize", "batchSize"), ("layer", "layers"), ("lajers", "layers"), ("size", nil), ("", nil),
            ("batch", nil), ("l\u{e4}yers", "layers"), (String(repeating: "batchSize", count: 9), nil),
        ] as [(String, String?)] {
            let words = refusal(of: Task.self, Data("{\"\(name)\": 1}".utf8)) { $0.unknownKeys = .refuse }?
                .message
            let told = words?.contains("perhaps \"\(meant ?? "")\" is meant") == true
            #expect(told == (meant != nil), "\(name): \(words ?? "")")
            #expect(
                words?.contains("perhaps") == (meant != nil) && words?.hasPrefix("unknown member") == true)
        }
    }

    /// Words about a part of a value have that part's place.
    @Test func refusedPartsArePlaced() throws {
        struct Range: Decodable {
            enum Keys: String, CodingKey { case from, to }
            init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: Keys.self)
                let to = try members.decode([Int].self, forKey: .to)
                guard let from = try members.decodeIfPresent(Int.self, forKey: .from), let last = to.last
                else {
                    throw DecodingError.refused("half a range", at: members.codingPath + [Keys.from])
                }
                guard from <= last else {
                    let place = StepOf(intValue: to.count - 1)
                    throw DecodingError.refused("backwards", at: members.codingPath + [Keys.to, place])
                }
            }
            struct StepOf: CodingKey {
                var stringValue: String { "" }
                let intValue: Int?
                init(intValue: Int) { self.intValue = intValue }
                init?(stringValue: String) { nil }
            }
        }
        func words(_ text: String) -> String? { refusal(of: [Range].self, Data(text.utf8))?.message }
        #expect(words(#"[{"from":1,"to":[2]}]"#) == nil)
        #expect(
            words("[{\"from\":1,\"to\":[2]},\n{\"from\":3,\n\"to\":[9,\n 2]}]")
                == "[1].to[1]: backwards (line 4, column 2)")
        // What is not there has the place of what it is missing in.
        #expect(words("[\n {\"to\":[2]}]") == "[0].from: half a range (line 2, column 2)")
    }

    /// Whoever writes a text decides how long its paths are, but not how long a message is.
    @Test func longPathsAreCut() throws {
        struct Deep: Decodable {
            init(from decoder: any Decoder) throws {
                if var items = try? decoder.unkeyedContainer() {
                    while !items.isAtEnd { _ = try items.decode(Deep.self) }
                } else if let members = try? decoder.container(keyedBy: Name.self) {
                    for name in members.allKeys { _ = try members.decode(Deep.self, forKey: name) }
                } else {
                    _ = try decoder.singleValueContainer().decode(Int.self)
                }
            }
            struct Name: CodingKey {
                let stringValue: String
                var intValue: Int? { nil }
                init?(stringValue: String) { self.stringValue = stringValue }
                init?(intValue: Int) { nil }
            }
        }
        func path(_ steps: [String], _ value: String) -> String? {
            let text =
                steps.map { $0.isEmpty ? "[" : "{\"\($0)\":" }.joined() + value
                + steps.reversed().map { $0.isEmpty ? "]" : "}" }.joined()
            return refusal(of: Deep.self, Data(text.utf8))?.path
        }
        // Values and grammar alike.
        for value in ["true", "nul"] {
            let items = [String](repeating: "", count: 128)
            #expect(
                path(items, value)
                    == String(repeating: "[0]", count: 40) + "…" + String(repeating: "[0]", count: 26))
            #expect(path(Array(items[..<66]), value) == String(repeating: "[0]", count: 66))
            #expect(path(["a", "", "b c", "d"], value) == #"a[0]."b c".d"#)
            let (long, longer) = (String(repeating: "n", count: 80), String(repeating: "m", count: 5000))
            #expect(path([long, long], value) == "\(long).\(long)")
            #expect(path([long, long, long], value) == "\(long)….\(long)")
            #expect(path([longer], value) == "\"\(longer.prefix(60))…\"")
            let names = path([String](repeating: longer, count: 127) + ["last"], value)
            #expect((names?.count ?? .max) < 250 && names?.hasSuffix(".last") == true, "\(names ?? "taken")")
        }
    }

    /// Nothing of what the language and its library say of errors is passed on, but words marked as ours are.
    @Test func errorsAreInOwnWords() throws {
        struct Picky: Decodable {
            var picky: Int
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                switch try container.decode(Int.self) {
                case 1: throw DecodingError.refused("one is not to my taste", at: decoder.codingPath)
                case 2: throw DecodingError.dataCorruptedError(in: container, debugDescription: "Swift")
                case 3:
                    throw DecodingError.typeMismatch(
                        Int.self, .init(codingPath: decoder.codingPath, debugDescription: "Swift"))
                case 4: throw CocoaError(.coderInvalidValue)
                case let value: picky = value
                }
            }
        }
        func words(_ text: String) -> String? { refusal(of: [Picky].self, Data(text.utf8))?.message }
        #expect(words("[0]") == nil)
        #expect(words("[0,1]") == "[1]: one is not to my taste (line 1, column 4)")
        for text in ["[2]", "[3]", "[4]"] {
            #expect(words(text) == "[0]: not a value that is allowed here (line 1, column 2)")
        }
        #expect(refusal(of: Duration.self, Data("[1]".utf8))?.message.contains("missing") == true)
        #expect(
            refusal(of: UUID.self, Data("\"x\"".utf8))?.message
                == "not a value that is allowed here (line 1, column 1)")
        #expect(
            refusal(of: [Int: Int].self, Data("{\"a\":1}".utf8))?.message.contains("allowed here") == true
        )
    }

    @Test func containersInContainers() throws {
        struct Nested: Decodable {
            enum Keys: String, CodingKey { case a, b, items, `super` }
            var values: [Int] = []
            init(from decoder: any Decoder) throws {
                let top = try decoder.container(keyedBy: Keys.self)
                let inner = try top.nestedContainer(keyedBy: Keys.self, forKey: .a)
                values.append(try inner.decode(Int.self, forKey: .b))
                var items = try top.nestedUnkeyedContainer(forKey: .items)
                values.append(try items.decode(Int.self))
                values.append(try items.nestedContainer(keyedBy: Keys.self).decode(Int.self, forKey: .b))
                var row = try items.nestedUnkeyedContainer()
                while !row.isAtEnd { values.append(try row.decode(Int.self)) }
                values.append(try items.decodeNil() ? -1 : -2)
                values.append(try Int(from: items.superDecoder()))
                values.append(try Int(from: top.superDecoder()))
                values.append(items.isAtEnd ? items.currentIndex : -3)
                _ = try items.decode(Int.self)
            }
        }
        let text = #"{"a":{"b":1},"items":[2,{"b":3},[4,5],null,6],"super":7}"#
        #expect(refusal(of: Nested.self, Data(text.utf8))?.message.hasPrefix("items[5]: missing") == true)
        #expect(refusal(of: Nested.self, Data(#"{"a":{"b":1},"items":{}}"#.utf8))?.path == "items")
        #expect(refusal(of: Nested.self, Data(#"{"a":{"b":1},"items":[1,2]}"#.utf8))?.path == "items[1]")
    }

    /// Readers that try one type after another do not look for the place of each failure.
    @Test func attemptsAreCheap() throws {
        struct Either: Decodable {
            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if (try? value.decode(Bool.self)) == nil, (try? value.decode(Int.self)) == nil {
                    _ = try value.decode(String.self)
                }
            }
        }
        let long = String(repeating: "x", count: 8 << 20)
        let text = "[\"\(long)\"\(String(repeating: ",1", count: 5000))]"
        let start = ContinuousClock.now
        #expect(try StrictJSONDecoder().decode([Either].self, from: text).count == 5001)
        #expect(start.duration(to: .now) < .seconds(20))
    }

    /// Prints the speed; a document of some megabytes takes no time that anybody would notice.
    @Test func speed() throws {
        let digits = "2188824287183927522224640574525727508854836440041603434369820418657580849"
        let data = Data("[\((0..<60_000).map { "\"\(digits)\($0)\"" }.joined(separator: ", "))]".utf8)
        let start = ContinuousClock.now
        #expect(try StrictJSONDecoder().decode([String].self, from: data).count == 60_000)
        let seconds = start.duration(to: .now) / .seconds(1)
        print("\(data.count) bytes in \(seconds) s: \(Int(Double(data.count) / seconds / 1e6)) MB/s")
        #expect(seconds < 2)
    }
}
