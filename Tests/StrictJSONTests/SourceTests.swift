// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What holds for all sources.
@Suite struct SourceTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// There is one decoder of JSON in this package.
    @Test func noOtherDecoderIsUsed() throws {
        var count = 0
        for folder in ["Sources", "Benchmarks"] {
            let files = FileManager.default.enumerator(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift" else { continue }
                count += 1
                for (index, line) in try String(contentsOf: file, encoding: .utf8).split(
                    separator: "\n", omittingEmptySubsequences: false
                ).enumerated() {
                    let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
                    let other = words.first { ["JSONDecoder", "JSONSerialization", "JSON5"].contains($0) }
                    #expect(other == nil, "\(file.path):\(index + 1): \(line)")
                }
            }
        }
        #expect(count > 300)
    }

    /// Each source names its licence, in its first lines.
    @Test func everySourceNamesItsLicence() throws {
        let extensions: Set = ["swift", "c", "h", "cl", "py", "sh", "go"]
        var count = 0
        for folder in ["Sources", "Kernels", "Tests", "Benchmarks", "Tools", "deploy", "Examples"] {
            let files = FileManager.default.enumerator(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard extensions.contains(file.pathExtension), !file.path.contains("/.build") else {
                    continue
                }
                count += 1
                let first = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").prefix(3)
                #expect(
                    first.contains { $0.hasSuffix(" SPDX-License-Identifier: Apache-2.0") }, "\(file.path)")
            }
        }
        #expect(count > 700)
    }

    /// What the compiler is told not to check about threads has its reason, behind it or in the comment
    /// above: `Unchecked: …`.
    @Test func whatIsUncheckedHasAReason() throws {
        let marks = ["@" + "unchecked", "nonisolated" + "(unsafe)"]
        let reason = "Unchecked: "
        var count = 0
        for folder in ["Sources", "Tests", "Benchmarks"] {
            let files = FileManager.default.enumerator(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift", !file.path.contains("/.build") else { continue }
                let lines = try String(contentsOf: file, encoding: .utf8)
                    .split(separator: "\n", omittingEmptySubsequences: false)
                    .map { $0.drop { $0 == " " } }
                for (index, line) in lines.enumerated() {
                    guard !line.hasPrefix("//"), marks.contains(where: { line.contains($0) }) else {
                        continue
                    }
                    count += 1
                    let above = lines[..<index].reversed().prefix { $0.hasPrefix("//") }
                    let isArgued = ([line] + above).contains { $0.contains(reason) }
                    #expect(isArgued, "\(file.path):\(index + 1): \(line)")
                }
            }
        }
        #expect(count > 20)
    }

    /// Comments are no wider than code, whose width swift-format minds.
    @Test func commentsKeepTheWidth() throws {
        for folder in ["Sources", "Tests", "Benchmarks"] {
            let files = FileManager.default.enumerator(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift", !file.path.contains("/.build") else { continue }
                var isText = false
                for (index, line) in try String(contentsOf: file, encoding: .utf8).split(
                    separator: "\n", omittingEmptySubsequences: false
                ).enumerated() {
                    if line.split(separator: "\"\"\"", omittingEmptySubsequences: false).count.isMultiple(
                        of: 2)
                    {
                        isText.toggle()
                    }
                    guard !isText, line.drop(while: { $0 == " " }).hasPrefix("//") else { continue }
                    #expect(line.count <= 110, "\(file.path):\(index + 1)")
                }
            }
        }
    }

    /// Every error says what it amounts to and has a sentence for people: it is a `CodedError`.
    @Test func everyErrorIsACodedError() throws {
        // The protocol itself is what all others have their code from.
        let exceptions: Set = ["CodedError"]
        var texts: [String: String] = [:]
        for folder in ["Sources", "Benchmarks"] {
            let files = FileManager.default.enumerator(
                at: Self.root.appending(path: folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift", !file.path.contains("/.build") else { continue }
                texts[file.path] = try String(contentsOf: file, encoding: .utf8)
            }
        }
        let errors = ErrorTypes(of: Array(texts.values))
        for (path, text) in texts {
            for name in errors.uncoded(in: text) where !exceptions.contains(name) {
                Issue.record("\(path): \(name) is an error and no CodedError")
            }
        }
        // So that nothing passes because nothing is found.
        #expect(errors.count > 30 && errors.coded.isSuperset(of: ["CodedError", "RefusingError"]))
    }

    /// What the test before this one would say of errors that are none of `CodedError`'s.
    @Test func errorsThatAreNotCodedAreFound() {
        let planted = """
            protocol Coarse: CodedError, Equatable {}
            struct Right: Coarse, Error {}
            enum Plain: String, Error { case a }
              private final class Long<Value: Sendable>:
                Sendable, LocalizedError
            where Value: Equatable { var x = 1 }
            extension Later: Swift.Error {}
            extension Outer.Inner: @unchecked Sendable, Error & Hashable {}  // Unchecked: planted
            @frozen public indirect enum Both: CodedError, HTTPResponseError {}
            // struct Comment: Error {}
            struct Holder { let error: any Error }
            func fails<Failure: Error>(_ body: () throws(Failure) -> Void) {}
            struct Generic<Failure: Error>: Sendable {}
            """
        #expect(
            ErrorTypes(of: [planted]).uncoded(in: planted) == ["Plain", "Long", "Later", "Outer.Inner"])
    }
}

