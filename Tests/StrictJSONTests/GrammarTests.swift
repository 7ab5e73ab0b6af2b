// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON
import Testing

/// What is JSON and what is not: the cases that parsers are known to differ in.
@Suite struct GrammarTests {
    @Test(arguments: [
        "[]", "{}", "[ ]", " \t\r\n[1]\n ", "null", "true", "false", "0", "-0", "-1", "1.5", "1e5", "1E+5",
        "1e-2", "0e1", "0.0", "-0.1", "123456789", "20e1", "1.0e28", "\"\"", "\"a\"", "[[],[],[[]]]",
        "[null,1,\"1\",{}]", "{\"\":0}", "{\"a\":0,\"b\":0}", "{\"a\":{\"a\":0},\"b\":[{\"a\":0}]}",
        "{\"a\":[],\"A\":[]}", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\u0060\\u012a\\u12AB\"]",
        "[\"\\u0000\"]", "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]", "[\"\\uDBFF\\uDFFF\"]",
        "[\"\\uFFFF\"]", "[\"\u{7f}\"]", "[\"\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\"]",
        "[\"\u{10000}\u{10ffff}\"]", "[\"\u{2028}\u{2029}\u{feff}\"]", "[\"// no /* comment */ # here\"]",
        "[\"a,]\"]", "{\"a\\\"b\":1}", "[1,\n2 ,\r\n3\t]", "{\"a\" : 1 , \"b\" : 2 }",
        "[0.1234567890123456789012345678901234567890]", "[9007199254740993]", "[1e308]", "[5e-324]",
    ])
    func isJSON(text: String) {
        #expect(refusal(text) == nil, "\(text)")
    }

    /// Texts, and words of what is said of each. With its type, or the compiler looks for it for seconds.
    private static let noJSON: [(text: String, words: String)] = [
        // Nothing, or more than one value.
        ("", "no value"), (" \n", "no value"), ("[] []", "more text"), ("1 2", "more text"),
        ("[]]", "more text"),
        ("{}}", "more text"), ("nullx", "more text"), ("\"a\"b", "more text"), ("[1],", "more text"),
        ("{\"a\":1}{\"a\":1}", "more text"), ("[]\u{0}", "more text"), ("[]\u{a0}", "more text"),
        // White space that is none in JSON.
        ("\u{feff}[]", "byte order mark"), ("\u{a0}[]", "expected"), ("[\u{c}1]", "expected"),
        ("[\u{b}1]", "expected"), ("[1\u{2028}]", "expected"), ("\u{0}[]", "expected"),
        // Commas.
        ("[1,]", "a comma with nothing after it"), ("[1 , ]", "a comma with"), ("{\"a\":1,}", "a comma with"),
        ("[,1]", "\",\" where"), ("[,]", "\",\" where"), ("[1,,2]", "\",\" where"), ("{,}", "\",\" where"),
        ("{\"a\":1,,\"b\":2}", "\",\" where"), ("[1 2]", "a comma or ]"), ("[\"a\" \"b\"]", "a comma or ]"),
        ("[\"\":1]", "a comma or ]"), ("{\"a\":1 \"b\":2}", "a comma or }"), ("[1;2]", "a comma or ]"),
        // Comments.
        ("// a\n[]", "a comment"), ("[/* a */1]", "a comment"), ("[1]// a", "a comment"),
        ("[1 # a\n]", "a comment"),
        ("{\"a\":/**/1}", "a comment"), ("{\"a\"/**/:1}", "a comment"), ("# a\n1", "a comment"),
        ("[1]/**/", "a comment"), ("{/**/}", "a comment"), ("/", "expected"),
        // Ends and brackets.
        ("[", "the text ends"), ("{", "the text ends"), ("[1", "the text ends"), ("[1,", "the text ends"),
        ("{\"a\"", "the text ends"), ("{\"a\":", "the text ends"), ("{\"a\":1", "the text ends"),
        ("{\"a\":1,", "the text ends"), ("\"a", "has no end"), ("[\"a", "has no end"), ("\"\\", "has no end"),
        ("\"\\\"", "has no end"), ("[}", "expected"), ("{]", "expected"), ("[1}", "a comma or ]"),
        ("{\"a\":1]", "a comma or }"), ("]", "expected"), ("}", "expected"), (":", "expected"),
        (",", "expected"),
        // Objects.
        ("{\"a\"}", "a colon"), ("{\"a\" 1}", "a colon"), ("{\"a\"::1}", "\":\" where"),
        ("{\"a\":}", "expected"),
        ("{:1}", "a member's name"), ("{a:1}", "a member's name"), ("{1:1}", "a member's name"),
        ("{null:1}", "a member's name"), ("{'a':1}", "and not between '"), ("{[]:1}", "a member's name"),
        ("{\"a\",1}", "a colon"), ("{\"a\"=1}", "a colon"),
        // Words.
        ("nul", "the word nul"), ("True", "the word True"), ("TRUE", "the word"), ("[undefined]", "the word"),
        ("NaN", "NaN is no number"), ("[Infinity]", "no number"), ("[nan]", "no number"),
        ("[None]", "the word None"), ("tru", "the word tru"), ("[a]", "the word a"), ("'a'", "not between '"),
        // Numbers.
        ("-Infinity", "minus sign"), ("-NaN", "minus sign"), ("-", "minus sign"), ("[-]", "minus sign"),
        ("--1", "minus sign"), ("+1", "begins with a digit"), (".5", "begins with a digit"),
        ("01", "leading zero"), ("-01", "leading zero"), ("00", "leading zero"), ("012", "leading zero"),
        ("1.", "point without a digit"), ("1.e1", "point without"), ("-.5", "minus sign"), ("1e", "exponent"),
        ("1e+", "exponent"), ("1E-", "exponent"), ("1.5e", "exponent"), ("0x10", "hexadecimal"),
        ("-0x1", "hexadecimal"), ("1_000", "more text"), ("[1_000]", "a comma or ]"), ("1e1.5", "more text"),
        ("1.2.3", "more text"), ("[1a]", "a comma or ]"), ("[1e5e]", "a comma or ]"), ("[١]", "expected"),
        ("[１]", "expected"), ("- 1", "minus sign"), ("[1+2]", "expected"), ("1,5", "more text"),
        // Strings.
        ("\"a\nb\"", "control character"), ("\"\t\"", "control character in a string (U+0009)"),
        ("\"\u{0}\"", "control character"), ("\"\u{1f}\"", "control"), ("\"12345678901234\r\"", "control"),
        ("\"\\x41\"", "an escape"), ("\"\\a\"", "an escape"), ("\"\\'\"", "an escape"),
        ("\"\\0\"", "an escape"),
        ("\"\\\n\"", "an escape"), ("\"\\U0041\"", "an escape"), ("\"\\u\"", "four hexadecimal"),
        ("\"\\u12\"", "four hexadecimal"), ("\"\\u00g0\"", "four hexadecimal"), ("\"\\u{41}\"", "four hex"),
        ("\"\\u+041\"", "four hexadecimal"), ("\"\\ud800\"", "surrogate"), ("\"\\udc00\"", "surrogate"),
        ("\"\\ud800a\"", "surrogate"), ("\"\\ud800\\n\"", "surrogate"), ("\"\\ud800\\ud800\"", "surrogate"),
        ("\"\\udc00\\ud800\"", "surrogate"), ("\"\\ud800\\u0041\"", "surrogate"),
        ("{\"\\ud800\":1}", "surrogate"),
        ("\"\\ud800\\udg00\"", "four hexadecimal"), ("\"\\uD83D\\u00e9\"", "surrogate"),
    ]

