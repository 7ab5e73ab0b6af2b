// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON
import SystemTestSupport
import TestSupport
import Testing

/// Damaged documents: none traps, and Python's reader, told to be strict as well, sees the same in each.
@Suite struct FuzzTests {
    private static let python: URL? = {
        if let path = ProcessInfo.processInfo.environment["MARTLET_PYTHON"] {
            return path.isEmpty ? nil : URL(filePath: path)
        }
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.map { URL(filePath: "\($0)/python3") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    /// Reads lines of hexadecimal digits, each a document, and prints a line for each.
    private static let script = """
        import json, math, struct, sys, unicodedata
        class Bad(Exception): pass
        def text(s):
            return s.encode("utf-8").hex()  # refuses lone surrogates
        def number(s):
            value = float(s)
            mantissa = s.lower().split("e")[0]
            if math.isinf(value) or value == 0 and any(c in "123456789" for c in mantissa): raise Bad
            return ("n", value)
        def members(pairs):
            names = [unicodedata.normalize("NFC", name) for name, _ in pairs]
            if len(set(names)) < len(names): raise Bad
            return ("o", pairs)
        def constant(name): raise Bad
        decoder = json.JSONDecoder(parse_int=number, parse_float=number, parse_constant=constant,
                                   object_pairs_hook=members)
        def depth(v):
            if isinstance(v, list): return 1 + max(map(depth, v), default=0)
            if isinstance(v, tuple) and v[0] == "o": return 1 + max((depth(w) for _, w in v[1]), default=0)
            return 0
        def shown(v):
            if v is None: return "null"
            if v is True: return "true"
            if v is False: return "false"
            if isinstance(v, str): return "s" + text(v)
            if isinstance(v, list): return "[" + ",".join(map(shown, v)) + "]"
            if v[0] == "o": return "{" + ",".join(text(k) + ":" + shown(w) for k, w in v[1]) + "}"
            return "n" + format(struct.unpack("<Q", struct.pack("<d", v[1]))[0], "x")
        for line in open(sys.argv[1]):
            try:
                value = decoder.decode(bytes.fromhex(line.strip()).decode("utf-8"))
                if depth(value) > 128: raise Bad
                print(shown(value))
            except (ValueError, Bad, RecursionError):
                print("refused")
        """

    private static let own = [
        #"{"id":"é\u00e9\ud83d\ude00\/","circuit":"0a","witness":{"sha256":"ff","size":12345},"priority":-0.5e-3}"#,
        #"[[],{},[[{"a":[null,true,false,"\\\"\b\f\n\r\t"]}]],1e308,-0,0.1,9007199254740993,"👩‍👩‍👧"]"#,
    ]

    private static let pieces = [
        ",", ":", "\"", "\\", "[", "]", "{", "}", "0", "-", ".", "e", "1e400", "1e-400", " ", "\n", "\t",
        "//", "/**/", "#", "'",
        "null", "NaN", "Infinity", "\\u0061", "\\ud800", "\\udc00", "\\u00e9", "e\u{301}", "é", "\u{feff}",
        "\u{0}", "\u{1f}", "\u{7f}",
        "\"a\":1,", ",\"a\":1", "\"\\u0061\":1,", "[[[[", "]]]]", "+", "01", "1.", "١", "\u{2028}", "\u{a0}",
    ]

    private func mutated(_ document: [UInt8], _ all: [[UInt8]], _ generator: inout SeededGenerator) -> [UInt8]
    {
        var bytes = document
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let at = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, at + Int.random(in: 1...30, using: &generator))
            switch Int.random(in: 0..<8, using: &generator) {
            case 0 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &generator)
            case 2: bytes.removeSubrange(at..<end)
            case 3: bytes.insert(contentsOf: bytes[at..<end], at: at)
            case 4:
                let other = all[Int.random(in: 0..<all.count, using: &generator)]
                let start = Int.random(in: 0..<other.count, using: &generator)
                bytes.insert(contentsOf: other[start..<min(other.count, start + 40)], at: at)
            case 5: bytes.removeSubrange(at...)
            default:
                bytes.insert(
                    contentsOf: Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &generator)].utf8,
                    at: at)
            }
        }
        return bytes
    }

    /// A member of an object of the document once more, with the same value or another one, at the front or
    /// at the back.
    private func withTwice(_ document: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        let text = String(decoding: document, as: UTF8.self)
        guard text.first == "{", let end = text.lastIndex(of: "}"),
            let name = text.split(separator: "\"", maxSplits: 2).dropFirst().first
        else { return document }
        return Bool.random(using: &generator)
            ? Array("{\"\(name)\":1,\(text.dropFirst())".utf8)
            : Array("\(text[..<end]),\"\(name)\":[]\(text[end...])".utf8)
    }

    @Test func pythonSeesTheSame() throws {
        var generator = SeededGenerator.fresh()
        let folders = ["groth16-bn128-multiplier", "plonk-bn128-multiplier", "fflonk-bn128-multiplier"]
        var documents = Self.own.map { Array($0.utf8) }
        for folder in folders {
            for name in ["proof.json", "verification_key.json", "public.json"] {
                documents.append(Array(try Data(contentsOf: Vectors.url("snarkjs/\(folder)/\(name)"))))
            }
        }
        var cases = documents
        // Short documents are hit where it matters more often.
        let short = documents.filter { $0.count < 200 }
        for round in 0..<6000 {
            let some = round % 3 == 0 ? documents : short
            let document = some[Int.random(in: 0..<some.count, using: &generator)]
            cases.append(
                round % 10 == 0
                    ? withTwice(document, &generator) : mutated(document, documents, &generator))
        }
        let verdicts = cases.map { bytes -> String in
            do throws(JSONError) {
                return try StrictJSONDecoder().decode(AnyJSON.self, from: Data(bytes)).fingerprint
            } catch {
                #expect(!error.message.isEmpty)
                return "refused"
            }
        }
        let refused = verdicts.count { $0 == "refused" }
        print("\(cases.count) documents, \(refused) refused")
        #expect(verdicts.prefix(documents.count).allSatisfy { $0 != "refused" })
        #expect(refused > 1000 && refused < cases.count - 300)

        guard let python = Self.python else {
            print("no Python to compare with")
            return
        }
        let folder = try TemporaryFolder()
        let lines = cases.map { $0.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.url.appending(path: "cases"))
        let outcome = try MartletCommand.run(python, ["-c", Self.script, folder.path("cases")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let theirs = outcome.output.split(separator: "\n").map(String.init)
        #expect(theirs.count == verdicts.count)
        for (index, (own, their)) in zip(verdicts, theirs).enumerated() where own != their {
            Issue.record(
                "\(String(decoding: cases[index], as: UTF8.self)): here \(own.prefix(200)), in Python \(their.prefix(200))"
            )
        }
    }
}