/// The types of a package's sources that are errors, as far as their declarations say so.
private struct ErrorTypes {
    /// The protocols of errors that others have made.
    private static let others: Set = [
        "Error", "LocalizedError", "RecoverableError", "CustomNSError", "HTTPResponseError",
    ]

    /// `CodedError`, and the protocols that refine it.
    let coded: Set<String>
    /// Protocols of errors.
    private let errors: Set<String>
    /// How many declarations of errors there are.
    let count: Int

    init(of texts: [String]) {
        let all = texts.flatMap(Self.declarations)
        let protocols = all.filter { $0.isProtocol }
        func refining(_ roots: Set<String>) -> Set<String> {
            var known = roots
            while true {
                let more = protocols.filter { !known.isDisjoint(with: $0.inherited) }.map(\.name)
                guard !known.isSuperset(of: more) else { return known }
                known.formUnion(more)
            }
        }
        coded = refining(["CodedError"])
        errors = refining(Self.others)
        count = all.filter { [errors] in !errors.isDisjoint(with: $0.inherited) }.count
    }

    /// The types that a text declares to be errors and not, in the same place, coded ones.
    func uncoded(in text: String) -> [String] {
        Self.declarations(in: text).filter {
            !errors.isDisjoint(with: $0.inherited) && coded.isDisjoint(with: $0.inherited)
        }.map(\.name)
    }

    private struct Declaration {
        var name: String
        var isProtocol: Bool
        /// What stands behind the colon, without the modules' names.
        var inherited: Set<String>
    }

    private static func declarations(in text: String) -> [Declaration] {
        let code = text.split(separator: "\n").filter { !$0.drop(while: { $0 == " " }).hasPrefix("//") }
            .joined(separator: "\n")
        let head =
            #/(?m)^[ \t]*(?:(?:@\w+|\w+)[ \t]+)*?(struct|enum|class|actor|protocol|extension)[ \t]+([\w.]+)(?:<[^{]*?>)?\s*:\s*([^{]*)\{/#
        return code.matches(of: head).map { match in
            let list = match.3.split(separator: #/\bwhere\b/#, omittingEmptySubsequences: false)[0]
            let names = list.split { $0 == "," || $0 == "&" }.map { item in
                item.split { $0.isWhitespace || $0 == "." }.last.map(String.init) ?? ""
            }
            return Declaration(
                name: String(match.2), isProtocol: match.1 == "protocol", inherited: Set(names))
        }
    }
}