    @Test(arguments: noJSON)
    func isNoJSON(text: String, words: String) throws {
        let error = try #require(refusal(text), "\(text)")
        #expect(error.reason.isGrammar && error.message.contains(words), "\(text): \(error)")
    }

    /// Bytes that are no UTF-8, in a string and outside of one; and whole texts of other encodings.
    @Test(
        arguments: [
            [0x80], [0xbf], [0xc0, 0xaf], [0xc1, 0xbf], [0xc2], [0xc3, 0x28], [0xe0, 0x80, 0xaf],
            [0xe0, 0x9f, 0xbf],
            [0xe1, 0x80], [0xe2, 0x28, 0xa1], [0xe2, 0x82, 0x28], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
            [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf0, 0x90, 0x80], [0xf1, 0x80, 0x28, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xfe],
            [0xff],
        ] as [[UInt8]])
    func isNoUTF8(bytes: [UInt8]) {
        for text in [[0x22] + bytes + [0x22], Array("[\"abcdefghi".utf8) + bytes + Array("\"]".utf8)] {
            #expect(refusal(Data(text))?.reason == .notUTF8, "\(text)")
        }
        #expect(refusal(Data([UInt8(ascii: "[")] + bytes)) != nil)
        for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32] {
            #expect(refusal("[\"ab\"]".data(using: encoding) ?? Data()) != nil, "\(encoding)")
        }
    }

    /// One name in one object, in whatever spelling; the other members and other objects do not matter.
    @Test(arguments: [
        #"{"a":1,"a":1}"#, #"{"a":1,"b":{},"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"\u0061":1,"\u0061":2}"#,
        #"{"/":1,"\/":2}"#, #"{"":1,"":2}"#, #"{"é":1,"e\u0301":2}"#, #"{"é":1,"\u00e9":2}"#,
        #"{"\u00c5":1,"\u212b":2}"#, #"{"가":1,"\u1100\u1161":2}"#, #"{"K":1,"\u212a":2}"#,
        #"{"😀":1,"\ud83d\ude00":2}"#, #"[{"x":[{"b":0,"a":1,"a":2}]}]"#,
        #"{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"10":0,"11":0,"1":0}"#,
    ])
    func membersOccurOnce(text: String) {
        #expect(refusal(text)?.reason == .duplicateMember, "\(text)")
    }

    @Test func namesInUpperAndLowerCase() {
        for text in [
            #"{"pi_a":1,"PI_A":2}"#, #"{"K":1,"\u212a":2}"#, #"{"k":1,"\u212a":2}"#, #"{"s":1,"\u017f":2}"#,
        ] {
            let error = refusal(text) { $0.refusesCaseVariants = true }
            #expect(error != nil, "\(text)")
        }
        #expect(refusal(#"{"pi_a":1,"PI_A":2}"#) == nil)
        let error = refusal(#"{"pi_a":1,"b":{"pi_a":1},"Pi_A":2}"#) { $0.refusesCaseVariants = true }
        #expect(
            error?.message
                == #"Pi_A: the member differs from "pi_a" in upper and lower case only (line 1, column 26)"#)
        // What snarkjs itself writes has members such as these.
        #expect(refusal(#"{"Qm":1,"S1":2,"k1":3,"X_2":4,"w":5}"#) { $0.refusesCaseVariants = true } == nil)
    }

    @Test(arguments: [
        (
            "{\n  \"pi_a\": [\"1\", \"2\"],\n  \"pi_a\": []\n}",
            "pi_a: the member occurs twice (line 3, column 3)"
        ),
        (
            #"{"a":{"b":[0,{"c":tru}]}}"#,
            "a.b[1].c: the word tru where the member's value is expected (line 1, column 19)"
        ),
        ("[1,\n2,]", "[1]: a comma with nothing after it (line 2, column 2)"),
        ("[\"é\", x]", "[1]: the word x where an item or ] is expected (line 1, column 7)"),
        ("{\"a b\":{\"\u{1}\":}}", "control character"),
        (
            #"{"a b":{"\u0001":}}"#,
            #""a b"."\u{01}": "}" where the member's value is expected (line 1, column 18)"#
        ),
        ("[1]\r\n\r\n,", "more text after the value (line 3, column 1)"),
        ("{\"a\":1 b", "a: the word b where a comma or } is expected (line 1, column 8)"),
        ("{\"a\":[1,2],b", "a: the word b where a member's name is expected (line 1, column 12)"),
        ("", "there is no value in it (line 1, column 1)"),
    ])
    func errorsSayWhere(text: String, words: String) {
        let error = refusal(text)
        #expect(error?.message.contains(words) == true, "\(text): \(error?.message ?? "taken")")
    }

    /// As deep as allowed, and far deeper than any stack is.
    @Test func depth() {
        let limit = StrictJSONDecoder.depthLimit
        for (open, close, inside) in [("[", "]", ""), ("{\"a\":", "}", "1")] {
            func nested(_ depth: Int) -> String {
                String(repeating: open, count: depth) + inside + String(repeating: close, count: depth)
            }
            #expect(refusal(nested(limit)) == nil)
            #expect(refusal(nested(limit + 1))?.reason == .tooDeep(limit: limit))
            #expect(refusal(String(repeating: open, count: 1_000_000))?.reason == .tooDeep(limit: limit))
        }
    }

    /// Many members and long names take no more than linear time.
    @Test func hostileObjects() {
        func refusal(_ text: String) -> JSONError? {
            do throws(JSONError) {
                try StrictJSONDecoder.check(Data(text.utf8))
                return nil
            } catch {
                return error
            }
        }
        let start = ContinuousClock.now
        let many = (0..<200_000).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(refusal("{\(many)}") == nil)
        #expect(refusal("{\(many),\"k17\":0}")?.reason == .duplicateMember)
        let long = String(repeating: "e\u{301}", count: 100_000)
        #expect(refusal("{\"\(long)\":0,\"a\(long)\":0}") == nil)
        let error = refusal("{\"\(long)\":0,\"\(long)\":0}")
        #expect(error?.reason == .duplicateMember)
        // An error is a line, whatever it is about.
        #expect((error?.message.utf8.count ?? 1000) < 600)
        // What is put in order before it is compared.
        for mark in ["\u{301}\u{323}", "\u{f73}", "\u{f75}a\u{f81}\u{344}"] {
            let marks = String(repeating: mark, count: 500_000)
            for text in ["{\"\(marks)\":0}", "{\"a\":0,\"b\(marks)\":0}", "[\"\(marks)\"]"] {
                let isRefused = refusal(text)?.message.contains("30 combining characters") == true
                #expect(
                    isRefused == !mark.unicodeScalars.contains("a"), "\(mark.unicodeScalars.map(\.value))")
            }
        }
        let escaped = String(repeating: "\\u0301", count: 31)
        #expect(refusal("[\"e\(escaped)\"]")?.message.contains("30 combining characters") == true)
        #expect(refusal("[\"e\(escaped.dropLast(6))e\(escaped.dropLast(6))\"]") == nil)
        // With the square of the lengths it would be many minutes.
        #expect(start.duration(to: .now) < .seconds(60))
    }
}
